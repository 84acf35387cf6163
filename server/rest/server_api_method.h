#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xshathra::rest {

/// The methods of the server API that run one command. The order is that in which a batch's command with several of
/// them chooses one.
enum class ApiMethod : std::uint8_t {
    Publish,
    Broadcast,
    Subscribe,
    Unsubscribe,
    Disconnect,
    History,
    HistoryRemove,
    Presence,
    PresenceStats,
    Info,
    Rpc,
    Refresh,
    Channels,
    MapPublish,
    MapRemove,
    MapReadState,
    MapReadStream,
    MapStats,
    MapClear,
    SharedPollPublish,
    Connections,
};

struct ApiMethodName {
    ApiMethod method;
    /// In paths and in batches; in upper or lower case in the command form.
    std::string_view name;
    /// In the command form, whose `method` may be a number.
    std::uint32_t number;
};

/// Every method, in the order of the enumeration.
inline constexpr std::array kApiMethods{
    ApiMethodName{ApiMethod::Publish, "publish", 0},
    ApiMethodName{ApiMethod::Broadcast, "broadcast", 1},
    ApiMethodName{ApiMethod::Subscribe, "subscribe", 11},
    ApiMethodName{ApiMethod::Unsubscribe, "unsubscribe", 2},
    ApiMethodName{ApiMethod::Disconnect, "disconnect", 3},
    ApiMethodName{ApiMethod::History, "history", 6},
    ApiMethodName{ApiMethod::HistoryRemove, "history_remove", 7},
    ApiMethodName{ApiMethod::Presence, "presence", 4},
    ApiMethodName{ApiMethod::PresenceStats, "presence_stats", 5},
    ApiMethodName{ApiMethod::Info, "info", 9},
    ApiMethodName{ApiMethod::Rpc, "rpc", 10},
    ApiMethodName{ApiMethod::Refresh, "refresh", 12},
    ApiMethodName{ApiMethod::Channels, "channels", 8},
    ApiMethodName{ApiMethod::MapPublish, "map_publish", 33},
    ApiMethodName{ApiMethod::MapRemove, "map_remove", 34},
    ApiMethodName{ApiMethod::MapReadState, "map_read_state", 35},
    ApiMethodName{ApiMethod::MapReadStream, "map_read_stream", 36},
    ApiMethodName{ApiMethod::MapStats, "map_stats", 37},
    ApiMethodName{ApiMethod::MapClear, "map_clear", 38},
    ApiMethodName{ApiMethod::SharedPollPublish, "shared_poll_publish", 39},
    ApiMethodName{ApiMethod::Connections, "connections", 14},
};

/// Methods that only Centrifugo PRO has: the command form knows their names and answers error 104.
inline constexpr std::array<std::string_view, 18> kForeignApiMethods{"update_user_status",
                                                                     "get_user_status",
                                                                     "delete_user_status",
                                                                     "block_user",
                                                                     "unblock_user",
                                                                     "revoke_token",
                                                                     "invalidate_user_tokens",
                                                                     "device_register",
                                                                     "device_update",
                                                                     "device_remove",
                                                                     "device_list",
                                                                     "device_topic_list",
                                                                     "device_topic_update",
                                                                     "user_topic_list",
                                                                     "user_topic_update",
                                                                     "send_push_notification",
                                                                     "update_push_status",
                                                                     "cancel_push"};

constexpr std::string_view nameOf(ApiMethod method) { return kApiMethods[static_cast<std::size_t>(method)].name; }

}  // namespace xshathra::rest
