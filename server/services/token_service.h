#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::services {

struct Config;
class ConfigStore;

/// Bytes of a user id in a token.
inline constexpr std::size_t kMaxUserIdLength = 255;
/// Channels of a connection token: what one client may have.
inline constexpr std::size_t kMaxTokenChannels = 128;
/// Bytes of `info`: what presence keeps for a client.
inline constexpr std::size_t kMaxTokenInfoSize = 4096;

struct ConnectTokenRequest {
    std::string userId;
    /// Absent: auth::kDefaultTokenTtl.
    std::optional<std::int64_t> ttlSeconds;
    std::vector<std::string> channels;
    /// A JSON object, its bytes untouched; empty: none.
    std::string info;
};

struct SubscribeTokenRequest {
    std::string userId;
    std::string channel;
    std::optional<std::int64_t> ttlSeconds;
};

struct MintedToken {
    std::string token;
    std::int64_t expiresInSeconds = 0;
};

/// Mints tokens that the project itself accepts, from the snapshot in force. Any thread, no database, no waiting.
/// Errors: `not_found` on `projectId`, there too `cannot_sign` where its tokens can only be signed elsewhere and
/// `unavailable` where it isn't served, `invalid_argument` on `userId`, `ttlSeconds`, `channels`, `channel`, `info`,
/// each naming what was found and what is allowed.
class TokenService {
public:
    TokenService(const ConfigStore& store, const Clock& clock) : store_(store), clock_(clock) {}

    Result<MintedToken> mintConnection(std::string_view projectId, const ConnectTokenRequest& request) const;
    Result<MintedToken> mintSubscription(std::string_view projectId, const SubscribeTokenRequest& request) const;

private:
    const ConfigStore& store_;
    const Clock& clock_;
};

}  // namespace xshathra::services
