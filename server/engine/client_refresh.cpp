#include "server/engine/client_session.h"
#include "server/engine/map_broker.h"
#include "server/engine/memory_broker.h"
#include "server/engine/token_checks.h"
#include "server/engine/ttl.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;
using protocol::UnsubscribeCode;

namespace {

/// Types of sub_refresh that only shared poll has.
constexpr std::int32_t kTrack = 1;
constexpr std::int32_t kUntrack = 2;

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

ClientSession::Outcome ClientSession::refresh(const Context& context, const protocol::RefreshRequest& request) {
    DecisionBuilder decision(watched());
    const auto refused = [&](const Failure& failure, std::string summary) {
        return refuseWith(failure, decision, std::move(summary));
    };
    if (request.token.empty()) {
        decision.fail("Token", "none", "a connection token", "Send a fresh connection token in refresh.token.");
        return refused(DisconnectCode::BadRequest, "A refresh needs a token.");
    }
    if (serverSideRefresh_) {
        decision.fail("Refresh side", "the client", "the server", "The project has a refresh proxy.");
        return refused(DisconnectCode::BadRequest, "The server refreshes this connection.");
    }
    const auto& project = config();
    if (!project.tokenVerifier) {
        decision.fail("Token", "a token", "no token", "The project accepts no tokens: it has no verification key.");
        return refused(DisconnectCode::InvalidToken, "The token can't be verified.");
    }
    const auto verified = project.tokenVerifier->verifyConnection(request.token, project.id);
    decision.append(verified.checks,
                    verified.outcome ? std::string_view() : std::string_view(verified.outcome.error().detail));
    if (!verified.outcome)
        return refused(
            tokenFailure(verified.outcome.error(), DisconnectCode::ConnectionExpired, DisconnectCode::InvalidToken),
            "The token was refused.");
    const auto& claims = *verified.outcome;
    const auto channels = channelsOf(claims);
    for (const auto& channel : channels) {
        if (project.channels->resolve(channel).ns != nullptr)
            continue;
        decision.fail("Token channels", channel, "channels of configured namespaces",
                      "Add the namespace to the project, or correct the channel in the token.");
        return refused(ErrorCode::UnknownChannel, "The token names a channel of an unknown namespace.");
    }
    if (claims.user != user_) {
        decision.fail("Token user", claims.user, user_, "Mint the token for the user of the connection.");
        return refused(DisconnectCode::InvalidToken, "The token is for another user.");
    }
    const bool added =
        std::any_of(channels.begin(), channels.end(), [this](const auto& channel) { return find(channel) == nullptr; });
    const bool removed = std::any_of(tokenChannels_.begin(), tokenChannels_.end(), [&](const auto& channel) {
        return !contains(channels, channel) && find(channel) != nullptr;
    });
    if (added || removed) {
        decision.fail("Token channels", "another set of server-side channels", "the channels the connection has",
                      "The client reconnects by itself and gets the new channels.");
        return refused(DisconnectCode::InsufficientState, "The token's channels have changed.");
    }
    const auto expireAt = clampExpiry(claims.expiresAt, nowSeconds());
    if (expireAt && *expireAt <= nowSeconds()) {
        decision.fail("Connection expiry", "already over", "a time to come", "Mint the token with a later expire_at.");
        return refused(ErrorCode::Expired, "The connection would be expired.");
    }
    if (claims.info) {
        info_ = claims.info;
        renewPresence();
    }
    if (claims.meta)
        meta_ = claims.meta;
    setExpiry(expireAt);
    protocol::RefreshResult result;
    setTtl(result, expireAt, nowSeconds());
    return replyWith(context, std::move(result));
}

ClientSession::Outcome ClientSession::subRefresh(const Context& context, const protocol::SubRefreshRequest& request) {
    DecisionBuilder decision(watched());
    const auto refused = [&](const Failure& failure, std::string summary) {
        return refuseWith(failure, decision, std::move(summary));
    };
    auto* subscription = find(request.channel);
    if (subscription == nullptr) {
        decision.fail("Subscription", "not subscribed", "a subscription to the channel", "Subscribe first.");
        return refused(ErrorCode::PermissionDenied, "There is no such subscription.");
    }
    if (subscription->tracking && request.type == kTrack)
        return track(context, request, *subscription);
    if (subscription->tracking && request.type == kUntrack)
        return untrack(context, request, *subscription);
    if (!subscription->clientSideRefresh) {
        decision.fail("Refresh side", "the client", "the server", "The namespace has sub_refresh_proxy_enabled.");
        return refused(DisconnectCode::BadRequest, "The server refreshes this subscription.");
    }
    if (request.token.empty()) {
        decision.fail("Token", "none", "a subscription token", "Send a fresh subscription token in sub_refresh.token.");
        return refused(ErrorCode::BadRequest, "A refresh needs a token.");
    }
    const auto& project = config();
    const auto* verifier = subscriptionVerifier(project);
    if (verifier == nullptr) {
        decision.fail("Token", "a token", "no token", "The project accepts no tokens: it has no verification key.");
        return refused(DisconnectCode::InvalidToken, "The token can't be verified.");
    }
    const auto verified = verifier->verifySubscription(request.token, project.id);
    decision.append(verified.checks,
                    verified.outcome ? std::string_view() : std::string_view(verified.outcome.error().detail));
    if (!verified.outcome) {
        if (!verified.outcome.error().isAboutTime())
            return refused(
                tokenFailure(verified.outcome.error(), ErrorCode::TokenExpired, DisconnectCode::InvalidToken),
                "The token was refused.");
        // Centrifugo answers with an empty result, and then the subscription has no end and no info.
        subscription->expireAt.reset();
        subscription->info.reset();
        addPresence(*subscription);
        return replyWith(
            context, protocol::SubRefreshResult{},
            decision.refused(std::uint32_t(ErrorCode::TokenExpired),
                             "The token has expired: the subscription goes on without an end, as with Centrifugo."));
    }
    const auto& claims = *verified.outcome;
    if (project.channels->resolve(claims.channel).ns == nullptr) {
        decision.fail("Token channel", claims.channel, "a configured namespace",
                      "Mint the token for the channel it is used with.");
        return refused(ErrorCode::UnknownChannel, "The token is for a channel of an unknown namespace.");
    }
    if (claims.channel != request.channel || claims.user != user_ || (!claims.client.empty() && claims.client != id_)) {
        decision.fail("Token fits", "a token for another channel, user or client", "a token for this subscription",
                      "Mint the token for the channel and user it is used with.");
        return refused(DisconnectCode::InvalidToken, "The token is for another subscription.");
    }
    const auto expireAt = clampExpiry(claims.expiresAt, nowSeconds());
    if (expireAt && *expireAt < nowSeconds()) {
        decision.fail("Subscription expiry", "already over", "a time to come",
                      "Mint the token with a later expire_at.");
        return refused(ErrorCode::Expired, "The subscription would be expired.");
    }
    subscription->expireAt = expireAt;
    subscription->info = claims.info;
    addPresence(*subscription);
    scheduleTick();
    protocol::SubRefreshResult result;
    setTtl(result, expireAt, nowSeconds());
    return replyWith(context, std::move(result));
}

void ClientSession::setExpiry(std::optional<std::int64_t> expireAt) {
    expireAt_ = expireAt;
    clearTimer(expiryTimer_);
    if (!expireAt_)
        return;
    // A client gets some time to come with a new token; a backend is asked at once.
    const auto grace = serverSideRefresh_ ? Milliseconds(0) : config().client.expiredCloseDelay;
    setTimer(expiryTimer_, Seconds(std::max<std::int64_t>(*expireAt_ - nowSeconds(), 0)) + grace,
             &ClientSession::onExpiry);
}

void ClientSession::onExpiry() {
    if (!expireAt_)
        return;
    // The wall clock may have been set back meanwhile: then there is time left.
    if (*expireAt_ > nowSeconds())
        return setExpiry(expireAt_);
    if (!askRefresh())
        disconnect(DisconnectCode::ConnectionExpired);
}

void ClientSession::serverRefresh(std::optional<std::int64_t> expireAt, bool expired,
                                  const std::optional<SharedBytes>& info) {
    if (state_ != State::Connected)
        return;
    const auto now = nowSeconds();
    expireAt = clampExpiry(expireAt, now);
    if (expired || (expireAt && *expireAt <= now))
        return disconnect(DisconnectCode::ConnectionExpired);
    if (info) {
        info_ = info;
        renewPresence();
    }
    setExpiry(expireAt);
    protocol::Refresh refresh;
    setTtl(refresh, expireAt, now);
    protocol::Push push;
    push.message = refresh;
    sendPush(push, capture::Kind::Refresh);
}

/// The tick runs only while a subscription needs it.
void ClientSession::scheduleTick() {
    if (tickTimer_ != TimerId::None || state_ == State::Closed)
        return;
    const bool needed = std::any_of(subscriptions_.begin(), subscriptions_.end(),
                                    [](const auto& entry) { return entry.second->needsTick(); });
    if (needed)
        setTimer(tickTimer_, config().client.presenceUpdateInterval, &ClientSession::onTick);
}

void ClientSession::onTick() {
    std::vector<std::string> channels;
    channels.reserve(subscriptions_.size());
    for (const auto& [channel, subscription] : subscriptions_) {
        if (subscription->needsTick())
            channels.push_back(channel);
    }
    for (const auto& channel : channels) {
        auto* subscription = find(channel);
        if (subscription == nullptr || endIfExpired(*subscription))
            continue;
        if (state_ == State::Closed)
            return;
        showInMaps(*subscription);
        if (subscription->tracking)
            untrackExpired(*subscription);
        if (subscription->positioned)
            checkPosition(*subscription);
    }
    scheduleTick();
}

bool ClientSession::endIfExpired(Subscription& subscription) {
    const auto delay = std::chrono::duration_cast<Seconds>(config().client.expiredSubCloseDelay).count();
    if (!subscription.expireAt || *subscription.expireAt + delay >= nowSeconds())
        return false;
    if (!askSubRefresh(subscription))
        endExpired(subscription);
    return true;
}

void ClientSession::endExpired(Subscription& subscription) {
    if (subscription.serverSide)
        disconnect(DisconnectCode::SubscriptionExpired, failureDecision_);
    else
        serverUnsubscribe(std::string(subscription.channel), UnsubscribeCode::Expired);
}

void ClientSession::checkPosition(Subscription& subscription) {
    const auto now = loop_.clock().monotonic();
    if (now - subscription.positionCheckedAt < config().client.channelPositionCheckDelay)
        return;
    subscription.positionCheckedAt = now;
    const auto& channels = *config().channels;
    const auto top =
        isMap(subscription.type)
            ? node_->maps().top(subscription.channel)
            : node_->broker().top(subscription.channel,
                                  channels.historyMetaTtl(channels.resolve(subscription.channel).options()));
    // What the broker has assigned so far is in the inbox before this task, so by then it must have been delivered.
    loop_.post([&loop = loop_, handle = handle_, channel = subscription.channel, top] {
        auto* client = loop.client(handle);
        if (client == nullptr)
            return;
        auto& self = client->impl();
        auto* current = self.find(channel);
        if (current == nullptr || !current->positioned)
            return;
        const auto& entry = current->target->entryOf(*current);
        if (!top || entry.stream != top->stream || entry.offset < top->offset)
            self.loseState(channel);
    });
}

void ClientSession::loseState(const std::string& channel) {
    const auto* subscription = find(channel);
    if (subscription == nullptr)
        return;
    if (subscription->serverSide)
        disconnect(DisconnectCode::InsufficientState);
    else
        serverUnsubscribe(channel, UnsubscribeCode::InsufficientState);
}

}  // namespace xshathra::engine
