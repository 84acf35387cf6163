#include "server/engine/policy.h"

#include "server/engine/tags_filter.h"
#include "server/engine/token_checks.h"
#include "server/protocol/json.h"

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

std::uint32_t codeOf(const Failure& failure) {
    struct Visitor {
        std::uint32_t operator()(ErrorCode code) const { return std::uint32_t(code); }
        std::uint32_t operator()(DisconnectCode code) const { return std::uint32_t(code); }
        std::uint32_t operator()(const std::shared_ptr<const protocol::ClientError>& error) const {
            return error->code;
        }
        std::uint32_t operator()(const std::shared_ptr<const protocol::Disconnect>& end) const { return end->code; }
    };
    return std::visit(Visitor{}, failure);
}

namespace {

std::string inQuotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string_view namespaceLabel(const ResolvedChannel& resolved) {
    return resolved.namespaceName.empty() ? std::string_view("(without namespace)") : resolved.namespaceName;
}

/// One of the three-part permissions `allow_X_for_client`, `_subscriber`, `_anonymous`.
struct Permission {
    const char* name;
    bool forClient = false;
    bool forSubscriber = false;
    bool forAnonymous = false;
};

Permission publishPermission(const ChannelOptions& o) {
    return {"publish", o.allowPublishForClient, o.allowPublishForSubscriber, o.allowPublishForAnonymous};
}
Permission mapPermission(const MapOptions& o, bool remove) {
    if (remove)
        return {"map.remove", o.allowRemoveForClient, o.allowRemoveForSubscriber, o.allowRemoveForAnonymous};
    return {"map.publish", o.allowPublishForClient, o.allowPublishForSubscriber, o.allowPublishForAnonymous};
}
Permission presencePermission(const ChannelOptions& o) {
    return {"presence", o.allowPresenceForClient, o.allowPresenceForSubscriber, o.allowPresenceForAnonymous};
}
Permission historyPermission(const ChannelOptions& o) {
    return {"history", o.allowHistoryForClient, o.allowHistoryForSubscriber, o.allowHistoryForAnonymous};
}

bool holds(const Permission& permission, std::string_view user, bool subscribed, const ProjectConfig& project) {
    const bool knownUser = !user.empty() || permission.forAnonymous;
    return (permission.forClient && knownUser) || (permission.forSubscriber && subscribed && knownUser) ||
           project.client.insecure;
}

/// Judges the permission and says which option would have granted it.
bool checkPermission(const Permission& permission, const ChannelQuestion& question, DecisionBuilder& decision) {
    if (holds(permission, question.user, question.subscribed, question.project)) {
        decision.pass("Permission", [&] {
            return question.project.client.insecure ? std::string("client.insecure is on")
                                                    : std::string(permission.name) + " is allowed for this client";
        });
        return true;
    }
    decision.fail(
        "Permission",
        [&] {
            return (question.user.empty() ? std::string("anonymous client") : "user " + inQuotes(question.user)) +
                   (question.subscribed ? ", subscribed" : ", not subscribed");
        },
        [&] {
            const auto option = "allow_" + std::string(permission.name) + "_for_";
            auto expected = option + "client, or " + option + "subscriber for a subscriber";
            if (question.user.empty())
                expected += "; and " + option + "anonymous";
            return expected;
        },
        [&]() -> std::string {
            const bool enoughToSubscribe =
                !question.subscribed && permission.forSubscriber && (!question.user.empty() || permission.forAnonymous);
            return enoughToSubscribe
                       ? "Subscribe to the channel first, or let your backend do it through the server API."
                       : "Switch the option on in the channel's namespace, or let your backend do it through the "
                         "server API.";
        });
    return false;
}

/// Namespace and name, which every command about a channel checks first.
void failNamespace(const ResolvedChannel& resolved, std::string_view expected, DecisionBuilder& decision) {
    decision.fail(
        "Namespace", [&] { return inQuotes(resolved.namespaceName); }, expected,
        "The text before the first colon names the namespace: add it to the project, or correct the channel name.");
}

Decided<ResolvedChannel> resolve(const ProjectConfig& project, std::string_view channel, DecisionBuilder& decision) {
    const auto resolved = project.channels->resolve(channel);
    if (resolved.ns == nullptr) {
        failNamespace(resolved, "a configured namespace", decision);
        return refuse(ErrorCode::UnknownChannel);
    }
    decision.pass("Namespace", [&] { return std::string(namespaceLabel(resolved)); });
    if (!project.channels->isValidName(channel, resolved)) {
        decision.fail(
            "Channel name", [&] { return inQuotes(channel); },
            [&] {
                const auto& regex = resolved.options().channelRegex;
                return regex.empty() ? std::string("printable ASCII") : "a match of channel_regex " + inQuotes(regex);
            },
            "Correct the channel name, or the namespace's channel_regex.");
        return refuse(ErrorCode::BadRequest);
    }
    decision.pass("Channel name", [&] { return inQuotes(channel); });
    return resolved;
}

constexpr const char* kNoStreamProxies =
    "Subscribe stream proxies speak gRPC, which this server doesn't: use subscribe and publish proxies over HTTP.";

/// Whether there is a proxy to ask.
bool checkProxy(const ProjectConfig& project, ProxyKind kind, const std::string& name, DecisionBuilder& decision) {
    const auto label = [kind] { return std::string(toString(kind)) + " proxy"; };
    if (project.proxies.find(kind, name) != nullptr)
        return true;
    decision.fail(
        label(), [&] { return inQuotes(name) + " has no endpoint"; }, "a configured proxy",
        "Give the project a proxy of that name, or switch it off in the namespace.");
    return false;
}

}  // namespace

