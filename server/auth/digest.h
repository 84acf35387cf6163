#pragma once

#include "server/auth/algorithm.h"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// A SHA-256 digest.
using Digest = std::array<unsigned char, 32>;

/// SHA-256 of `bytes` (FIPS 180-4).
Digest sha256(std::string_view bytes);

/// HMAC-SHA-256 of `message` under `key` (RFC 2104).
Digest hmacSha256(std::string_view key, std::string_view message);

/// Length in bytes of an HMAC by HS256, HS384 or HS512; 0 for the other algorithms.
std::size_t hmacLength(Algorithm algorithm);

/// Whether `given` is the HMAC (HS256, HS384, HS512; RFC 7518 section 3.2) of `message` under `key`. Compared in
/// constant time. False for the other algorithms.
bool isHmac(Algorithm algorithm, std::string_view key, std::string_view message, std::string_view given);

/// Compares two digests in constant time. Keys and secrets are compared through their digests only, so that the work
/// depends neither on their content nor on their length.
bool equalDigests(const Digest& a, const Digest& b);

/// Lower-case hexadecimal digits of a digest: the form in which key hashes are stored.
std::string toHex(const Digest& digest);

/// The digest written as 64 hexadecimal digits, or nothing where `text` has another form.
std::optional<Digest> digestFromHex(std::string_view text);

/// The first 8 hexadecimal digits of the SHA-256 of a token or key: how it is named in logs and in the console.
std::string fingerprint(std::string_view secret);

}  // namespace xshathra::auth
