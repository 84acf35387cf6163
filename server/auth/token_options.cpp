#include "server/auth/token_options.h"

#include "server/auth/user_claim.h"

#include <utility>

namespace xshathra::auth {

namespace {

/// The full name of an option, and an error about it.
class Names {
public:
    explicit Names(std::string_view prefix) : prefix_(prefix) {}

    std::string of(const char* option) const { return prefix_ + '.' + option; }
    Unexpected<Error> fault(const char* option, const std::string& predicate) const {
        return fail("invalid_argument", of(option) + " " + predicate, of(option));
    }

private:
    std::string prefix_;
};

using MaybeFault = std::optional<Unexpected<Error>>;

/// Reads the keys that stand in the configuration. They are read, and so judged, also where a key set takes their
/// place.
MaybeFault addKeys(const TokenOptions& options, const Names& names, VerificationKeys& keys) {
    keys.addHmac(options.hmacSecretKey, "hmac_secret_key");
    struct Pem {
        const char* option;
        const std::string& text;
        bool rsa;
    };
    for (const auto& pem :
         {Pem{"rsa_public_key", options.rsaPublicKey, true}, Pem{"ecdsa_public_key", options.ecdsaPublicKey, false}}) {
        if (pem.text.empty())
            continue;
        const auto key = PublicKey::fromPem(pem.text);
        if (!key)
            return names.fault(pem.option, key.error().message);
        const bool isRsa = key->kind() == PublicKey::Kind::Rsa;
        if (isRsa != pem.rsa || key->kind() == PublicKey::Kind::Ed25519)
            return names.fault(pem.option, "is " + std::string(describe(key->kind())) + "; " +
                                               (pem.rsa ? "an RSA key" : "a P-256, P-384 or P-521 key") +
                                               " is needed.");
        keys.addPublic(*key, pem.option);
    }
    if (options.hmacPreviousSecretKey.empty())
        return std::nullopt;
    std::optional<Nanoseconds> end;
    // The option names the last second in which the secret is good. Beyond three centuries there is no end.
    if (const auto last = options.hmacPreviousSecretKeyValidUntil; last > 0 && last < 9'000'000'000)
        end = Nanoseconds(Seconds(last + 1));
    keys.addHmac(options.hmacPreviousSecretKey, "hmac_previous_secret_key", end);
    return std::nullopt;
}

MaybeFault addPattern(const std::string& expression, const char* option, const Names& names,
                      std::optional<ClaimPattern>& pattern) {
    if (expression.empty())
        return std::nullopt;
    auto compiled = ClaimPattern::compile(expression);
    if (!compiled)
        return names.fault(option, compiled.error().message);
    pattern = std::move(*compiled);
    return std::nullopt;
}

MaybeFault addKeySet(const TokenOptions& options, const Names& names, VerifierOptions& result) {
    if (options.jwksPublicEndpoint.empty())
        return std::nullopt;
    auto endpoint = JwksEndpoint::parse(options.jwksPublicEndpoint);
    if (!endpoint)
        return names.fault("jwks_public_endpoint", endpoint.error().message);
    if (!options.insecureSkipJwksEndpointSafetyCheck) {
        if (const auto danger = endpoint->danger(options.issuerRegex))
            return names.fault("issuer_regex", *danger);
        if (const auto danger = endpoint->danger(options.audienceRegex))
            return names.fault("audience_regex", *danger);
    }
    result.jwks = std::move(*endpoint);
    return std::nullopt;
}

std::optional<std::string> unlessEmpty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

Result<VerifierOptions> makeVerifierOptions(const TokenOptions& options, std::string_view prefix) {
    const Names names(prefix);
    if (!options.audience.empty() && !options.audienceRegex.empty())
        return names.fault("audience_regex", "can't stand beside " + names.of("audience") + "; set one of them.");
    if (!options.issuer.empty() && !options.issuerRegex.empty())
        return names.fault("issuer_regex", "can't stand beside " + names.of("issuer") + "; set one of them.");
    VerifierOptions result;
    result.rules = TokenRules::Centrifugo;
    result.requireExpiry = false;
    result.audience = unlessEmpty(options.audience);
    result.issuer = unlessEmpty(options.issuer);
    if (!options.userIdClaim.empty()) {
        if (!isUserIdClaim(options.userIdClaim))
            return names.fault("user_id_claim",
                               "is not the name of a claim; allowed are ASCII letters and underscores.");
        result.userIdClaim = options.userIdClaim;
    }
    if (auto fault = addKeys(options, names, result.keys))
        return std::move(*fault);
    if (auto fault = addPattern(options.audienceRegex, "audience_regex", names, result.audiencePattern))
        return std::move(*fault);
    if (auto fault = addPattern(options.issuerRegex, "issuer_regex", names, result.issuerPattern))
        return std::move(*fault);
    if (auto fault = addKeySet(options, names, result))
        return std::move(*fault);
    return result;
}

Result<TokenVerifiers> makeVerifiers(const Clock& clock, const ClientTokenOptions& options,
                                     std::shared_ptr<KeySource> keys) {
    const auto make = [&](const TokenOptions& one,
                          std::string_view prefix) -> Result<std::shared_ptr<const TokenVerifier>> {
        auto made = makeVerifierOptions(one, prefix);
        if (!made)
            return Unexpected<Error>(std::move(made).error());
        made->skipSignature = options.insecureSkipTokenSignatureVerify;
        made->keySource = keys;
        return std::make_shared<const TokenVerifier>(clock, std::move(*made));
    };
    TokenVerifiers result;
    auto connection = make(options.token, "client.token");
    if (!connection)
        return Unexpected<Error>(std::move(connection).error());
    result.connection = std::move(*connection);
    if (options.subscriptionTokenEnabled) {
        auto subscription = make(options.subscriptionToken, "client.subscription_token");
        if (!subscription)
            return Unexpected<Error>(std::move(subscription).error());
        result.subscription = std::move(*subscription);
    }
    return result;
}

}  // namespace xshathra::auth
