#include "client_test.h"
#include "server/auth/jwks.h"
#include "server/auth/token_options.h"
#include "tests/support/key_pair.h"

#include <map>

using namespace xshathra;
using namespace xshathra::test;

namespace {

using auth::Algorithm;

const std::string kKeysUrl = "https://keys.test/{{tenant}}/jwks.json";

/// Keys that a test hands over when it likes.
class FakeKeys final : public auth::KeySource {
public:
    std::shared_ptr<const auth::JsonWebKey> find(const auth::KeyRequest& request) override {
        const auto found = keys.find(request.keyId);
        return found == keys.end() ? nullptr : found->second;
    }
    void fetch(const auth::KeyRequest& request, std::function<void()> done) override {
        asked.push_back(request);
        waiting.push_back(std::move(done));
    }
    void add(const std::string& jwk) {
        const auto parsed = auth::parseJwks(keySet({jwk}));
        for (const auto& key : *parsed)
            keys[key->id] = key;
    }
    void answerAll() {
        const auto all = std::exchange(waiting, {});
        for (const auto& done : all)
            done();
    }

    std::map<std::string, std::shared_ptr<const auth::JsonWebKey>> keys;
    std::vector<auth::KeyRequest> asked;
    std::vector<std::function<void()>> waiting;
};

/// Both verifiers as a Centrifugo configuration gives them.
void useTokens(engine::ProjectConfig& project, const Clock& clock, const auth::ClientTokenOptions& options,
               std::shared_ptr<auth::KeySource> keys = nullptr) {
    auto verifiers = auth::makeVerifiers(clock, options, std::move(keys));
    QVERIFY2(verifiers.has_value(), verifiers ? "" : verifiers.error().message.c_str());
    project.tokenVerifier = verifiers->connection;
    project.subscriptionTokenVerifier = verifiers->subscription;
}

auth::ClientTokenOptions bySecret() {
    auth::ClientTokenOptions options;
    options.token.hmacSecretKey = auth::Secret(kSecret);
    return options;
}

/// What a command came to: 0, the code of an error reply, or that of the disconnect.
std::uint32_t codeOf(EngineFixture::Peer& peer, const std::vector<protocol::Reply>& replies) {
    return peer.closeCode() != 0 ? peer.closeCode() : errorOf(replies);
}

/// Centrifugo's wire for what the engine answers to one command of one kind, see protocol section 20.3.
struct Row {
    const char* name;
    /// The token's claims; `N` stands for the wall time.
    const char* claims;
    std::uint32_t connect;
    std::uint32_t subscribe;
    std::uint32_t refresh;
    /// 0 for a token that is over too: Centrifugo then lets the subscription go on without an end.
    std::uint32_t subRefresh;
};

constexpr Row kRows[] = {
    {"good for a connection", "{'sub':'42','exp':N+60}", 0, 103, 0, 3500},
    {"good for a subscription", "{'sub':'42','channel':'match:1','exp':N+60}", 3500, 0, 3500, 0},
    {"without times", "{'sub':'42','channel':'match:1'}", 3500, 0, 3500, 0},
    {"over, connection", "{'sub':'42','exp':N-1}", 109, 109, 3005, 0},
    {"over, subscription", "{'sub':'42','channel':'match:1','exp':N-1}", 3500, 109, 3500, 0},
    {"ends now", "{'sub':'42','exp':N}", 109, 109, 3005, 0},
    {"not yet valid", "{'sub':'42','nbf':N+1}", 109, 109, 3005, 0},
    {"valid from now on", "{'sub':'42','nbf':N}", 0, 103, 0, 3500},
    {"exp as a text", "{'sub':'42','exp':'N+60'}", 0, 103, 0, 3500},
    {"exp is no number", "{'sub':'42','exp':'soon'}", 3500, 103, 3500, 3500},
    {"expire_at is over", "{'sub':'42','exp':N+60,'expire_at':N-5}", 110, 103, 110, 3500},
    {"expire_at of a subscription is over", "{'sub':'42','channel':'match:1','expire_at':N-5}", 3500, 110, 3500, 110},
    {"expire_at 0", "{'sub':'42','exp':N+60,'expire_at':0}", 0, 103, 0, 3500},
    {"another channel", "{'sub':'42','channel':'match:2'}", 3500, 3500, 3500, 3500},
    {"a channel of an unknown namespace", "{'sub':'42','channel':'zz:1'}", 3500, 102, 3500, 102},
    {"another user, connection", "{'sub':'43'}", 0, 103, 3500, 3500},
    {"another user, subscription", "{'sub':'43','channel':'match:1'}", 3500, 3500, 3500, 3500},
    {"nobody", "{'channel':'match:1'}", 3500, 3500, 3500, 3500},
    {"another client", "{'sub':'42','channel':'match:1','client':'c'}", 3500, 3500, 3500, 3500},
    {"unknown namespace in channels", "{'sub':'42','channels':['zz:1']}", 102, 103, 102, 3500},
    {"unknown namespace in subs", "{'sub':'42','subs':{'zz:1':{}}}", 102, 103, 102, 3500},
    {"other channels than before", "{'sub':'42','channels':['match:1']}", 0, 103, 3010, 3500},
    {"b64info is no base64", "{'sub':'42','b64info':'?'}", 100, 103, 100, 3500},
    {"b64info of a subscription is no base64", "{'sub':'42','channel':'match:1','b64info':'?'}", 3500, 103, 3500, 3500},
    {"b64info in subs is no base64", "{'sub':'42','subs':{'match:1':{'b64info':'?'}}}", 3500, 103, 3500, 3500},
    {"claims are a list", "[]", 3500, 103, 3500, 3500},
    {"sub is a number", "{'sub':42}", 3500, 103, 3500, 3500},
    {"a projectId of the application's own", "{'sub':'42','projectId':'shop'}", 0, 103, 0, 3500},
};

std::string claimsOf(const char* claims, std::int64_t now) {
    std::string text = q(claims);
    for (const auto& [mark, value] : {std::pair<std::string, std::int64_t>{"N+60", now + 60},
                                      {"N+1", now + 1},
                                      {"N-1", now - 1},
                                      {"N-5", now - 5},
                                      {"N", now}}) {
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
            text.replace(at, mark.size(), std::to_string(value));
    }
    return text;
}

}  // namespace

