#include "server/engine/client_session.h"
#include "server/engine/memory_broker.h"
#include "server/engine/presence_manager.h"
#include "server/engine/publication_forms.h"
#include "server/engine/ttl.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

namespace {

/// Bit of the subscribe request's `flag`: a failed recovery is an error.
constexpr std::int64_t kFlagRejectUnrecovered = 2;

bool fitsJson(const Recovery& recovery, bool delta) {
    return std::all_of(recovery.publications.begin(), recovery.publications.end(), [delta](const auto& publication) {
        return delta ? fitsJsonDelta(*publication) : !publication->notJson;
    });
}

void fillRecovery(protocol::SubscribeResult& result, const Recovery& recovery, std::uint64_t requestOffset,
                  protocol::Encoding encoding) {
    if (!recovery.recovered)
        return;
    result.recovered = true;
    // SDKs count on from their own offset while they deliver the publications.
    result.offset = requestOffset;
    if (result.delta) {
        result.publications = deltaChain(encoding, recovery.publications);
        return;
    }
    result.publications.reserve(recovery.publications.size());
    for (const auto& publication : recovery.publications)
        result.publications.push_back(*publication);
}

/// Whether a recovered client ends up with the stream's newest publication: the one it had or the last it is given. Not
/// so when a filter left that one out.
bool hasNewest(const Recovery& recovery, std::uint64_t requestOffset, std::uint64_t top) {
    return recovery.recovered &&
           (recovery.publications.empty() ? requestOffset : recovery.publications.back()->offset) == top;
}

}  // namespace

ClientSession::Outcome ClientSession::subscribe(const Context& context, const protocol::SubscribeRequest& request) {
    if (const auto continued = continueMap(context, request))
        return *continued;
    DecisionBuilder decision(watched());
    const auto grant = policy::subscribe(subscribeQuestion(request), decision);
    if (grant && grant->proxied)
        return askSubscribe(context, request);
    return completeSubscribe(context, request, grant, decision);
}

SubscribeQuestion ClientSession::subscribeQuestion(const protocol::SubscribeRequest& request) {
    return {config(), request, user_, id_, find(request.channel) != nullptr, channelCount(), nowSeconds()};
}

ClientSession::Outcome ClientSession::completeSubscribe(const Context& context,
                                                        const protocol::SubscribeRequest& request,
                                                        const Decided<SubscribeGrant>& grant,
                                                        DecisionBuilder& decision) {
    if (!grant) {
        auto refusal = decision.refused(codeOf(grant.error()), "The subscription was refused.");
        recordCommand(context, *current_, refusal);
        failureDecision_ = std::move(refusal);
        return grant.error();
    }
    if (!fitsEncoding(grant->data)) {
        decision.fail("Data", "not JSON", "JSON for a JSON client",
                      "Give the subscription JSON in the token's b64data or in the answer's data.");
        auto refusal = decision.refused(std::uint32_t(DisconnectCode::InappropriateProtocol),
                                        "The subscription's data doesn't fit the client.");
        recordCommand(context, *current_, refusal);
        failureDecision_ = std::move(refusal);
        return DisconnectCode::InappropriateProtocol;
    }
    auto verdict = decision.allowed("The subscription was granted.");
    recordCommand(context, *current_, verdict);
    if (request.type == int(SubscriptionType::SharedPoll))
        return subscribeSharedPoll(context, request, *grant);
    if (request.type != int(SubscriptionType::Stream))
        return subscribeMap(context, request, *grant);
    auto result = establish(request, *grant, false);
    if (!result) {
        DecisionBuilder late(watched());
        const bool unrecovered = result.error() == Failure(ErrorCode::UnrecoverablePosition);
        late.fail(unrecovered ? "Recovery" : "Presence limit",
                  unrecovered ? "the position can't be recovered" : "the channel is full",
                  unrecovered ? "a position within history" : "fewer members, or a smaller info",
                  unrecovered ? "Subscribe without a position and load the state anew." : "Raise the presence limits.");
        return refuseWith(result.error(), late, "The subscription was refused.");
    }
    replyWith(context, std::move(*result), std::move(verdict));
    announceJoin(*find(request.channel));
    return std::nullopt;
}

