#pragma once

#include "server/auth/jwt.h"
#include "server/auth/secret.h"
#include "server/base/clock.h"
#include "server/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace xshathra::auth {

class KeySource;

/// Centrifugo's `client.token.*`, one member for each option of v6, with its defaults. What is configured here decides
/// which algorithms are accepted: HS256/384/512 by the HMAC secrets, RS256/384/512 by the RSA key, ES256/384/512 by the
/// ECDSA key. With `jwksPublicEndpoint` the keys come from there alone (RS, ES and EdDSA), and the other keys are not
/// used.
struct TokenOptions {
    Secret hmacSecretKey;
    /// Accepted beside hmacSecretKey during a rotation.
    Secret hmacPreviousSecretKey;
    /// Last second since 1970 in which hmacPreviousSecretKey is accepted; 0: no end.
    std::int64_t hmacPreviousSecretKeyValidUntil = 0;
    /// PEM: a public key (SubjectPublicKeyInfo) or a certificate. Empty: none.
    std::string rsaPublicKey;
    /// As rsaPublicKey. Its curve decides which one of ES256, ES384 and ES512 is accepted.
    std::string ecdsaPublicKey;
    /// URL of a JSON Web Key Set (RFC 7517), `http` or `https`. `{{name}}` in it stands for the named group of
    /// issuerRegex or audienceRegex.
    std::string jwksPublicEndpoint;
    /// What `aud` must hold, or a regular expression one of its texts must match; at most one of the two.
    std::string audience;
    std::string audienceRegex;
    /// The same for `iss`.
    std::string issuer;
    std::string issuerRegex;
    /// The claim with the user id, made of ASCII letters and underscores. Empty: `sub`.
    std::string userIdClaim;
    /// Allows named groups in the URL that match more than a list of fixed texts.
    bool insecureSkipJwksEndpointSafetyCheck = false;
};

/// Everything that Centrifugo's configuration says about tokens.
struct ClientTokenOptions {
    /// `client.token`: connection tokens, and subscription tokens unless they have their own options.
    TokenOptions token;
    /// `client.subscription_token.enabled`
    bool subscriptionTokenEnabled = false;
    /// `client.subscription_token`: used only where enabled, and then alone; nothing is inherited.
    TokenOptions subscriptionToken;
    /// `client.insecure_skip_token_signature_verify`: claims are believed without a signature.
    bool insecureSkipTokenSignatureVerify = false;
};

/// The verifiers of one project.
struct TokenVerifiers {
    /// Never null.
    std::shared_ptr<const TokenVerifier> connection;
    /// Null: `connection` verifies subscription tokens too.
    std::shared_ptr<const TokenVerifier> subscription;
};

/// The verifier's options for Centrifugo's. `prefix` names the options in errors, for example `client.token`. Errors:
/// `invalid_argument` with the option's full name as field: a PEM text or regular expression that can't be read, an
/// URL that is none, `audience` beside `audience_regex`, an URL's group that the safety check refuses.
Result<VerifierOptions> makeVerifierOptions(const TokenOptions& options, std::string_view prefix);

/// Both verifiers with Centrifugo's rules. `clock` must outlive them. `keys` gives the keys of JWKS endpoints; null:
/// none can be fetched, so that such tokens are invalid. Errors as makeVerifierOptions().
Result<TokenVerifiers> makeVerifiers(const Clock& clock, const ClientTokenOptions& options,
                                     std::shared_ptr<KeySource> keys);

}  // namespace xshathra::auth
