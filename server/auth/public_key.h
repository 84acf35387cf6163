#pragma once

#include "server/auth/algorithm.h"
#include "server/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct evp_pkey_st;

namespace xshathra::auth {

/// Shorter RSA keys are refused, as Go's crypto/rsa and so Centrifugo refuse them.
inline constexpr std::size_t kMinRsaBits = 1024;
/// Longer RSA keys are refused: the time for one signature grows with the square of the length.
inline constexpr std::size_t kMaxRsaBits = 16384;

/// A public key that signatures are checked with. Its kind decides which algorithms it can serve, so that no header can
/// make an RSA key serve as an HMAC secret. Immutable, thread-safe, cheap to copy.
class PublicKey {
public:
    enum class Kind : std::uint8_t { Rsa, P256, P384, P521, Ed25519 };

    /// From PEM: SubjectPublicKeyInfo ("PUBLIC KEY", RFC 7468 section 13) or an X.509 certificate. Errors:
    /// `invalid_argument` saying what was found.
    static Result<PublicKey> fromPem(std::string_view pem);
    /// From the big-endian numbers of a JSON Web Key (RFC 7518 section 6.3.1).
    static std::optional<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
    /// From the coordinates of a JSON Web Key (RFC 7518 section 6.2.1), which must have the curve's full length and
    /// name a point on it. `curve` is P256, P384 or P521.
    static std::optional<PublicKey> ec(Kind curve, std::string_view x, std::string_view y);
    /// From the 32 bytes of a JSON Web Key (RFC 8037 section 2).
    static std::optional<PublicKey> ed25519(std::string_view x);

    Kind kind() const { return kind_; }
    /// Whether keys of this kind make such signatures: RS* for RSA; ES256, ES384, ES512 each for its one curve; EdDSA
    /// for Ed25519.
    bool serves(Algorithm algorithm) const;
    /// Whether `signature` is this key's for `message`. ES signatures are r and s one after the other (RFC 7518 section
    /// 3.4). False also where the key doesn't serve the algorithm.
    bool verifies(Algorithm algorithm, std::string_view message, std::string_view signature) const;

private:
    PublicKey(std::shared_ptr<evp_pkey_st> key, Kind kind) : key_(std::move(key)), kind_(kind) {}
    static std::optional<PublicKey> adopt(evp_pkey_st* key);

    std::shared_ptr<evp_pkey_st> key_;
    Kind kind_;
};

/// "an RSA key", "a P-256 key"... for people.
std::string_view describe(PublicKey::Kind kind);

}  // namespace xshathra::auth
