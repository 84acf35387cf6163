#include "server/auth/public_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace xshathra::auth {

namespace {

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
void freeBytes(void* bytes) { OPENSSL_free(bytes); }

using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using BnPtr = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using EcSignaturePtr = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;
using ParamBuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using BytesPtr = std::unique_ptr<unsigned char, Deleter<freeBytes>>;

/// OpenSSL's errors of this thread as they were before: TLS code on the same thread reads that queue too.
class QuietErrors {
public:
    QuietErrors() { ERR_set_mark(); }
    ~QuietErrors() { ERR_pop_to_mark(); }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

const unsigned char* bytesOf(std::string_view text) {
    static constexpr unsigned char kNothing = 0;
    return text.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(text.data());
}

bool isInt(std::size_t size) { return size <= static_cast<std::size_t>(std::numeric_limits<int>::max()); }

struct CurveFacts {
    PublicKey::Kind kind;
    const char* name;
    const char* jsonName;
    std::size_t bytes;
};
constexpr std::array<CurveFacts, 3> kCurves{{{PublicKey::Kind::P256, "prime256v1", "P-256", 32},
                                             {PublicKey::Kind::P384, "secp384r1", "P-384", 48},
                                             {PublicKey::Kind::P521, "secp521r1", "P-521", 66}}};

const CurveFacts* factsOf(PublicKey::Kind kind) {
    for (const auto& facts : kCurves) {
        if (facts.kind == kind)
            return &facts;
    }
    return nullptr;
}

const EVP_MD* hashOf(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::RS256:
        case Algorithm::ES256: return EVP_sha256();
        case Algorithm::RS384:
        case Algorithm::ES384: return EVP_sha384();
        case Algorithm::RS512:
        case Algorithm::ES512: return EVP_sha512();
        default: return nullptr;
    }
}

EVP_PKEY* keyFromParams(const char* type, OSSL_PARAM_BLD* builder) {
    const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
    const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0)
        return nullptr;
    return key;
}

/// r and s, each of the curve's length, as the DER that OpenSSL wants. Empty where they can't be.
std::string derOf(std::string_view signature, std::size_t half) {
    if (signature.size() != 2 * half)
        return {};
    BnPtr r(BN_bin2bn(bytesOf(signature.substr(0, half)), static_cast<int>(half), nullptr));
    BnPtr s(BN_bin2bn(bytesOf(signature.substr(half)), static_cast<int>(half), nullptr));
    const EcSignaturePtr pair(ECDSA_SIG_new());
    if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
        return {};
    (void)r.release();
    (void)s.release();
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    if (size <= 0)
        return {};
    const BytesPtr owner(der);
    return {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
}

}  // namespace

std::string_view describe(PublicKey::Kind kind) {
    switch (kind) {
        case PublicKey::Kind::Rsa: return "an RSA key";
        case PublicKey::Kind::P256: return "a P-256 key";
        case PublicKey::Kind::P384: return "a P-384 key";
        case PublicKey::Kind::P521: return "a P-521 key";
        case PublicKey::Kind::Ed25519: return "an Ed25519 key";
    }
    return "a key";
}

std::optional<PublicKey> PublicKey::adopt(evp_pkey_st* key) {
    std::shared_ptr<evp_pkey_st> owner(key, [](evp_pkey_st* one) { EVP_PKEY_free(one); });
    if (key == nullptr)
        return std::nullopt;
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA: {
            const auto bits = static_cast<std::size_t>(EVP_PKEY_get_bits(key));
            if (bits < kMinRsaBits || bits > kMaxRsaBits)
                return std::nullopt;
            return PublicKey(std::move(owner), Kind::Rsa);
        }
        case EVP_PKEY_EC: {
            std::array<char, 64> group{};
            std::size_t length = 0;
            if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1)
                return std::nullopt;
            for (const auto& facts : kCurves) {
                if (std::string_view(group.data(), length) == facts.name)
                    return PublicKey(std::move(owner), facts.kind);
            }
            return std::nullopt;
        }
        case EVP_PKEY_ED25519: return PublicKey(std::move(owner), Kind::Ed25519);
        default: return std::nullopt;
    }
}

