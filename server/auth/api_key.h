#pragma once

#include "server/auth/digest.h"
#include "server/auth/secret.h"
#include "server/base/expected.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// A key is a prefix (`xsk_live_`, `xck_live_`, `xsk_test_`, `xck_test_`), 30 random base62 characters (178 bits) and 6
/// base62 characters of the CRC-32 of all that stands before them.
inline constexpr std::size_t kApiKeyPrefixLength = 9;
inline constexpr std::size_t kApiKeyRandomLength = 30;
inline constexpr std::size_t kApiKeyChecksumLength = 6;
inline constexpr std::size_t kApiKeyLength = kApiKeyPrefixLength + kApiKeyRandomLength + kApiKeyChecksumLength;

/// Server keys (`xsk_`) mint and publish; client keys (`xck_`) only identify an app.
enum class KeyKind : std::uint8_t { Server, Client };

/// `test` marks staging keys; both are otherwise alike.
enum class KeyEnvironment : std::uint8_t { Live, Test };

/// What is wrong with a text that should be a key, seen from the text alone, before any lookup.
enum class KeyFault : std::uint8_t { Empty, UnknownPrefix, TooShort, TooLong, BadCharacter, BadChecksum };

/// A well-formed key. Whether it exists is for its holder to look up by `hash`.
struct ParsedApiKey {
    KeyKind kind = KeyKind::Server;
    KeyEnvironment environment = KeyEnvironment::Live;
    /// SHA-256 of the whole key: stored, looked up, and compared with equalDigests().
    Digest hash{};
};

/// A new key from the operating system's randomness, without modulo bias.
Secret generateApiKey(KeyKind kind, KeyEnvironment environment);

/// Tells a mistyped or cut key from a well-formed one. Constant effort for every well-formed key.
Expected<ParsedApiKey, KeyFault> parseApiKey(std::string_view text);

/// SHA-256 of the key's text.
Digest hashApiKey(std::string_view key);

/// One sentence for people on what is wrong and what a key looks like. Holds nothing of the text.
std::string describe(KeyFault fault);

/// The key as screens show it: prefix, an ellipsis, the last 4 characters. A text that isn't a key gives only the
/// ellipsis.
std::string maskApiKey(std::string_view key);

std::string_view toString(KeyKind kind);

}  // namespace xshathra::auth
