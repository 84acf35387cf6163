#include "server/auth/base64.h"
#include "server/auth/digest.h"
#include "server/auth/jwt.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/auth/token_rows.h"

#include <QtTest>

#include <set>
#include <string>
#include <vector>

using namespace xshathra;
using namespace xshathra::auth;
using namespace xshathra::test;

namespace {

VerifierOptions options() {
    VerifierOptions result;
    result.keys = VerificationKeys::hs256(Secret(kCurrentSecret), Secret(kPreviousSecret));
    return result;
}

std::string text(const std::optional<SharedBytes>& bytes) { return bytes ? std::string(bytes->view()) : "absent"; }

const Check* find(const std::vector<Check>& checks, std::string_view name) {
    for (const auto& check : checks) {
        if (check.name == name)
            return &check;
    }
    return nullptr;
}

std::string outcomes(const std::vector<Check>& checks) {
    std::string result;
    for (const auto& check : checks)
        result += check.outcome == Outcome::Pass ? '+' : check.outcome == Outcome::Fail ? '-' : '.';
    return result;
}

}  // namespace

class JwtTest : public QObject {
    Q_OBJECT

    ManualClock clock_;
    TokenVerifier verifier_{clock_, options()};
    TokenSigner signer_{Secret(kCurrentSecret)};

private Q_SLOTS:
    void theTableIsLarge() {
        const auto rows = tokenRows();
        QVERIFY2(rows.size() >= 150, std::to_string(rows.size()).c_str());
        std::set<std::string> names;
        for (const auto& row : rows)
            QVERIFY2(names.insert(row.name).second, row.name.c_str());
    }

    void decidesOnTokens_data() {
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<int>("kind");
        for (const auto& row : tokenRows())
            QTest::newRow(row.name.c_str())
                << QByteArray::fromStdString(row.token) << (row.refusal ? static_cast<int>(*row.refusal) : -1);
    }
    void decidesOnTokens() {
        QFETCH(QByteArray, token);
        QFETCH(int, kind);
        const auto result = verifier_.verifyConnection(token.toStdString());
        const auto found =
            result.outcome ? std::string("accepted")
                           : std::string(toString(result.outcome.error().kind)) + ": " + result.outcome.error().detail;
        QVERIFY2(result.outcome.has_value() == (kind < 0), found.c_str());
        if (kind >= 0)
            QVERIFY2(static_cast<int>(result.outcome.error().kind) == kind, found.c_str());
        // Passed steps, then at most one failed, then what was not reached.
        const auto steps = outcomes(result.checks);
        const auto failed = steps.find('-');
        QVERIFY(steps.find_first_not_of('+') == (kind < 0 ? std::string::npos : failed));
        QVERIFY(kind < 0 || steps.find_first_not_of('.', failed + 1) == std::string::npos);
        for (const auto& check : result.checks) {
            QVERIFY(!check.name.empty() && !check.expected.empty());
            QCOMPARE(check.found.empty(), check.outcome == Outcome::NotReached);
        }
    }

    void noResultRepeatsTheToken() {
        for (const auto& row : tokenRows()) {
            const auto result = verifier_.verifyConnection(row.token);
            std::string all = result.outcome ? "" : result.outcome.error().detail;
            for (const auto& check : result.checks)
                all += check.found + check.expected;
            if (row.token.size() > 60)
                QVERIFY2(all.find(row.token.substr(row.token.size() - 30)) == std::string::npos, row.name.c_str());
            QVERIFY(all.find(kCurrentSecret) == std::string::npos);
        }
    }

    void everyCutOfATokenIsRefused() {
        const auto token = tokenOf("{\"sub\":\"user_1\",\"exp\":1767226500}");
        for (std::size_t size = 0; size < token.size(); ++size)
            QVERIFY(!verifier_.verifyConnection(token.substr(0, size)).outcome);
        for (std::size_t i = 0; i < token.size(); ++i) {
            auto changed = token;
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            QVERIFY2(!verifier_.verifyConnection(changed).outcome, std::to_string(i).c_str());
        }
    }

