#pragma once

#include <cstddef>
#include <cstdint>

namespace xshathra::auth {

/// Whose rules a token must keep.
enum class TokenRules : std::uint8_t {
    /// This product's: it mints its tokens itself, so everything unusual is an attack or a mistake and is refused.
    Product,
    /// Centrifugo's, for tokens that a backend mints: header fields beside `alg` are ignored, of several members with
    /// one name the last counts, names are compared without regard to case, base64url needn't be canonical, `exp` may
    /// be a string of digits (what Go's encoding/json and github.com/cristalhq/jwt accept).
    Centrifugo,
};

/// How deep JSON of tokens may be nested, the outer object included.
inline constexpr std::size_t kMaxTokenJsonDepth = 32;
/// The same under Centrifugo's rules; what Go's parser would take beyond that no client could read.
inline constexpr std::size_t kMaxLenientTokenJsonDepth = 1000;

constexpr std::size_t maxTokenJsonDepth(TokenRules rules) {
    return rules == TokenRules::Product ? kMaxTokenJsonDepth : kMaxLenientTokenJsonDepth;
}

}  // namespace xshathra::auth
