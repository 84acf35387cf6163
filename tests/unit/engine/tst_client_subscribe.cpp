#include "client_test.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

/// A subscribe request for each row of the table of checks, filled in by name.
struct SubscribeCase {
    std::string channel = "public:a";
    std::string claims = {};
    std::string token = {};
    std::string user = "42";
    std::string delta = {};
    int type = 0;
    bool filter = false;
};

std::uint64_t publishTimes(EngineFixture& engine, const std::string& channel, int times) {
    std::uint64_t top = 0;
    for (int i = 1; i <= times; ++i)
        top = engine.node().publish(channel, SharedBytes(std::to_string(i)))->offset;
    return top;
}

protocol::SubscribeRequest recoverFrom(const std::string& channel, std::uint64_t offset, const std::string& epoch) {
    auto request = subscribeTo(channel);
    request.recover = true;
    request.offset = offset;
    request.epoch = epoch;
    return request;
}

std::string offsetsOf(const std::vector<protocol::Publication>& publications) {
    std::string text;
    for (const auto& one : publications)
        text += (text.empty() ? "" : ",") + std::to_string(one.offset);
    return text;
}

}  // namespace

Q_DECLARE_METATYPE(SubscribeCase)

class ClientSubscribeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void checks_data() {
        QTest::addColumn<SubscribeCase>("given");
        QTest::addColumn<uint>("error");
        QTest::addColumn<uint>("close");
        const auto row = [](const char* name, SubscribeCase given, unsigned error, unsigned close = 0) {
            QTest::newRow(name) << given << error << close;
        };
        row("allowed", {}, 0);
        row("empty channel", {""}, 0, 3501);
        row("unknown delta", {"public:a", "", "", "42", "xdelta"}, 0, 3501);
        row("delta that isn't allowed is left out", {"public:a", "", "", "42", "fossil"}, 0);
        row("254 bytes", {"public:" + std::string(247, 'a')}, 0);
        row("255 bytes", {"public:" + std::string(248, 'a')}, 0);
        row("256 bytes", {"public:" + std::string(249, 'a')}, 107);
        row("unknown namespace", {"other:a"}, 102);
        row("not ascii", {"public:\xc3\xa9"}, 107);
        row("control character", {"public:\x01"}, 107);
        row("map type", {"public:a", "", "", "42", "", 1}, 103);
        row("shared poll type", {"public:a", "", "", "42", "", 4}, 108);
        row("private without a token", {"$public:a"}, 103);
        row("token needed", {"match:1"}, 103);
        row("good token", {"match:1", R"({"sub":"42","channel":"match:1"})"}, 0);
        row("good token for a private channel", {"$match:1", R"({"sub":"42","channel":"$match:1"})"}, 0);
        row("bad token", {"match:1", "", "garbage"}, 103);
        row("token expired", {"match:1", R"({"sub":"42","channel":"match:1","exp":1000})"}, 109);
        row("token not yet valid", {"match:1", R"({"sub":"42","channel":"match:1","nbf":99999999999})"}, 109);
        row("subscription expired",
            {"match:1", R"({"sub":"42","channel":"match:1","exp":99999999999,"expire_at":1000})"}, 110);
        row("token of another channel", {"match:1", R"({"sub":"42","channel":"match:2"})"}, 0, 3500);
        row("token of another user", {"match:1", R"({"sub":"43","channel":"match:1"})"}, 0, 3500);
        row("token of another client", {"match:1", R"({"sub":"42","channel":"match:1","client":"x"})"}, 0, 3500);
        row("token of another project", {"match:1", R"({"sub":"42","channel":"match:1","projectId":"proj_B"})"}, 103);
        row("connection token", {"match:1", R"({"sub":"42"})"}, 103);
        row("bad token where none is needed", {"public:a", "", "garbage"}, 103);
        row("anonymous where allowed", {"public:a", "", "", ""}, 0);
        row("anonymous where not allowed", {"chat:a", "", "", ""}, 103);
        row("filter that isn't allowed", {"public:a", "", "", "42", "", 0, true}, 107);
    }

    void checks() {
        QFETCH(SubscribeCase, given);
        QFETCH(uint, error);
        QFETCH(uint, close);
        for (const bool binary : {false, true}) {
            EngineFixture engine;
            engine.addProject("proj_B");
            auto peer = binary ? engine.connectProtobuf(given.user) : engine.connect(given.user);
            auto request = subscribeTo(given.channel);
            request.token = given.claims.empty() ? given.token : subscribeToken(given.claims);
            request.delta = given.delta;
            request.type = given.type;
            if (given.filter) {
                request.tf.emplace();
                request.tf->key = "k";
                request.tf->cmp = "ex";
            }
            const auto replies = ask(*peer, request);
            QCOMPARE(errorOf(replies), std::uint32_t(error));
            QCOMPARE(peer->closeCode(), std::uint32_t(close));
            const bool good = error == 0 && close == 0;
            QCOMPARE(resultOf<protocol::SubscribeResult>(replies) != nullptr, good);
            if (good)
                QVERIFY(!resultOf<protocol::SubscribeResult>(replies)->delta);
            QCOMPARE(engine.node().info().numSubscriptions, std::size_t(good ? 1 : 0));
        }
    }

    void secondSubscribeIsRefused() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:a"))), 0U);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:a"))), 105U);
        QVERIFY(resultOf<protocol::UnsubscribeResult>(ask(*peer, protocol::UnsubscribeRequest{"public:a"})) != nullptr);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:a"))), 0U);
    }

    void unsubscribeOfAnUnknownChannelSucceeds() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        QVERIFY(resultOf<protocol::UnsubscribeResult>(ask(*peer, protocol::UnsubscribeRequest{"public:none"})) !=
                nullptr);
    }

    void channelLimit() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        for (int i = 0; i < 128; ++i)
            QCOMPARE(errorOf(ask(*peer, subscribeTo("public:" + std::to_string(i)))), 0U);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:128"))), 106U);
        ask(*peer, protocol::UnsubscribeRequest{"public:0"});
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:128"))), 0U);
        QCOMPARE(peer->closeCode(), 0U);
        engine.addProject(
            "proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) { project.client.channelLimit = 0; });
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:129"))), 0U);
        auto served = engine.connect("42", ",\"channels\":[\"public:a\"]");
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "public:b").has_value());
        engine.turn();
        QCOMPARE(served->closeCode(), 0U);
    }

    void userLimitedChannelsNeedNoToken_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<uint>("error");
        QTest::newRow("listed") << "match:d#41,42" << 0U;
        QTest::newRow("not listed") << "match:d#41" << 103U;
        QTest::newRow("private") << "$match:d#42" << 103U;
    }

    void userLimitedChannelsNeedNoToken() {
        QFETCH(QString, channel);
        QFETCH(uint, error);
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces[2].options.allowUserLimitedChannels = true;
            // Whoever isn't listed must not come in through the namespace's own permission.
            layout.namespaces[2].options.allowSubscribeForClient = true;
        });
        auto peer = engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo(channel.toStdString()))), std::uint32_t(error));
    }

    void dataOfTheTokenMustFitTheEncoding_data() {
        QTest::addColumn<bool>("protobuf");
        QTest::addColumn<QString>("data");
        QTest::addColumn<uint>("close");
        for (const bool protobuf : {false, true}) {
            const auto* name = protobuf ? "Protobuf" : "JSON";
            QTest::addRow("%s: text", name) << protobuf << "aGVsbG8=" << (protobuf ? 0U : 3506U);
            QTest::addRow("%s: an object", name) << protobuf << "eyJkIjoxfQ==" << 0U;
        }
    }
    void dataOfTheTokenMustFitTheEncoding() {
        QFETCH(bool, protobuf);
        QFETCH(QString, data);
        QFETCH(uint, close);
        EngineFixture engine;
        auto peer = protobuf ? engine.connectProtobuf("42") : engine.connect("42");
        auto request = subscribeTo("match:1");
        request.token = subscribeToken(q("{'sub':'42','channel':'match:1','b64data':'") + data.toStdString() + q("'}"));
        const auto replies = ask(*peer, request);
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QCOMPARE(resultOf<protocol::SubscribeResult>(replies) != nullptr, close == 0);
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(close == 0 ? 1 : 0));
    }

    void proxiedNamespacesAreNotAvailable() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces[0].options.subscribeProxyEnabled = true;
            layout.namespaces[1].options.publishProxyEnabled = true;
        });
        auto peer = engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:a"))), 108U);
        QCOMPARE(errorOf(ask(*peer, publishTo("chat:a"))), 108U);
    }

    void mapNamespaceRefusesStreamSubscribers() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces[0].options.subscriptionType = engine::SubscriptionType::Map;
        });
        auto peer = engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:a"))), 103U);
    }

    void plainResultIsEmpty() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        const auto replies = ask(*peer, subscribeTo("public:a"));
        QVERIFY(*resultOf<protocol::SubscribeResult>(replies) == protocol::SubscribeResult{});
    }

    void positionedResultTellsTheTop() {
        EngineFixture engine;
        publishTimes(engine, "chat:a", 3);
        auto peer = engine.connect("42");
        const auto replies = ask(*peer, subscribeTo("chat:a"));
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result->recoverable);
        QVERIFY(result->positioned);
        QVERIFY(!result->recovered);
        QVERIFY(!result->wasRecovering);
        QCOMPARE(result->offset, std::uint64_t(3));
        QCOMPARE(result->epoch.size(), std::size_t(8));
        QVERIFY(result->publications.empty());
    }

    void askingForPositionAndRecovery_data() {
        QTest::addColumn<bool>("allowPositioning");
        QTest::addColumn<bool>("allowRecovery");
        QTest::addColumn<bool>("history");
        QTest::addColumn<bool>("askPositioned");
        QTest::addColumn<bool>("askRecoverable");
        QTest::addColumn<bool>("positioned");
        QTest::addColumn<bool>("recoverable");
        QTest::newRow("not asked") << true << true << true << false << false << false << false;
        QTest::newRow("not allowed") << false << false << false << true << true << false << false;
        QTest::newRow("positioning allowed") << true << false << false << true << true << true << false;
        QTest::newRow("recovery allowed") << false << true << false << false << true << true << true;
        QTest::newRow("by history access") << false << false << true << true << true << true << true;
    }

    void askingForPositionAndRecovery() {
        QFETCH(bool, allowPositioning);
        QFETCH(bool, allowRecovery);
        QFETCH(bool, history);
        QFETCH(bool, askPositioned);
        QFETCH(bool, askRecoverable);
        QFETCH(bool, positioned);
        QFETCH(bool, recoverable);
        EngineFixture engine;
        engine.addProject("proj_A", [&](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            auto& options = layout.namespaces[1].options;
            options.forceRecovery = false;
            options.allowPositioning = allowPositioning;
            options.allowRecovery = allowRecovery;
            options.allowHistoryForSubscriber = history;
        });
        auto peer = engine.connect("42");
        auto request = subscribeTo("chat:a");
        request.positioned = askPositioned;
        request.recoverable = askRecoverable;
        const auto replies = ask(*peer, request);
        QCOMPARE(resultOf<protocol::SubscribeResult>(replies)->positioned, positioned);
        QCOMPARE(resultOf<protocol::SubscribeResult>(replies)->recoverable, recoverable);
    }

    void recovery_data() {
        QTest::addColumn<bool>("binary");
        QTest::addColumn<int>("published");
        QTest::addColumn<quint64>("from");
        QTest::addColumn<bool>("rightEpoch");
        QTest::addColumn<int>("flag");
        QTest::addColumn<uint>("error");
        QTest::addColumn<bool>("recovered");
        QTest::addColumn<quint64>("offset");
        QTest::addColumn<QString>("offsets");
        for (const bool binary : {false, true}) {
            const auto row = [binary](const char* name, int published, quint64 from, bool rightEpoch, int flag,
                                      unsigned error, bool recovered, quint64 offset, const char* offsets) {
                QTest::addRow("%s, %s", name, binary ? "protobuf" : "json")
                    << binary << published << from << rightEpoch << flag << error << recovered << offset << offsets;
            };
            row("three missed", 5, 2, true, 0, 0, true, 2, "3,4,5");
            row("none missed", 5, 5, true, 0, 0, true, 5, "");
            row("too many missed", 12, 1, true, 0, 0, false, 12, "");
            row("other epoch", 5, 5, false, 0, 0, false, 5, "");
            row("too many missed, to be rejected", 12, 1, true, 2, 112, false, 0, "");
            row("recovered with the reject flag", 5, 2, true, 3, 0, true, 2, "3,4,5");
        }
    }

    void recovery() {
        QFETCH(bool, binary);
        QFETCH(int, published);
        QFETCH(quint64, from);
        QFETCH(bool, rightEpoch);
        QFETCH(int, flag);
        QFETCH(uint, error);
        QFETCH(bool, recovered);
        QFETCH(quint64, offset);
        QFETCH(QString, offsets);
        EngineFixture engine;
        publishTimes(engine, "chat:a", published);
        const auto epoch = engine.node().history("chat:a", {})->epoch;
        auto peer = binary ? engine.connectProtobuf("42") : engine.connect("42");
        auto request = recoverFrom("chat:a", from, rightEpoch ? epoch : "other");
        request.flag = flag;
        const auto replies = ask(*peer, request);
        QCOMPARE(errorOf(replies), std::uint32_t(error));
        if (error != 0) {
            QCOMPARE(engine.node().info().numSubscriptions, std::size_t(0));
            return;
        }
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result->wasRecovering);
        QCOMPARE(result->recovered, recovered);
        QCOMPARE(result->offset, std::uint64_t(offset));
        QCOMPARE(result->epoch, epoch);
        QCOMPARE(offsetsOf(result->publications), offsets.toStdString());
        QVERIFY(engine.node().publish("chat:a", bytes("\"live\"")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("\"live\""));
    }

    void recoveryLimitIsExact() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.recoveryMaxPublicationLimit = 4;
        });
        publishTimes(engine, "chat:a", 9);
        auto peer = engine.connect("42");
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, recoverFrom("chat:a", 5, "")))->recovered);
        ask(*peer, protocol::UnsubscribeRequest{"chat:a"});
        QVERIFY(!resultOf<protocol::SubscribeResult>(ask(*peer, recoverFrom("chat:a", 4, "")))->recovered);
    }

    void upToDateClientRecoversAfterTheHistoryExpired() {
        EngineFixture engine;
        publishTimes(engine, "chat:a", 3);
        engine.advance(Seconds(301));
        auto peer = engine.connect("42");
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, recoverFrom("chat:a", 3, "")))->recovered);
        ask(*peer, protocol::UnsubscribeRequest{"chat:a"});
        QVERIFY(!resultOf<protocol::SubscribeResult>(ask(*peer, recoverFrom("chat:a", 2, "")))->recovered);
    }

    void cacheModeGivesTheNewest() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces[1].options.forceRecoveryMode = engine::RecoveryMode::Cache;
            layout.namespaces[1].options.autoCacheRecover = true;
        });
        auto peer = engine.connect("42");
        auto replies = ask(*peer, subscribeTo("chat:a"));
        QVERIFY(resultOf<protocol::SubscribeResult>(replies)->wasRecovering);
        QVERIFY(!resultOf<protocol::SubscribeResult>(replies)->recovered);
        ask(*peer, protocol::UnsubscribeRequest{"chat:a"});
        publishTimes(engine, "chat:a", 20);
        replies = ask(*peer, subscribeTo("chat:a"));
        QVERIFY(resultOf<protocol::SubscribeResult>(replies)->recovered);
        QCOMPARE(offsetsOf(resultOf<protocol::SubscribeResult>(replies)->publications), std::string("20"));
        QCOMPARE(resultOf<protocol::SubscribeResult>(replies)->offset, std::uint64_t(0));
    }

    void tokenGivesInfoDataAndOptions() {
        EngineFixture engine;
        auto peer = engine.connect("42", R"(,"info":{"name":"Ann"})");
        auto request = subscribeTo("match:1");
        request.joinLeave = true;
        request.token = subscribeToken(
            R"({"sub":"42","channel":"match:1","info":{"role":"x"},"data":{"d":1},"override":{"join_leave":{"value":true},)"
            R"("force_push_join_leave":{"value":true},"force_recovery":{"value":true}}})");
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(result != nullptr);
        QVERIFY(result->recoverable);
        QCOMPARE(result->data->view(), std::string_view(R"({"d":1})"));
        QCOMPARE(replies.size(), std::size_t(2));
        const auto* push = std::get_if<protocol::Push>(&replies[1].result);
        QVERIFY(push != nullptr);
        const auto& info = std::get<protocol::Join>(push->message).info;
        QCOMPARE(info.user, std::string("42"));
        QCOMPARE(info.client, peer->client.id());
        QCOMPARE(info.connInfo->view(), std::string_view(R"({"name":"Ann"})"));
        QCOMPARE(info.chanInfo->view(), std::string_view(R"({"role":"x"})"));
    }

    void presenceInfoSizeIsLimited_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<uint>("error");
        QTest::newRow("one less") << 4095 << 0U;
        QTest::newRow("as much") << 4096 << 0U;
        QTest::newRow("one more") << 4097 << 106U;
    }

    void presenceInfoSizeIsLimited() {
        QFETCH(int, size);
        QFETCH(uint, error);
        EngineFixture engine;
        auto peer = engine.connect("42", ",\"info\":\"" + std::string(std::size_t(size) - 2, 'x') + "\"");
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:a"))), std::uint32_t(error));
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(error == 0 ? 1 : 0));
    }

    void presenceMembersAreLimited() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.presenceMaxMembers = 2;
        });
        std::vector<std::unique_ptr<EngineFixture::Peer>> peers;
        for (const unsigned error : {0U, 0U, 106U}) {
            peers.push_back(engine.connect("42"));
            QCOMPARE(errorOf(ask(*peers.back(), subscribeTo("public:a"))), error);
        }
    }

    void quickRoundsLeaveNothingBehind() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        for (int i = 0; i < 10; ++i) {
            ask(*peer, subscribeTo("public:a"));
            QCOMPARE(engine.node().presenceStats("public:a")->numClients, 1U);
            ask(*peer, protocol::UnsubscribeRequest{"public:a"});
        }
        QCOMPARE(engine.node().presenceStats("public:a")->numClients, 0U);
        QCOMPARE(engine.node().channels().size(), std::size_t(0));
    }
};

QTEST_GUILESS_MAIN(ClientSubscribeTest)
#include "tst_client_subscribe.moc"