    void limitsTheLength() {
        const auto ofLength = [](std::size_t length) {
            const std::string claims = "{\"sub\":\"u\",\"exp\":1767226500,\"x\":\"";
            auto token = tokenOf(claims + "\"}");
            std::size_t fill = 0;
            while (token.size() < length) {
                fill += std::max<std::size_t>(1, (length - token.size()) / 2);
                token = tokenOf(claims + std::string(fill, 'x') + "\"}");
            }
            return token;
        };
        const auto fits = ofLength(kMaxTokenBytes - 1);
        QVERIFY(fits.size() <= kMaxTokenBytes);
        QVERIFY(verifier_.verifyConnection(fits).outcome);
        const auto tooLong = ofLength(kMaxTokenBytes + 1);
        QVERIFY(tooLong.size() <= kMaxTokenBytes + 2);
        QVERIFY(verifier_.verifyConnection(tooLong).outcome.error().kind == TokenErrorKind::Malformed);
    }

    void readsConnectionClaims() {
        const auto result = verifier_.verifyConnection(tokenOf(
            "{\"sub\":\"ünï\",\"exp\":1767226500.9,\"iat\":1767225500.7,\"projectId\":\"proj_1\",\"info\": {\"b\": "
            "1.10, \"a\":[ 1e2 ]} ,\"meta\":{\"k\":12345678901234567890},\"channels\":[\"x\",\"y:z\"]}"));
        QVERIFY(result.outcome.has_value());
        const auto& claims = *result.outcome;
        QCOMPARE(claims.user, std::string("ünï"));
        QCOMPARE(claims.projectId, std::string("proj_1"));
        QCOMPARE(*claims.expiresAt, std::int64_t(1767226500));
        QCOMPARE(*claims.issuedAt, std::int64_t(1767225500));
        QCOMPARE(text(claims.info), std::string("{\"b\": 1.10, \"a\":[ 1e2 ]}"));
        QCOMPARE(text(claims.meta), std::string("{\"k\":12345678901234567890}"));
        QCOMPARE(claims.channels, (std::vector<std::string>{"x", "y:z"}));
        QVERIFY(claims.subs.empty());
    }

    void keepsRawValuesUntouched_data() {
        QTest::addColumn<QByteArray>("value");
        for (const char* value : {"1", "-0", "1.10", "1e5", "\"\"", "\"a\\u0041\\n\"", "true", "false", "[]", "{}",
                                  "[1, 2 ,3]", "{\"a\" : {\"a\":1}}", "18446744073709551615", "\"\\\"}\\\\\""})
            QTest::newRow(value) << QByteArray(value);
    }
    void keepsRawValuesUntouched() {
        QFETCH(QByteArray, value);
        const auto json = value.toStdString();
        const auto claims = "{\"sub\":\"u\",\"info\":" + json + " ,\"meta\": " + json + ",\"exp\":1767226500}";
        const auto result = verifier_.verifyConnection(tokenOf(claims));
        QVERIFY(result.outcome.has_value());
        QCOMPARE(text(result.outcome->info), json);
        QCOMPARE(text(result.outcome->meta), json);
    }

    void nullInfoIsAbsent() {
        const auto result =
            verifier_.verifyConnection(tokenOf("{\"sub\":\"u\",\"exp\":1767226500,\"info\":null,\"b64info\":\"\"}"));
        QCOMPARE(text(result.outcome->info), std::string("absent"));
    }

    void b64infoWinsOverInfo() {
        const auto result =
            verifier_.verifyConnection(tokenOf("{\"sub\":\"u\",\"exp\":1767226500,\"info\":{},\"b64info\":\"AP8=\"}"));
        QCOMPARE(text(result.outcome->info), std::string("\0\xff", 2));
    }

