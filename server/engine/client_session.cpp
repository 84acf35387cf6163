#include "server/engine/client_session.h"

#include "server/base/ids.h"
#include "server/engine/memory_broker.h"
#include "server/engine/node_registry.h"
#include "server/engine/presence_manager.h"
#include "server/protocol/reply_encoder.h"

#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

namespace {

/// What the console calls a command.
struct Described {
    capture::Kind kind = capture::Kind::Other;
    std::string_view channel;
    /// The command is about a channel, which must have a name.
    bool needsChannel = false;
};

Described describe(const protocol::Command& command) {
    struct Visitor {
        Described operator()(const std::monostate&) const { return {}; }
        Described operator()(const protocol::ConnectRequest&) const { return {capture::Kind::Connect, {}, false}; }
        Described operator()(const protocol::SubscribeRequest& r) const {
            return {capture::Kind::Subscribe, r.channel, false};
        }
        Described operator()(const protocol::UnsubscribeRequest& r) const {
            return {capture::Kind::Unsubscribe, r.channel, true};
        }
        Described operator()(const protocol::PublishRequest& r) const {
            return {capture::Kind::Publish, r.channel, true};
        }
        Described operator()(const protocol::PresenceRequest& r) const {
            return {capture::Kind::Presence, r.channel, true};
        }
        Described operator()(const protocol::PresenceStatsRequest& r) const {
            return {capture::Kind::Presence, r.channel, true};
        }
        Described operator()(const protocol::HistoryRequest& r) const {
            return {capture::Kind::History, r.channel, true};
        }
        Described operator()(const protocol::PingRequest&) const { return {capture::Kind::Ping, {}, false}; }
        Described operator()(const protocol::SendRequest&) const { return {capture::Kind::Other, {}, false}; }
        Described operator()(const protocol::RpcRequest&) const { return {capture::Kind::Rpc, {}, false}; }
        Described operator()(const protocol::RefreshRequest&) const { return {capture::Kind::Refresh, {}, false}; }
        Described operator()(const protocol::SubRefreshRequest& r) const {
            return {capture::Kind::Refresh, r.channel, true};
        }
    };
    return std::visit(Visitor{}, command.request);
}

template <typename T>
bool holds(const protocol::Command& command) {
    return std::holds_alternative<T>(command.request);
}

}  // namespace

ClientSession::ClientSession(Client& owner, NodeRegistry& registry, Loop& loop, Transport& transport)
    : owner_(owner),
      registry_(registry),
      loop_(loop),
      transport_(transport),
      encoding_(transport.info().encoding),
      id_(makeUuid()) {
    handle_ = loop_.addClient(owner_);
    setTimer(staleTimer_, registry_.config()->staleCloseDelay, &ClientSession::onStale);
}

ClientSession::~ClientSession() {
    transportClosed("connection ended");
    loop_.removeClient(handle_);
}

void ClientSession::handleFrame(const SharedBytes& frame) {
    if (state_ == State::Closed)
        return;
    if (state_ == State::Unusable) {
        disconnect(DisconnectCode::BadRequest);
        return;
    }
    protocol::DecodeLimits limits;
    limits.messageBytes = transport_.info().frameLimit;
    auto decoded = protocol::decodeCommands(encoding_, frame, limits);
    loop_.countIn(decoded.commands.size(), frame.size());
    Batch batch{std::move(decoded.commands), 0, std::move(decoded.error), frame.size()};
    if (suspended_)
        wait(std::move(batch));
    else
        run(std::move(batch));
}

void ClientSession::run(Batch batch) {
    while (batch.next < batch.commands.size()) {
        dispatch(batch.commands[batch.next++]);
        if (slow_)
            disconnect(DisconnectCode::Slow);
        if (state_ == State::Closed || state_ == State::Unusable)
            return;
        if (suspended_) {
            suspended_->waitingBytes += batch.bytes;
            suspended_->waiting.push_front(std::move(batch));
            return;
        }
    }
    if (batch.error) {
        DecisionBuilder decision(watched());
        decision.fail("Frame", batch.error->text, "commands of the Centrifuge protocol",
                      "Send one or more commands, separated by one line break (JSON) or each with its length in front "
                      "(Protobuf).");
        disconnect(DisconnectCode::BadRequest,
                   decision.refused(std::uint32_t(DisconnectCode::BadRequest), "The frame couldn't be read."));
    }
}