Decided<protocol::SubscribeResult> ClientSession::establish(const protocol::SubscribeRequest& request,
                                                            const SubscribeGrant& grant, bool serverSide) {
    const auto& project = config();
    const auto& options = project.channels->resolve(request.channel).options();
    auto owned = std::make_unique<Subscription>();
    auto& subscription = *owned;
    subscription.session = this;
    subscription.channel = request.channel;
    subscription.serverSide = serverSide;
    subscription.recoverable = grant.recoverable;
    subscription.positioned = grant.positioned || grant.recoverable;
    subscription.pushJoinLeave = grant.pushJoinLeave;
    subscription.delta = request.delta == toString(DeltaType::Fossil) && options.allowsDelta(DeltaType::Fossil);
    if (request.tf && !serverSide)
        subscription.filter = std::make_unique<const protocol::FilterNode>(*request.tf);
    subscription.emitJoinLeave = grant.joinLeave;
    subscription.emitPresence = grant.presence;
    subscription.clientSideRefresh = grant.clientSideRefresh && !serverSide;
    subscription.expireAt = clampExpiry(grant.expireAt, nowSeconds());
    subscription.info = grant.info;
    takeMapExtras(subscription, grant);
    subscription.positionCheckedAt = loop_.clock().monotonic();

    MemoryBroker::SubscribeRequest wanted;
    wanted.channel = request.channel;
    wanted.mailbox = loop_.mailbox();
    wanted.traits = subscription.traits(encoding_);
    wanted.positioned = subscription.positioned;
    wanted.stream = {options.historySize, options.historyTtl, project.channels->historyMetaTtl(options)};
    if (grant.recoverable && (request.recover || grant.autoCacheRecover)) {
        wanted.recover = RecoverFrom{request.offset, request.epoch, grant.recoveryMode,
                                     project.client.recoveryMaxPublicationLimit, subscription.filter.get()};
        wanted.rejectUnrecovered = request.recover && (request.flag & kFlagRejectUnrecovered) != 0 &&
                                   grant.recoveryMode == RecoveryMode::Stream;
    }
    const auto outcome = node_->broker().subscribe(wanted);
    if (!outcome.target)
        return refuse(ErrorCode::UnrecoverablePosition);
    subscription.target = outcome.target;
    auto entry = subscriberOf(subscription, outcome.sequence, outcome.offset, outcome.stream);
    entry.hasBase = hasNewest(outcome.recovery, request.offset, outcome.offset);
    outcome.target->add(entry);
    subscriptions_.emplace(request.channel, std::move(owned));
    if (encoding_ == protocol::Encoding::Json && !fitsJson(outcome.recovery, subscription.delta)) {
        subscription.emitPresence = false;
        subscription.emitJoinLeave = false;
        drop(request.channel);
        return refuse(DisconnectCode::InappropriateProtocol);
    }
    if (!addPresence(subscription)) {
        subscription.emitPresence = false;
        subscription.emitJoinLeave = false;
        drop(request.channel);
        return refuse(ErrorCode::LimitExceeded);
    }
    if (record_)
        record_->addChannel(request.channel);
    scheduleTick();

    protocol::SubscribeResult result;
    result.recoverable = grant.recoverable;
    result.positioned = subscription.positioned;
    if (subscription.positioned) {
        result.epoch = outcome.epoch;
        result.offset = outcome.offset;
    }
    result.wasRecovering = request.recover || grant.autoCacheRecover;
    result.delta = subscription.delta;
    fillRecovery(result, outcome.recovery, request.offset, encoding_);
    if (subscription.clientSideRefresh)
        setTtl(result, subscription.expireAt, nowSeconds());
    result.data = grant.data;
    return result;
}

Subscriber ClientSession::subscriberOf(Subscription& subscription, std::uint64_t sequence, std::uint64_t offset,
                                       std::uint32_t stream) {
    Subscriber entry;
    entry.transport = &transport_;
    entry.subscription = &subscription;
    entry.sequence = sequence;
    entry.offset = offset;
    entry.stream = stream;
    entry.queueLimit = std::uint32_t(config().client.queueMaxSize);
    entry.encoding = encoding_;
    entry.positioned = subscription.positioned;
    entry.joinLeave = subscription.pushJoinLeave;
    entry.delta = subscription.delta;
    entry.filtered = subscription.filter != nullptr;
    return entry;
}

bool ClientSession::addPresence(const Subscription& subscription) {
    if (!subscription.emitPresence)
        return true;
    const auto info = clientInfo(&subscription);
    std::size_t bytes = 0;
    for (const auto* part : {&info.connInfo, &info.chanInfo})
        bytes += part->has_value() ? (*part)->size() : 0;
    const auto& limits = config().client;
    return bytes <= limits.presenceMaxInfoSize &&
           node_->presenceManager().add(subscription.channel, info, limits.presenceMaxMembers);
}

void ClientSession::renewPresence() {
    for (const auto& [channel, subscription] : subscriptions_)
        addPresence(*subscription);
}

void ClientSession::announceJoin(const Subscription& subscription) {
    showInMaps(subscription);
    if (subscription.emitJoinLeave)
        node_->broker().publishJoin(subscription.channel, clientInfo(&subscription));
}

Subscription* ClientSession::find(std::string_view channel) {
    const auto found = subscriptions_.find(channel);
    return found == subscriptions_.end() ? nullptr : found->second.get();
}