    void subsWinOverChannels() {
        const auto result = verifier_.verifyConnection(
            tokenOf("{\"sub\":\"u\",\"exp\":1767226500,\"channels\":[\"x\"],\"subs\":{\"b\":{\"info\":{\"i\":1},"
                    "\"data\":[1],\"override\":{\"presence\":{\"value\":true},\"join_leave\":{\"value\":false},\"force_"
                    "push_join_leave\":{\"value\":true},\"force_positioning\":{\"value\":false},\"force_recovery\":{"
                    "\"value\":true}}},\"a\":{\"b64data\":\"AA==\"}}}"));
        QVERIFY(result.outcome.has_value());
        const auto& subs = result.outcome->subs;
        QVERIFY(result.outcome->channels.empty());
        QCOMPARE(subs.size(), std::size_t(2));
        QCOMPARE(subs[0].channel, std::string("b"));
        QCOMPARE(text(subs[0].info), std::string("{\"i\":1}"));
        QCOMPARE(text(subs[0].data), std::string("[1]"));
        const SubscriptionOverrides expected{true, false, true, false, true};
        QVERIFY(subs[0].overrides == expected);
        QCOMPARE(text(subs[1].data), std::string(1, '\0'));
        QVERIFY(subs[1].overrides == SubscriptionOverrides());
    }

    void expireAtOverridesExp_data() {
        QTest::addColumn<QByteArray>("more");
        QTest::addColumn<qint64>("expiresAt");
        QTest::newRow("exp alone") << QByteArray() << qint64(1767226500);
        QTest::newRow("later") << QByteArray(",\"expire_at\":1767229999") << qint64(1767229999);
        QTest::newRow("zero: never") << QByteArray(",\"expire_at\":0") << qint64(-1);
        QTest::newRow("negative: never") << QByteArray(",\"expire_at\":-5") << qint64(-1);
        QTest::newRow("null") << QByteArray(",\"expire_at\":null") << qint64(1767226500);
    }
    void expireAtOverridesExp() {
        QFETCH(QByteArray, more);
        QFETCH(qint64, expiresAt);
        const auto result =
            verifier_.verifyConnection(tokenOf("{\"sub\":\"u\",\"exp\":1767226500" + more.toStdString() + "}"));
        QCOMPARE(qint64(result.outcome->expiresAt.value_or(-1)), expiresAt);
    }

    void expireAtDoesNotReviveAnExpiredToken() {
        const auto result = verifier_.verifyConnection(tokenOf("{\"sub\":\"u\",\"exp\":1767225000,\"expire_at\":0}"));
        QVERIFY(result.outcome.error().kind == TokenErrorKind::Expired);
    }

    void readsSubscriptionClaims() {
        const auto result = verifier_.verifySubscription(
            tokenOf("{\"sub\":\"u\",\"channel\":\"chat:1\",\"client\":\"c\",\"exp\":1767226500,\"info\":{\"a\":1},"
                    "\"data\":\"x\",\"override\":{\"force_recovery\":{\"value\":true}},\"projectId\":\"p\"}"));
        QVERIFY(result.outcome.has_value());
        const auto& claims = *result.outcome;
        QCOMPARE(claims.user + claims.channel + claims.client + claims.projectId, std::string("uchat:1cp"));
        QCOMPARE(text(claims.info) + text(claims.data), std::string("{\"a\":1}\"x\""));
        QVERIFY(claims.overrides.forceRecovery == true);
        QVERIFY(!claims.overrides.presence.has_value());
        QCOMPARE(*claims.expiresAt, std::int64_t(1767226500));
    }

    void aConnectionTokenIsNoSubscriptionToken() {
        const auto result = verifier_.verifySubscription(tokenOf("{\"sub\":\"u\",\"exp\":1767226500}"));
        QVERIFY(result.outcome.error().kind == TokenErrorKind::Channel);
        const auto reverse =
            verifier_.verifyConnection(tokenOf("{\"sub\":\"u\",\"channel\":\"a\",\"exp\":1767226500}"));
        QVERIFY(reverse.outcome.error().kind == TokenErrorKind::Channel);
        // The channel rule comes before the times (reference 20.2).
        const auto expired = verifier_.verifyConnection(tokenOf("{\"sub\":\"u\",\"channel\":\"a\",\"exp\":1}"));
        QVERIFY(expired.outcome.error().kind == TokenErrorKind::Channel);
    }