namespace policy {

bool fitsFormat(std::string_view data, DataFormat format) {
    switch (format) {
        case DataFormat::Any: return !data.empty();
        case DataFormat::Json: return protocol::isValidJson(data);
        case DataFormat::JsonObject: {
            const auto first = data.find_first_not_of(" \t\r\n");
            return first != std::string_view::npos && data[first] == '{' && protocol::isValidJson(data);
        }
        case DataFormat::Binary: break;
    }
    return true;
}

SubscribeGrant serverGrant(const ChannelOptions& options, const auth::SubscriptionOverrides& overrides) {
    SubscribeGrant grant;
    grant.presence = overrides.presence.value_or(options.presence);
    grant.joinLeave = overrides.joinLeave.value_or(options.joinLeave);
    grant.pushJoinLeave = overrides.forcePushJoinLeave.value_or(options.forcePushJoinLeave);
    grant.positioned = overrides.forcePositioning.value_or(options.forcePositioning);
    grant.recoverable = overrides.forceRecovery.value_or(options.forceRecovery);
    grant.recoveryMode = options.forceRecoveryMode;
    grant.autoCacheRecover = options.autoCacheRecover && grant.recoverable && grant.recoveryMode == RecoveryMode::Cache;
    return grant;
}

SubscribeGrant serverSubscription(const ChannelOptions& options, const auth::SubscriptionOverrides& overrides) {
    auto grant = serverGrant(options, overrides);
    if (options.subscriptionType != SubscriptionType::Stream) {
        grant.recoverable = false;
        grant.positioned = false;
        grant.autoCacheRecover = false;
    }
    grant.positioned = grant.positioned || grant.recoverable;
    return grant;
}

Decided<ResolvedChannel> publish(const ChannelQuestion& question, std::string_view data, DecisionBuilder& decision) {
    const auto resolved = resolve(question.project, question.channel, decision);
    if (!resolved)
        return resolved;
    const auto& options = resolved->options();
    if (!fitsFormat(data, options.publicationDataFormat)) {
        decision.fail(
            "Data format", [&] { return std::to_string(data.size()) + " bytes that don't fit"; },
            [&] {
                return options.publicationDataFormat == DataFormat::Any
                           ? std::string("data that isn't empty")
                           : std::string(toString(options.publicationDataFormat));
            },
            "Send data as the namespace's publication_data_format asks.");
        return refuse(ErrorCode::BadRequest);
    }
    decision.pass("Data format", [&] { return std::to_string(data.size()) + " bytes"; });
    if (options.publishProxyEnabled) {
        if (checkProxy(question.project, ProxyKind::Publish, options.publishProxyName, decision))
            return resolved;
        return refuse(ErrorCode::NotAvailable);
    }
    if (options.subscribeStreamProxyEnabled) {
        decision.fail("Publish", "a namespace with a subscribe stream proxy", "a stream namespace without one",
                      kNoStreamProxies);
        return refuse(ErrorCode::NotAvailable);
    }
    if (!checkPermission(publishPermission(options), question, decision))
        return refuse(ErrorCode::PermissionDenied);
    if (options.subscriptionType != SubscriptionType::Stream) {
        decision.fail(
            "Publish", [&] { return "a namespace of the type " + std::string(toString(options.subscriptionType)); },
            "a stream", "Publish into a map with type 1 and a key.");
        return refuse(ErrorCode::NotAvailable);
    }
    return resolved;
}

Decided<ResolvedChannel> changeMap(const ChannelQuestion& question, std::string_view client, bool remove,
                                   std::string& key, bool& proxied, DecisionBuilder& decision) {
    const auto resolved = resolve(question.project, question.channel, decision);
    if (!resolved)
        return resolved;
    const auto& options = resolved->options().map;
    proxied = remove ? options.removeProxyEnabled : options.publishProxyEnabled;
    if (proxied) {
        const auto& name = remove ? options.removeProxyName : options.publishProxyName;
        if (checkProxy(question.project, remove ? ProxyKind::MapRemove : ProxyKind::MapPublish, name, decision))
            return resolved;
        return refuse(ErrorCode::NotAvailable);
    }
    if (!checkPermission(mapPermission(options, remove), question, decision))
        return refuse(ErrorCode::PermissionDenied);
    if (options.clientKey == MapClientKey::ClientId)
        key = client;
    else if (options.clientKey == MapClientKey::UserId)
        key = question.user;
    if (key.empty() && options.clientKey == MapClientKey::UserId) {
        decision.fail("Key", "an anonymous client", "a user", "The namespace has map.client_key: user_id.");
        return refuse(ErrorCode::PermissionDenied);
    }
    if (key.empty()) {
        decision.fail("Key", "none", "a key", "Name the key to change.");
        return refuse(ErrorCode::BadRequest);
    }
    decision.pass("Key", [&] { return inQuotes(key); });
    return resolved;
}

Decided<ResolvedChannel> presence(const ChannelQuestion& question, DecisionBuilder& decision) {
    const auto resolved = resolve(question.project, question.channel, decision);
    if (!resolved)
        return resolved;
    if (!resolved->options().presence) {
        decision.fail("Feature", "presence is off", "presence: true", "Switch presence on in the channel's namespace.");
        return refuse(ErrorCode::NotAvailable);
    }
    decision.pass("Feature", "presence is on");
    if (!checkPermission(presencePermission(resolved->options()), question, decision))
        return refuse(ErrorCode::PermissionDenied);
    return resolved;
}

Decided<ResolvedChannel> history(const ChannelQuestion& question, DecisionBuilder& decision) {
    const auto resolved = resolve(question.project, question.channel, decision);
    if (!resolved)
        return resolved;
    if (!resolved->options().hasHistory()) {
        decision.fail("Feature", "history is off", "history_size and history_ttl",
                      "Set both in the channel's namespace.");
        return refuse(ErrorCode::NotAvailable);
    }
    decision.pass("Feature", "history is on");
    if (!checkPermission(historyPermission(resolved->options()), question, decision))
        return refuse(ErrorCode::PermissionDenied);
    return resolved;
}

namespace {

void failType(std::int32_t type, SubscriptionType configured, DecisionBuilder& decision) {
    decision.fail(
        "Subscription type", [&] { return "type " + std::to_string(type); },
        [&] { return "type " + std::to_string(int(configured)) + " (" + std::string(toString(configured)) + ")"; },
        "Subscribe as the namespace's subscription_type says, or change that option.");
}

/// Whether both the request and the channel are of shared poll, or neither: Centrifuge looks at that before all else of
/// a channel that is named (handleSubscribe()). A channel without a namespace is not of shared poll.
std::optional<Failure> checkSharedPoll(const SubscribeQuestion& question, DecisionBuilder& decision) {
    const auto type = question.request.type;
    const auto resolved = question.project.channels->resolve(question.request.channel);
    const auto configured = resolved.options().subscriptionType;
    const bool wanted = type == int(SubscriptionType::SharedPoll);
    if (question.request.channel.empty() || wanted == (configured == SubscriptionType::SharedPoll))
        return std::nullopt;
    if (resolved.ns == nullptr)
        failNamespace(resolved, "a configured namespace of the type shared_poll", decision);
    else
        failType(type, configured, decision);
    return wanted ? ErrorCode::NotAvailable : ErrorCode::BadRequest;
}

/// Rows 1 to 5: what the connection itself allows, before the channel's options are looked at.
std::optional<Failure> checkConnectionSide(const SubscribeQuestion& question, DecisionBuilder& decision) {
    const auto& request = question.request;
    const auto& client = question.project.client;
    const auto maxLength = question.project.channels->layout().maxLength;
    if (request.channel.empty()) {
        decision.fail("Channel", "empty", "a channel name", "Name the channel in the subscribe command.");
        return DisconnectCode::BadRequest;
    }
    if (request.type == 0 && !request.delta.empty() && request.delta != "fossil") {
        decision.fail(
            "Delta", [&] { return inQuotes(request.delta); }, "\"fossil\"", "Ask for a known delta type, or for none.");
        return DisconnectCode::BadRequest;
    }
    if (request.channel.size() > maxLength) {
        decision.fail(
            "Channel length", [&] { return std::to_string(request.channel.size()) + " bytes"; },
            [&] { return "at most " + std::to_string(maxLength); }, "Use a shorter channel name.");
        return ErrorCode::BadRequest;
    }
    decision.pass("Channel length", [&] { return std::to_string(request.channel.size()) + " bytes"; });
    if (question.alreadySubscribed) {
        decision.fail("Not yet subscribed", "the connection is already subscribed", "one subscription for each channel",
                      "Unsubscribe first; server-side subscriptions count too.");
        return ErrorCode::AlreadySubscribed;
    }
    decision.pass("Not yet subscribed", "first subscription to this channel");
    if (client.channelLimit > 0 && question.channelCount >= client.channelLimit) {
        decision.fail(
            "Channel limit", [&] { return std::to_string(question.channelCount) + " channels"; },
            [&] { return "fewer than " + std::to_string(client.channelLimit); },
            "Unsubscribe from channels that aren't needed, or raise client.channel_limit.");
        return ErrorCode::LimitExceeded;
    }
    decision.pass("Channel limit", [&] {
        const auto used = std::to_string(question.channelCount);
        return client.channelLimit > 0 ? used + " of " + std::to_string(client.channelLimit) + " used"
                                       : used + " used, no limit";
    });
    return std::nullopt;
}

/// Row 10: the token's verification and that it belongs to this subscription.
Decided<SubscribeGrant> grantByToken(const SubscribeQuestion& question, const ResolvedChannel& resolved,
                                     DecisionBuilder& decision) {
    const auto& project = question.project;
    const auto* verifier = subscriptionVerifier(project);
    if (verifier == nullptr) {
        decision.fail("Token", "a token", "no token", "The project accepts no tokens: it has no verification key.");
        return refuse(ErrorCode::PermissionDenied);
    }
    const auto verified = verifier->verifySubscription(question.request.token, project.id);
    decision.append(verified.checks,
                    verified.outcome ? std::string_view() : std::string_view(verified.outcome.error().detail));
    if (!verified.outcome)
        return Unexpected<Failure>(
            tokenFailure(verified.outcome.error(), ErrorCode::TokenExpired, ErrorCode::PermissionDenied));
    const auto& claims = *verified.outcome;
    if (project.channels->resolve(claims.channel).ns == nullptr) {
        decision.fail(
            "Token channel", [&] { return inQuotes(claims.channel); }, "a configured namespace",
            "Mint the token for the channel it is used with.");
        return refuse(ErrorCode::UnknownChannel);
    }
    const auto match = [&](const char* name, std::string_view found, std::string_view expected, const char* advice) {
        if (found == expected) {
            decision.pass(name, [&] { return inQuotes(found); });
            return true;
        }
        decision.fail(
            name, [&] { return inQuotes(found); }, [&] { return inQuotes(expected); }, advice);
        return false;
    };
    if (!match("Token channel", claims.channel, question.request.channel,
               "Mint the token for the channel it is used with."))
        return refuse(DisconnectCode::InvalidToken);
    if (!match("Token user", claims.user, question.user, "Mint the subscription token for the user of the connection."))
        return refuse(DisconnectCode::InvalidToken);
    if (!claims.client.empty() && !match("Token client", claims.client, question.client,
                                         "Leave the client claim out, or mint a new token for each connection."))
        return refuse(DisconnectCode::InvalidToken);
    auto grant = serverGrant(resolved.options(), claims.overrides);
    grant.expireAt = claims.expiresAt;
    grant.info = claims.info;
    grant.data = claims.data;
    return grant;
}

/// Rows 9 to 16: who may subscribe.
Decided<SubscribeGrant> grantSubscription(const SubscribeQuestion& question, const ResolvedChannel& resolved,
                                          DecisionBuilder& decision) {
    const auto& options = resolved.options();
    const auto& channels = *question.project.channels;
    const bool userLimited = channels.isUserLimited(question.request.channel, resolved);
    if (!question.request.token.empty())
        return grantByToken(question, resolved, decision);
    if (resolved.isPrivate) {
        decision.fail("Token", "none", "a subscription token",
                      "Channels with the private prefix always need a token; mint one in your backend.");
        return refuse(ErrorCode::PermissionDenied);
    }
    auto grant = serverGrant(options, {});
    // As in Centrifugo, what a token grants has none of these.
    if (!options.mapClientsPresenceChannelPrefix.empty())
        grant.clientsPresenceChannel = options.mapClientsPresenceChannelPrefix + question.request.channel;
    if (!options.mapUsersPresenceChannelPrefix.empty())
        grant.usersPresenceChannel = options.mapUsersPresenceChannelPrefix + question.request.channel;
    grant.removeClientKey = options.map.removeClientOnUnsubscribe;
    if (userLimited && channels.isUserAllowed(question.request.channel, question.user)) {
        decision.pass("Permission", "the channel name lists this user");
        return grant;
    }
    if (options.subscribeProxyEnabled && !userLimited) {
        if (!checkProxy(question.project, ProxyKind::Subscribe, options.subscribeProxyName, decision))
            return refuse(ErrorCode::NotAvailable);
        grant.proxied = true;
        return grant;
    }
    if (options.subscribeStreamProxyEnabled && !userLimited) {
        decision.fail("Subscribe stream proxy", "subscribe_stream_proxy_enabled is on", "a namespace without it",
                      kNoStreamProxies);
        return refuse(ErrorCode::NotAvailable);
    }
    if (options.allowSubscribeForClient && !userLimited &&
        (!question.user.empty() || options.allowSubscribeForAnonymous)) {
        decision.pass("Permission", "allow_subscribe_for_client is on");
        return grant;
    }
    if (question.project.client.insecure) {
        decision.pass("Permission", "client.insecure is on");
        return grant;
    }
    decision.fail(
        "Permission",
        [&] {
            return std::string("no token, ") +
                   (question.user.empty() ? "anonymous client" : "user " + inQuotes(question.user)) +
                   (userLimited ? ", not listed in the channel name" : "");
        },
        [&] {
            if (userLimited)
                return std::string("a listed user, or a subscription token");
            return std::string("a subscription token, or allow_subscribe_for_client") +
                   (question.user.empty() ? " with allow_subscribe_for_anonymous" : "");
        },
        "Mint a subscription token for this channel in your backend, or open the namespace.");
    return refuse(ErrorCode::PermissionDenied);
}

/// Section 8.2: what the client asked for and may have.
void applyRequestFlags(const SubscribeQuestion& question, const ChannelOptions& options, SubscribeGrant& grant) {
    const auto& request = question.request;
    const bool history = holds(historyPermission(options), question.user, true, question.project);
    grant.positioned = grant.positioned || (request.positioned && (options.allowPositioning || history));
    grant.recoverable = grant.recoverable || (request.recoverable && (options.allowRecovery || history));
    grant.pushJoinLeave =
        grant.pushJoinLeave || (request.joinLeave && options.joinLeave &&
                                holds(presencePermission(options), question.user, true, question.project));
    grant.positioned = grant.positioned || grant.recoverable;
    grant.autoCacheRecover = options.autoCacheRecover && grant.recoverable && grant.recoveryMode == RecoveryMode::Cache;
}

bool isUnknownType(std::int32_t type) {
    return type < int(SubscriptionType::Stream) || type > int(SubscriptionType::SharedPoll);
}

/// Whether the request is for what the channel is (Centrifugo's OnSubscribe()), behind checkSharedPoll().
std::optional<Failure> checkType(std::int32_t type, const ChannelOptions& options, DecisionBuilder& decision) {
    // Types that don't exist pass for streams, up to where the subscription would be made.
    const bool passes = isUnknownType(type) && options.subscriptionType == SubscriptionType::Stream;
    if (type == int(options.subscriptionType) || passes) {
        decision.pass("Subscription type", [&] { return std::string(toString(options.subscriptionType)); });
        return std::nullopt;
    }
    failType(type, options.subscriptionType, decision);
    return ErrorCode::PermissionDenied;
}

bool checkTagsFilter(const protocol::SubscribeRequest& request, const ChannelOptions& options,
                     DecisionBuilder& decision) {
    if (!request.tf)
        return true;
    if (!options.allowTagsFilter) {
        decision.fail("Tags filter", "a filter", "allow_tags_filter",
                      "Switch allow_tags_filter on in the namespace, or leave the filter out.");
        return false;
    }
    if (const auto fault = faultOf(*request.tf); !fault.empty()) {
        decision.fail("Tags filter", fault, "a sound filter",
                      "A leaf has key, cmp and val or vals; a branch has op (and, or, not) and nodes.");
        return false;
    }
    decision.pass("Tags filter", "a sound filter");
    return true;
}

}  // namespace

Decided<SubscribeGrant> subscribe(const SubscribeQuestion& question, DecisionBuilder& decision) {
    if (const auto failure = checkSharedPoll(question, decision))
        return Unexpected<Failure>(*failure);
    if (const auto failure = checkConnectionSide(question, decision))
        return Unexpected<Failure>(*failure);
    const auto resolved = resolve(question.project, question.request.channel, decision);
    if (!resolved)
        return Unexpected<Failure>(resolved.error());
    const auto& options = resolved->options();
    if (const auto failure = checkType(question.request.type, options, decision))
        return Unexpected<Failure>(*failure);
    auto grant = grantSubscription(question, *resolved, decision);
    if (!grant || grant->proxied)
        return grant;
    grant->type = options.subscriptionType;
    grant->clientSideRefresh = !options.subRefreshProxyEnabled;
    // A map's mode says whether it has positions; neither expiry nor filter is looked at before the first page.
    if (isMap(options.subscriptionType))
        return grant;
    if (options.subscriptionType == SubscriptionType::Stream)
        applyRequestFlags(question, options, *grant);
    if (grant->expireAt && *grant->expireAt <= question.now) {
        decision.fail("Subscription expiry", "already over", "a time to come",
                      "Mint the token with a later exp or expire_at.");
        return refuse(ErrorCode::Expired);
    }
    if (options.subscriptionType == SubscriptionType::Stream && !checkTagsFilter(question.request, options, decision))
        return refuse(ErrorCode::BadRequest);
    if (isUnknownType(question.request.type)) {
        decision.fail(
            "Subscription type", [&] { return "type " + std::to_string(question.request.type); }, "0 to 4",
            "Use a type of the protocol.");
        return refuse(DisconnectCode::ServerError);
    }
    return grant;
}

Decided<SubscribeGrant> subscribeByProxy(const SubscribeQuestion& question, const ProxyAnswer& answer,
                                         DecisionBuilder& decision) {
    // Meanwhile the server may have subscribed the client, and the configuration may be another.
    if (const auto failure = checkConnectionSide(question, decision))
        return Unexpected<Failure>(*failure);
    const auto resolved = resolve(question.project, question.request.channel, decision);
    if (!resolved)
        return Unexpected<Failure>(resolved.error());
    const auto& options = resolved->options();
    if (const auto failure = failureOf(answer, ProxyKind::Subscribe, decision))
        return Unexpected<Failure>(*failure);
    SubscribeGrant grant;
    if (const auto* result = answer.as<SubscribeProxyResult>()) {
        grant = serverGrant(options, overridesOf(result->overrides));
        if (result->expireAt > 0)
            grant.expireAt = result->expireAt;
        grant.info = result->info;
        grant.data = result->data;
    } else {
        grant = serverGrant(options, {});
    }
    grant.positioned = grant.positioned || grant.recoverable;
    grant.clientSideRefresh = !options.subRefreshProxyEnabled;
    if (grant.expireAt && *grant.expireAt <= question.now) {
        decision.fail("Subscription expiry", "already over", "a time to come", "Answer with a later expire_at.");
        return refuse(ErrorCode::Expired);
    }
    if (question.request.type == int(SubscriptionType::Stream) && !checkTagsFilter(question.request, options, decision))
        return refuse(ErrorCode::BadRequest);
    return grant;
}

}  // namespace policy

}  // namespace xshathra::engine
