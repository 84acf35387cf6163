#include "server/auth/digest.h"
#include "server/engine/node.h"
#include "tests/unit/services/services_fixture.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;
using namespace xshathra;
using namespace xshathra::services;
using auth::KeyKind;
using test::ServicesFixture;

namespace {

QJsonObject claimsOf(const std::string& token) {
    const auto decoded = auth::decodeToken(token);
    return decoded ? QJsonDocument::fromJson(QByteArray::fromStdString(decoded->claims)).object() : QJsonObject();
}

}  // namespace

class TokensAndKeysTest : public QObject {
    Q_OBJECT

    static Result<PublishResult> publish(const ServicesFixture& fixture, const std::string& projectId,
                                         PublishRequest request) {
        return fixture->publisher().publish(projectId, std::move(request));
    }
    static PublishRequest request(const std::string& channel, const std::string& data) {
        PublishRequest wanted;
        wanted.channel = channel;
        wanted.data = SharedBytes::copyOf(data);
        return wanted;
    }

private Q_SLOTS:
    void tellsKeysApart() {
        const ServicesFixture fixture;
        const auto other = fixture.create("Other");
        const auto server = fixture.key(fixture.first());
        const auto client = fixture.key(other, KeyKind::Client);
        QCOMPARE(fixture->keys().authenticate(server).value().projectId, fixture.first()->id);
        QCOMPARE(fixture->keys().authenticate(client).value().projectId, other->id);
        QVERIFY(fixture->keys().authenticate(client).value().kind == KeyKind::Client);
        QVERIFY(fixture->keys().authenticateServer(server));
        const auto refused = fixture->keys().authenticateServer(client);
        QCOMPARE(refused.error().kind, KeyRefusalKind::ClientKey);
        QCOMPARE(refused.error().httpStatus(), 403);
        QCOMPARE(fixture->keys().authenticate("").error().kind, KeyRefusalKind::Missing);
        const auto unknown = auth::generateApiKey(KeyKind::Server, auth::KeyEnvironment::Live);
        QCOMPARE(fixture->keys().authenticate(unknown.expose()).error().kind, KeyRefusalKind::Unknown);
        QCOMPARE(fixture->keys().authenticate(unknown.expose()).error().httpStatus(), 401);
    }

    void mistypedKeysAreRefusedAtEveryPlace() {
        const ServicesFixture fixture;
        const auto key = fixture.key(fixture.first());
        for (std::size_t i = 0; i < key.size(); ++i) {
            auto mistyped = key;
            mistyped[i] = mistyped[i] == 'a' ? 'b' : 'a';
            const auto refused = fixture->keys().authenticate(mistyped);
            QVERIFY(!refused);
            QCOMPARE(refused.error().kind, KeyRefusalKind::Mistyped);
            QVERIFY(refused.error().message.find(mistyped) == std::string::npos);
            if (i > 0)
                QCOMPARE(fixture->keys().authenticate(std::string_view(key).substr(0, i)).error().kind,
                         KeyRefusalKind::Mistyped);
        }
    }

    void mintsConnectionTokens() {
        const ServicesFixture fixture;
        const auto project = fixture.first();
        ConnectTokenRequest request;
        request.userId = "user_123";
        request.channels = {"public:lobby"};
        request.info = "{\"n\": 1.10}";
        const auto minted = fixture->tokens().mintConnection(project->id, request);
        QVERIFY(minted);
        QCOMPARE(minted->expiresInSeconds, std::int64_t{900});
        const auto claims = claimsOf(minted->token);
        QCOMPARE(claims[u"sub"_s].toString(), u"user_123"_s);
        QCOMPARE(claims[u"projectId"_s].toString(), QString::fromStdString(project->id));
        QCOMPARE(claims[u"iat"_s].toInteger(), fixture.clock.wallSeconds());
        QCOMPARE(claims[u"exp"_s].toInteger(), fixture.clock.wallSeconds() + 900);
        QCOMPARE(claims[u"channels"_s].toArray(), (QJsonArray{u"public:lobby"_s}));
        const auto verified = project->engine->tokenVerifier->verifyConnection(minted->token, project->id);
        QVERIFY(verified.outcome);
        QCOMPARE(std::string(verified.outcome->info->view()), request.info);
    }

