#pragma once

#include "server/auth/claims.h"
#include "server/base/expected.h"
#include "server/base/shared_bytes.h"
#include "server/engine/decision_builder.h"
#include "server/engine/project_config.h"
#include "server/engine/proxy.h"
#include "server/engine/transport.h"
#include "server/protocol/codes.h"
#include "server/protocol/messages.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xshathra::engine {

/// Why a command isn't carried out: an error reply, or the end of the connection; each with a text of the tables, or
/// with code and text of the project's backend.
using Failure = std::variant<protocol::ErrorCode, protocol::DisconnectCode,
                             std::shared_ptr<const protocol::ClientError>, std::shared_ptr<const protocol::Disconnect>>;

std::uint32_t codeOf(const Failure& failure);

template <typename T>
using Decided = Expected<T, Failure>;

/// Refuses with an error reply.
inline Unexpected<Failure> refuse(protocol::ErrorCode code) { return Unexpected<Failure>(Failure(code)); }
/// Refuses by ending the connection.
inline Unexpected<Failure> refuse(protocol::DisconnectCode code) { return Unexpected<Failure>(Failure(code)); }

/// What a subscription is granted.
struct SubscribeGrant {
    bool presence = false;
    bool joinLeave = false;
    bool pushJoinLeave = false;
    bool positioned = false;
    bool recoverable = false;
    RecoveryMode recoveryMode = RecoveryMode::Stream;
    bool autoCacheRecover = false;
    bool clientSideRefresh = true;
    /// Wall time in seconds since 1970.
    std::optional<std::int64_t> expireAt;
    std::optional<SharedBytes> info;
    std::optional<SharedBytes> data;
    /// Grants of subscribe proxies are for streams.
    SubscriptionType type = SubscriptionType::Stream;
    /// Maps that show the client, and its user, as subscribed. Empty: none.
    std::string clientsPresenceChannel;
    std::string usersPresenceChannel;
    /// The client's own key of the map goes with the subscription.
    bool removeClientKey = false;
    /// Nothing is granted yet: the backend has to be asked.
    bool proxied = false;
};

/// A subscription that the server makes by itself when the client connects.
struct ServerSubscription {
    std::string channel;
    SubscribeGrant grant;
};

/// What a connection is granted.
struct ConnectGrant {
    std::string user;
    std::optional<std::int64_t> expireAt;
    std::optional<SharedBytes> info;
    std::optional<SharedBytes> meta;
    /// For the connect result.
    std::optional<SharedBytes> data;
    std::vector<ServerSubscription> subscriptions;
    /// Channels that the token names, for comparing at a refresh.
    std::vector<std::string> tokenChannels;
};

struct ConnectQuestion {
    const ProjectConfig& project;
    const protocol::ConnectRequest& request;
    const TransportInfo& transport;
};

struct SubscribeQuestion {
    const ProjectConfig& project;
    const protocol::SubscribeRequest& request;
    std::string_view user;
    std::string_view client;
    bool alreadySubscribed = false;
    /// Channels the client has, server-side ones included.
    std::size_t channelCount = 0;
    /// Wall time in seconds since 1970.
    std::int64_t now = 0;
};

/// A question about a channel that isn't about subscribing.
struct ChannelQuestion {
    const ProjectConfig& project;
    std::string_view channel;
    std::string_view user;
    bool subscribed = false;
};

/// A backend's overrides in the form of a token's.
auth::SubscriptionOverrides overridesOf(const ProxyOverrides& overrides);

/// Who may do what (protocol sections 6, 8.1, 15). Pure functions of what they are given: no state, no side effect; the
/// checks go to `decision` in the order of evaluation. The caller finishes the decision.
namespace policy {

/// Sections 6.1 to 6.4, from the token on.
Decided<ConnectGrant> connect(const ConnectQuestion& question, DecisionBuilder& decision);
/// The same after the connect proxy has answered.
Decided<ConnectGrant> connectByProxy(const ConnectQuestion& question, const ProxyAnswer& answer,
                                     DecisionBuilder& decision);
/// All rows of the table in section 8.1 in its order.
Decided<SubscribeGrant> subscribe(const SubscribeQuestion& question, DecisionBuilder& decision);
/// What follows when that came to a grant that is `proxied` and the subscribe proxy has answered. What the client asked
/// for by flags isn't given then, as in Centrifugo.
Decided<SubscribeGrant> subscribeByProxy(const SubscribeQuestion& question, const ProxyAnswer& answer,
                                         DecisionBuilder& decision);
/// The failure that a backend's answer means for a command, or nothing where it goes on: error 100 where there is no
/// usable answer, else the backend's own error or disconnect.
std::optional<Failure> failureOf(const ProxyAnswer& answer, ProxyKind kind, DecisionBuilder& decision);
/// Section 15.2. `data` is judged by publication_data_format. Where the namespace has a publish proxy, the permission
/// is the backend's business.
Decided<ResolvedChannel> publish(const ChannelQuestion& question, std::string_view data, DecisionBuilder& decision);
/// Whether the client may set, or with `remove` take out, a key of a map (Centrifugo's OnMapPublish() and
/// OnMapRemove()). Which key, says the namespace: `key` becomes it. Where `proxied` is set to true, the backend
/// decides.
Decided<ResolvedChannel> changeMap(const ChannelQuestion& question, std::string_view client, bool remove,
                                   std::string& key, bool& proxied, DecisionBuilder& decision);
/// Section 15.3, for presence and presence_stats.
Decided<ResolvedChannel> presence(const ChannelQuestion& question, DecisionBuilder& decision);
/// Section 15.4, without the positions.
Decided<ResolvedChannel> history(const ChannelQuestion& question, DecisionBuilder& decision);

/// Whether data has the form that a namespace asks for; the default refuses only empty data.
bool fitsFormat(std::string_view data, DataFormat format);
/// What a subscription gets from its namespace, changed by `overrides`.
SubscribeGrant serverGrant(const ChannelOptions& options, const auth::SubscriptionOverrides& overrides);
/// The same for one that the server makes. As in Centrifugo it is one to the channel's publications even where the
/// namespace has maps or shared poll, and without positions there.
SubscribeGrant serverSubscription(const ChannelOptions& options, const auth::SubscriptionOverrides& overrides);

}  // namespace policy

}  // namespace xshathra::engine