    void theExpiryCheckSaysSinceWhen_data() {
        QTest::addColumn<qint64>("exp");
        QTest::addColumn<QByteArray>("found");
        QTest::newRow("41 s ago") << qint64(kNow - 41) << QByteArray("expired 41 s ago");
        QTest::newRow("now") << qint64(kNow) << QByteArray("expired 0 s ago");
        QTest::newRow("minutes") << qint64(kNow - 61) << QByteArray("expired 1 min 1 s ago");
        QTest::newRow("hours") << qint64(kNow - 7500) << QByteArray("expired 2 h 5 min ago");
        QTest::newRow("days") << qint64(kNow - 4 * 86400 - 3600) << QByteArray("expired 4 d 1 h ago");
        QTest::newRow("valid") << qint64(kNow + 899) << QByteArray("valid for another 14 min 59 s");
    }
    void theExpiryCheckSaysSinceWhen() {
        QFETCH(qint64, exp);
        QFETCH(QByteArray, found);
        const auto result = verifier_.verifyConnection(tokenOf("{\"sub\":\"u\",\"exp\":" + std::to_string(exp) + "}"));
        QCOMPARE(find(result.checks, "expiry")->found, found.toStdString());
        QCOMPARE(outcomes(result.checks), std::string(exp > kNow ? "+++++++" : "+++++-."));
        if (exp <= kNow) {
            QVERIFY(result.outcome.error().isAboutTime());
            QCOMPARE(result.outcome.error().detail, "The token " + found.toStdString() + ".");
        }
    }

    void theAlgorithmCheckNamesWhatWasFound() {
        const auto result =
            verifier_.verifyConnection(signedToken("{\"alg\":\"HS384\"}", "{\"sub\":\"u\",\"exp\":1767226500}"));
        QCOMPARE(find(result.checks, "algorithm")->found, std::string("alg HS384"));
        QCOMPARE(outcomes(result.checks), std::string("+-....."));
    }

    void foundTextsAreShortAndPrintable() {
        const auto result =
            verifier_.verifyConnection(signedToken("{\"alg\":\"\\u001b[31m" + std::string(500, 'x') + "\"}", "{}"));
        const auto& found = find(result.checks, "algorithm")->found;
        QVERIFY(found.size() < 50);
        QVERIFY(found.find('\x1b') == std::string::npos);
    }

    void theWallClockDecides() {
        ManualClock clock;
        const TokenVerifier verifier(clock, options());
        const auto token = tokenOf("{\"sub\":\"u\",\"exp\":1767225610,\"nbf\":1767225605}");
        QVERIFY(verifier.verifyConnection(token).outcome.error().kind == TokenErrorKind::NotYetValid);
        clock.jumpWall(Seconds(5));
        QVERIFY(verifier.verifyConnection(token).outcome);
        clock.jumpWall(Nanoseconds(Seconds(5)) - Nanoseconds(1'000'000));
        QVERIFY(verifier.verifyConnection(token).outcome);
        clock.jumpWall(Milliseconds(1));
        QVERIFY(verifier.verifyConnection(token).outcome.error().kind == TokenErrorKind::Expired);
        clock.jumpWall(-Seconds(86400 * 2));
        QVERIFY(verifier.verifyConnection(token).outcome.error().kind == TokenErrorKind::NotYetValid);
    }

    void leewayIsBounded_data() {
        QTest::addColumn<int>("leeway");
        QTest::addColumn<int>("late");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("none, at the end") << 0 << 0 << false;
        QTest::newRow("5 s, 4 s late") << 5 << 4 << true;
        QTest::newRow("5 s, 5 s late") << 5 << 5 << false;
        QTest::newRow("60 s is cut to 5, 4 s late") << 60 << 4 << true;
        QTest::newRow("60 s is cut to 5, 6 s late") << 60 << 6 << false;
        QTest::newRow("negative is none") << -5 << -1 << true;
    }
    void leewayIsBounded() {
        QFETCH(int, leeway);
        QFETCH(int, late);
        QFETCH(bool, accepted);
        auto with = options();
        with.leeway = Seconds(leeway);
        const TokenVerifier verifier(clock_, with);
        const auto token = tokenOf("{\"sub\":\"u\",\"exp\":" + std::to_string(kNow - late) + "}");
        QCOMPARE(verifier.verifyConnection(token).outcome.has_value(), accepted);
        QCOMPARE(kTokenLeeway.count(), Seconds::rep(0));
    }