    void mintsSubscriptionTokens() {
        const ServicesFixture fixture;
        const auto project = fixture.first();
        SubscribeTokenRequest request;
        request.userId = "u";
        request.channel = "chat:" + project->id + ":room";
        request.ttlSeconds = 60;
        const auto minted = fixture->tokens().mintSubscription(project->id, request);
        QVERIFY(minted);
        const auto claims = claimsOf(minted->token);
        QCOMPARE(claims[u"channel"_s].toString(), QString::fromStdString(request.channel));
        QCOMPARE(claims[u"exp"_s].toInteger() - claims[u"iat"_s].toInteger(), 60);
        QVERIFY(project->engine->tokenVerifier->verifySubscription(minted->token, project->id).outcome);
        QVERIFY(!project->engine->tokenVerifier->verifySubscription(minted->token, "proj_other").outcome);
    }

    void ttlHasBounds_data() {
        QTest::addColumn<qint64>("ttl");
        QTest::addColumn<bool>("allowed");
        for (const auto& [ttl, allowed] : std::initializer_list<std::pair<qint64, bool>>{{-1, false},
                                                                                         {0, false},
                                                                                         {29, false},
                                                                                         {30, true},
                                                                                         {31, true},
                                                                                         {3599, true},
                                                                                         {3600, true},
                                                                                         {3601, false},
                                                                                         {INT64_MAX, false}})
            QTest::addRow("%lld", static_cast<long long>(ttl)) << ttl << allowed;
    }

    void ttlHasBounds() {
        QFETCH(qint64, ttl);
        QFETCH(bool, allowed);
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        ConnectTokenRequest connect;
        connect.userId = "u";
        connect.ttlSeconds = ttl;
        SubscribeTokenRequest subscribe;
        subscribe.userId = "u";
        subscribe.channel = "public:lobby";
        subscribe.ttlSeconds = ttl;
        for (const auto& minted :
             {fixture->tokens().mintConnection(id, connect), fixture->tokens().mintSubscription(id, subscribe)}) {
            QCOMPARE(minted.has_value(), allowed);
            if (!allowed)
                QCOMPARE(minted.error().field, std::string("ttlSeconds"));
        }
    }

    void namesTheWrongField_data() {
        QTest::addColumn<QByteArray>("user");
        QTest::addColumn<QByteArray>("channel");
        QTest::addColumn<int>("count");
        QTest::addColumn<QByteArray>("info");
        QTest::addColumn<QByteArray>("field");
        const QByteArray ok("u");
        const QByteArray room("public:x");
        QTest::newRow("no user") << QByteArray() << room << 1 << QByteArray() << QByteArray("userId");
        QTest::newRow("longest user") << QByteArray(kMaxUserIdLength, 'a') << room << 1 << QByteArray() << QByteArray();
        QTest::newRow("user + 1") << QByteArray(kMaxUserIdLength + 1, 'a') << room << 1 << QByteArray()
                                  << QByteArray("userId");
        QTest::newRow("user not UTF-8") << QByteArray("\xff") << room << 1 << QByteArray() << QByteArray("userId");
        QTest::newRow("no channel") << ok << QByteArray() << 1 << QByteArray() << QByteArray("channels");
        QTest::newRow("longest channel") << ok << room + QByteArray(247, 'a') << 1 << QByteArray() << QByteArray();
        QTest::newRow("channel + 1") << ok << room + QByteArray(248, 'a') << 1 << QByteArray()
                                     << QByteArray("channels");
        QTest::newRow("unknown namespace") << ok << QByteArray("nope:x") << 1 << QByteArray() << QByteArray("channels");
        QTest::newRow("control") << ok << QByteArray("public:\n") << 1 << QByteArray() << QByteArray("channels");
        QTest::newRow("other project") << ok << QByteArray("chat:proj_01J9Z3T8QHW4R6M2N0C7BVKXEF:1") << 1
                                       << QByteArray() << QByteArray("channels");
        QTest::newRow("most channels") << ok << room << int(kMaxTokenChannels) << QByteArray() << QByteArray();
        QTest::newRow("channels + 1") << ok << room << int(kMaxTokenChannels) + 1 << QByteArray()
                                      << QByteArray("channels");
        QTest::newRow("info object") << ok << room << 1 << QByteArray(" {}") << QByteArray();
        QTest::newRow("info array") << ok << room << 1 << QByteArray("[]") << QByteArray("info");
        QTest::newRow("info broken") << ok << room << 1 << QByteArray("{\"a\":}") << QByteArray("info");
        QTest::newRow("info text") << ok << room << 1 << QByteArray("x") << QByteArray("info");
        QTest::newRow("longest info") << ok << room << 1 << "{\"a\":\"" + QByteArray(kMaxTokenInfoSize - 8, 'x') + "\"}"
                                      << QByteArray();
        QTest::newRow("info + 1") << ok << room << 1 << "{\"a\":\"" + QByteArray(kMaxTokenInfoSize - 7, 'x') + "\"}"
                                  << QByteArray("info");
    }

