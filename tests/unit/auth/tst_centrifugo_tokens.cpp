#include "server/auth/base64.h"
#include "server/auth/token_options.h"
#include "tests/support/key_pair.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/auth/token_rows.h"

#include <QtTest>

#include <string>

using namespace xshathra;
using namespace xshathra::auth;
using namespace xshathra::test;

namespace {

using Kind = PublicKey::Kind;

const std::string kSecret = "the secret of a Centrifugo configuration";

TokenOptions bySecret() {
    TokenOptions options;
    options.hmacSecretKey = Secret(kSecret);
    return options;
}

std::string tokenFor(const std::string& claims, const std::string& header = "{\"alg\":\"HS256\"}") {
    return signedToken(header, claims, kSecret);
}

/// `accepted`, or the kind of the refusal.
template <typename Claims>
std::string told(const Verification<Claims>& result) {
    return result.outcome ? std::string("accepted") : std::string(toString(result.outcome.error().kind));
}

std::string text(const std::optional<SharedBytes>& bytes) { return bytes ? std::string(bytes->view()) : "absent"; }

std::string stepsOf(const std::vector<Check>& checks) {
    std::string steps;
    for (const auto& check : checks)
        steps += check.name + (check.outcome == Outcome::Pass ? "+ " : check.outcome == Outcome::Fail ? "- " : ". ");
    return steps;
}

}  // namespace

class CentrifugoTokensTest : public QObject {
    Q_OBJECT

    ManualClock clock_;