    void audienceAndIssuerAreCheckedWhenAskedFor_data() {
        QTest::addColumn<QByteArray>("more");
        QTest::addColumn<int>("kind");
        QTest::newRow("both") << QByteArray("\"iss\":\"me\",\"aud\":\"you\"") << -1;
        QTest::newRow("in a list") << QByteArray("\"iss\":\"me\",\"aud\":[\"others\",\"you\"]") << -1;
        QTest::newRow("no issuer") << QByteArray("\"aud\":\"you\"") << int(TokenErrorKind::Issuer);
        QTest::newRow("other issuer") << QByteArray("\"iss\":\"Me\",\"aud\":\"you\"") << int(TokenErrorKind::Issuer);
        QTest::newRow("no audience") << QByteArray("\"iss\":\"me\"") << int(TokenErrorKind::Audience);
        QTest::newRow("other audience") << QByteArray("\"iss\":\"me\",\"aud\":[\"yo\",\"youu\"]")
                                        << int(TokenErrorKind::Audience);
        QTest::newRow("empty list") << QByteArray("\"iss\":\"me\",\"aud\":[]") << int(TokenErrorKind::Audience);
    }
    void audienceAndIssuerAreCheckedWhenAskedFor() {
        QFETCH(QByteArray, more);
        QFETCH(int, kind);
        auto with = options();
        with.audience = "you";
        with.issuer = "me";
        const TokenVerifier verifier(clock_, with);
        const auto result =
            verifier.verifyConnection(tokenOf("{\"sub\":\"u\",\"exp\":1767226500," + more.toStdString() + "}"));
        QCOMPARE(result.outcome ? -1 : int(result.outcome.error().kind), kind);
        QCOMPARE(result.checks.size(), std::size_t(9));
    }

    void anotherProjectIsRefused_data() {
        QTest::addColumn<QByteArray>("more");
        QTest::addColumn<QByteArray>("expected");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("the same") << QByteArray(",\"projectId\":\"proj_1\"") << QByteArray("proj_1") << true;
        QTest::newRow("another") << QByteArray(",\"projectId\":\"proj_2\"") << QByteArray("proj_1") << false;
        QTest::newRow("none in the token") << QByteArray() << QByteArray("proj_1") << true;
        QTest::newRow("none expected") << QByteArray(",\"projectId\":\"proj_2\"") << QByteArray() << true;
    }
    void anotherProjectIsRefused() {
        QFETCH(QByteArray, more);
        QFETCH(QByteArray, expected);
        QFETCH(bool, accepted);
        const auto claims = "{\"sub\":\"u\",\"exp\":1767226500" + more.toStdString();
        const auto connect = verifier_.verifyConnection(tokenOf(claims + "}"), expected.toStdString());
        QCOMPARE(connect.outcome.has_value(), accepted);
        const auto subscribe =
            verifier_.verifySubscription(tokenOf(claims + ",\"channel\":\"a\"}"), expected.toStdString());
        QCOMPARE(subscribe.outcome.has_value(), accepted);
        if (!accepted)
            QVERIFY(connect.outcome.error().kind == TokenErrorKind::Project);
    }

    void thePreviousKeyEnds() {
        ManualClock clock;
        VerifierOptions with;
        with.keys = VerificationKeys::hs256(Secret("new"), Secret(kCurrentSecret), clock.wall() + Seconds(10));
        const TokenVerifier verifier(clock, with);
        const auto token = tokenOf("{\"sub\":\"u\",\"exp\":1767226500}");
        const auto before = verifier.verifyConnection(token);
        QVERIFY(before.outcome);
        QCOMPARE(find(before.checks, "signature")->found, std::string("made with the previous key"));
        clock.advance(Seconds(10));
        QVERIFY(verifier.verifyConnection(token).outcome.error().kind == TokenErrorKind::Signature);
    }

