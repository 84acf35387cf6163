#include "server/auth/cipher.h"

#include "server/base/ids.h"

#include <openssl/evp.h>

#include <limits>
#include <memory>
#include <span>

namespace xshathra::auth {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMaxPlain = 64 * 1024 * 1024;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* in(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* out(std::string& text, std::size_t offset = 0) {
    return reinterpret_cast<unsigned char*>(text.data()) + offset;
}

Unexpected<Error> invalidKey() { return fail("invalid_key", "The encryption key must be 32 bytes long."); }

}  // namespace

Secret makeCipherKey() {
    std::string key(kCipherKeyBytes, '\0');
    fillRandom(std::span(out(key), key.size()));
    return Secret(std::move(key));
}

Result<std::string> seal(const Secret& key, std::string_view plain, std::string_view aad) {
    if (key.size() != kCipherKeyBytes)
        return invalidKey();
    const auto failed = [] { return fail("cipher_failed", "The value could not be encrypted."); };
    if (plain.size() > kMaxPlain || aad.size() > kMaxPlain)
        return failed();
    std::string sealed(kCipherOverhead + plain.size(), '\0');
    sealed[0] = kVersion;
    fillRandom(std::span(out(sealed, 1), kNonceBytes));
    const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int written = 0;
    int last = 0;
    unsigned char* body = out(sealed, 1 + kNonceBytes);
    if (context == nullptr ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key.expose()), out(sealed, 1)) != 1 ||
        EVP_EncryptUpdate(context.get(), nullptr, &written, in(aad), static_cast<int>(aad.size())) != 1 ||
        EVP_EncryptUpdate(context.get(), body, &written, in(plain), static_cast<int>(plain.size())) != 1 ||
        EVP_EncryptFinal_ex(context.get(), body + written, &last) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, body + plain.size()) != 1)
        return failed();
    return sealed;
}

Result<Secret> open(const Secret& key, std::string_view sealed, std::string_view aad) {
    if (key.size() != kCipherKeyBytes)
        return invalidKey();
    const auto failed = [] {
        return fail("cipher_failed", "The stored value was changed, or it was encrypted with another key.");
    };
    if (sealed.size() < kCipherOverhead || sealed.size() > kMaxPlain + kCipherOverhead || aad.size() > kMaxPlain ||
        sealed[0] != kVersion)
        return failed();
    const auto nonce = sealed.substr(1, kNonceBytes);
    const auto body = sealed.substr(1 + kNonceBytes, sealed.size() - kCipherOverhead);
    std::string tag(sealed.substr(sealed.size() - kTagBytes));
    std::string plain(body.size(), '\0');
    const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int written = 0;
    int last = 0;
    if (context == nullptr ||
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key.expose()), in(nonce)) != 1 ||
        EVP_DecryptUpdate(context.get(), nullptr, &written, in(aad), static_cast<int>(aad.size())) != 1 ||
        EVP_DecryptUpdate(context.get(), out(plain), &written, in(body), static_cast<int>(body.size())) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, out(tag)) != 1 ||
        EVP_DecryptFinal_ex(context.get(), out(plain) + written, &last) != 1) {
        cleanse(plain);
        return failed();
    }
    return Secret(std::move(plain));
}

}  // namespace xshathra::auth
