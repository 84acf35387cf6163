#include "server/base/ids.h"
#include "server/engine/client_session.h"
#include "server/engine/node_registry.h"
#include "server/engine/ttl.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

namespace {

/// Names that clients give are shown to people and used as labels, so they are cut as Centrifugo's documentation says.
constexpr std::size_t kMaxClientName = 16;
constexpr std::size_t kMaxClientVersion = 64;

/// Whether the default project's tokens are minted by a backend of the user's own, to which `projectId` may mean
/// anything.
bool defaultTakesForeignClaims(const NodeRegistry& registry) {
    const auto node = registry.find(registry.config()->defaultProject);
    const auto verifier = node ? node->config()->tokenVerifier : nullptr;
    return verifier && verifier->options().rules == auth::TokenRules::Centrifugo;
}

}  // namespace

ClientSession::Outcome ClientSession::connect(const Context& context, const protocol::ConnectRequest& request) {
    DecisionBuilder decision(watched());
    auto node = chooseNode(request, decision);
    if (!node)
        return completeConnect(context, request, nullptr, Unexpected<Failure>(node.error()), decision);
    const auto snapshot = (*node)->config();
    if (request.token.empty() && snapshot->proxies.find(ProxyKind::Connect, {}) != nullptr)
        return askConnect(context, request, std::move(*node), snapshot);
    auto grant = policy::connect({*snapshot, request, transport_.info()}, decision);
    return completeConnect(context, request, std::move(*node), std::move(grant), decision);
}

ClientSession::Outcome ClientSession::completeConnect(const Context& context, const protocol::ConnectRequest& request,
                                                      std::shared_ptr<Node> node, Decided<ConnectGrant> grant,
                                                      DecisionBuilder& decision) {
    const auto refused = [&](const Failure& failure) {
        auto refusal = decision.refused(codeOf(failure), "The connection was refused.");
        recordCommand(context, *current_, refusal);
        failureDecision_ = std::move(refusal);
        return failure;
    };
    // A refusal follows the project's options too.
    if (node)
        config_ = node->config();
    if (!grant)
        return refused(grant.error());
    if (!fitsEncoding(grant->data)) {
        decision.fail("Data", "not JSON", "JSON for a JSON client", "Answer with JSON in data.");
        return refused(DisconnectCode::InappropriateProtocol);
    }
    for (const auto& subscription : grant->subscriptions) {
        if (fitsEncoding(subscription.grant.data))
            continue;
        decision.fail(
            "Data", [&] { return "of \"" + subscription.channel + "\": not JSON"; }, "JSON for a JSON client",
            "Give the channel JSON in the token's b64data or in the answer's data.");
        return refused(DisconnectCode::InappropriateProtocol);
    }
    node_ = std::move(node);
    configVersion_ = 0;
    if (const auto failure = accept(request, *grant, decision)) {
        const auto answer = refused(*failure);
        leaveNode();
        return answer;
    }
    auto verdict = decision.allowed("The connection was accepted.");
    recordCommand(context, *current_, verdict);
    auto result = connectResult();
    result.data = grant->data;
    if (const auto failure = subscribeServerSide(request, grant->subscriptions, result)) {
        leaveNode();
        return failure;
    }
    clearTimer(staleTimer_);
    state_ = State::Connected;
    setExpiry(expireAt_);
    startPings();
    replyWith(context, std::move(result), std::move(verdict));
    for (const auto& subscription : grant->subscriptions) {
        if (const auto* made = find(subscription.channel))
            announceJoin(*made);
    }
    return std::nullopt;
}

/// By client key, else by what the token claims, else the default. Whether the token is genuine is judged afterwards,
/// with the keys of the project it claims.
Decided<std::shared_ptr<Node>> ClientSession::chooseNode(const protocol::ConnectRequest& request,
                                                         DecisionBuilder& decision) const {
    const auto& key = transport_.info().clientApiKey;
    if (!key.empty()) {
        if (auto node = registry_.findByClientKey(key)) {
            decision.pass("Project", [&] { return "client key of " + node->projectId(); });
            return node;
        }
        decision.fail("Project", "a client key that no project has", "a client key in force",
                      "Copy the client key (xck_...) again from the project's page; it may have been rotated.");
        return refuse(DisconnectCode::InvalidToken);
    }
    std::string project;
    if (!request.token.empty())
        project = auth::unverifiedProjectId(request.token).value_or(std::string());
    bool claimed = !project.empty();
    if (!claimed || (registry_.find(project) == nullptr && defaultTakesForeignClaims(registry_))) {
        project = registry_.config()->defaultProject;
        claimed = false;
    }
    if (auto node = registry_.find(project)) {
        decision.pass("Project", [&] { return project + (claimed ? " by the token" : " by default"); });
        return node;
    }
    if (request.token.empty()) {
        decision.fail("Credentials", "neither a token in the connect command nor a client key in the URL",
                      "one of them",
                      "Send a connection token in connect.token (a token in the URL is not read), or connect with "
                      "?client_api_key= if the project allows anonymous connections.");
        return refuse(DisconnectCode::BadRequest);
    }
    decision.fail(
        "Project", claimed ? "a token of a project that doesn't exist" : "a token without projectId",
        "the projectId of a project of this server",
        "Mint the token with this server's token endpoint and the project's key, or, with a token of your own "
        "backend, name the project by ?client_api_key= in the URL.");
    return refuse(DisconnectCode::InvalidToken);
}

