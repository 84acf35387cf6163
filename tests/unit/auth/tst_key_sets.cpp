#include "server/auth/claim_pattern.h"
#include "server/auth/jwks.h"
#include "server/auth/jwks_store.h"
#include "tests/support/key_pair.h"
#include "tests/support/manual_clock.h"

#include <QtTest>

#include <deque>
#include <string>
#include <utility>

using namespace xshathra;
using namespace xshathra::auth;
using namespace xshathra::test;

namespace {

using Kind = PublicKey::Kind;

const KeyPair& pair() {
    static const auto one = KeyPair::make(Kind::Ed25519);
    return one;
}

std::string idsOf(const std::string& json) {
    const auto keys = parseJwks(json);
    if (!keys)
        return keys.error().code;
    std::string ids;
    for (const auto& key : *keys)
        ids += (ids.empty() ? "" : " ") + key->id;
    return ids;
}

/// A server that answers when the test says so.
class FakeServer {
public:
    JwksStore::Fetcher fetcher() {
        return [this](const std::string& url, JwksStore::Answer answer) {
            urls.push_back(url);
            waiting.push_back(std::move(answer));
        };
    }
    void answer(const Result<std::string>& body) {
        const auto next = std::move(waiting.front());
        waiting.pop_front();
        next(body);
    }
    void fail() { answer(xshathra::fail("unreachable", "no")); }

    std::vector<std::string> urls;
    std::deque<JwksStore::Answer> waiting;
};

const KeyRequest kRequest{"https://keys.test/jwks", "k1"};

}  // namespace

class KeySetsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsKeysOfEveryKind_data() {
        QTest::addColumn<int>("kind");
        for (const auto kind : {Kind::Rsa, Kind::P256, Kind::P384, Kind::P521, Kind::Ed25519})
            QTest::newRow(std::string(describe(kind)).c_str()) << int(kind);
    }
    void readsKeysOfEveryKind() {
        QFETCH(int, kind);
        const auto one = KeyPair::make(static_cast<Kind>(kind));
        const auto keys = parseJwks(keySet({one.jwk("k1")}));
        QVERIFY(keys && keys->size() == 1);
        const auto algorithm = static_cast<Kind>(kind) == Kind::Rsa    ? Algorithm::RS512
                               : static_cast<Kind>(kind) == Kind::P256 ? Algorithm::ES256
                               : static_cast<Kind>(kind) == Kind::P384 ? Algorithm::ES384
                               : static_cast<Kind>(kind) == Kind::P521 ? Algorithm::ES512
                                                                       : Algorithm::EdDSA;
        QVERIFY((*keys)[0]->key.verifies(algorithm, "text", one.sign(algorithm, "text")));
        QVERIFY(!(*keys)[0]->algorithm.has_value());
    }

    void leavesOutWhatIsOfNoUse_data() {
        QTest::addColumn<QByteArray>("key");
        const auto row = [](const char* name, const std::string& key) {
            QTest::newRow(name) << QByteArray::fromStdString(key);
        };
        row("without use", pair().jwk("k1", ""));
        row("for encryption", pair().jwk("k1", ",\"use\":\"enc\""));
        row("without kid", pair().jwk(""));
        row("a secret", "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"k1\",\"use\":\"sig\"}");
        row("another kind", "{\"kty\":\"LTC\",\"kid\":\"k1\",\"use\":\"sig\"}");
        row("another curve",
            "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AA\",\"y\":\"AA\",\"kid\":\"k1\",\"use\":\"sig\"}");
        row("X25519",
            "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",\"kid\":\"k1\","
            "\"use\":\"sig\"}");
        row("a private RSA key", KeyPair::make(Kind::Rsa, 1024).privateJwk("k1"));
        row("a private EC key", KeyPair::make(Kind::P256).privateJwk("k1"));
        row("alg of another kind", KeyPair::make(Kind::P256).jwk("k1", ",\"use\":\"sig\",\"alg\":\"RS256\""));
        row("alg of another curve", KeyPair::make(Kind::P256).jwk("k1", ",\"use\":\"sig\",\"alg\":\"ES384\""));
        row("alg HS256", KeyPair::make(Kind::Rsa, 1024).jwk("k1", ",\"use\":\"sig\",\"alg\":\"HS256\""));
        row("alg PS256", KeyPair::make(Kind::Rsa, 1024).jwk("k1", ",\"use\":\"sig\",\"alg\":\"PS256\""));
        row("x is no base64url", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"+/==\",\"kid\":\"k1\",\"use\":\"sig\"}");
        row("x is a number", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":1,\"kid\":\"k1\",\"use\":\"sig\"}");
        row("a number", "1");
        row("null", "null");
    }
    void leavesOutWhatIsOfNoUse() {
        QFETCH(QByteArray, key);
        // The others of the set are there all the same, as RFC 7517 section 5 asks.
        QCOMPARE(idsOf(keySet({key.toStdString(), pair().jwk("k2")})), std::string("k2"));
    }

    void refusesWhatIsNoKeySet_data() {
        QTest::addColumn<QByteArray>("json");
        for (const char* json :
             {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":null}", "{\"keys\":[}", "<html>", "{\"keys\":[]} x"})
            QTest::newRow(json[0] == '\0' ? "empty" : json) << QByteArray(json);
    }
    void refusesWhatIsNoKeySet() {
        QFETCH(QByteArray, json);
        QCOMPARE(idsOf(json.toStdString()), std::string("invalid_jwks"));
    }

    void everyCutOfAKeySetIsRefused() {
        const auto whole = keySet({pair().jwk("k1"), pair().jwk("k2")});
        QCOMPARE(idsOf(whole), std::string("k1 k2"));
        for (std::size_t size = 0; size < whole.size(); ++size)
            QCOMPARE(idsOf(whole.substr(0, size)), std::string("invalid_jwks"));
    }

    void theLastOfTwoWithOneNameCounts() {
        const auto other = KeyPair::make(Kind::Ed25519);
        const auto keys = parseJwks(keySet({pair().jwk("k1"), other.jwk("k1")}));
        QVERIFY(keys && keys->size() == 1);
        QVERIFY((*keys)[0]->key.verifies(Algorithm::EdDSA, "t", other.sign(Algorithm::EdDSA, "t")));
    }

    void boundsTheNumberOfKeys_data() {
        QTest::addColumn<int>("given");
        QTest::addColumn<int>("kept");
        QTest::newRow("one less") << int(kMaxJwksKeys) - 1 << int(kMaxJwksKeys) - 1;
        QTest::newRow("as many") << int(kMaxJwksKeys) << int(kMaxJwksKeys);
        QTest::newRow("one more") << int(kMaxJwksKeys) + 1 << int(kMaxJwksKeys);
    }
    void boundsTheNumberOfKeys() {
        QFETCH(int, given);
        QFETCH(int, kept);
        std::string list;
        for (int i = 0; i < given; ++i)
            list += (i == 0 ? "" : ",") + pair().jwk("k" + std::to_string(i));
        QCOMPARE(int(parseJwks("{\"keys\":[" + list + "]}")->size()), kept);
    }

    void boundsTheSize_data() {
        QTest::addColumn<int>("more");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("one less") << -1 << true;
        QTest::newRow("as large") << 0 << true;
        QTest::newRow("one more") << 1 << false;
    }
    void boundsTheSize() {
        QFETCH(int, more);
        QFETCH(bool, accepted);
        auto json = keySet({pair().jwk("k1")});
        json += std::string(kMaxJwksBytes - json.size() + static_cast<std::size_t>(more + 1) - 1, ' ');
        QCOMPARE(idsOf(json), std::string(accepted ? "k1" : "invalid_jwks"));
    }

    void fetchesOnceForAllWhoWait() {
        ManualClock clock;
        FakeServer server;
        JwksStore store(clock, server.fetcher());
        int done = 0;
        QVERIFY(!store.find(kRequest));
        store.fetch(kRequest, [&] { ++done; });
        store.fetch({kRequest.url, "k2"}, [&] { ++done; });
        QCOMPARE(server.urls.size(), std::size_t(1));
        QCOMPARE(done, 0);
        server.answer(keySet({pair().jwk("k1"), pair().jwk("k2")}));
        QCOMPARE(done, 2);
        QVERIFY(store.find(kRequest) && store.find({kRequest.url, "k2"}));
        QVERIFY(!store.find({kRequest.url, "k3"}));
        // Another URL is another issuer, whose keys may have the same names.
        QVERIFY(!store.find({"https://other.test/jwks", "k1"}));
        QCOMPARE(store.statistics().keys, std::size_t(2));
    }

    void triesTwiceAndThenGivesUp() {
        ManualClock clock;
        FakeServer server;
        JwksStore store(clock, server.fetcher());
        int done = 0;
        store.fetch(kRequest, [&] { ++done; });
        server.fail();
        QCOMPARE(done, 0);
        server.answer(keySet({pair().jwk("k1")}));
        QCOMPARE(done, 1);
        QVERIFY(store.find(kRequest));
        store.fetch({kRequest.url, "k9"}, [&] { ++done; });
        server.fail();
        server.fail();
        QCOMPARE(done, 2);
        QVERIFY(server.waiting.empty());
        QCOMPARE(store.statistics().failures, std::size_t(1));
        // What was there before stays.
        QVERIFY(store.find(kRequest));
        store.fetch({kRequest.url, "k9"}, [&] { ++done; });
        server.answer(std::string("<html>"));
        QCOMPARE(done, 3);
        QVERIFY(store.find(kRequest));
    }

    void triesNothingAgainAtTheEnd() {
        ManualClock clock;
        FakeServer server;
        JwksStore store(clock, server.fetcher());
        int done = 0;
        store.fetch(kRequest, [&] { ++done; });
        server.answer(fail("stopped", "The server is stopping."));
        QCOMPARE(done, 1);
        QVERIFY(server.waiting.empty());
        QCOMPARE(store.statistics().fetches, std::size_t(1));
    }

    void aSetIsGoodForAnHour() {
        ManualClock clock;
        FakeServer server;
        JwksStore store(clock, server.fetcher());
        store.fetch(kRequest, [] {});
        server.answer(keySet({pair().jwk("k1")}));
        clock.advance(Nanoseconds(kKeySetTtl) - Nanoseconds(1));
        QVERIFY(store.find(kRequest));
        clock.advance(Nanoseconds(1));
        QVERIFY(!store.find(kRequest));
        store.fetch(kRequest, [] {});
        server.answer(keySet({pair().jwk("k2")}));
        QVERIFY2(!store.find(kRequest), "a key that was withdrawn");
        QVERIFY(store.find({kRequest.url, "k2"}));
    }

    void boundsTheRateOfFetches() {
        ManualClock clock;
        FakeServer server;
        JwksStore store(clock, server.fetcher());
        int done = 0;
        const auto ask = [&] {
            const auto before = server.urls.size();
            store.fetch({kRequest.url, "unknown"}, [&] { ++done; });
            if (server.urls.size() == before)
                return false;
            server.answer(keySet({pair().jwk("k1")}));
            return true;
        };
        for (int i = 0; i < kFetchBurst; ++i)
            QVERIFY(ask());
        QVERIFY(!ask());
        QCOMPARE(done, kFetchBurst + 1);
        QCOMPARE(store.statistics().refusedByRate, std::size_t(1));
        clock.advance(Nanoseconds(kFetchInterval) - Nanoseconds(1));
        QVERIFY(!ask());
        clock.advance(Nanoseconds(1));
        QVERIFY(ask());
        QVERIFY(!ask());
        clock.advance(Seconds(3600));
        for (int i = 0; i < kFetchBurst; ++i)
            QVERIFY(ask());
        QVERIFY(!ask());
    }

    void boundsTheNumberOfSets() {
        ManualClock clock;
        FakeServer server;
        JwksStore store(clock, server.fetcher());
        const auto urlOf = [](std::size_t i) { return "https://keys.test/" + std::to_string(i); };
        for (std::size_t i = 0; i <= kMaxKeySets; ++i) {
            store.fetch({urlOf(i), "k1"}, [] {});
            server.answer(keySet({pair().jwk("k1")}));
            clock.advance(Seconds(1));
            QCOMPARE(store.statistics().sets, std::min(i + 1, kMaxKeySets));
        }
        QVERIFY(!store.find({urlOf(0), "k1"}));
        QVERIFY(store.find({urlOf(1), "k1"}));
        QVERIFY(store.find({urlOf(kMaxKeySets), "k1"}));
    }

    void outlivesNoAnswer() {
        ManualClock clock;
        FakeServer server;
        auto store = std::make_unique<JwksStore>(clock, server.fetcher());
        bool done = false;
        store->fetch(kRequest, [&] { done = true; });
        store.reset();
        server.answer(keySet({pair().jwk("k1")}));
        QVERIFY(!done);
    }

    void fillsInTheUrl_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const char* url, const char* text, const char* expected) {
            QTest::newRow(name) << QByteArray(url) << QByteArray(text) << QByteArray(expected);
        };
        row("nothing to fill in", "https://a.test/jwks", "x", "https://a.test/jwks");
        row("in the path", "https://a.test/{{name}}/jwks", "one", "https://a.test/one/jwks");
        row("in the host", "https://{{name}}.test/jwks?a={{name}}", "one", "https://one.test/jwks?a=one");
        row("an unknown name", "https://a.test/jwks{{other}}", "one", "https://a.test/jwks");
        row("an unknown name makes an empty part", "https://a.test/{{other}}/jwks", "one", "");
        row("braces without end", "https://a.test/{{name", "one", "https://a.test/{{name");
        row("up", "https://a.test/{{name}}/jwks", "..", "");
        row("here", "https://a.test/{{name}}/jwks", ".", "");
        row("up, percent-encoded", "https://a.test/{{name}}/jwks", "%2e%2E", "");
        row("down and up", "https://a.test/{{name}}/jwks", "x/../..", "");
        row("empty part", "https://a.test/{{name}}/jwks", "", "");
        row("at the end", "https://a.test/jwks/{{name}}", "", "");
        row("cut percent sign", "https://a.test/{{name}}", "%2", "");
        row("space", "https://a.test/{{name}}", "a b", "");
        row("line break", "https://a.test/{{name}}", "a\r\nb", "");
        row("not ASCII", "https://a.test/{{name}}", "\xc3\xa4", "");
        row("no path", "https://a.test", "x", "https://a.test");
        row("slash alone", "https://a.test/", "x", "https://a.test/");
    }
    void fillsInTheUrl() {
        QFETCH(QByteArray, url);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        const auto endpoint = JwksEndpoint::parse(url.toStdString());
        QVERIFY(endpoint.has_value());
        QCOMPARE(endpoint->expand({{"name", text.toStdString()}}).value_or(""), expected.toStdString());
    }

    void refusesOtherUrls() {
        for (const char* url :
             {"", "keys.test/jwks", "ftp://keys.test/jwks", "file:///etc/passwd", "http://", "https:// x"})
            QVERIFY2(!JwksEndpoint::parse(url), url);
    }

    void groupsInTheUrlAreListsOfTexts_data() {
        QTest::addColumn<QByteArray>("expression");
        QTest::addColumn<bool>("safe");
        const auto row = [](const char* expression, bool safe) {
            QTest::newRow(expression) << QByteArray(expression) << safe;
        };
        row("^https://(?P<name>one|two)\\.test$", true);
        row("(?P<name>one)", true);
        row("(?<name>o\\.ne|(?:two|three)|(four))", true);
        row("(?P<name>)", true);
        row("(?P<other>.*)/(?P<name>one|two)", true);
        row("", true);
        row("(?P<name>.*)", false);
        row("(?P<name>.+)", false);
        row("(?P<name>one|t.o)", false);
        row("(?P<name>ones?)", false);
        row("(?P<name>one*)", false);
        row("(?P<name>(one)+)", false);
        row("(?P<name>o{2})", false);
        row("(?P<name>one$)", false);
        row("(?P<name>[a-z])", false);
        row("(?P<name>\\w+)", false);
        row("[a-z](?P<name>one)", false);
        row("\\d(?P<name>one)", false);
        row("(?P<outer>(?P<name>.*))", false);
    }
    void groupsInTheUrlAreListsOfTexts() {
        QFETCH(QByteArray, expression);
        QFETCH(bool, safe);
        const auto endpoint = JwksEndpoint::parse("https://{{name}}.test/jwks");
        QCOMPARE(!endpoint->danger(expression.toStdString()).has_value(), safe);
        QVERIFY(!JwksEndpoint::parse("https://fixed.test/jwks")->danger(expression.toStdString()));
    }

    void matchesAsGoDoes_data() {
        QTest::addColumn<QByteArray>("expression");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("group");
        const auto row = [](const char* expression, const char* text, const char* group) {
            QTest::newRow(expression) << QByteArray(expression) << QByteArray(text) << QByteArray(group);
        };
        row("^https://(?P<name>one|two)\\.test$", "https://two.test", "two");
        row("(?<name>b+)", "abbbc", "bbb");
        row("\\Aa(?P<name>.)c\\z", "abc", "b");
        row("(?i)(?P<name>ABC)", "xabcx", "abc");
        row("(a)(?:b)(?P<name>c)", "abc", "c");
        row("[(](?P<name>x)[)]", "(x)", "x");
        row("\\((?P<name>x)\\)", "(x)", "x");
        row("^(?P<name>x)$", "xy", "no match");
        row("(?P<name>a)|(?P<other>b)", "b", "");
    }
    void matchesAsGoDoes() {
        QFETCH(QByteArray, expression);
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, group);
        const auto pattern = ClaimPattern::compile(expression.toStdString());
        QVERIFY2(pattern.has_value(), pattern ? "" : pattern.error().message.c_str());
        const auto groups = pattern->match(text.toStdString());
        QCOMPARE(groups ? groups->at("name") : "no match", group.toStdString());
    }

    void refusesWhatItCannotTranslate() {
        for (const char* expression :
             {"(", "[", "(?P<na-me>x)", "(?=x)", "(?<=x)y", "(?s).", "\\pL", "\\Qx\\E", "x\\", "(x)\\1"})
            QVERIFY2(!ClaimPattern::compile(expression), expression);
    }

    void boundsTheMatchedText_data() {
        QTest::addColumn<int>("length");
        QTest::addColumn<bool>("matches");
        QTest::newRow("one less") << int(kMaxPatternText) - 1 << true;
        QTest::newRow("as long") << int(kMaxPatternText) << true;
        QTest::newRow("one more") << int(kMaxPatternText) + 1 << false;
    }
    void boundsTheMatchedText() {
        QFETCH(int, length);
        QFETCH(bool, matches);
        const auto pattern = ClaimPattern::compile("(a+)+$");
        QCOMPARE(pattern->match(std::string(static_cast<std::size_t>(length), 'a')).has_value(), matches);
        QVERIFY(!pattern->match(std::string(kMaxPatternText - 1, 'a') + "b"));
    }
};

QTEST_APPLESS_MAIN(KeySetsTest)
#include "tst_key_sets.moc"