    TokenVerifier verifier(const TokenOptions& options) {
        auto made = makeVerifierOptions(options, "client.token");
        if (!made)
            qFatal("%s", made.error().message.c_str());
        return {clock_, std::move(*made)};
    }

private Q_SLOTS:
    /// Each row as a Centrifugo 6.9.1 answered it.
    void readsHeadersAsCentrifugoDoes_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<bool>("accepted");
        const auto row = [](const char* header, bool accepted) {
            QTest::newRow(header) << QByteArray(header) << accepted;
        };
        row("{\"alg\":\"HS256\"}", true);
        row("{\"alg\":\"HS256\",\"kid\":\"a\",\"jku\":\"http://x\",\"crit\":[\"exp\"],\"b64\":false}", true);
        row("{\"alg\":\"HS256\",\"typ\":\"jwt\"}", true);
        row("{\"alg\":\"HS256\",\"typ\":null}", true);
        row("{\"Alg\":\"HS256\"}", true);
        row("{\"alg\":\"none\",\"alg\":\"HS256\"}", true);
        row("{\"alg\":\"HS256\",\"alg\":\"none\"}", false);
        row("{\"alg\":\"HS256\",\"typ\":5}", false);
        row("{\"alg\":\"HS256\",\"kid\":5}", false);
        row("{\"alg\":\"HS256\",\"cty\":5}", false);
        row(" {\"alg\":\"HS256\"}", false);
        row("{ \"alg\":\"HS256\"}", false);
        row("{\"alg\":\"hs256\"}", false);
        row("{\"alg\":\"none\"}", false);
        row("[\"alg\"]", false);
    }
    void readsHeadersAsCentrifugoDoes() {
        QFETCH(QByteArray, header);
        QFETCH(bool, accepted);
        const auto result = verifier(bySecret()).verifyConnection(tokenFor("{\"sub\":\"u\"}", header.toStdString()));
        QCOMPARE(result.outcome.has_value(), accepted);
    }

    void readsClaimsAsCentrifugoDoes_data() {
        QTest::addColumn<QByteArray>("claims");
        QTest::addColumn<QByteArray>("told");
        const auto row = [](const char* claims, const char* what) {
            QTest::newRow(claims) << QByteArray(claims) << QByteArray(what);
        };
        row("null", "accepted");
        row("{}", "accepted");
        row("[]", "malformed");
        row("\"x\"", "malformed");
        row("{\"sub\":null}", "accepted");
        row("{\"sub\":5}", "claims");
        row("{\"unknown\":1e999}", "accepted");
        row("{\"unknown\":123456789012345678901234567890}", "accepted");
        row("{\"meta\":[1]}", "accepted");
        row("{\"projectId\":5}", "accepted");
        row("{\"aud\":null}", "claims");
        row("{\"aud\":1}", "claims");
        row("{\"aud\":[1]}", "claims");
        row("{\"iat\":\"abc\"}", "claims");
        row("{\"iat\":\"123\"}", "accepted");
        row("{\"jti\":1}", "claims");
        row("{\"exp\":1767226500,\"exp\":5}", "expired");
        row("{\"exp\":5,\"EXP\":1767226500}", "accepted");
        row("{\"exp\":null}", "accepted");
        row("{\"exp\":\"1767226500\"}", "accepted");
        row("{\"exp\":\"\"}", "claims");
        row("{\"exp\":1e999}", "claims");
        row("{\"exp\":9007199254740993}", "accepted");
        row("{\"nbf\":1767226500}", "not_yet_valid");
        row("{\"nbf\":\"5\"}", "accepted");
        row("{\"expire_at\":1.5}", "claims");
        row("{\"expire_at\":\"1\"}", "claims");
        row("{\"channels\":\"x\"}", "claims");
        row("{\"channel\":\"\"}", "accepted");
        row("{\"channel\":\"x\"}", "channel");
        row("{\"subs\":{\"a\":null}}", "accepted");
        row("{\"subs\":{\"a\":\"x\"}}", "claims");
        row("{\"subs\":{\"a\":{\"override\":{\"presence\":{}}}}}", "accepted");
        row("{\"subs\":{\"a\":{\"override\":{\"presence\":true}}}}", "claims");
        row("{\"subs\":{\"a\":{\"b64info\":\"?\"}}}", "claims");
        row("{\"subs\":{\"a\":{\"b64info\":\"?\"}},\"exp\":5}", "expired");
        row("{\"b64info\":\"?\"}", "payload");
        row("{\"b64info\":\"aGVsbG8\"}", "payload");
        row("{\"b64info\":\"?\",\"exp\":5}", "expired");
        row("{\"b64info\":\"aGVsbG9=\"}", "accepted");
        row("{\"b64info\":\"aGVs\\r\\nbG8=\"}", "accepted");
        row("{\"sub\":\"u\"", "malformed");
        row("{\"sub\":\"u\"}x", "malformed");
        row("{\"sub\":\"u\",}", "malformed");
        row("{\"n\":01}", "malformed");
        row("{\"n\":1.}", "malformed");
        row("{\"n\":-}", "malformed");
        row("{\"n\":1e}", "malformed");
        row("{\"n\":truex}", "malformed");
        row("{\"n\":nul}", "malformed");
        row("{\"n\":[1 2]}", "malformed");
        row("{\"n\":[1,]}", "malformed");
        row("{\"n\":{\"a\" 1}}", "malformed");
    }
    void readsClaimsAsCentrifugoDoes() {
        QFETCH(QByteArray, claims);
        QFETCH(QByteArray, told);
        const auto result = verifier(bySecret()).verifyConnection(tokenFor(claims.toStdString()));
        QCOMPARE(::told(result), told.toStdString());
        QCOMPARE(result.outcome.has_value(), stepsOf(result.checks).find_first_of("-.") == std::string::npos);
    }

    void acceptsBase64UrlAsGoDoes() {
        const auto good = tokenFor("{\"sub\":\"u\"}");
        const auto check = verifier(bySecret());
        QCOMPARE(told(check.verifyConnection(good + "\n")), std::string("accepted"));
        QCOMPARE(told(check.verifyConnection(good + " ")), std::string("malformed"));
        QCOMPARE(told(check.verifyConnection(good + "=")), std::string("malformed"));
        constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        auto twisted = good;
        twisted.back() = alphabet[alphabet.find(good.back()) + 1];
        QCOMPARE(told(check.verifyConnection(twisted)), std::string("accepted"));
    }

    void boundsTheDepth_data() {
        QTest::addColumn<int>("levels");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("one less") << int(kMaxLenientTokenJsonDepth) - 1 << true;
        QTest::newRow("as deep") << int(kMaxLenientTokenJsonDepth) << true;
        QTest::newRow("one more") << int(kMaxLenientTokenJsonDepth) + 1 << false;
    }
    void boundsTheDepth() {
        QFETCH(int, levels);
        QFETCH(bool, accepted);
        const auto inner = static_cast<std::size_t>(levels - 1);
        const auto claims = "{\"info\":" + std::string(inner, '[') + std::string(inner, ']') + "}";
        QCOMPARE(told(verifier(bySecret()).verifyConnection(tokenFor(claims))),
                 std::string(accepted ? "accepted" : "malformed"));
    }

    void passesPayloadsUntouched_data() {
        QTest::addColumn<QByteArray>("value");
        for (const char* value : {"123456789012345678901234567890", "-1e+999", "null", "1.10",
                                  "[ 1 , {\"a\" : \"\\u0041\"} ]", "\"x\"", "{\"a\":1,\"a\":2}"})
            QTest::newRow(value) << QByteArray(value);
    }
    void passesPayloadsUntouched() {
        QFETCH(QByteArray, value);
        const auto json = value.toStdString();
        const auto check = verifier(bySecret());
        const auto connection = check.verifyConnection(tokenFor("{\"info\":" + json + " ,\"meta\": " + json + "}"));
        QCOMPARE(text(connection.outcome->info) + text(connection.outcome->meta), json + json);
        const auto subscription =
            check.verifySubscription(tokenFor("{\"channel\":\"a\",\"info\":" + json + ",\"data\":\n" + json + "\n}"));
        QCOMPARE(text(subscription.outcome->info) + text(subscription.outcome->data), json + json);
        const auto subs =
            check.verifyConnection(tokenFor("{\"subs\":{\"a\":{\"info\":" + json + ",\"data\":" + json + "}}}"));
        QCOMPARE(text(subs.outcome->subs[0].info) + text(subs.outcome->subs[0].data), json + json);
    }

    void readsEveryOverride() {
        const auto result =
            verifier(bySecret())
                .verifySubscription(tokenFor(
                    "{\"channel\":\"a\",\"override\":{\"presence\":{\"value\":true},\"join_leave\":{\"value\":false},"
                    "\"force_push_join_leave\":{},\"force_positioning\":{\"value\":null},\"unknown\":{\"value\":true}}"
                    "}"));
        const SubscriptionOverrides expected{true, false, false, false, std::nullopt};
        QVERIFY(result.outcome->overrides == expected);
    }

    void findsTheUserInItsClaim_data() {
        QTest::addColumn<QByteArray>("claim");
        QTest::addColumn<QByteArray>("user");
        const auto row = [](const char* claim, const char* user) {
            QTest::newRow(claim) << QByteArray(claim) << QByteArray(user);
        };
        row("sub", "u");
        row("uid", "v");
        row("number", "42");
        row("negative", "-42");
        row("big", "123456789012345678901234567890");
        row("fraction", "1.5");
        row("exponent", "1200");
        row("truth", "true");
        row("nothing", "");
        row("absent", "");
        row("SUB", "");
        row("user", "{\"id\":\"w\",\"names\":[\"first\",\"second\"]}");
        row("twice", "first");
    }
    void findsTheUserInItsClaim() {
        QFETCH(QByteArray, claim);
        QFETCH(QByteArray, user);
        auto options = bySecret();
        options.userIdClaim = claim.toStdString();
        const std::string claims =
            "{\"sub\":\"u\",\"uid\":\"v\",\"number\":42,\"negative\":-42,\"big\":123456789012345678901234567890,"
            "\"fraction\":1.50,\"exponent\":1.2e3,\"truth\":true,\"nothing\":null,"
            "\"user\":{\"id\":\"w\",\"names\":[\"first\",\"second\"]},\"twice\":\"first\",\"twice\":\"second\"";
        const auto check = verifier(options);
        QCOMPARE(check.verifyConnection(tokenFor(claims + "}")).outcome->user, user.toStdString());
        QCOMPARE(check.verifySubscription(tokenFor(claims + ",\"channel\":\"a\"}")).outcome->user, user.toStdString());
    }

    void patternsAreJudgedBeforeTheSignature() {
        auto options = bySecret();
        options.issuerRegex = "^https://(one|two)\\.test$";
        options.audienceRegex = "^app-\\d+$";
        const auto check = verifier(options);
        const std::string iss = "\"iss\":\"https://two.test\"";
        QCOMPARE(told(check.verifyConnection(tokenFor("{" + iss + ",\"aud\":[\"web\",\"app-7\"]}"))),
                 std::string("accepted"));
        QCOMPARE(told(check.verifyConnection(tokenFor("{" + iss + ",\"aud\":\"app-7\"}"))), std::string("accepted"));
        QCOMPARE(told(check.verifyConnection(tokenFor("{" + iss + ",\"aud\":\"web\"}"))), std::string("audience"));
        QCOMPARE(told(check.verifyConnection(tokenFor("{" + iss + "}"))), std::string("audience"));
        QCOMPARE(told(check.verifyConnection(tokenFor("{\"aud\":\"app-7\"}"))), std::string("issuer"));
        const auto foreign =
            check.verifyConnection(signedToken("{\"alg\":\"HS256\"}", "{\"iss\":\"x\",\"aud\":\"app-7\"}", "another"));
        QCOMPARE(stepsOf(foreign.checks),
                 std::string(
                     "format+ algorithm+ claims+ issuer- audience. signature. channel. expiry. not before. payload. "));
    }

    void namesAreJudgedAfterTheSignature() {
        auto options = bySecret();
        options.issuer = "me";
        options.audience = "you";
        const auto check = verifier(options);
        QCOMPARE(told(check.verifyConnection(tokenFor("{\"iss\":\"me\",\"aud\":[\"a\",\"you\"]}"))),
                 std::string("accepted"));
        QCOMPARE(told(check.verifyConnection(tokenFor("{\"iss\":\"Me\",\"aud\":\"you\"}"))), std::string("issuer"));
        QCOMPARE(told(check.verifyConnection(tokenFor("{\"iss\":\"me\"}"))), std::string("audience"));
        QCOMPARE(told(check.verifyConnection(signedToken("{\"alg\":\"HS256\"}", "{\"iss\":\"x\"}", "another"))),
                 std::string("signature"));
    }

    void aSubscriptionsTimesAreJudgedBeforeItsChannel() {
        const auto check = verifier(bySecret());
        QCOMPARE(told(check.verifySubscription(tokenFor("{\"exp\":5}"))), std::string("expired"));
        QCOMPARE(told(check.verifySubscription(tokenFor("{}"))), std::string("channel"));
        QCOMPARE(told(check.verifyConnection(tokenFor("{\"exp\":5,\"channel\":\"a\"}"))), std::string("channel"));
        QCOMPARE(stepsOf(check.verifySubscription(tokenFor("{}")).checks),
                 std::string("format+ algorithm+ claims+ signature+ expiry+ not before+ channel- payload. "));
    }

    void theListOfChecksSaysWhatWasFoundAndExpected() {
        TokenOptions options;
        options.rsaPublicKey = KeyPair::make(Kind::Rsa, 1024).pem();
        options.hmacSecretKey = Secret(kSecret);
        const auto result =
            verifier(options).verifyConnection(signedToken("{\"alg\":\"HS256\"}", "{\"sub\":\"u\"}", "another secret"));
        QCOMPARE(result.checks[1].expected, std::string("alg HS256 or HS384 or HS512 or RS256 or RS384 or RS512"));
        QCOMPARE(result.checks[3].expected, std::string("made with the hmac_secret_key or rsa_public_key"));
        QCOMPARE(result.checks[3].found, std::string("made with another key, or changed afterwards"));
        const auto other = verifier(options).verifyConnection(signedToken("{\"alg\":\"ES256\"}", "{\"sub\":\"u\"}"));
        QCOMPARE(other.checks[1].found, std::string("alg ES256"));
    }

    void readsPublicKeys_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("algorithm");
        QTest::newRow("RSA") << int(Kind::Rsa) << int(Algorithm::RS384);
        QTest::newRow("P-256") << int(Kind::P256) << int(Algorithm::ES256);
        QTest::newRow("P-384") << int(Kind::P384) << int(Algorithm::ES384);
        QTest::newRow("P-521") << int(Kind::P521) << int(Algorithm::ES512);
    }
    void readsPublicKeys() {
        QFETCH(int, kind);
        QFETCH(int, algorithm);
        const auto pair = KeyPair::make(static_cast<Kind>(kind));
        TokenOptions options;
        (static_cast<Kind>(kind) == Kind::Rsa ? options.rsaPublicKey : options.ecdsaPublicKey) = pair.pem();
        const auto result =
            verifier(options).verifyConnection(pair.token(static_cast<Algorithm>(algorithm), "{\"sub\":\"u\"}"));
        QCOMPARE(told(result), std::string("accepted"));
    }

    void namesTheOptionAtFault_data() {
        QTest::addColumn<QByteArray>("option");
        QTest::addColumn<QByteArray>("value");
        const auto row = [](const char* option, const std::string& value) {
            QTest::addRow("%s %.20s", option, value.c_str()) << QByteArray(option) << QByteArray::fromStdString(value);
        };
        row("rsa_public_key", "no PEM");
        row("rsa_public_key", KeyPair::make(Kind::P256).pem());
        row("ecdsa_public_key", KeyPair::make(Kind::Rsa, 1024).pem());
        row("ecdsa_public_key", KeyPair::make(Kind::Ed25519).pem());
        row("jwks_public_endpoint", "ftp://keys.test");
        row("audience_regex", "(");
        row("issuer_regex", "(?s)x");
        row("issuer_regex", "^https://(?P<tenant>.*)$");
        row("audience_regex", "(?P<tenant>[a-z])");
        row("user_id_claim", "user.id");
        row("user_id_claim", "user1");
    }
    void namesTheOptionAtFault() {
        QFETCH(QByteArray, option);
        QFETCH(QByteArray, value);
        TokenOptions options;
        options.jwksPublicEndpoint = "https://{{tenant}}.test/jwks";
        const std::pair<const char*, std::string*> members[] = {{"rsa_public_key", &options.rsaPublicKey},
                                                                {"ecdsa_public_key", &options.ecdsaPublicKey},
                                                                {"jwks_public_endpoint", &options.jwksPublicEndpoint},
                                                                {"audience_regex", &options.audienceRegex},
                                                                {"issuer_regex", &options.issuerRegex},
                                                                {"user_id_claim", &options.userIdClaim}};
        for (const auto& [name, member] : members) {
            if (option == name)
                *member = value.toStdString();
        }
        const auto made = makeVerifierOptions(options, "client.subscription_token");
        QVERIFY(!made);
        QCOMPARE(made.error().code, std::string("invalid_argument"));
        QCOMPARE(made.error().field, "client.subscription_token." + option.toStdString());
        QCOMPARE(made.error().message.substr(0, made.error().field.size()), made.error().field);
    }

    void exactNamesAndPatternsExcludeEachOther() {
        auto options = bySecret();
        options.audience = options.audienceRegex = "x";
        QCOMPARE(makeVerifierOptions(options, "p").error().field, std::string("p.audience_regex"));
        options.audience.clear();
        options.issuer = options.issuerRegex = "x";
        QCOMPARE(makeVerifierOptions(options, "p").error().field, std::string("p.issuer_regex"));
    }

    void theSafetyCheckMayBeSwitchedOff() {
        TokenOptions options;
        options.jwksPublicEndpoint = "https://keys.test/{{tenant}}";
        options.issuerRegex = "(?P<tenant>.*)";
        QVERIFY(!makeVerifierOptions(options, "p"));
        options.insecureSkipJwksEndpointSafetyCheck = true;
        QVERIFY(makeVerifierOptions(options, "p"));
    }

    void withAKeySetTheOtherKeysAreNotUsed() {
        auto options = bySecret();
        options.jwksPublicEndpoint = "https://keys.test/jwks";
        QCOMPARE(told(verifier(options).verifyConnection(tokenFor("{}", "{\"alg\":\"HS256\",\"kid\":\"k1\"}"))),
                 std::string("algorithm"));
    }

    void withoutKeysNothingIsAccepted() {
        QCOMPARE(told(verifier(TokenOptions()).verifyConnection(tokenFor("{}"))), std::string("algorithm"));
    }

    void subscriptionTokensInheritNothing() {
        ClientTokenOptions options;
        options.token = bySecret();
        auto made = makeVerifiers(clock_, options, nullptr);
        QVERIFY(made && !made->subscription);
        options.subscriptionTokenEnabled = true;
        made = makeVerifiers(clock_, options, nullptr);
        QVERIFY(made && made->subscription);
        QCOMPARE(told(made->subscription->verifySubscription(tokenFor("{\"channel\":\"a\"}"))),
                 std::string("algorithm"));
        options.insecureSkipTokenSignatureVerify = true;
        made = makeVerifiers(clock_, options, nullptr);
        QCOMPARE(told(made->subscription->verifySubscription(tokenFor("{\"channel\":\"a\"}"))),
                 std::string("accepted"));
        options.subscriptionToken.rsaPublicKey = "x";
        QCOMPARE(makeVerifiers(clock_, options, nullptr).error().field,
                 std::string("client.subscription_token.rsa_public_key"));
    }
};

QTEST_APPLESS_MAIN(CentrifugoTokensTest)
#include "tst_centrifugo_tokens.moc"
