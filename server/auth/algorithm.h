#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace xshathra::auth {

/// Signature algorithms (RFC 7518 section 3.1, RFC 8037 section 3.1) that a key can be configured for. `none` is not
/// one and never will be; PS256 and its like are not, since Centrifugo accepts none of them.
enum class Algorithm : std::uint8_t { HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512, EdDSA };

/// Whether the algorithm uses a secret that both sides know.
constexpr bool isSymmetric(Algorithm algorithm) { return algorithm <= Algorithm::HS512; }

/// The name as the header field `alg` has it.
std::string_view toString(Algorithm algorithm);
/// Exact names only. Nothing for every other text.
std::optional<Algorithm> algorithmFromString(std::string_view name);

}  // namespace xshathra::auth
