// Any text as a token or key set: no verifier may accept what its keys did not sign, and every result must be whole.
#include "server/auth/base64.h"
#include "server/auth/digest.h"
#include "server/auth/jwks.h"
#include "server/auth/jwt.h"
#include "server/auth/token_options.h"
#include "tests/support/manual_clock.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

using namespace xshathra;
using namespace xshathra::auth;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

template <typename Claims>
void checkShape(const Verification<Claims>& result) {
    require(!result.checks.empty());
    bool failed = false;
    for (const auto& check : result.checks) {
        require(!failed || check.outcome == Outcome::NotReached);
        failed = failed || check.outcome == Outcome::Fail;
        for (const char c : check.found + check.expected)
            require(static_cast<unsigned char>(c) >= 0x20);
    }
    require(failed == !result.outcome.has_value());
}

constexpr const char* kSecret = "the secret of the fuzz target, 32";
// The key of RFC 8037 appendix A.2.
constexpr const char* kKeySet =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
    R"("kid":"k1","use":"sig"}]})";

/// Holds the one key of kKeySet, whatever the URL.
class OneKey final : public KeySource {
public:
    std::shared_ptr<const JsonWebKey> find(const KeyRequest& request) override {
        return request.keyId == "k1" ? parseJwks(kKeySet)->front() : nullptr;
    }
    void fetch(const KeyRequest&, std::function<void()> done) override { done(); }
};

TokenVerifier centrifugoVerifier(const Clock& clock, bool keySet) {
    TokenOptions options;
    if (keySet) {
        options.jwksPublicEndpoint = "https://keys.test/{{tenant}}";
        options.issuerRegex = "^(?P<tenant>one|two)$";
    } else {
        options.hmacSecretKey = Secret(kSecret);
        options.userIdClaim = "user";
    }
    auto made = makeVerifierOptions(options, "client.token");
    require(made.has_value());
    made->keySource = std::make_shared<OneKey>();
    return {clock, std::move(*made)};
}

/// By Centrifugo's rules, with the first line as the header and the rest as the claims, under a good signature.
void checkAsCentrifugo(const Clock& clock, std::string_view input) {
    static const TokenVerifier bySecret = centrifugoVerifier(clock, false);
    static const TokenVerifier byKeySet = centrifugoVerifier(clock, true);
    for (const auto* verifier : {&bySecret, &byKeySet}) {
        const auto whole = verifier->verifyConnection(input);
        checkShape(whole);
        checkShape(verifier->verifySubscription(input));
        require(!whole.keyNeeded || !whole.outcome.has_value());
    }
    const auto end = std::min(input.find('\n'), input.size());
    const auto text =
        encodeBase64Url(input.substr(0, end)) + '.' + encodeBase64Url(input.substr(std::min(end + 1, input.size())));
    const auto digest = hmacSha256(kSecret, text);
    const auto token = text + '.' + encodeBase64Url({reinterpret_cast<const char*>(digest.data()), digest.size()});
    const auto connection = bySecret.verifyConnection(token);
    checkShape(connection);
    checkShape(bySecret.verifySubscription(token));
    // What a secret has signed is no key set's.
    const auto foreign = byKeySet.verifyConnection(token);
    checkShape(foreign);
    require(!foreign.outcome.has_value());
    if (connection.outcome) {
        for (const auto& raw : {connection.outcome->info, connection.outcome->meta})
            require(!raw || raw->size() <= input.size());
    }
}

void checkAsKeySet(std::string_view input) {
    const auto keys = parseJwks(input);
    if (!keys)
        return;
    require(keys->size() <= kMaxJwksKeys);
    for (const auto& key : *keys) {
        require(!key->id.empty() && (!key->algorithm || key->key.serves(*key->algorithm)));
        for (const auto algorithm :
             {Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::ES512, Algorithm::EdDSA})
            require(!key->key.verifies(algorithm, input, input));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    static const test::ManualClock clock;
    static const TokenSigner signer{Secret(kSecret)};
    static const TokenVerifier verifier(clock, [] {
        VerifierOptions options;
        options.keys = VerificationKeys::hs256(Secret(kSecret));
        options.requireExpiry = false;
        return options;
    }());
    static const TokenVerifier stranger(clock, [] {
        VerifierOptions options;
        options.keys = VerificationKeys::hs256(Secret("another secret"));
        options.requireExpiry = false;
        return options;
    }());

    // As a whole token.
    checkShape(verifier.verifyConnection(input));
    const auto foreign = stranger.verifySubscription(input, "proj_1");
    checkShape(foreign);
    require(!foreign.outcome.has_value());
    (void)unverifiedProjectId(input);
    (void)decodeToken(input);

    // As claims under a good signature, so that the fuzzer gets past it.
    const std::string token = signer.signRaw(input);
    const auto connection = verifier.verifyConnection(token);
    const auto subscription = verifier.verifySubscription(token);
    checkShape(connection);
    checkShape(subscription);
    require(!(connection.outcome.has_value() && subscription.outcome.has_value()));
    require(!stranger.verifyConnection(token).outcome.has_value());
    if (connection.outcome) {
        for (const auto& raw : {connection.outcome->info, connection.outcome->meta})
            require(!raw || raw->size() <= size);
    }

    checkAsCentrifugo(clock, input);
    checkAsKeySet(input);

    // What decodes is canonical: it encodes to the same text.
    if (const auto bytes = decodeBase64Url(input))
        require(encodeBase64Url(*bytes) == input);
    if (const auto bytes = decodeBase64(input))
        require(encodeBase64(*bytes) == input);
    return 0;
}