ClientSession::Outcome ClientSession::accept(const protocol::ConnectRequest& request, ConnectGrant& grant,
                                             DecisionBuilder& decision) {
    const auto& options = config().client;
    const auto now = nowSeconds();
    expireAt_ = clampExpiry(grant.expireAt, now);
    if (expireAt_ && *expireAt_ <= now) {
        decision.fail("Connection expiry", "already over", "a time to come", "Mint the token with a later expire_at.");
        return ErrorCode::Expired;
    }
    user_ = grant.user;
    info_ = grant.info;
    meta_ = grant.meta;
    tokenChannels_ = grant.tokenChannels;
    serverSideRefresh_ = config().proxies.refresh.has_value();
    if (!request.headers.empty() && config().proxies.usesEmulatedHeaders())
        emulatedHeaders_ = std::make_shared<const std::map<std::string, std::string>>(request.headers);
    const auto& personal = options.subscribeToUserPersonalChannel;
    if (personal.enabled && personal.singleConnection && !user_.empty()) {
        UserTarget others;
        others.user = user_;
        (void)node_->disconnect(others, protocol::Disconnect(DisconnectCode::ConnectionLimit), {id_});
    }
    auto record = std::make_shared<ClientRecord>();
    record->handle = handle_;
    record->client = id_;
    record->user = user_;
    if (isEmulated(transport_.info().kind) || !transport_.info().bidirectional)
        session_ = makeUuid();
    record->session = session_;
    record->transport = transport_.info();
    record->name = request.name.substr(0, kMaxClientName);
    record->version = request.version.substr(0, kMaxClientVersion);
    record->connectedAtWall = loop_.clock().wall();
    if (!node_->hub().add(record, options.userConnectionLimit, options.connectionLimit)) {
        decision.fail(
            "Connection limit", "the limit is reached",
            [&] {
                return "fewer than " + std::to_string(options.userConnectionLimit) + " of the user and " +
                       std::to_string(options.connectionLimit) + " of the project (0: no limit)";
            },
            "Close other connections, or raise client.user_connection_limit or client.connection_limit.");
        return DisconnectCode::ConnectionLimit;
    }
    record_ = std::move(record);
    if (node_->isRemoved()) {
        decision.fail("Project", "it was removed a moment ago", "an existing project", "Create the project again.");
        return DisconnectCode::ForceDisconnect;
    }
    if (isEmulated(transport_.info().kind))
        registry_.addSession(session_, handle_);
    return std::nullopt;
}

protocol::ConnectResult ClientSession::connectResult() {
    const auto& options = config().client;
    const auto& transport = transport_.info();
    protocol::ConnectResult result;
    result.client = id_;
    result.version = registry_.config()->version;
    if (!(transport.nativePing && transport.bidirectional) && options.pingInterval.count() > 0) {
        result.ping =
            std::uint32_t(std::max<std::int64_t>(std::chrono::duration_cast<Seconds>(options.pingInterval).count(), 1));
        result.pong = transport.bidirectional && options.pongTimeout.count() > 0;
    }
    if (!serverSideRefresh_)
        setTtl(result, expireAt_, nowSeconds());
    result.session = session_;
    if (isEmulated(transport.kind))
        result.node = registry_.nodeUid();
    if (options.connectIncludeServerTime)
        result.time = std::chrono::duration_cast<Milliseconds>(loop_.clock().wall()).count();
    return result;
}

ClientSession::Outcome ClientSession::subscribeServerSide(const protocol::ConnectRequest& request,
                                                          const std::vector<ServerSubscription>& wanted,
                                                          protocol::ConnectResult& result) {
    for (const auto& subscription : wanted) {
        protocol::SubscribeRequest position;
        const auto asked = request.subs.find(subscription.channel);
        if (asked != request.subs.end()) {
            position.recover = asked->second.recover;
            position.offset = asked->second.offset;
            position.epoch = asked->second.epoch;
            position.delta = asked->second.delta;
        }
        position.channel = subscription.channel;
        auto made = establish(position, subscription.grant, true);
        if (!made) {
            DecisionBuilder decision(watched());
            decision.fail(
                "Server-side subscription", [&] { return "\"" + subscription.channel + "\" can't be established"; },
                "a channel with room in its presence",
                "Raise the presence limits, or name fewer channels in the token.");
            return refuseWith(made.error(), decision, "A server-side subscription failed.");
        }
        result.subs.emplace(subscription.channel, std::move(*made));
    }
    return std::nullopt;
}

/// Undoes accept() after a connect that failed half-way.
void ClientSession::leaveNode() {
    for (auto& [channel, subscription] : subscriptions_)
        subscription->emitJoinLeave = false;
    leaveEverything();
    if (record_)
        node_->hub().remove(std::exchange(record_, nullptr));
    if (!session_.empty())
        registry_.removeSession(std::exchange(session_, {}));
    user_.clear();
    info_.reset();
    meta_.reset();
    emulatedHeaders_.reset();
    expireAt_.reset();
}

}  // namespace xshathra::engine
