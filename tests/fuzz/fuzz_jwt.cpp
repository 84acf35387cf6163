// Any text as a token: no verifier may accept what the secret did not sign, and every result must be whole.
#include "server/auth/base64.h"
#include "server/auth/jwt.h"
#include "tests/support/manual_clock.h"

#include <cstdint>
#include <cstdlib>
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    static const test::ManualClock clock;
    static const TokenSigner signer(Secret("the secret of the fuzz target, 32"));
    static const TokenVerifier verifier(clock, [] {
        VerifierOptions options;
        options.keys = VerificationKeys::hs256(Secret("the secret of the fuzz target, 32"));
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

    // What decodes is canonical: it encodes to the same text.
    if (const auto bytes = decodeBase64Url(input))
        require(encodeBase64Url(*bytes) == input);
    if (const auto bytes = decodeBase64(input))
        require(encodeBase64(*bytes) == input);
    return 0;
}
