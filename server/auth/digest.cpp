#include "server/auth/digest.h"

#include "server/base/ascii.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <limits>

namespace xshathra::auth {

namespace {

const unsigned char* bytesOf(std::string_view text) {
    // OpenSSL takes a null pointer for "not given", which an empty view may hold.
    static constexpr unsigned char kNothing = 0;
    return text.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(text.data());
}

std::string hexOf(const unsigned char* bytes, std::size_t size) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(size * 2);
    for (std::size_t i = 0; i < size; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

}  // namespace

Digest sha256(std::string_view bytes) {
    Digest digest;
    SHA256(bytesOf(bytes), bytes.size(), digest.data());
    return digest;
}

Digest hmacSha256(std::string_view key, std::string_view message) {
    Digest digest;
    unsigned int length = 0;
    // A key past the range of int is hashed first, as HMAC does itself with every key longer than a block.
    if (key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        const Digest hashed = sha256(key);
        return hmacSha256({reinterpret_cast<const char*>(hashed.data()), hashed.size()}, message);
    }
    const auto* result = HMAC(EVP_sha256(), bytesOf(key), static_cast<int>(key.size()), bytesOf(message),
                              message.size(), digest.data(), &length);
    // Without a working SHA-256 every signature check that follows would be wrong.
    if (result == nullptr || length != digest.size())
        std::abort();
    return digest;
}

std::size_t hmacLength(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::HS256: return SHA256_DIGEST_LENGTH;
        case Algorithm::HS384: return SHA384_DIGEST_LENGTH;
        case Algorithm::HS512: return SHA512_DIGEST_LENGTH;
        default: return 0;
    }
}

bool isHmac(Algorithm algorithm, std::string_view key, std::string_view message, std::string_view given) {
    const auto wanted = hmacLength(algorithm);
    if (wanted == 0 || given.size() != wanted || key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        return false;
    const auto* hash = algorithm == Algorithm::HS256   ? EVP_sha256()
                       : algorithm == Algorithm::HS384 ? EVP_sha384()
                                                       : EVP_sha512();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    if (HMAC(hash, bytesOf(key), static_cast<int>(key.size()), bytesOf(message), message.size(), digest.data(),
             &length) == nullptr)
        return false;
    return length == wanted && CRYPTO_memcmp(digest.data(), bytesOf(given), wanted) == 0;
}

bool equalDigests(const Digest& a, const Digest& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string toHex(const Digest& digest) { return hexOf(digest.data(), digest.size()); }

std::optional<Digest> digestFromHex(std::string_view text) {
    Digest digest;
    if (text.size() != digest.size() * 2)
        return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = hexValue(text[2 * i]);
        const int low = hexValue(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        digest[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return digest;
}

std::string fingerprint(std::string_view secret) {
    const Digest digest = sha256(secret);
    return hexOf(digest.data(), 4);
}

}  // namespace xshathra::auth
