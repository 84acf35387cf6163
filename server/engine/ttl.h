#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace xshathra::engine {

/// Longest life that a connection or subscription is granted, in seconds: a longer one is most likely a unit mistaken.
inline constexpr std::int64_t kMaxTtlSeconds = 365 * 24 * 3600;

/// `expireAt` (seconds since 1970), at most kMaxTtlSeconds from `now`.
inline std::optional<std::int64_t> clampExpiry(std::optional<std::int64_t> expireAt, std::int64_t now) {
    return expireAt ? std::optional(std::min(*expireAt, now + kMaxTtlSeconds)) : std::nullopt;
}

/// Seconds until `expireAt` as the wire has them: at least 1, since SDKs schedule their refresh from it.
inline std::uint32_t ttlOf(std::int64_t expireAt, std::int64_t now) {
    return std::uint32_t(std::clamp<std::int64_t>(expireAt - now, 1, kMaxTtlSeconds));
}

/// Says in a result of connect, subscribe or refresh that and when the client has to refresh, if it has to.
template <typename Result>
void setTtl(Result& result, std::optional<std::int64_t> expireAt, std::int64_t now) {
    if (!expireAt)
        return;
    result.expires = true;
    result.ttl = ttlOf(*expireAt, now);
}

}  // namespace xshathra::engine