    void namesTheWrongField() {
        QFETCH(QByteArray, user);
        QFETCH(QByteArray, channel);
        QFETCH(int, count);
        QFETCH(QByteArray, info);
        QFETCH(QByteArray, field);
        const ServicesFixture fixture;
        ConnectTokenRequest request;
        request.userId = user.toStdString();
        request.channels.assign(static_cast<std::size_t>(count), channel.toStdString());
        request.info = info.toStdString();
        const auto minted = fixture->tokens().mintConnection(fixture.first()->id, request);
        QCOMPARE(minted.has_value(), field.isEmpty());
        if (!minted) {
            QCOMPARE(QByteArray::fromStdString(minted.error().field), field);
            QCOMPARE(minted.error().code, std::string("invalid_argument"));
        }
    }

    void projectsAreIsolated() {
        const ServicesFixture fixture;
        const auto other = fixture.create("Other");
        SubscribeTokenRequest request;
        request.userId = "u";
        request.channel = "match:" + other->id + ":1";
        QCOMPARE(fixture->tokens().mintSubscription(fixture.first()->id, request).error().field,
                 std::string("channel"));
        QVERIFY(fixture->tokens().mintSubscription(other->id, request));
        QCOMPARE(fixture->tokens().mintSubscription("proj_none", request).error().field, std::string("projectId"));
        QVERIFY(publish(fixture, fixture.first()->id, TokensAndKeysTest::request("chat:a", "1")));
        QCOMPARE(fixture.registry.find(fixture.first()->id)->history("chat:a", {}).value().offset, std::uint64_t{1});
        QCOMPARE(fixture.registry.find(other->id)->history("chat:a", {}).value().offset, std::uint64_t{0});
    }

    void publishesWithOffsets() {
        const ServicesFixture fixture;
        const auto id = fixture.first()->id;
        QCOMPARE(publish(fixture, id, request("public:lobby", "{}")).value().offset, std::uint64_t{0});
        const auto one = publish(fixture, id, request("chat:a", "{\"x\":1.10}"));
        QCOMPARE(one.value().offset, std::uint64_t{1});
        QVERIFY(!one.value().epoch.empty());
        auto again = request("chat:a", "{\n\"x\":2}");
        again.idempotencyKey = "k";
        QCOMPARE(publish(fixture, id, again).value().offset, std::uint64_t{2});
        QCOMPARE(publish(fixture, id, again).value().offset, std::uint64_t{2});
        auto skipped = request("chat:a", "3");
        skipped.skipHistory = true;
        QVERIFY(publish(fixture, id, skipped));
        engine::HistoryOptions options;
        options.limit = -1;
        const auto page = fixture.registry.find(id)->history("chat:a", options);
        QCOMPARE(page.value().publications.size(), std::size_t{2});
    }

    void publishNamesTheWrongField_data() {
        QTest::addColumn<QByteArray>("channel");
        QTest::addColumn<QByteArray>("data");
        QTest::addColumn<int>("tagLength");
        QTest::addColumn<int>("tags");
        QTest::addColumn<int>("key");
        QTest::addColumn<QByteArray>("field");
        const QByteArray room("public:x");
        QTest::newRow("ok") << room << QByteArray("null") << int(kMaxTagLength) << int(kMaxTags)
                            << int(kMaxIdempotencyKeyLength) << QByteArray();
        QTest::newRow("no channel") << QByteArray() << QByteArray("1") << 1 << 0 << 0 << QByteArray("channel");
        QTest::newRow("namespace") << QByteArray("no:x") << QByteArray("1") << 1 << 0 << 0 << QByteArray("channel");
        QTest::newRow("no data") << room << QByteArray() << 1 << 0 << 0 << QByteArray("data");
        QTest::newRow("bad data") << room << QByteArray("{") << 1 << 0 << 0 << QByteArray("data");
        QTest::newRow("two values") << room << QByteArray("1 2") << 1 << 0 << 0 << QByteArray("data");
        QTest::newRow("largest data") << room << QByteArray("\"" + QByteArray(kMaxPublishSize - 2, 'x') + "\"") << 1
                                      << 0 << 0 << QByteArray();
        QTest::newRow("data + 1") << room << QByteArray("\"" + QByteArray(kMaxPublishSize - 1, 'x') + "\"") << 1 << 0
                                  << 0 << QByteArray("data");
        QTest::newRow("tags + 1") << room << QByteArray("1") << 1 << int(kMaxTags) + 1 << 0 << QByteArray("tags");
        QTest::newRow("tag + 1") << room << QByteArray("1") << int(kMaxTagLength) + 1 << 1 << 0 << QByteArray("tags");
        QTest::newRow("key + 1") << room << QByteArray("1") << 1 << 0 << int(kMaxIdempotencyKeyLength) + 1
                                 << QByteArray("idempotency_key");
    }