    void withoutAKeyNothingPasses() {
        VerifierOptions with;
        with.keys = VerificationKeys::hs256(Secret());
        QVERIFY(with.keys.keys.empty());
        with.keys.keys.push_back({Algorithm::HS256, Secret(), "empty key", std::nullopt});
        const TokenVerifier verifier(clock_, with);
        const auto token = signedToken("{\"alg\":\"HS256\"}", "{\"sub\":\"u\",\"exp\":1767226500}", "");
        QVERIFY(verifier.verifyConnection(token).outcome.error().kind == TokenErrorKind::Signature);
    }

    void expiryMayBeOptional() {
        auto with = options();
        with.requireExpiry = false;
        const auto result = TokenVerifier(clock_, with).verifyConnection(tokenOf("{\"sub\":\"u\"}"));
        QVERIFY(result.outcome);
        QVERIFY(!result.outcome->expiresAt.has_value());
    }

    void theUserMayComeFromAnotherClaim_data() {
        QTest::addColumn<QByteArray>("claims");
        QTest::addColumn<QByteArray>("user");
        QTest::newRow("string") << QByteArray("{\"sub\":\"u\",\"uid\":\"v\",\"exp\":1767226500}") << QByteArray("v");
        QTest::newRow("number") << QByteArray("{\"uid\":42,\"exp\":1767226500}") << QByteArray("42");
        QTest::newRow("absent") << QByteArray("{\"sub\":\"u\",\"exp\":1767226500}") << QByteArray();
    }
    void theUserMayComeFromAnotherClaim() {
        QFETCH(QByteArray, claims);
        QFETCH(QByteArray, user);
        auto with = options();
        with.userIdClaim = "uid";
        const auto result = TokenVerifier(clock_, with).verifyConnection(tokenOf(claims.toStdString()));
        QCOMPARE(result.outcome->user, user.toStdString());
    }

    void signedTokensVerify() {
        ConnectTokenSpec spec;
        spec.user = "a \"quoted\" user\n\x01 \\";
        spec.projectId = "proj_1";
        spec.expiresAt = kNow + 900;
        spec.issuedAt = kNow;
        spec.channels = {"public:lobby", "x\"y"};
        spec.infoJson = "{\"name\":\"Ann\"}";
        spec.metaJson = "{\"m\":1}";
        const auto token = signer_.sign(spec);
        QVERIFY(token.has_value());
        const auto result = verifier_.verifyConnection(*token, "proj_1");
        QVERIFY(result.outcome.has_value());
        QCOMPARE(result.outcome->user, spec.user);
        QCOMPARE(result.outcome->channels, spec.channels);
        QCOMPARE(text(result.outcome->info), spec.infoJson);
        QCOMPARE(text(result.outcome->meta), spec.metaJson);
        QCOMPARE(*result.outcome->expiresAt, kNow + 900);

        SubscribeTokenSpec subscribe;
        subscribe.channel = "chat:1";
        subscribe.expiresAt = kNow + 30;
        subscribe.dataJson = "[1]";
        const auto second = verifier_.verifySubscription(*signer_.sign(subscribe));
        QVERIFY(second.outcome.has_value());
        QCOMPARE(second.outcome->channel, std::string("chat:1"));
        QCOMPARE(text(second.outcome->data), std::string("[1]"));
    }

