#pragma once

#include "server/auth/secret.h"
#include "server/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// Length of the master key in bytes (AES-256).
inline constexpr std::size_t kCipherKeyBytes = 32;
/// A sealed text is longer than the plain one by a version byte, a 12-byte nonce and a 16-byte tag.
inline constexpr std::size_t kCipherOverhead = 1 + 12 + 16;

/// A fresh random master key.
Secret makeCipherKey();

/// Encrypts for storage with AES-256-GCM and a random nonce (NIST SP 800-38D). `aad` is bound to the result but not
/// part of it: give the record's id, so that a sealed value can't be moved to another record. Errors: `invalid_key`,
/// `cipher_failed`.
Result<std::string> seal(const Secret& key, std::string_view plain, std::string_view aad);

/// Decrypts what seal() made. Errors: `invalid_key`; `cipher_failed` where the text was changed or cut, or key or `aad`
/// is another one, without telling which.
Result<Secret> open(const Secret& key, std::string_view sealed, std::string_view aad);

}  // namespace xshathra::auth
