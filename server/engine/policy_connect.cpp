#include "server/engine/policy.h"
#include "server/engine/token_checks.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

namespace {

std::string inQuotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

/// Fills in user, expiry and info from the token.
std::optional<Failure> applyToken(const ConnectQuestion& question, ConnectGrant& grant,
                                  std::vector<auth::TokenSubscription>& subs, DecisionBuilder& decision) {
    const auto& project = question.project;
    if (!project.tokenVerifier) {
        decision.fail("Token", "a token", "no token", "The project accepts no tokens: it has no verification key.");
        return DisconnectCode::InvalidToken;
    }
    auto verified = project.tokenVerifier->verifyConnection(question.request.token, project.id);
    decision.append(verified.checks,
                    verified.outcome ? std::string_view() : std::string_view(verified.outcome.error().detail));
    if (!verified.outcome)
        return tokenFailure(verified.outcome.error(), ErrorCode::TokenExpired, DisconnectCode::InvalidToken);
    auto& claims = *verified.outcome;
    if (claims.user.empty() && project.client.disallowAnonymousConnectionTokens) {
        decision.fail("User", "anonymous (empty sub)", "a user id",
                      "client.disallow_anonymous_connection_tokens is on: mint the token with a user id.");
        return DisconnectCode::PermissionDenied;
    }
    decision.pass("User", [&] { return claims.user.empty() ? std::string("anonymous") : inQuotes(claims.user); });
    grant.user = std::move(claims.user);
    if (!project.client.insecure)
        grant.expireAt = claims.expiresAt;
    grant.info = std::move(claims.info);
    grant.meta = std::move(claims.meta);
    subs = std::move(claims.subs);
    for (auto& channel : claims.channels) {
        auth::TokenSubscription sub;
        sub.channel = std::move(channel);
        subs.push_back(std::move(sub));
    }
    return std::nullopt;
}

bool hasChannel(const ConnectGrant& grant, std::string_view channel) {
    return std::any_of(grant.subscriptions.begin(), grant.subscriptions.end(),
                       [channel](const auto& subscription) { return subscription.channel == channel; });
}

std::optional<Failure> addSubscription(const ProjectConfig& project, auth::TokenSubscription sub, ConnectGrant& grant,
                                       DecisionBuilder& decision) {
    if (sub.channel.empty() || hasChannel(grant, sub.channel))
        return std::nullopt;
    const auto resolved = project.channels->resolve(sub.channel);
    if (resolved.ns == nullptr) {
        decision.fail(
            "Server-side channel", [&] { return inQuotes(sub.channel); }, "a configured namespace",
            "Add the namespace to the project, or correct the channel in the token.");
        return ErrorCode::UnknownChannel;
    }
    decision.pass("Server-side channel", [&] { return inQuotes(sub.channel); });
    ServerSubscription subscription;
    subscription.channel = std::move(sub.channel);
    subscription.grant = policy::serverSubscription(resolved.options(), sub.overrides);
    subscription.grant.info = std::move(sub.info);
    subscription.grant.data = std::move(sub.data);
    grant.subscriptions.push_back(std::move(subscription));
    return std::nullopt;
}

/// A client may name channels when it connects, and gets those that it could have subscribed to by itself. Made for
/// unidirectional clients, which can't send subscribe commands; Centrifugo does the same for all.
std::optional<Failure> addRequestedChannels(const ConnectQuestion& question, ConnectGrant& grant,
                                            DecisionBuilder& decision) {
    const auto& project = question.project;
    for (const auto& [channel, request] : question.request.subs) {
        const auto resolved = project.channels->resolve(channel);
        if (resolved.ns == nullptr) {
            decision.fail(
                "Requested channel", [&, &name = channel] { return inQuotes(name); }, "a configured namespace",
                "Add the namespace to the project, or correct the channel name.");
            return DisconnectCode::BadRequest;
        }
        const auto& options = resolved.options();
        const bool userLimited = project.channels->isUserLimited(channel, resolved);
        bool allowed = false;
        if (!resolved.isPrivate && !options.subscribeProxyEnabled && project.channels->isValidName(channel, resolved)) {
            if (userLimited)
                allowed = !grant.user.empty() && project.channels->isUserAllowed(channel, grant.user);
            else
                allowed =
                    options.allowSubscribeForClient && (!grant.user.empty() || options.allowSubscribeForAnonymous);
            allowed = allowed || project.client.insecure;
        }
        if (!allowed)
            continue;
        auth::TokenSubscription sub;
        sub.channel = channel;
        if (const auto failure = addSubscription(project, std::move(sub), grant, decision))
            return failure;
    }
    return std::nullopt;
}

/// Who connects without a token or an answer of the backend: nobody in particular, where the project allows it, or whom
/// a gateway in front names.
std::optional<Failure> admitWithoutToken(const ConnectQuestion& question, const char* found, ConnectGrant& grant,
                                         DecisionBuilder& decision) {
    const auto& client = question.project.client;
    if (client.allowAnonymousConnectWithoutToken || client.insecure) {
        decision.pass("Credentials", "anonymous, as the project allows");
        return std::nullopt;
    }
    if (const auto user = userInHeaders(question.project, question.transport); !user.empty()) {
        decision.pass("Credentials", [&] { return "user " + inQuotes(user) + " by " + client.userIdHttpHeader; });
        grant.user = user;
        return std::nullopt;
    }
    decision.fail("Credentials", found, "a token, or anonymous connections allowed",
                  "Send a connection token in connect.token (a token in the URL is not read), or allow anonymous "
                  "connections in the project.");
    return DisconnectCode::BadRequest;
}

/// The personal channel, what the credentials name, what a one-directional client asks for.
std::optional<Failure> addChannels(const ConnectQuestion& question, std::vector<auth::TokenSubscription> subs,
                                   bool asRequested, ConnectGrant& grant, DecisionBuilder& decision) {
    const auto& project = question.project;
    const auto& personal = project.client.subscribeToUserPersonalChannel;
    if (personal.enabled && !grant.user.empty()) {
        auth::TokenSubscription sub;
        sub.channel = project.channels->personalChannel(personal.nameSpace, grant.user);
        if (const auto failure = addSubscription(project, std::move(sub), grant, decision))
            return failure;
    }
    for (auto& sub : subs) {
        if (const auto failure = addSubscription(project, std::move(sub), grant, decision))
            return failure;
    }
    if (asRequested) {
        if (const auto failure = addRequestedChannels(question, grant, decision))
            return failure;
    }
    if (project.client.channelLimit > 0 && grant.subscriptions.size() > project.client.channelLimit) {
        decision.fail(
            "Channel limit", [&] { return std::to_string(grant.subscriptions.size()) + " server-side channels"; },
            [&] { return "at most " + std::to_string(project.client.channelLimit); },
            "Name fewer channels for the connection, or raise client.channel_limit.");
        return DisconnectCode::ChannelLimit;
    }
    return std::nullopt;
}

}  // namespace