bool ClientSession::drop(std::string_view channel) {
    const auto found = subscriptions_.find(channel);
    if (found == subscriptions_.end())
        return dropCatchUp(channel);
    const auto subscription = std::move(found->second);
    subscriptions_.erase(found);
    leave(*subscription);
    if (subscription->emitPresence)
        node_->presenceManager().remove(subscription->channel, id_);
    hideFromMaps(*subscription);
    if (subscription->emitJoinLeave)
        node_->broker().publishLeave(subscription->channel, clientInfo(subscription.get()));
    if (record_)
        record_->removeChannel(subscription->channel);
    return true;
}

ClientSession::Outcome ClientSession::unsubscribe(const Context& context, const protocol::UnsubscribeRequest& request) {
    drop(request.channel);
    return replyWith(context, protocol::UnsubscribeResult{});
}

void ClientSession::serverUnsubscribe(const std::string& channel, const protocol::Unsubscribe& reason, bool evenIfNot) {
    if (state_ != State::Connected)
        return;
    std::vector<std::string> channels;
    if (!channel.empty()) {
        channels.push_back(channel);
    } else {
        for (const auto& [name, subscription] : subscriptions_)
            channels.push_back(name);
    }
    for (const auto& name : channels) {
        if (state_ == State::Closed)
            return;
        if (!drop(name) && !evenIfNot)
            continue;
        protocol::Push push;
        push.channel = name;
        push.message = reason;
        sendPush(push, capture::Kind::Unsubscribe);
    }
}

void ClientSession::tellOfSubscription(const Subscription& subscription, const std::optional<SharedBytes>& data) {
    // One that the client made itself, or that is only being made, is none of the server's to tell of.
    if (!subscription.serverSide || !subscription.target)
        return;
    protocol::Subscribe subscribed;
    subscribed.recoverable = subscription.recoverable;
    subscribed.positioned = subscription.positioned;
    if (subscription.positioned) {
        const auto& channels = *config().channels;
        const auto metaTtl = channels.historyMetaTtl(channels.resolve(subscription.channel).options());
        if (const auto top = node_->broker().top(subscription.channel, metaTtl)) {
            subscribed.offset = top->offset;
            subscribed.epoch = top->epoch;
        }
    }
    subscribed.data = data;
    protocol::Push push;
    push.channel = subscription.channel;
    push.message = std::move(subscribed);
    sendPush(push, capture::Kind::Subscribe);
}

void ClientSession::serverSubscribe(const std::string& channel, const SubscribeGrant& grant,
                                    const std::optional<protocol::StreamPosition>& recoverSince) {
    if (state_ != State::Connected)
        return;
    if (const auto* existing = find(channel)) {
        tellOfSubscription(*existing, grant.data);
        return;
    }
    if (const auto limit = config().client.channelLimit; limit > 0 && subscriptions_.size() >= limit)
        return disconnect(DisconnectCode::ChannelLimit);
    protocol::SubscribeRequest request;
    request.channel = channel;
    if (recoverSince) {
        request.recover = true;
        request.offset = recoverSince->offset;
        request.epoch = recoverSince->epoch;
    }
    const auto result = establish(request, grant, true);
    if (!result)
        return failServerSubscribe(channel, result.error());
    protocol::Push push;
    push.channel = channel;
    protocol::Subscribe subscribed;
    subscribed.recoverable = result->recoverable;
    subscribed.positioned = result->positioned;
    subscribed.epoch = result->epoch;
    subscribed.offset = result->offset;
    subscribed.data = result->data;
    push.message = std::move(subscribed);
    sendPush(push, capture::Kind::Subscribe);
    // The subscribe push has no list of publications, so what was recovered follows as pushes of its own.
    for (const auto& publication : result->publications) {
        if (state_ == State::Closed)
            return;
        protocol::Push missed;
        missed.channel = channel;
        missed.message = publication;
        sendPush(missed, capture::Kind::Push);
    }
    if (const auto* subscription = find(channel))
        announceJoin(*subscription);
}

void ClientSession::failServerSubscribe(const std::string& channel, const Failure& failure) {
    DecisionBuilder decision(watched());
    const auto* code = std::get_if<DisconnectCode>(&failure);
    if (code != nullptr)
        decision.fail("Recovery", "a publication that is not JSON", "JSON for a JSON client",
                      "Publish JSON, or let the client connect with the Protobuf protocol.");
    else
        decision.fail("Presence limit", "the channel is full", "fewer members, or a smaller info",
                      "Raise the presence limits.");
    auto refusal = decision.refused(codeOf(failure), "The server's subscription failed.");
    if (code != nullptr)
        return disconnect(*code, std::move(refusal));
    recordRefusal(capture::Kind::Subscribe, channel, std::move(refusal));
}

}  // namespace xshathra::engine