Result<PublicKey> PublicKey::fromPem(std::string_view pem) {
    const QuietErrors quiet;
    const BioPtr bio(isInt(pem.size()) ? BIO_new_mem_buf(bytesOf(pem), static_cast<int>(pem.size())) : nullptr);
    char* label = nullptr;
    char* headers = nullptr;
    unsigned char* der = nullptr;
    long size = 0;
    if (!bio || PEM_read_bio(bio.get(), &label, &headers, &der, &size) != 1)
        return fail("invalid_argument", "is not PEM: it must begin with -----BEGIN PUBLIC KEY-----.");
    const std::string name(label);
    freeBytes(label);
    freeBytes(headers);
    const BytesPtr owner(der);
    const unsigned char* at = der;
    EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, size);
    if (key == nullptr) {
        at = der;
        const CertificatePtr certificate(d2i_X509(nullptr, &at, size));
        key = certificate ? X509_get_pubkey(certificate.get()) : nullptr;
    }
    if (key == nullptr)
        return fail("invalid_argument",
                    "is PEM of the kind \"" + name +
                        "\", which holds no public key that can be read; PUBLIC KEY or CERTIFICATE is "
                        "needed.");
    auto adopted = adopt(key);
    if (!adopted)
        return fail("invalid_argument",
                    "is a public key of a kind that signs no tokens; RSA of 1024 to 16384 bits, the curves "
                    "P-256, P-384 and P-521, and Ed25519 are allowed.");
    return std::move(*adopted);
}

std::optional<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
    const QuietErrors quiet;
    if (modulus.size() > kMaxRsaBits || exponent.size() > kMaxRsaBits)
        return std::nullopt;
    const BnPtr n(BN_bin2bn(bytesOf(modulus), static_cast<int>(modulus.size()), nullptr));
    const BnPtr e(BN_bin2bn(bytesOf(exponent), static_cast<int>(exponent.size()), nullptr));
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    // A longer exponent would make checking a signature as dear as making one.
    if (!n || !e || !builder || BN_is_zero(e.get()) || BN_num_bits(e.get()) > 31 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        return std::nullopt;
    return adopt(keyFromParams("RSA", builder.get()));
}

std::optional<PublicKey> PublicKey::ec(Kind curve, std::string_view x, std::string_view y) {
    const QuietErrors quiet;
    const auto* facts = factsOf(curve);
    if (facts == nullptr || x.size() != facts->bytes || y.size() != facts->bytes)
        return std::nullopt;
    const std::string point = "\x04" + std::string(x) + std::string(y);
    const ParamBuilderPtr builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, facts->name, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
        return std::nullopt;
    return adopt(keyFromParams("EC", builder.get()));
}

std::optional<PublicKey> PublicKey::ed25519(std::string_view x) {
    const QuietErrors quiet;
    if (x.size() != 32)
        return std::nullopt;
    return adopt(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytesOf(x), x.size()));
}

bool PublicKey::serves(Algorithm algorithm) const {
    switch (algorithm) {
        case Algorithm::RS256:
        case Algorithm::RS384:
        case Algorithm::RS512: return kind_ == Kind::Rsa;
        case Algorithm::ES256: return kind_ == Kind::P256;
        case Algorithm::ES384: return kind_ == Kind::P384;
        case Algorithm::ES512: return kind_ == Kind::P521;
        case Algorithm::EdDSA: return kind_ == Kind::Ed25519;
        default: return false;
    }
}

bool PublicKey::verifies(Algorithm algorithm, std::string_view message, std::string_view signature) const {
    if (!serves(algorithm) || signature.empty())
        return false;
    const QuietErrors quiet;
    std::string der;
    if (const auto* facts = factsOf(kind_)) {
        der = derOf(signature, facts->bytes);
        if (der.empty())
            return false;
        signature = der;
    }
    const DigestContextPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* keyContext = nullptr;
    if (!context || EVP_DigestVerifyInit(context.get(), &keyContext, hashOf(algorithm), nullptr, key_.get()) != 1 ||
        (kind_ == Kind::Rsa && EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PADDING) <= 0))
        return false;
    return EVP_DigestVerify(context.get(), bytesOf(signature), signature.size(), bytesOf(message), message.size()) == 1;
}

}  // namespace xshathra::auth
