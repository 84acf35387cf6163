#pragma once

#include "server/auth/algorithm.h"
#include "server/auth/check.h"
#include "server/auth/claim_pattern.h"
#include "server/auth/claims.h"
#include "server/auth/key_source.h"
#include "server/auth/public_key.h"
#include "server/auth/secret.h"
#include "server/auth/token_rules.h"
#include "server/base/clock.h"
#include "server/base/expected.h"
#include "server/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::auth {

/// How far token times may be off. Zero, as in Centrifugo: client and server of a development machine share a clock.
inline constexpr Seconds kTokenLeeway{0};
/// The longest leeway that may be configured.
inline constexpr Seconds kMaxTokenLeeway{5};
/// Bounds and default of the life that the token endpoints grant.
inline constexpr Seconds kMinTokenTtl{30};
inline constexpr Seconds kMaxTokenTtl{3600};
inline constexpr Seconds kDefaultTokenTtl{900};
/// A longer text is refused before it is decoded; it can't be longer in a client message either.
inline constexpr std::size_t kMaxTokenBytes = 65536;
/// HMAC secrets are made with this many random bytes (RFC 7518 section 3.2 asks for at least 32 with HS256).
inline constexpr std::size_t kHmacSecretBytes = 32;

/// One key that signatures are accepted from.
struct VerificationKey {
    /// The one algorithm it is good for: a header can't choose another.
    Algorithm algorithm = Algorithm::HS256;
    /// The HMAC secret's bytes. Not looked at for RS, ES and EdDSA.
    Secret secret;
    /// How the key is called in the list of checks: "current key", "previous key".
    std::string name;
    /// Wall time since 1970 after which the key is accepted no more (rotation). Absent: no end.
    std::optional<Nanoseconds> validUntil;
    /// For RS, ES and EdDSA. Not looked at for HS.
    std::optional<PublicKey> publicKey = std::nullopt;
};

/// The keys tokens are verified with, tried in order. An algorithm without a key is refused.
struct VerificationKeys {
    std::vector<VerificationKey> keys;

    /// The usual set: a current HS256 secret, and during a rotation the previous one. An empty secret adds no key.
    static VerificationKeys hs256(Secret current, Secret previous = {},
                                  std::optional<Nanoseconds> previousValidUntil = std::nullopt);

    /// Adds HS256, HS384 and HS512 with this secret. An empty secret adds nothing.
    void addHmac(const Secret& secret, const std::string& name, std::optional<Nanoseconds> validUntil = std::nullopt);
    /// Adds every algorithm that the key serves.
    void addPublic(const PublicKey& key, const std::string& name);
};

/// What a verifier demands beyond a good signature.
struct VerifierOptions {
    VerificationKeys keys;
    /// With it the keys come from there alone and `keys` is not used. Its placeholders are filled from the groups of
    /// the two patterns.
    std::optional<JwksEndpoint> jwks;
    /// Holds the keys of `jwks`. Null: none can be had.
    std::shared_ptr<KeySource> keySource;
    /// The one audience that `aud` must hold, or what one of its texts must match. Absent: not checked.
    std::optional<std::string> audience;
    std::optional<ClaimPattern> audiencePattern;
    /// What `iss` must be, or what it must match. Absent: not checked.
    std::optional<std::string> issuer;
    std::optional<ClaimPattern> issuerPattern;
    /// The claim that holds the user id instead of `sub`.
    std::string userIdClaim = "sub";
    TokenRules rules = TokenRules::Product;
    /// Believe every token without looking at its algorithm and signature.
    bool skipSignature = false;
    /// Refuse tokens without `exp`. Tokens of this product always have one; a Centrifugo backend's need not.
    bool requireExpiry = true;
    /// At most kMaxTokenLeeway; more is cut to it.
    Seconds leeway = kTokenLeeway;
};

enum class TokenErrorKind : std::uint8_t {
    /// Not three canonical base64url parts, or header or claims are not the JSON that is allowed.
    Malformed,
    /// The header names an algorithm without a configured key, or has fields that are refused.
    Algorithm,
    Signature,
    /// The key is in a key set that isn't in memory, or not in the set; see Verification::keyNeeded.
    Key,
    /// A claim has the wrong type, or one that is needed is missing.
    Claims,
    Issuer,
    Audience,
    /// `projectId` is another project's.
    Project,
    /// A connection token has `channel`, or a subscription token has none.
    Channel,
    Expired,
    NotYetValid,
    /// `b64info` of a connection token is not base64. Only under Centrifugo's rules, which treat it as a fault of their
    /// own (error 100 on the wire).
    Payload,
};

std::string_view toString(TokenErrorKind kind);

/// Why a token was refused. Holds nothing of the token but claim names and times.
struct TokenError {
    TokenErrorKind kind = TokenErrorKind::Malformed;
    /// One sentence for people, for example "The token expired 41 s ago."
    std::string detail;

    /// Whether a fresh token of the same kind would pass: `exp` is over or `nbf` not yet reached (error 109 on the
    /// wire).
    bool isAboutTime() const { return kind == TokenErrorKind::Expired || kind == TokenErrorKind::NotYetValid; }
};

