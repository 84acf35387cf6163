#pragma once

#include "server/auth/key_source.h"
#include "server/base/result.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::auth {

/// A longer key set is refused before it is parsed.
inline constexpr std::size_t kMaxJwksBytes = std::size_t{1} << 20;
/// Keys of one set beyond which the rest is ignored.
inline constexpr std::size_t kMaxJwksKeys = 256;

/// The usable keys of a JSON Web Key Set (RFC 7517 section 5): with a `kid`, `use` = `sig`, of the kinds RSA, EC and
/// OKP (Ed25519), without private parts. Every other key is left out, as section 5 says; of two with one `kid` the last
/// is taken. Errors: `invalid_jwks`, where the text is no key set at all.
Result<std::vector<std::shared_ptr<const JsonWebKey>>> parseJwks(std::string_view json);

}  // namespace xshathra::auth
