#pragma once

#include "server/auth/digest.h"
#include "server/auth/jwt.h"
#include "server/base/clock.h"
#include "server/engine/map_types.h"
#include "server/engine/namespace_registry.h"
#include "server/engine/proxy_options.h"
#include "server/engine/shared_poll_options.h"
#include "server/protocol/codes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xshathra::engine {

/// Centrifugo's `client.*` options of one project, with its defaults (protocol section 18; reliability 2.2 where marked
/// "ours"). Counts of 0 mean "no limit" only where said so.
struct ClientOptions {
    /// 0 switches pings off.
    Milliseconds pingInterval{25'000};
    /// 0: no pong is expected. Must be below pingInterval.
    Milliseconds pongTimeout{8'000};
    Milliseconds expiredCloseDelay{25'000};
    Milliseconds expiredSubCloseDelay{25'000};
    /// Period at which a connection looks after its subscriptions: expiry, positions.
    Milliseconds presenceUpdateInterval{27'000};
    Milliseconds channelPositionCheckDelay{40'000};
    /// Bytes queued towards one client above which it is closed with 3008.
    std::size_t queueMaxSize = 1'048'576;
    /// Channels of one connection, server-side ones included; 0: no limit.
    std::size_t channelLimit = 128;
    /// Connections of one (non-anonymous) user; 0: no limit.
    std::size_t userConnectionLimit = 0;
    /// Connections of the project; 0: no limit. Above it: disconnect 3504.
    std::size_t connectionLimit = 0;
    /// Publications that one history command of a client gets; 0: no limit.
    std::size_t historyMaxPublicationLimit = 300;
    /// Missed publications that are recovered; 0: no limit.
    std::size_t recoveryMaxPublicationLimit = 300;
    /// Ours. Commands of one connection a second, measured over a second; 0: no limit. Above it error 111; above twice
    /// that 3013.
    std::size_t commandsPerSecond = 0;
    /// Ours. Members of a channel's presence; above it a subscribe with presence gets error 106.
    std::size_t presenceMaxMembers = 10'000;
    /// Ours. Bytes of conn_info and chan_info together; above it a subscribe with presence gets error 106.
    std::size_t presenceMaxInfoSize = 4'096;
    bool allowAnonymousConnectWithoutToken = false;
    bool disallowAnonymousConnectionTokens = false;
    /// Development without any check: no token needed, its expiry ignored, everything allowed that the namespace's
    /// features allow.
    bool insecure = false;
    /// Name of the request header with the user id, set by a gateway in front (reference 6.1 row 1). Empty: none. A
    /// connection with it needs no token. Whoever can reach the server past the gateway can be any user.
    std::string userIdHttpHeader;
    bool connectIncludeServerTime = false;
    struct PersonalChannel {
        bool enabled = false;
        std::string nameSpace;
        /// A new connection of the user ends the older ones with 3504.
        bool singleConnection = false;
        friend bool operator==(const PersonalChannel&, const PersonalChannel&) = default;
    } subscribeToUserPersonalChannel;

    /// Faults with the option's Centrifugo name (`client.ping_interval`, ...).
    std::vector<OptionError> validate() const;

    /// How a unidirectional client, which gets no error replies, is told of a connect error instead of as section 1.8
    /// says (`client.connect_code_to_unidirectional_disconnect`, where enabled).
    struct UnidirectionalDisconnect {
        /// Code of the error.
        std::uint32_t code = 0;
        protocol::Disconnect to;
        friend bool operator==(const UnidirectionalDisconnect&, const UnidirectionalDisconnect&) = default;
    };
    std::vector<UnidirectionalDisconnect> connectCodeToUnidirectionalDisconnect;

    friend bool operator==(const ClientOptions&, const ClientOptions&) = default;
};

/// What the history of one project may take (reliability 2.1 #22).
struct HistoryLimits {
    std::size_t bytesPerChannel = std::size_t{1} << 20;
    /// Of the publications and the idempotency keys; those of the channels that were used least recently go first.
    std::size_t bytesTotal = std::size_t{256} << 20;
    std::size_t channels = 100'000;
    /// How long an idempotency key is remembered.
    Milliseconds idempotencyWindow{300'000};
    /// Idempotency keys remembered in one channel; the oldest goes first.
    std::size_t idempotencyKeysPerChannel = 10'000;

    friend bool operator==(const HistoryLimits&, const HistoryLimits&) = default;
};

/// A project as the engine sees it: an immutable snapshot, made by the services from stored rows, shared by all
/// threads.
struct ProjectConfig {
    std::string id;
    std::string name;
    /// Verifies this project's connection and subscription tokens. Null: no token is accepted.
    std::shared_ptr<const auth::TokenVerifier> tokenVerifier;
    /// Verifies subscription tokens where they have keys of their own (`client.subscription_token`). Null:
    /// tokenVerifier does.
    std::shared_ptr<const auth::TokenVerifier> subscriptionTokenVerifier;
    ClientOptions client;
    /// SHA-256 of each client API key in force (rotation: two), which names the project of a connection that has no
    /// token.
    std::vector<auth::Digest> clientKeyHashes;
    /// Never null.
    std::shared_ptr<const NamespaceRegistry> channels = std::make_shared<NamespaceRegistry>(ChannelLayout{});
    HistoryLimits history;
    /// The backend that is asked about connections, subscriptions, publications and RPC calls; none by default.
    ProxiesConfig proxies;
    MapLimits maps;
    SharedPollProjectOptions sharedPoll;
};

/// Everything the engine is told at once.
struct EngineConfig {
    std::vector<std::shared_ptr<const ProjectConfig>> projects;
    /// Project of connections that name none, neither by token nor by key. Empty: such connections are refused (3501),
    /// and tokens without `projectId` with 3500.
    std::string defaultProject;
    /// Time for the first connect command (3502).
    Milliseconds staleCloseDelay{10'000};
    /// Version text of the connect result.
    std::string version = XSHATHRA_VERSION " Xshathra";
};

}  // namespace xshathra::engine
