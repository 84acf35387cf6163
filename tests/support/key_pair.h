#pragma once

#include "server/auth/algorithm.h"
#include "server/auth/public_key.h"

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace xshathra::test {

/// A key pair made for one test by OpenSSL: signs tokens as a backend does, and shows its public half in the forms that
/// a configuration or key set has it.
class KeyPair {
public:
    /// Aborts the test program where OpenSSL can't.
    static KeyPair make(auth::PublicKey::Kind kind, int rsaBits = 2048);

    /// "-----BEGIN PUBLIC KEY-----..."
    std::string pem() const;
    /// A self-signed certificate with the key.
    std::string certificate() const;
    /// A JSON Web Key with `kid`, and `more` (for example `,"alg":"RS256"`) behind its members.
    std::string jwk(const std::string& kid, const std::string& more = R"(,"use":"sig")") const;
    /// The same with private members, which no key set should have.
    std::string privateJwk(const std::string& kid) const;

    /// The signature as a token has it, before base64url.
    std::string sign(auth::Algorithm algorithm, std::string_view message) const;
    /// header.claims.signature; `moreHeader`, for example `,"kid":"a"`, stands behind `alg`.
    std::string token(auth::Algorithm algorithm, const std::string& claims, const std::string& moreHeader = {}) const;

private:
    KeyPair(std::shared_ptr<evp_pkey_st> key, auth::PublicKey::Kind kind) : key_(std::move(key)), kind_(kind) {}

    std::shared_ptr<evp_pkey_st> key_;
    auth::PublicKey::Kind kind_;
};

/// header.claims.signature by HS256, HS384 or HS512.
std::string hmacToken(auth::Algorithm algorithm, const std::string& secret, const std::string& claims,
                      const std::string& moreHeader = {});

/// `{"keys":[...]}`
std::string keySet(std::initializer_list<std::string> keys);

}  // namespace xshathra::test