/// The outcome of a verification with all its steps in order, also those that were not reached.
template <typename Claims>
struct Verification {
    Expected<Claims, TokenError> outcome;
    std::vector<Check> checks;
    /// The outcome is TokenErrorKind::Key only because this key is not in memory: have VerifierOptions::keySource fetch
    /// it and verify again. Still set after that, the token is invalid.
    std::optional<KeyRequest> keyNeeded;
};

/// Verifies connection and subscription tokens in the order of reference 20.2: parse, claims, patterns of issuer and
/// audience, signature, issuer and audience, project, channel rule, times. Under the product's rules the header is
/// judged more strictly than by RFC 7515: exactly `alg` and, optionally, `typ: JWT`; anything else, twice the same
/// field, padding or trailing bytes are refused. Under Centrifugo's rules `projectId` is a claim like others and not
/// judged; of a subscription token the times are judged before its channel. Immutable, thread-safe.
class TokenVerifier {
public:
    /// `clock` must outlive the verifier; its wall time decides.
    TokenVerifier(const Clock& clock, VerifierOptions options);

    /// `expectedProject` empty: any `projectId`, or none, passes and the caller decides by the claims. Otherwise a
    /// token with another project is refused; one without `projectId` passes.
    Verification<ConnectClaims> verifyConnection(std::string_view token, std::string_view expectedProject = {}) const;
    Verification<SubscribeClaims> verifySubscription(std::string_view token,
                                                     std::string_view expectedProject = {}) const;

    /// The key that a verification would need and that is not in memory. Nothing where it would come to an end without,
    /// so always without a key set.
    std::optional<KeyRequest> neededKey(std::string_view token, TokenUse use) const;

    const VerifierOptions& options() const { return options_; }

private:
    const Clock& clock_;
    VerifierOptions options_;
};

/// The `projectId` that a token claims, before anything is verified: only to choose whose keys verify it. Nothing where
/// the token can't be read or has none.
std::optional<std::string> unverifiedProjectId(std::string_view token);

/// A token taken apart for a person to look at; says nothing about whether it is genuine.
struct DecodedToken {
    /// Raw JSON texts of the first two parts.
    std::string header;
    std::string claims;
};

/// Takes a token apart without verifying it (the console's decoder). Errors: `invalid_token`.
Result<DecodedToken> decodeToken(std::string_view token);

/// What goes into a new connection token.
struct ConnectTokenSpec {
    std::string user;
    std::string projectId;
    /// Wall time in seconds since 1970. Absent: the token never expires.
    std::optional<std::int64_t> expiresAt;
    std::optional<std::int64_t> issuedAt;
    std::optional<std::int64_t> notBefore;
    std::vector<std::string> channels;
    /// Raw JSON, written as it is; empty: no such claim.
    std::string infoJson;
    std::string metaJson;
    std::string audience;
    std::string issuer;
};

/// What goes into a new subscription token.
struct SubscribeTokenSpec {
    std::string user;
    std::string projectId;
    std::string channel;
    std::optional<std::int64_t> expiresAt;
    std::optional<std::int64_t> issuedAt;
    std::optional<std::int64_t> notBefore;
    std::string infoJson;
    std::string dataJson;
    std::string audience;
    std::string issuer;
};

/// What a signer puts into tokens by itself, so that they are what the same project's verifier demands.
struct SignerOptions {
    Secret secret;
    /// `aud` and `iss` of tokens whose spec names none; empty: left out.
    std::string audience;
    std::string issuer;
    /// The claim that holds the user id beside `sub`. None of the claims that a token has anyway.
    std::string userIdClaim = "sub";
};

/// Mints HS256 tokens, which every verifier with an HMAC secret accepts. Immutable, thread-safe.
class TokenSigner {
public:
    explicit TokenSigner(Secret secret) { options_.secret = std::move(secret); }
    explicit TokenSigner(SignerOptions options) : options_(std::move(options)) {}

    /// Texts must be UTF-8 and `infoJson`, `metaJson` (an object), `dataJson` JSON. Errors: `invalid_argument` with the
    /// field's name as the product's REST API calls it (`userId`, `channels`, `info`, `meta`, `channel`, `data`); on
    /// `userId` also where SignerOptions::userIdClaim is a claim with a meaning of its own.
    Result<std::string> sign(const ConnectTokenSpec& spec) const;
    Result<std::string> sign(const SubscribeTokenSpec& spec) const;
    /// A token with these claims, which must be a JSON object: for tests and for the console's own experiments.
    std::string signRaw(std::string_view claimsJson) const;

private:
    SignerOptions options_;
};

/// Whether a token may be granted for so long. Errors: `invalid_argument` on field `ttlSeconds` naming value and
/// bounds.
Result<void> checkTokenTtl(std::int64_t seconds);

/// A fresh random HMAC secret of kHmacSecretBytes, in base64url so that it can be copied into other programs.
Secret makeHmacSecret();

}  // namespace xshathra::auth
