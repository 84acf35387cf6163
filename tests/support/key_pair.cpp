#include "tests/support/key_pair.h"

#include "server/auth/base64.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace xshathra::test {

using auth::Algorithm;
using Kind = auth::PublicKey::Kind;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

const char* curveName(Kind kind) { return kind == Kind::P256 ? "P-256" : kind == Kind::P384 ? "P-384" : "P-521"; }

int curveBytes(Kind kind) { return kind == Kind::P256 ? 32 : kind == Kind::P384 ? 48 : 66; }

const EVP_MD* hashOf(Algorithm algorithm) {
    if (algorithm == Algorithm::EdDSA)
        return nullptr;
    const auto name = auth::toString(algorithm);
    return name.substr(2) == "256" ? EVP_sha256() : name.substr(2) == "384" ? EVP_sha384() : EVP_sha512();
}

const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string textOf(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

std::string numberOf(EVP_PKEY* key, const char* name, int bytes = 0) {
    BIGNUM* number = nullptr;
    require(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    std::string text(static_cast<std::size_t>(bytes != 0 ? bytes : BN_num_bytes(number)), '\0');
    require(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(text.size())) >= 0);
    BN_free(number);
    return auth::encodeBase64Url(text);
}

std::string member(const char* name, const std::string& value) {
    return std::string(",\"") + name + "\":\"" + value + '"';
}

std::string headerOf(Algorithm algorithm, const std::string& more) {
    return "{\"alg\":\"" + std::string(auth::toString(algorithm)) + "\"" + more + "}";
}

}  // namespace

KeyPair KeyPair::make(Kind kind, int rsaBits) {
    EVP_PKEY* key = kind == Kind::Rsa       ? EVP_RSA_gen(static_cast<unsigned int>(rsaBits))
                    : kind == Kind::Ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                            : EVP_EC_gen(curveName(kind));
    require(key != nullptr);
    return {std::shared_ptr<evp_pkey_st>(key, [](evp_pkey_st* one) { EVP_PKEY_free(one); }), kind};
}

std::string KeyPair::pem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    require(PEM_write_bio_PUBKEY(bio, key_.get()) == 1);
    return textOf(bio);
}

std::string KeyPair::certificate() const {
    X509* certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key_.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, bytesOf("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    require(X509_sign(certificate, key_.get(), kind_ == Kind::Ed25519 ? nullptr : EVP_sha256()) > 0);
    BIO* bio = BIO_new(BIO_s_mem());
    require(PEM_write_bio_X509(bio, certificate) == 1);
    X509_free(certificate);
    return textOf(bio);
}

std::string KeyPair::jwk(const std::string& kid, const std::string& more) const {
    std::string key;
    if (kind_ == Kind::Rsa) {
        key = R"({"kty":"RSA")" + member("n", numberOf(key_.get(), OSSL_PKEY_PARAM_RSA_N)) +
              member("e", numberOf(key_.get(), OSSL_PKEY_PARAM_RSA_E));
    } else if (kind_ == Kind::Ed25519) {
        std::array<unsigned char, 32> bytes{};
        std::size_t size = bytes.size();
        require(EVP_PKEY_get_raw_public_key(key_.get(), bytes.data(), &size) == 1);
        key = R"({"kty":"OKP","crv":"Ed25519")" +
              member("x", auth::encodeBase64Url({reinterpret_cast<const char*>(bytes.data()), size}));
    } else {
        key = R"({"kty":"EC","crv":")" + std::string(curveName(kind_)) + '"' +
              member("x", numberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, curveBytes(kind_))) +
              member("y", numberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, curveBytes(kind_)));
    }
    return key + member("kid", kid) + more + "}";
}

std::string KeyPair::privateJwk(const std::string& kid) const {
    return jwk(kid, R"(,"use":"sig","d":"AQAB","p":"AQAB","q":"AQAB")");
}

std::string KeyPair::sign(Algorithm algorithm, std::string_view message) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    require(EVP_DigestSignInit(context, nullptr, hashOf(algorithm), nullptr, key_.get()) == 1);
    std::size_t size = 0;
    require(EVP_DigestSign(context, nullptr, &size, bytesOf(message), message.size()) == 1);
    std::string signature(size, '\0');
    require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytesOf(message),
                           message.size()) == 1);
    EVP_MD_CTX_free(context);
    signature.resize(size);
    if (kind_ == Kind::Rsa || kind_ == Kind::Ed25519)
        return signature;
    const unsigned char* at = bytesOf(signature);
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
    const int half = curveBytes(kind_);
    std::string raw(static_cast<std::size_t>(2 * half), '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    require(BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, half) == half);
    require(BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + half, half) == half);
    ECDSA_SIG_free(pair);
    return raw;
}

std::string KeyPair::token(Algorithm algorithm, const std::string& claims, const std::string& moreHeader) const {
    const auto text = auth::encodeBase64Url(headerOf(algorithm, moreHeader)) + '.' + auth::encodeBase64Url(claims);
    return text + '.' + auth::encodeBase64Url(sign(algorithm, text));
}

std::string hmacToken(Algorithm algorithm, const std::string& secret, const std::string& claims,
                      const std::string& moreHeader) {
    const auto text = auth::encodeBase64Url(headerOf(algorithm, moreHeader)) + '.' + auth::encodeBase64Url(claims);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    require(HMAC(hashOf(algorithm), secret.data(), static_cast<int>(secret.size()), bytesOf(text), text.size(),
                 digest.data(), &size) != nullptr);
    return text + '.' + auth::encodeBase64Url({reinterpret_cast<const char*>(digest.data()), size});
}

std::string keySet(std::initializer_list<std::string> keys) {
    std::string json;
    for (const auto& key : keys)
        json += (json.empty() ? "" : ",") + key;
    return "{\"keys\":[" + json + "]}";
}

}  // namespace xshathra::test