namespace policy {

Decided<ConnectGrant> connect(const ConnectQuestion& question, DecisionBuilder& decision) {
    ConnectGrant grant;
    std::vector<auth::TokenSubscription> subs;
    if (!question.request.token.empty()) {
        if (const auto failure = applyToken(question, grant, subs, decision))
            return Unexpected<Failure>(*failure);
    } else if (const auto failure = admitWithoutToken(question, "no token in the connect command", grant, decision)) {
        return Unexpected<Failure>(*failure);
    } else if (!grant.user.empty()) {
        // As in Centrifugo, such a user gets none of the channels below.
        return grant;
    }
    for (const auto& sub : subs) {
        if (!sub.channel.empty())
            grant.tokenChannels.push_back(sub.channel);
    }
    std::sort(grant.tokenChannels.begin(), grant.tokenChannels.end());
    if (const auto failure = addChannels(question, std::move(subs), true, grant, decision))
        return Unexpected<Failure>(*failure);
    return grant;
}

Decided<ConnectGrant> connectByProxy(const ConnectQuestion& question, const ProxyAnswer& answer,
                                     DecisionBuilder& decision) {
    if (const auto failure = failureOf(answer, ProxyKind::Connect, decision))
        return Unexpected<Failure>(*failure);
    ConnectGrant grant;
    std::vector<auth::TokenSubscription> subs;
    const auto* result = answer.as<ConnectProxyResult>();
    if (result == nullptr) {
        if (const auto failure =
                admitWithoutToken(question, "an answer of the backend without result", grant, decision))
            return Unexpected<Failure>(*failure);
        if (!grant.user.empty())
            return grant;
    } else {
        decision.pass("User", [&] { return result->user.empty() ? std::string("anonymous") : inQuotes(result->user); });
        grant.user = result->user;
        if (result->expireAt > 0)
            grant.expireAt = result->expireAt;
        grant.info = result->info;
        grant.meta = result->meta;
        grant.data = result->data;
        for (const auto& subscription : result->subscriptions) {
            auth::TokenSubscription sub;
            sub.channel = subscription.channel;
            sub.overrides = overridesOf(subscription.overrides);
            sub.info = subscription.info;
            sub.data = subscription.data;
            subs.push_back(std::move(sub));
        }
    }
    if (const auto failure = addChannels(question, std::move(subs), result == nullptr, grant, decision))
        return Unexpected<Failure>(*failure);
    // `cache_recover` is the backend's own wish for one channel; the namespace's option works beside it.
    for (auto& made : grant.subscriptions) {
        const auto wants = [&](const auto& subscription) {
            return subscription.channel == made.channel && subscription.cacheRecover;
        };
        if (result != nullptr && made.grant.recoverable && made.grant.recoveryMode == RecoveryMode::Cache &&
            std::any_of(result->subscriptions.begin(), result->subscriptions.end(), wants))
            made.grant.autoCacheRecover = true;
    }
    return grant;
}

}  // namespace policy

}  // namespace xshathra::engine
