#pragma once

#include "server/base/shared_bytes.h"
#include "server/engine/map_types.h"
#include "server/engine/node.h"
#include "server/protocol/codes.h"
#include "server/protocol/messages.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a backend or a person may do with a project's channels and connections, as values: the commands of Centrifugo's
/// server API (protocol section 21.2) and their results. CommandService runs them.
namespace xshathra::services::command {

struct Publish {
    std::string channel;
    /// One JSON text without line breaks where options.knownJson, else any bytes.
    SharedBytes data;
    engine::PublishOptions options;
};

/// Publish into each channel.
struct Broadcast {
    std::vector<std::string> channels;
    SharedBytes data;
    engine::PublishOptions options;
};

struct Subscribe {
    engine::UserTarget target;
    std::string channel;
    engine::SubscribeOptions options;
};

struct Unsubscribe {
    engine::UserTarget target;
    /// Empty: nothing happens. (Centrifugo tells the clients of a channel without a name, and leaves all as it is.)
    std::string channel;
};

struct Disconnect {
    engine::UserTarget target;
    /// Absent: 3503 "force disconnect".
    std::optional<protocol::Disconnect> reason;
    /// Connections that stay.
    std::vector<std::string> whitelist;
};

struct Refresh {
    engine::UserTarget target;
    bool expired = false;
    /// Seconds since 1970; absent: the connections expire no more.
    std::optional<std::int64_t> expireAt;
    std::optional<SharedBytes> info;
};

struct Presence {
    std::string channel;
};

struct PresenceStats {
    std::string channel;
};

struct History {
    std::string channel;
    engine::HistoryOptions options;
};

struct HistoryRemove {
    std::string channel;
};

struct Channels {
    /// A glob over the whole name; empty: all.
    std::string pattern;
};

/// Ours, under the name and in the shape that Centrifugo PRO has it.
struct Connections {
    /// Whose connections; "" means the anonymous ones, absent those of everybody.
    std::optional<std::string> user;
    /// PRO's filter language, which we don't have: error 108 unless empty.
    std::string expression;
};

struct Info {};

/// Methods that an extension of the server adds. There are none, as in Centrifugo OSS.
struct Rpc {
    std::string method;
    SharedBytes params;
};

struct MapPublish {
    std::string channel;
    std::string key;
    SharedBytes data;
    engine::MapPublishOptions options;
    /// Centrifugo's word for options.keyMode; error 107 where it has none such.
    std::string keyMode;
};

struct MapRemove {
    std::string channel;
    std::string key;
    engine::MapRemoveOptions options;
};

struct MapReadState {
    std::string channel;
    engine::MapStateQuery query;
};

struct MapReadStream {
    std::string channel;
    engine::MapStreamQuery query;
};

struct MapStats {
    std::string channel;
};

struct MapClear {
    std::string channel;
};

struct SharedPollPublish {
    std::string channel;
    std::string key;
    SharedBytes data;
    std::uint64_t version = 0;
    std::string epoch;
};

using Command = std::variant<Publish, Broadcast, Subscribe, Unsubscribe, Disconnect, Refresh, Presence, PresenceStats,
                             History, HistoryRemove, Channels, Connections, Info, Rpc, MapPublish, MapRemove,
                             MapReadState, MapReadStream, MapStats, MapClear, SharedPollPublish>;

/// It was done; there is nothing to tell.
struct Done {};

/// One for each channel, in order.
struct BroadcastResult {
    std::vector<engine::ClientResult<engine::PublishResult>> responses;
};

/// By client id.
struct PresenceResult {
    std::vector<protocol::ClientInfo> members;
};

/// By name.
struct ChannelsResult {
    std::vector<engine::ChannelSummary> channels;
};

/// By client id.
struct ConnectionsResult {
    std::vector<engine::ConnectionSummary> connections;
};

/// This process, with the figures of the project.
struct InfoResult {
    std::string uid;
    std::string name;
    std::string version;
    engine::NodeInfo figures;
};

struct RpcResult {
    SharedBytes data;
};

struct MapStatsResult {
    std::size_t numKeys = 0;
};

using Result = std::variant<Done, engine::PublishResult, BroadcastResult, PresenceResult, engine::PresenceStats,
                            engine::HistoryPage, ChannelsResult, ConnectionsResult, InfoResult, RpcResult,
                            engine::MapUpdateResult, engine::MapStatePage, engine::MapStreamPage, MapStatsResult>;

}  // namespace xshathra::services::command
