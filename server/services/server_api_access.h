#pragma once

#include "server/auth/digest.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::services {

/// How one project's server API (protocol section 21) is reached, beside the project's own server keys, which always
/// open it. The defaults add nothing.
struct ServerApiAccess {
    /// SHA-256 of a key of any form: Centrifugo's `http_api.key`. The key itself is kept elsewhere, if at all.
    std::optional<auth::Digest> keyHash;
    /// `http_api.insecure`: no key is asked for. Acts only on the project of connections that name none
    /// (EngineConfig::defaultProject), since without a key nothing else tells which project is meant.
    bool insecure = false;
    /// `http_api.error_mode: transport`: errors have an HTTP status of their own instead of 200.
    bool transportErrors = false;

    friend bool operator==(const ServerApiAccess&, const ServerApiAccess&) = default;
};

/// Where the server API is on the server's port. One for all projects.
struct ServerApiRoutes {
    /// `http_api.disabled`.
    bool disabled = false;
    /// `http_api.handler_prefix`: methods are at `<prefix>/<method>`, the command form at `<prefix>`. A slash at its
    /// end is taken off; "/" and "" put the methods at the root.
    std::string prefix = "/api";

    friend bool operator==(const ServerApiRoutes&, const ServerApiRoutes&) = default;
};

/// What the server API has behind ServerApiRoutes::prefix and a slash.
inline constexpr std::array<std::string_view, 22> kServerApiSegments{"publish",
                                                                     "broadcast",
                                                                     "subscribe",
                                                                     "unsubscribe",
                                                                     "disconnect",
                                                                     "history",
                                                                     "history_remove",
                                                                     "presence",
                                                                     "presence_stats",
                                                                     "info",
                                                                     "rpc",
                                                                     "refresh",
                                                                     "channels",
                                                                     "map_publish",
                                                                     "map_remove",
                                                                     "map_read_state",
                                                                     "map_read_stream",
                                                                     "map_stats",
                                                                     "map_clear",
                                                                     "shared_poll_publish",
                                                                     "connections",
                                                                     "batch"};

}  // namespace xshathra::services