    void signsAsRfc7515Does() {
        // The example of RFC 7515 appendix A.1 with its own header and claims.
        const auto key =
            decodeBase64Url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        QVERIFY(key.has_value());
        const std::string signedText =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        const auto digest = hmacSha256(*key, signedText);
        const auto signature = encodeBase64Url({reinterpret_cast<const char*>(digest.data()), digest.size()});
        QCOMPARE(signature, std::string("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        VerifierOptions with;
        with.keys = VerificationKeys::hs256(Secret(*key));
        const auto result = TokenVerifier(clock_, with).verifyConnection(signedText + '.' + signature);
        QVERIFY(result.outcome.error().kind == TokenErrorKind::Expired);
    }

    void refusesToSign_data() {
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("userId") << QByteArray("userId");
        QTest::newRow("projectId") << QByteArray("projectId");
        QTest::newRow("channels") << QByteArray("channels");
        QTest::newRow("info") << QByteArray("info");
        QTest::newRow("meta") << QByteArray("meta");
    }
    void refusesToSign() {
        QFETCH(QByteArray, field);
        ConnectTokenSpec spec;
        if (field == "userId")
            spec.user = "\xff";
        if (field == "projectId")
            spec.projectId = "\xc3";
        if (field == "channels")
            spec.channels = {"ok", "\xed\xa0\x80"};
        if (field == "info")
            spec.infoJson = "{\"a\":1},\"sub\":\"admin\"";
        if (field == "meta")
            spec.metaJson = "[1]";
        const auto token = signer_.sign(spec);
        QVERIFY(!token);
        QCOMPARE(token.error().code, std::string("invalid_argument"));
        QCOMPARE(token.error().field, field.toStdString());
    }

    void refusesToSignWhatItWouldNotVerify() {
        ConnectTokenSpec spec;
        spec.infoJson = std::string(32, '[') + std::string(32, ']');
        QVERIFY(!signer_.sign(spec));
        spec.infoJson = '"' + std::string(60000, 'x') + '"';
        QVERIFY(!signer_.sign(spec));
        SubscribeTokenSpec subscribe;
        QCOMPARE(signer_.sign(subscribe).error().field, std::string("channel"));
        subscribe.channel = "a";
        subscribe.dataJson = "{";
        QCOMPARE(signer_.sign(subscribe).error().field, std::string("data"));
    }

    void boundsTheLife_data() {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("29") << qint64(29) << false;
        QTest::newRow("30") << qint64(30) << true;
        QTest::newRow("31") << qint64(31) << true;
        QTest::newRow("3599") << qint64(3599) << true;
        QTest::newRow("3600") << qint64(3600) << true;
        QTest::newRow("3601") << qint64(3601) << false;
        QTest::newRow("zero") << qint64(0) << false;
        QTest::newRow("negative") << qint64(-900) << false;
        QTest::newRow("huge") << std::numeric_limits<qint64>::max() << false;
    }
    void boundsTheLife() {
        QFETCH(qint64, seconds);
        QFETCH(bool, allowed);
        const auto result = checkTokenTtl(seconds);
        QCOMPARE(result.has_value(), allowed);
        if (!allowed) {
            QCOMPARE(result.error().field, std::string("ttlSeconds"));
            QVERIFY(result.error().message.find(std::to_string(seconds)) != std::string::npos);
        }
    }

    void readsTheProjectBeforeVerifying() {
        QCOMPARE(unverifiedProjectId(signedToken("{}", "{\"projectId\":\"p\"}", "x")).value_or(""), std::string("p"));
        QVERIFY(!unverifiedProjectId(tokenOf("{\"projectId\":\"\"}")));
        QVERIFY(!unverifiedProjectId(tokenOf("{\"projectId\":1}")));
        QVERIFY(!unverifiedProjectId(tokenOf("[]")));
        QVERIFY(!unverifiedProjectId("x"));
    }

    void takesTokensApart() {
        const auto decoded = decodeToken(signedToken("{\"alg\":\"none\"}", "{\"a\": 1}", "x"));
        QCOMPARE(decoded->header + decoded->claims, std::string("{\"alg\":\"none\"}{\"a\": 1}"));
        QCOMPARE(decodeToken("a.b").error().code, std::string("invalid_token"));
        QVERIFY(!decodeToken(signedToken("[]", "{}")));
        QVERIFY(!decodeToken(signedToken("{}", "x")));
    }
};

QTEST_APPLESS_MAIN(JwtTest)
#include "tst_jwt.moc"