void ClientSession::dispatch(protocol::Command& command) {
    const auto described = describe(command);
    Context context{command.id, loop_.clock().monotonic(), described.kind, described.channel};
    DecisionBuilder decision(watched());
    const auto violation = [&](const char* found, const char* expected) {
        recordCommand(context, command, nullptr);
        decision.fail("Protocol", found, expected, "See the protocol's dispatch rules in the documentation.");
        disconnect(DisconnectCode::BadRequest,
                   decision.refused(std::uint32_t(DisconnectCode::BadRequest), "The command isn't allowed here."));
    };
    if (state_ == State::Connecting && !holds<protocol::ConnectRequest>(command))
        return violation("another command before connect", "connect as the first command");
    if (command.id == 0 && !holds<protocol::SendRequest>(command)) {
        context.kind = capture::Kind::Pong;
        recordCommand(context, command, nullptr);
        if (const auto failure = pong())
            fail(context, *failure, std::exchange(failureDecision_, nullptr));
        return;
    }
    if (state_ == State::Connected && holds<protocol::ConnectRequest>(command))
        return violation("a second connect command", "one connect command for each connection");
    if (holds<std::monostate>(command) || holds<protocol::PingRequest>(command))
        return violation("no known command", "one command beside the id");
    if (described.needsChannel && described.channel.empty())
        return violation("an empty channel", "a channel name");
    const bool recordsItself = holds<protocol::ConnectRequest>(command) || holds<protocol::SubscribeRequest>(command);
    if (!recordsItself) {
        recordCommand(context, command, nullptr);
        context.recorded = true;
    }
    renewConfig();
    current_ = &command;
    const auto failure = exceedsRate() ? Outcome(ErrorCode::TooManyRequests) : handle(context, command);
    current_ = nullptr;
    if (failure)
        fail(context, *failure, std::exchange(failureDecision_, nullptr));
    else if (suspended_)
        hold(*suspended_, std::move(command), context);
}

ClientSession::Outcome ClientSession::handle(const Context& context, const protocol::Command& command) {
    if (waitForKey(context, command))
        return std::nullopt;
    return carryOut(context, command);
}

ClientSession::Outcome ClientSession::carryOut(const Context& context, const protocol::Command& command) {
    struct Visitor {
        ClientSession& self;
        const Context& context;

        Outcome operator()(const std::monostate&) const { return DisconnectCode::BadRequest; }
        Outcome operator()(const protocol::PingRequest&) const { return DisconnectCode::BadRequest; }
        Outcome operator()(const protocol::ConnectRequest& r) const { return self.connect(context, r); }
        Outcome operator()(const protocol::SubscribeRequest& r) const { return self.subscribe(context, r); }
        Outcome operator()(const protocol::UnsubscribeRequest& r) const { return self.unsubscribe(context, r); }
        Outcome operator()(const protocol::PublishRequest& r) const { return self.publish(context, r); }
        Outcome operator()(const protocol::PresenceRequest& r) const { return self.presence(context, r); }
        Outcome operator()(const protocol::PresenceStatsRequest& r) const { return self.presenceStats(context, r); }
        Outcome operator()(const protocol::HistoryRequest& r) const { return self.history(context, r); }
        Outcome operator()(const protocol::SendRequest&) const { return self.sendMessage(); }
        Outcome operator()(const protocol::RpcRequest& r) const { return self.rpc(context, r); }
        Outcome operator()(const protocol::RefreshRequest& r) const { return self.refresh(context, r); }
        Outcome operator()(const protocol::SubRefreshRequest& r) const { return self.subRefresh(context, r); }
    };
    return std::visit(Visitor{*this, context}, command.request);
}

/// A fixed window is enough here: the aim is to stop floods, not to shape traffic.
bool ClientSession::exceedsRate() {
    if (!node_)
        return false;
    const auto limit = config().client.commandsPerSecond;
    if (limit == 0)
        return false;
    const auto now = loop_.clock().monotonic();
    if (now - rateWindowStart_ >= Seconds(1)) {
        rateWindowStart_ = now;
        commandsInWindow_ = 0;
    }
    ++commandsInWindow_;
    if (commandsInWindow_ > 2 * limit)
        disconnect(DisconnectCode::TooManyRequests);
    return commandsInWindow_ > limit;
}

void ClientSession::fail(const Context& context, const Failure& failure,
                         std::shared_ptr<const capture::Decision> decision) {
    if (state_ == State::Closed)
        return;
    if (context.kind == capture::Kind::Connect && !transport_.info().bidirectional)
        return failUnidirectional(failure, std::move(decision));
    if (const auto* code = std::get_if<DisconnectCode>(&failure))
        return disconnect(*code, std::move(decision));
    if (const auto* reason = std::get_if<std::shared_ptr<const protocol::Disconnect>>(&failure))
        return disconnect(**reason, std::move(decision));
    protocol::Reply reply;
    if (const auto* code = std::get_if<ErrorCode>(&failure))
        reply.error = protocol::ClientError(*code);
    else
        reply.error = *std::get<std::shared_ptr<const protocol::ClientError>>(failure);
    sendReply(context, std::move(reply), std::move(decision));
    if (context.kind == capture::Kind::Connect) {
        state_ = State::Unusable;
        setTimer(staleTimer_, Seconds(5), &ClientSession::onStale);
    }
}

void ClientSession::transportClosed(std::string_view reason) {
    finish(DisconnectCode::ConnectionClosed, nullptr, reason, true);
}

