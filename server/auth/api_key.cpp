#include "server/auth/api_key.h"

#include "server/base/ids.h"

#include <boost/crc.hpp>

#include <array>
#include <utility>

namespace xshathra::auth {

namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kExample =
    "A key looks like xsk_live_ or xck_live_ (or _test_) followed by 36 letters and digits.";

struct Prefix {
    std::string_view text;
    KeyKind kind;
    KeyEnvironment environment;
};

constexpr std::array<Prefix, 4> kPrefixes{{
    {"xsk_live_", KeyKind::Server, KeyEnvironment::Live},
    {"xck_live_", KeyKind::Client, KeyEnvironment::Live},
    {"xsk_test_", KeyKind::Server, KeyEnvironment::Test},
    {"xck_test_", KeyKind::Client, KeyEnvironment::Test},
}};

const Prefix* prefixOf(std::string_view text) {
    for (const auto& prefix : kPrefixes) {
        if (text.starts_with(prefix.text))
            return &prefix;
    }
    return nullptr;
}

std::string checksumOf(std::string_view text) {
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    std::uint32_t value = crc.checksum();
    std::string digits(kApiKeyChecksumLength, kBase62[0]);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        *digit = kBase62[value % kBase62.size()];
        value /= static_cast<std::uint32_t>(kBase62.size());
    }
    return digits;
}

}  // namespace

Secret generateApiKey(KeyKind kind, KeyEnvironment environment) {
    std::string key;
    // One allocation, so that no half-built copy stays behind in freed memory.
    key.reserve(kApiKeyLength);
    for (const auto& prefix : kPrefixes) {
        if (prefix.kind == kind && prefix.environment == environment)
            key = prefix.text;
    }
    key.reserve(kApiKeyLength);
    constexpr unsigned limit = 256 - 256 % kBase62.size();
    while (key.size() < kApiKeyPrefixLength + kApiKeyRandomLength) {
        std::array<unsigned char, 32> bytes;
        fillRandom(bytes);
        for (unsigned char byte : bytes) {
            if (byte < limit && key.size() < kApiKeyPrefixLength + kApiKeyRandomLength)
                key += kBase62[byte % kBase62.size()];
        }
    }
    key += checksumOf(key);
    return Secret(std::move(key));
}

Expected<ParsedApiKey, KeyFault> parseApiKey(std::string_view text) {
    if (text.empty())
        return Unexpected(KeyFault::Empty);
    const Prefix* prefix = prefixOf(text);
    if (prefix == nullptr)
        return Unexpected(KeyFault::UnknownPrefix);
    if (text.size() > kApiKeyLength)
        return Unexpected(KeyFault::TooLong);
    if (text.substr(kApiKeyPrefixLength).find_first_not_of(kBase62) != std::string_view::npos)
        return Unexpected(KeyFault::BadCharacter);
    if (text.size() < kApiKeyLength)
        return Unexpected(KeyFault::TooShort);
    // The checksum guards against slips of the hand and is no secret: anybody can compute it.
    if (checksumOf(text.substr(0, kApiKeyLength - kApiKeyChecksumLength)) !=
        text.substr(kApiKeyLength - kApiKeyChecksumLength))
        return Unexpected(KeyFault::BadChecksum);
    return ParsedApiKey{prefix->kind, prefix->environment, hashApiKey(text)};
}

Digest hashApiKey(std::string_view key) { return sha256(key); }

std::string describe(KeyFault fault) {
    std::string what;
    switch (fault) {
        case KeyFault::Empty: what = "The key is empty."; break;
        case KeyFault::UnknownPrefix: what = "The key does not start as keys of this server do."; break;
        case KeyFault::TooShort: what = "The key is too short: its end is missing."; break;
        case KeyFault::TooLong: what = "The key is too long: something follows it."; break;
        case KeyFault::BadCharacter: what = "The key holds a character that is neither a letter nor a digit."; break;
        case KeyFault::BadChecksum: what = "The key is mistyped: its checksum does not fit."; break;
    }
    return what + ' ' + std::string(kExample);
}

std::string maskApiKey(std::string_view key) {
    constexpr std::string_view ellipsis = "\u2026";
    const Prefix* prefix = prefixOf(key);
    if (prefix == nullptr || key.size() != kApiKeyLength)
        return std::string(ellipsis);
    return std::string(prefix->text) + std::string(ellipsis) + std::string(key.substr(kApiKeyLength - 4));
}

std::string_view toString(KeyKind kind) { return kind == KeyKind::Server ? "server" : "client"; }

}  // namespace xshathra::auth