class ClientTokensTest : public QObject {
    Q_OBJECT

    /// A session whose verifiers get their keys from `keys`, by the tenant in the issuer.
    static void useKeySet(EngineFixture& engine, const std::shared_ptr<FakeKeys>& keys) {
        engine.addProject("proj_A", [&](auto& project, auto&) {
            auth::ClientTokenOptions options;
            options.token.jwksPublicEndpoint = kKeysUrl;
            options.token.issuerRegex = "^https://(?P<tenant>one|two)\\.test$";
            useTokens(project, engine.clock, options, keys);
        });
    }

    static const KeyPair& pair() {
        static const auto one = KeyPair::make(auth::PublicKey::Kind::P256);
        return one;
    }
    static std::string keyedToken(const std::string& more = {}, const char* kid = "k1") {
        return pair().token(Algorithm::ES256, q("{'sub':'42','iss':'https://one.test'" + more + "}"),
                            std::string(",\"kid\":\"") + kid + "\"");
    }

private Q_SLOTS:
    void answersAsCentrifugo_data() {
        QTest::addColumn<int>("row");
        for (std::size_t i = 0; i < std::size(kRows); ++i)
            QTest::newRow(kRows[i].name) << int(i);
    }
    void answersAsCentrifugo() {
        QFETCH(int, row);
        const auto& expected = kRows[row];
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) { useTokens(project, engine.clock, bySecret()); });
        const auto token = connectToken(claimsOf(expected.claims, engine.now()));

        auto fresh = engine.open();
        const auto connected = ask(*fresh, connectWith(token), 1);
        QCOMPARE(codeOf(*fresh, connected), expected.connect);

        auto peer = engine.connect("42");
        auto subscribe = subscribeTo("match:1");
        subscribe.token = token;
        const auto subscribed = ask(*peer, subscribe);
        QCOMPARE(codeOf(*peer, subscribed), expected.subscribe);

        auto refreshing = engine.connect("42");
        protocol::RefreshRequest refresh;
        refresh.token = token;
        const auto refreshed = ask(*refreshing, refresh);
        QCOMPARE(codeOf(*refreshing, refreshed), expected.refresh);

        auto subscriber = engine.connect("42");
        subscribe.token = subscribeToken(q("{'sub':'42','channel':'match:1'}"));
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*subscriber, subscribe)) != nullptr);
        protocol::SubRefreshRequest subRefresh;
        subRefresh.channel = "match:1";
        subRefresh.token = token;
        const auto answers = ask(*subscriber, subRefresh);
        QCOMPARE(codeOf(*subscriber, answers), expected.subRefresh);
        QCOMPARE(resultOf<protocol::SubRefreshResult>(answers) != nullptr, expected.subRefresh == 0);
    }

    void refusesWithoutAToken() {
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) { useTokens(project, engine.clock, bySecret()); });
        auto fresh = engine.open();
        QCOMPARE(codeOf(*fresh, ask(*fresh, protocol::ConnectRequest(), 1)), 3501U);
        auto peer = engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo("$match:1"))), 103U);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("match:1"))), 103U);
        auto refreshing = engine.connect("42");
        QCOMPARE(codeOf(*refreshing, ask(*refreshing, protocol::RefreshRequest())), 3501U);
        auto subscriber = engine.connect("42");
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*subscriber, subscribeTo("public:1"))) != nullptr);
        protocol::SubRefreshRequest subRefresh;
        subRefresh.channel = "public:1";
        QCOMPARE(errorOf(ask(*subscriber, subRefresh)), 107U);
    }

    void subscriptionTokensMayHaveTheirOwnKeys() {
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) {
            auto options = bySecret();
            options.subscriptionTokenEnabled = true;
            options.subscriptionToken.hmacSecretKey = auth::Secret("another secret");
            useTokens(project, engine.clock, options);
        });
        const auto claims = q("{'sub':'42','channel':'match:1'}");
        auto peer = engine.connect("42");
        auto request = subscribeTo("match:1");
        request.token = connectToken(claims);
        QCOMPARE(errorOf(ask(*peer, request)), 103U);
        request.token = hmacToken(Algorithm::HS384, "another secret", claims);
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, request)) != nullptr);
        protocol::SubRefreshRequest refresh;
        refresh.channel = "match:1";
        refresh.token = request.token;
        QVERIFY(resultOf<protocol::SubRefreshResult>(ask(*peer, refresh)) != nullptr);
        refresh.token = connectToken(claims);
        QCOMPARE(codeOf(*peer, ask(*peer, refresh)), 3500U);
        // The other way round they open no connection.
        auto fresh = engine.open();
        QCOMPARE(
            codeOf(*fresh, ask(*fresh, connectWith(hmacToken(Algorithm::HS256, "another secret", q("{'sub':'42'}"))))),
            3500U);
    }

    void thePreviousSecretEnds_data() {
        QTest::addColumn<int>("late");
        QTest::addColumn<bool>("accepted");
        QTest::newRow("a second before") << -1 << true;
        QTest::newRow("in its last second") << 0 << true;
        QTest::newRow("a second after") << 1 << false;
    }
    void thePreviousSecretEnds() {
        QFETCH(int, late);
        QFETCH(bool, accepted);
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) {
            auth::ClientTokenOptions options;
            options.token.hmacSecretKey = auth::Secret("the new secret");
            options.token.hmacPreviousSecretKey = auth::Secret(kSecret);
            options.token.hmacPreviousSecretKeyValidUntil = engine.now() - late;
            useTokens(project, engine.clock, options);
        });
        auto peer = engine.open();
        QCOMPARE(codeOf(*peer, ask(*peer, connectWith(connectToken(q("{'sub':'42'}"))), 1)), accepted ? 0U : 3500U);
        auto current = engine.open();
        const auto fresh = hmacToken(Algorithm::HS512, "the new secret", q("{'sub':'42'}"));
        QCOMPARE(codeOf(*current, ask(*current, connectWith(fresh), 1)), 0U);
    }

    void signaturesMayBeSkipped() {
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) {
            auth::ClientTokenOptions options;
            options.insecureSkipTokenSignatureVerify = true;
            useTokens(project, engine.clock, options);
        });
        for (const auto& token : {hmacToken(Algorithm::HS256, "whatever", q("{'sub':'42'}")),
                                  pair().token(Algorithm::ES256, q("{'sub':'42'}")),
                                  std::string("eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.")}) {
            auto peer = engine.open();
            QVERIFY(resultOf<protocol::ConnectResult>(ask(*peer, connectWith(token), 1)) != nullptr);
            QCOMPARE(peer->client.user(), std::string("42"));
        }
        auto expired = engine.open();
        const auto over = hmacToken(Algorithm::HS256, "whatever", q("{'sub':'42','exp':5}"));
        QCOMPARE(errorOf(ask(*expired, connectWith(over), 1)), 109U);
    }

    void takesTheUserFromAHeader_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("anonymousAllowed");
        QTest::addColumn<bool>("insecure");
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<int>("code");
        const auto token = QByteArray::fromStdString(connectToken(q("{'sub':'42'}")));
        QTest::newRow("header") << QByteArray("7") << false << false << QByteArray() << QByteArray("7") << 0;
        QTest::newRow("no header") << QByteArray() << false << false << QByteArray() << QByteArray() << 3501;
        QTest::newRow("a token wins") << QByteArray("7") << false << false << token << QByteArray("42") << 0;
        QTest::newRow("a bad token too") << QByteArray("7") << false << false << QByteArray("x") << QByteArray()
                                         << 3500;
        QTest::newRow("anonymous wins") << QByteArray("7") << true << false << QByteArray() << QByteArray() << 0;
        QTest::newRow("insecure wins") << QByteArray("7") << false << true << QByteArray() << QByteArray() << 0;
    }
    void takesTheUserFromAHeader() {
        QFETCH(QByteArray, value);
        QFETCH(bool, anonymousAllowed);
        QFETCH(bool, insecure);
        QFETCH(QByteArray, token);
        QFETCH(QByteArray, user);
        QFETCH(int, code);
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) {
            project.client.userIdHttpHeader = "X-User-Id";
            project.client.allowAnonymousConnectWithoutToken = anonymousAllowed;
            project.client.insecure = insecure;
            project.client.subscribeToUserPersonalChannel.enabled = true;
            useTokens(project, engine.clock, bySecret());
        });
        QVERIFY(engine.registry.keptHeaders() != nullptr);
        QCOMPARE(*engine.registry.keptHeaders(), std::vector<std::string>{"x-user-id"});
        engine::TransportInfo info;
        if (!value.isEmpty())
            info.headers = std::make_shared<const engine::RequestHeaders>(
                engine::RequestHeaders{{"cookie", "a=b"}, {"x-user-id", value.toStdString()}});
        auto peer = engine.open(info);
        const auto replies = ask(*peer, connectWith(token.toStdString()), 1);
        QCOMPARE(codeOf(*peer, replies), std::uint32_t(code));
        QCOMPARE(peer->client.user(), user.toStdString());
        // A user by header gets no personal channel.
        if (const auto* result = resultOf<protocol::ConnectResult>(replies))
            QCOMPARE(result->subs.empty(), user != "42");
    }

    void insecureModeOpensWhatTheNamespaceHas() {
        EngineFixture engine;
        engine.addProject("proj_A", [](auto& project, auto& layout) {
            project.client.insecure = true;
            engine::NamespaceOptions plain;
            plain.name = "plain";
            layout.namespaces.push_back(plain);
        });
        auto peer = engine.open();
        QVERIFY(resultOf<protocol::ConnectResult>(ask(*peer, protocol::ConnectRequest(), 1)) != nullptr);
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, subscribeTo("match:1"))) != nullptr);
        QVERIFY(resultOf<protocol::PublishResult>(ask(*peer, publishTo("plain:1"))) != nullptr);
        protocol::PresenceRequest presence;
        presence.channel = "match:1";
        QVERIFY(resultOf<protocol::PresenceResult>(ask(*peer, presence)) != nullptr);
        protocol::HistoryRequest history;
        history.channel = "match:2";
        QVERIFY(resultOf<protocol::HistoryResult>(ask(*peer, history)) != nullptr);
        presence.channel = "plain:1";
        QCOMPARE(errorOf(ask(*peer, presence)), 108U);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("zz:1"))), 102U);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("$match:1"))), 103U);
    }

    void insecureModeForgetsTheExpiryAtConnectAlone() {
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) {
            project.client.insecure = true;
            useTokens(project, engine.clock, bySecret());
        });
        const auto token = connectToken(q("{'sub':'42','exp':" + std::to_string(engine.now() + 60) + "}"));
        auto peer = engine.open();
        const auto connected = ask(*peer, connectWith(token), 1);
        QVERIFY(!resultOf<protocol::ConnectResult>(connected)->expires);
        protocol::RefreshRequest refresh;
        refresh.token = token;
        const auto refreshed = ask(*peer, refresh);
        QVERIFY(resultOf<protocol::RefreshResult>(refreshed)->expires);
    }

    void aTokenOfAnUnknownProjectIsForTheDefaultOne() {
        EngineFixture engine;
        const auto token = connectToken(q("{'sub':'42','projectId':'shop'}"));
        auto own = engine.open();
        QCOMPARE(codeOf(*own, ask(*own, connectWith(token), 1)), 3500U);
        engine.addProject("proj_A", [&](auto& project, auto&) { useTokens(project, engine.clock, bySecret()); });
        auto foreign = engine.open();
        QCOMPARE(codeOf(*foreign, ask(*foreign, connectWith(token), 1)), 0U);
    }

    void numbersOfAnyLengthPassUntouched() {
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) { useTokens(project, engine.clock, bySecret()); });
        const std::string info = q("{'id':123456789012345678901234567890,'tiny':1e-999}");
        auto peer = engine.open();
        QVERIFY(resultOf<protocol::ConnectResult>(
                    ask(*peer, connectWith(connectToken(q("{'sub':'42','info':") + info + "}")), 1)) != nullptr);
        ask(*peer, subscribeTo("public:1"));
        protocol::PresenceRequest presence;
        presence.channel = "public:1";
        const auto replies = ask(*peer, presence);
        const auto* result = resultOf<protocol::PresenceResult>(replies);
        QVERIFY(result != nullptr && result->presence.size() == 1);
        QCOMPARE(std::string(result->presence.begin()->second.connInfo->view()), info);
    }

    void waitsForAKeyOfTheKeySet() {
        EngineFixture engine;
        const auto keys = std::make_shared<FakeKeys>();
        useKeySet(engine, keys);
        auto peer = engine.open();
        QVERIFY(ask(*peer, connectWith(keyedToken()), 1).empty());
        QCOMPARE(keys->asked.size(), std::size_t(1));
        QCOMPARE(keys->asked[0].url, std::string("https://keys.test/one/jwks.json"));
        QCOMPARE(keys->asked[0].keyId, std::string("k1"));
        // What comes meanwhile waits behind it.
        QVERIFY(ask(*peer, subscribeTo("public:1"), 2).empty());
        keys->add(pair().jwk("k1"));
        keys->answerAll();
        engine.turn();
        const auto replies = peer->transport.takeReplies();
        QCOMPARE(replies.size(), std::size_t(2));
        QVERIFY(std::holds_alternative<protocol::ConnectResult>(replies[0].result));
        QVERIFY(std::holds_alternative<protocol::SubscribeResult>(replies[1].result));
        QCOMPARE(peer->client.user(), std::string("42"));
        // The next one finds it in memory.
        auto second = engine.open();
        QVERIFY(resultOf<protocol::ConnectResult>(ask(*second, connectWith(keyedToken()), 1)) != nullptr);
        QCOMPARE(keys->asked.size(), std::size_t(1));
    }

    void aKeyThatCannotBeHadMakesTheTokenInvalid_data() {
        QTest::addColumn<QByteArray>("command");
        QTest::addColumn<int>("code");
        QTest::newRow("connect") << QByteArray("connect") << 3500;
        QTest::newRow("subscribe") << QByteArray("subscribe") << 103;
        QTest::newRow("refresh") << QByteArray("refresh") << 3500;
        QTest::newRow("sub_refresh") << QByteArray("sub_refresh") << 3500;
    }
    void aKeyThatCannotBeHadMakesTheTokenInvalid() {
        QFETCH(QByteArray, command);
        QFETCH(int, code);
        EngineFixture engine;
        const auto keys = std::make_shared<FakeKeys>();
        useKeySet(engine, keys);
        keys->add(pair().jwk("k1"));
        auto peer = engine.open();
        if (command != "connect") {
            QVERIFY(resultOf<protocol::ConnectResult>(ask(*peer, connectWith(keyedToken()), 1)) != nullptr);
            ask(*peer, subscribeTo("public:1"), 2);
        }
        const auto lost = keyedToken(command.startsWith("sub") ? ",'channel':'public:1'" : "", "k2");
        if (command == "connect") {
            QVERIFY(ask(*peer, connectWith(lost), 1).empty());
        } else if (command == "refresh") {
            protocol::RefreshRequest request;
            request.token = lost;
            QVERIFY(ask(*peer, request).empty());
        } else if (command == "sub_refresh") {
            protocol::SubRefreshRequest request;
            request.channel = "public:1";
            request.token = lost;
            QVERIFY(ask(*peer, request).empty());
        } else {
            auto request = subscribeTo("match:1");
            request.token = lost;
            QVERIFY(ask(*peer, request).empty());
        }
        QCOMPARE(keys->asked.size(), std::size_t(1));
        QCOMPARE(peer->closeCode(), 0U);
        keys->answerAll();
        engine.turn();
        QCOMPARE(codeOf(*peer, peer->transport.takeReplies()), std::uint32_t(code));
        // It was tried once.
        QCOMPARE(keys->asked.size(), std::size_t(1));
    }

    void noKeyIsAskedForInVain_data() {
        QTest::addColumn<QByteArray>("token");
        QTest::newRow("no kid") << QByteArray::fromStdString(
            pair().token(Algorithm::ES256, q("{'sub':'42','iss':'https://one.test'}")));
        QTest::newRow("another issuer") << QByteArray::fromStdString(
            pair().token(Algorithm::ES256, q("{'sub':'42','iss':'https://three.test'}"), ",\"kid\":\"k1\""));
        QTest::newRow("signed by a secret") << QByteArray::fromStdString(
            hmacToken(Algorithm::HS256, "x", q("{'sub':'42','iss':'https://one.test'}"), ",\"kid\":\"k1\""));
        QTest::newRow("no token at all") << QByteArray("x.y.z");
        QTest::newRow("claims that can't be read")
            << QByteArray::fromStdString(pair().token(Algorithm::ES256, "[]", ",\"kid\":\"k1\""));
    }
    void noKeyIsAskedForInVain() {
        QFETCH(QByteArray, token);
        EngineFixture engine;
        const auto keys = std::make_shared<FakeKeys>();
        useKeySet(engine, keys);
        auto peer = engine.open();
        ask(*peer, connectWith(token.toStdString()), 1);
        QCOMPARE(peer->closeCode(), 3500U);
        QVERIFY(keys->asked.empty());
    }

    void aConnectionThatEndsWhileItWaitsIsForgotten() {
        EngineFixture engine;
        const auto keys = std::make_shared<FakeKeys>();
        useKeySet(engine, keys);
        auto peer = engine.open();
        ask(*peer, connectWith(keyedToken()), 1);
        peer->client.transportClosed("gone");
        auto second = engine.open();
        ask(*second, connectWith(keyedToken()), 1);
        second.reset();
        keys->add(pair().jwk("k1"));
        keys->answerAll();
        engine.turn();
        QVERIFY(peer->take().empty());
        QVERIFY(!peer->client.isConnected());
    }

    void refreshReplacesMetaAndExpiry() {
        EngineFixture engine;
        engine.addProject("proj_A", [&](auto& project, auto&) { useTokens(project, engine.clock, bySecret()); });
        auto peer = engine.open();
        const auto ends = [&](int seconds) { return std::to_string(engine.now() + seconds); };
        ask(*peer, connectWith(connectToken(q("{'sub':'42','exp':" + ends(10) + "}"))), 1);
        engine.advance(Seconds(5));
        protocol::RefreshRequest refresh;
        refresh.token = connectToken(q("{'sub':'42','exp':" + ends(100) + "}"));
        const auto replies = ask(*peer, refresh);
        QCOMPARE(resultOf<protocol::RefreshResult>(replies)->ttl, 100U);
    }
};

QTEST_APPLESS_MAIN(ClientTokensTest)
#include "tst_client_tokens.moc"
