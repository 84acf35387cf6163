#include "client_test.h"

using namespace xshathra;
using namespace xshathra::test;

class ClientChannelsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void publishPermission_data() {
        QTest::addColumn<QString>("user");
        QTest::addColumn<bool>("forClient");
        QTest::addColumn<bool>("forSubscriber");
        QTest::addColumn<bool>("forAnonymous");
        QTest::addColumn<bool>("subscribed");
        QTest::addColumn<uint>("error");
        QTest::newRow("nothing allowed") << "42" << false << false << false << true << 103U;
        QTest::newRow("client") << "42" << true << false << false << false << 0U;
        QTest::newRow("subscriber, subscribed") << "42" << false << true << false << true << 0U;
        QTest::newRow("subscriber, not subscribed") << "42" << false << true << false << false << 103U;
        QTest::newRow("anonymous client") << "" << true << false << false << false << 103U;
        QTest::newRow("anonymous client, widened") << "" << true << false << true << false << 0U;
        QTest::newRow("anonymous subscriber") << "" << false << true << false << true << 103U;
        QTest::newRow("anonymous subscriber, widened") << "" << false << true << true << true << 0U;
        QTest::newRow("anonymous alone grants nothing") << "" << false << false << true << true << 103U;
    }

    void publishPermission() {
        QFETCH(QString, user);
        QFETCH(bool, forClient);
        QFETCH(bool, forSubscriber);
        QFETCH(bool, forAnonymous);
        QFETCH(bool, subscribed);
        QFETCH(uint, error);
        EngineFixture engine;
        engine.addProject("proj_A", [&](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            auto& o = layout.namespaces[0].options;
            o.allowPublishForClient = o.allowPresenceForClient = o.allowHistoryForClient = forClient;
            o.allowPublishForSubscriber = o.allowPresenceForSubscriber = o.allowHistoryForSubscriber = forSubscriber;
            o.allowPublishForAnonymous = o.allowPresenceForAnonymous = o.allowHistoryForAnonymous = forAnonymous;
            o.historySize = 5;
            o.historyTtl = Seconds(60);
        });
        auto peer = engine.connect(user.toStdString());
        if (subscribed)
            ask(*peer, subscribeTo("public:a"));
        QCOMPARE(errorOf(ask(*peer, publishTo("public:a"))), std::uint32_t(error));
        QCOMPARE(errorOf(ask(*peer, protocol::PresenceRequest{"public:a"})), std::uint32_t(error));
        QCOMPARE(errorOf(ask(*peer, protocol::PresenceStatsRequest{"public:a"})), std::uint32_t(error));
        protocol::HistoryRequest history;
        history.channel = "public:a";
        QCOMPARE(errorOf(ask(*peer, history)), std::uint32_t(error));
        QCOMPARE(engine.node().history("public:a", {})->offset, std::uint64_t(error == 0 ? 1 : 0));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void channelErrorsAreTheSameForAllCommands() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        protocol::HistoryRequest history;
        for (const auto& [channel, error] : {std::pair("other:a", 102U), std::pair("public:\xc3\xa9", 107U)}) {
            history.channel = channel;
            QCOMPARE(errorOf(ask(*peer, publishTo(channel))), error);
            QCOMPARE(errorOf(ask(*peer, protocol::PresenceRequest{channel})), error);
            QCOMPARE(errorOf(ask(*peer, protocol::PresenceStatsRequest{channel})), error);
            QCOMPARE(errorOf(ask(*peer, history)), error);
        }
        history.channel = "public:a";
        QCOMPARE(errorOf(ask(*peer, history)), 108U);
        QCOMPARE(errorOf(ask(*peer, protocol::PresenceRequest{"chat:a"})), 108U);
        QCOMPARE(errorOf(ask(*peer, protocol::PresenceStatsRequest{"chat:a"})), 108U);
    }

    void dataFormat_data() {
        QTest::addColumn<int>("format");
        QTest::addColumn<QByteArray>("data");
        QTest::addColumn<uint>("error");
        const auto row = [](const char* name, engine::DataFormat format, const char* data, unsigned error) {
            QTest::newRow(name) << int(format) << QByteArray(data) << error;
        };
        row("any, empty", engine::DataFormat::Any, "", 107);
        row("any, binary", engine::DataFormat::Any, "\x01\xff", 0);
        row("json, number", engine::DataFormat::Json, "1.50", 0);
        row("json, not json", engine::DataFormat::Json, "{", 107);
        row("json, empty", engine::DataFormat::Json, "", 107);
        row("object, object", engine::DataFormat::JsonObject, " {\"a\":1}", 0);
        row("object, array", engine::DataFormat::JsonObject, "[1]", 107);
        row("object, not json", engine::DataFormat::JsonObject, "{x}", 107);
        row("binary, empty", engine::DataFormat::Binary, "", 0);
    }

    void dataFormat() {
        QFETCH(int, format);
        QFETCH(QByteArray, data);
        QFETCH(uint, error);
        EngineFixture engine;
        engine.addProject("proj_A", [&](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces[1].options.publicationDataFormat = engine::DataFormat(format);
        });
        auto peer = engine.connectProtobuf("42");
        QCOMPARE(errorOf(ask(*peer, publishTo("chat:a", data.toStdString()))), std::uint32_t(error));
        const auto published = engine.node().publish("chat:a", SharedBytes(data.toStdString()));
        QCOMPARE(published.has_value() ? 0U : published.error().code, std::uint32_t(error));
    }

    void streamIsNoMap() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        auto request = publishTo("chat:a");
        request.type = 1;
        QCOMPARE(errorOf(ask(*peer, request)), 103U);
        auto refresh = protocol::SubRefreshRequest{};
        refresh.channel = "chat:a";
        refresh.type = 1;
        ask(*peer, subscribeTo("chat:a"));
        // A refresh like any other, but without a token.
        QCOMPARE(errorOf(ask(*peer, refresh)), 107U);
    }

    void clientPublicationsSayWhoPublished() {
        EngineFixture engine;
        auto subscriber = engine.connect("1");
        ask(*subscriber, subscribeTo("public:a"));
        auto publisher = engine.connect("2", R"(,"info":{"n":"Bo"})");
        ask(*publisher, subscribeTo("public:a"));
        const auto replies = ask(*publisher, publishTo("public:a", R"({"z":1, "a":1.10,"big":12345678901234567890})"));
        QVERIFY(resultOf<protocol::PublishResult>(replies) != nullptr);
        QCOMPARE(replies.size(), std::size_t(2));  // the publisher gets its own publication too
        const auto pushes = pushesOf<protocol::Publication>(*subscriber);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].first, std::string("public:a"));
        const auto& publication = pushes[0].second;
        QCOMPARE(publication.data.view(), std::string_view(R"({"z":1, "a":1.10,"big":12345678901234567890})"));
        QCOMPARE(publication.info->user, std::string("2"));
        QCOMPARE(publication.info->client, publisher->client.id());
        QCOMPARE(publication.info->connInfo->view(), std::string_view(R"({"n":"Bo"})"));
        QCOMPARE(publication.offset, std::uint64_t(0));
        QVERIFY(engine.node().publish("public:a", bytes("1")).has_value());
        engine.turn();
        QVERIFY(!pushesOf<protocol::Publication>(*subscriber)[0].second.info);
    }

    void presenceListsMembers() {
        EngineFixture engine;
        auto one = engine.connect("42");
        auto two = engine.connect("42");
        auto anonymous = engine.connect("");
        for (auto* peer : {one.get(), two.get(), anonymous.get()})
            ask(*peer, subscribeTo("public:a"));
        const auto replies = ask(*one, protocol::PresenceRequest{"public:a"});
        const auto* members = resultOf<protocol::PresenceResult>(replies);
        QCOMPARE(members->presence.size(), std::size_t(3));
        QCOMPARE(members->presence.at(two->client.id()).user, std::string("42"));
        const auto stats = ask(*one, protocol::PresenceStatsRequest{"public:a"});
        QCOMPARE(resultOf<protocol::PresenceStatsResult>(stats)->numClients, 3U);
        QCOMPARE(resultOf<protocol::PresenceStatsResult>(stats)->numUsers, 2U);
        QCOMPARE(errorOf(ask(*one, protocol::PresenceStatsRequest{"public:b"})), 103U);
    }

    void history_data() {
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("since");
        QTest::addColumn<bool>("epoch");
        QTest::addColumn<bool>("reverse");
        QTest::addColumn<uint>("error");
        QTest::addColumn<QString>("offsets");
        QTest::newRow("position only") << 0 << -1 << false << false << 0U << "";
        QTest::newRow("two") << 2 << -1 << false << false << 0U << "1,2";
        QTest::newRow("all") << -1 << -1 << false << false << 0U << "1,2,3,4,5";
        QTest::newRow("many") << 1000 << -1 << false << false << 0U << "1,2,3,4,5";
        QTest::newRow("since") << -1 << 3 << false << false << 0U << "4,5";
        QTest::newRow("since the beginning") << -1 << 0 << false << false << 0U << "1,2,3,4,5";
        QTest::newRow("since with another epoch") << -1 << 3 << true << false << 112U << "";
        QTest::newRow("newest first") << 2 << -1 << false << true << 0U << "5,4";
        QTest::newRow("backwards from 3") << -1 << 3 << false << true << 0U << "2,1";
        QTest::newRow("backwards from 0") << -1 << 0 << false << true << 107U << "";
    }

    void history() {
        QFETCH(int, limit);
        QFETCH(int, since);
        QFETCH(bool, epoch);
        QFETCH(bool, reverse);
        QFETCH(uint, error);
        QFETCH(QString, offsets);
        for (const bool binary : {false, true}) {
            EngineFixture engine;
            for (int i = 1; i <= 5; ++i)
                QVERIFY(engine.node().publish("chat:a", SharedBytes(std::to_string(i))).has_value());
            auto peer = binary ? engine.connectProtobuf("42") : engine.connect("42");
            ask(*peer, subscribeTo("chat:a"));
            protocol::HistoryRequest request;
            request.channel = "chat:a";
            request.limit = limit;
            request.reverse = reverse;
            if (since >= 0)
                request.since = protocol::StreamPosition{std::uint64_t(since), epoch ? "other" : ""};
            const auto replies = ask(*peer, request);
            QCOMPARE(errorOf(replies), std::uint32_t(error));
            if (error != 0)
                continue;
            const auto* result = resultOf<protocol::HistoryResult>(replies);
            QCOMPARE(result->offset, std::uint64_t(5));
            QCOMPARE(result->epoch.size(), std::size_t(8));
            std::string found;
            for (const auto& one : result->publications)
                found += (found.empty() ? "" : ",") + std::to_string(one.offset);
            QCOMPARE(found, offsets.toStdString());
        }
    }

    void historyLimitIsExact_data() {
        QTest::addColumn<uint>("max");
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("expected");
        QTest::newRow("one less") << 4U << 3 << 3;
        QTest::newRow("as many") << 4U << 4 << 4;
        QTest::newRow("one more") << 4U << 5 << 4;
        QTest::newRow("all") << 4U << -1 << 4;
        QTest::newRow("all, no maximum") << 0U << -1 << 6;
        QTest::newRow("some, no maximum") << 0U << 5 << 5;
    }

    void historyLimitIsExact() {
        QFETCH(uint, max);
        QFETCH(int, limit);
        QFETCH(int, expected);
        EngineFixture engine;
        engine.addProject("proj_A", [max](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.historyMaxPublicationLimit = max;
        });
        for (int i = 0; i < 6; ++i)
            QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("chat:a"));
        protocol::HistoryRequest request;
        request.channel = "chat:a";
        request.limit = limit;
        QCOMPARE(resultOf<protocol::HistoryResult>(ask(*peer, request))->publications.size(), std::size_t(expected));
        QCOMPARE(engine.node().history("chat:a", {-1, {}, false})->publications.size(), std::size_t(6));
    }

    void binaryHistoryClosesJsonClients() {
        EngineFixture engine;
        QVERIFY(engine.node().publish("chat:a", bytes("\x01\x02")).has_value());
        protocol::HistoryRequest request;
        request.channel = "chat:a";
        request.limit = -1;
        auto binary = engine.connectProtobuf("42");
        ask(*binary, subscribeTo("chat:a"));
        const auto replies = ask(*binary, request);
        QCOMPARE(resultOf<protocol::HistoryResult>(replies)->publications[0].data.view(), std::string_view("\x01\x02"));
        auto json = engine.connect("42");
        ask(*json, subscribeTo("chat:a"));
        ask(*json, request);
        QCOMPARE(json->closeCode(), 3506U);
        auto recovering = engine.connect("42");
        auto recover = subscribeTo("chat:a");
        recover.recover = true;
        ask(*recovering, recover);
        QCOMPARE(recovering->closeCode(), 3506U);
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(1));
    }
};

QTEST_GUILESS_MAIN(ClientChannelsTest)
#include "tst_client_channels.moc"