    void publishNamesTheWrongField() {
        QFETCH(QByteArray, channel);
        QFETCH(QByteArray, data);
        QFETCH(int, tagLength);
        QFETCH(int, tags);
        QFETCH(int, key);
        QFETCH(QByteArray, field);
        const ServicesFixture fixture;
        auto wanted = request(channel.toStdString(), data.toStdString());
        for (int i = 0; i < tags; ++i)
            wanted.tags["t" + std::to_string(i)] = std::string(static_cast<std::size_t>(tagLength), 'x');
        wanted.idempotencyKey = std::string(static_cast<std::size_t>(key), 'k');
        const auto published = publish(fixture, fixture.first()->id, wanted);
        QCOMPARE(published.has_value(), field.isEmpty());
        if (!published)
            QCOMPARE(QByteArray::fromStdString(published.error().field), field);
    }

    void publishTellsWhatTheEngineRefuses() {
        ServicesFixture fixture;
        const auto id = fixture.first()->id;
        const auto refused = [](const Result<PublishResult>& published) {
            return published ? Error() : published.error();
        };
        engine::NamespaceOptions objects{"objects", {}};
        objects.options.publicationDataFormat = engine::DataFormat::JsonObject;
        QVERIFY(fixture->namespaces().add(id, objects).result());
        QVERIFY(publish(fixture, id, request("objects:a", "{}")));
        QCOMPARE(refused(publish(fixture, id, request("objects:a", "1"))),
                 (Error{"invalid_argument",
                        "The channel \"objects:a\" doesn't take this publication: its namespace demands another data "
                        "format or type.",
                        "data"}));
        QCOMPARE(refused(publish(fixture, "proj_none", request("chat:a", "1"))),
                 (Error{"not_found", "There is no project \"proj_none\".", "projectId"}));

        // The engine's configuration is behind or ahead of the stored one for a moment.
        auto withoutNamespaces = std::make_shared<engine::ProjectConfig>(*fixture.registry.find(id)->config());
        withoutNamespaces->channels = std::make_shared<engine::NamespaceRegistry>(engine::ChannelLayout());
        auto behind = std::make_shared<engine::EngineConfig>();
        behind->projects.push_back(withoutNamespaces);
        fixture.registry.apply(behind);
        QCOMPARE(refused(publish(fixture, id, request("chat:a", "1"))),
                 (Error{"unknown_namespace", "The project has no namespace for the channel \"chat:a\".", "channel"}));
        fixture.registry.apply(std::make_shared<engine::EngineConfig>());
        QCOMPARE(refused(publish(fixture, id, request("chat:a", "1"))),
                 (Error{"not_found", "The engine has no project \"" + id + "\".", "projectId"}));
    }

    void publishNeedsAnEngine() {
        const test::ManualClock clock;
        ServicesOptions options;
        options.inMemory = true;
        const auto opened = Services::open(options, clock, nullptr);
        QVERIFY(opened);
        auto& services = **opened;
        const auto id = services.projects().list().front()->id;
        const auto told = services.publisher().publish(id, request("chat:a", "1"));
        QVERIFY(!told);
        QCOMPARE(told.error(), (Error{"unavailable", "No engine is running; start the server first.", {}}));
        // The request itself is judged first.
        QCOMPARE(services.publisher().publish(id, request("", "1")).error().field, std::string("channel"));
    }

    void tokensOfThePreviousSecretAreAcceptedForAWhile() {
        ServicesFixture fixture;
        const auto id = fixture.first()->id;
        ConnectTokenRequest request;
        request.userId = "u";
        request.ttlSeconds = 3600;
        const auto old = fixture->tokens().mintConnection(id, request).value().token;
        QVERIFY(fixture->secrets().rotateEngineSecret().result());
        const auto verify = [&](const std::string& token) {
            return fixture.registry.find(id)->config()->tokenVerifier->verifyConnection(token, id).outcome.has_value();
        };
        QVERIFY(verify(old));
        QVERIFY(verify(fixture->tokens().mintConnection(id, request).value().token));
        QVERIFY(fixture->secrets().rotateEngineSecret().result());
        QVERIFY(!verify(old));
    }
};

QTEST_GUILESS_MAIN(TokensAndKeysTest)
#include "tst_tokens_and_keys.moc"