void ClientSession::disconnect(const protocol::Disconnect& disconnect,
                               std::shared_ptr<const capture::Decision> decision) {
    finish(disconnect, std::move(decision), {}, false);
}

void ClientSession::finish(const protocol::Disconnect& disconnect, std::shared_ptr<const capture::Decision> decision,
                           std::string_view note, bool byPeer) {
    if (state_ == State::Closed)
        return;
    state_ = State::Closed;
    for (auto* timer : {&staleTimer_, &pingTimer_, &pongTimer_, &expiryTimer_, &tickTimer_})
        clearTimer(*timer);
    if (const auto held = std::exchange(suspended_, nullptr); held && held->cancel)
        held->cancel();
    leaveEverything();
    if (record_)
        node_->hub().remove(record_);
    if (!session_.empty())
        registry_.removeSession(session_);
    if (disconnect.code == std::uint32_t(DisconnectCode::Slow))
        loop_.countSlow();
    recordDisconnect(disconnect, std::move(decision), note, byPeer);
    if (byPeer)
        return;
    if (pushesDisconnect(disconnect)) {
        protocol::Push push;
        push.message = disconnect;
        send(protocol::encodePush(encoding_, push));
    }
    transport_.close(disconnect);
}

/// In the order of protocol section 16: out of the channels, out of presence, leave messages.
void ClientSession::leaveEverything() {
    auto subscriptions = std::exchange(subscriptions_, {});
    catchUps_.clear();
    for (auto& [channel, subscription] : subscriptions)
        leave(*subscription);
    for (auto& [channel, subscription] : subscriptions) {
        if (subscription->emitPresence)
            node_->presenceManager().remove(channel, id_);
        hideFromMaps(*subscription);
    }
    for (auto& [channel, subscription] : subscriptions) {
        if (subscription->emitJoinLeave)
            node_->broker().publishLeave(channel, clientInfo(subscription.get()));
    }
}

void ClientSession::onTrouble(const std::string& channel, Trouble trouble) {
    if (state_ == State::Closed)
        return;
    switch (trouble) {
        case Trouble::Slow: disconnect(DisconnectCode::Slow); break;
        case Trouble::NotJson: disconnect(DisconnectCode::InappropriateProtocol); break;
        case Trouble::InsufficientState: loseState(channel); break;
    }
}

void ClientSession::send(const protocol::Frame& frame) {
    const auto limit = config_ ? config_->client.queueMaxSize : ClientOptions{}.queueMaxSize;
    if (transport_.send(frame) > limit)
        slow_ = true;
    loop_.countOut(1, frame.messageSize());
}

void ClientSession::sendReply(const Context& context, protocol::Reply reply,
                              std::shared_ptr<const capture::Decision> decision) {
    if (!transport_.info().bidirectional)
        return sendConnectPush(context, std::move(reply), std::move(decision));
    reply.id = context.id;
    const auto code = reply.error ? reply.error->code : 0;
    const auto frame = protocol::encodeReply(encoding_, reply);
    recordReply(context, frame, code, std::move(decision));
    send(frame);
}

ClientSession::Outcome ClientSession::replyWith(const Context& context, protocol::Reply::Result result,
                                                std::shared_ptr<const capture::Decision> decision) {
    protocol::Reply reply;
    reply.result = std::move(result);
    sendReply(context, std::move(reply), std::move(decision));
    return std::nullopt;
}

void ClientSession::sendPush(const protocol::Push& push, capture::Kind kind) {
    const auto frame = protocol::encodePush(encoding_, push);
    recordPush(kind, push.channel, asSent(frame), 0);
    send(frame);
    if (slow_)
        disconnect(DisconnectCode::Slow);
}

const ProjectConfig& ClientSession::config() {
    if (current_ != nullptr && configVersion_ != 0)
        return *config_;
    const auto version = node_->configVersion();
    if (version != configVersion_) {
        previousConfig_ = std::exchange(config_, node_->config());
        configVersion_ = version;
    }
    return *config_;
}

void ClientSession::renewConfig() {
    previousConfig_ = nullptr;
    if (node_)
        (void)config();
}

void ClientSession::setTimer(TimerId& timer, Nanoseconds after, void (ClientSession::*action)()) {
    clearTimer(timer);
    timer = loop_.schedule(after, [this, &timer, action] {
        timer = TimerId::None;
        (this->*action)();
    });
}

void ClientSession::clearTimer(TimerId& timer) {
    if (timer != TimerId::None)
        loop_.cancel(std::exchange(timer, TimerId::None));
}

protocol::ClientInfo ClientSession::clientInfo(const Subscription* subscription) const {
    protocol::ClientInfo info;
    info.user = user_;
    info.client = id_;
    info.connInfo = info_;
    if (subscription != nullptr)
        info.chanInfo = subscription->info;
    return info;
}

std::int64_t ClientSession::nowSeconds() const { return loop_.clock().wallSeconds(); }

}  // namespace xshathra::engine
