#include "client_test.h"
#include "server/engine/compared_text.h"
#include "server/engine/idempotency_cache.h"
#include "server/engine/memory_broker.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

std::uint32_t codeOf(const engine::ClientResult<engine::PublishResult>& result) {
    return result ? 0 : result.error().code;
}

engine::HistoryLimits& limitsOf(engine::ProjectConfig& project) { return project.history; }

}  // namespace

class NodeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void serverErrors() {
        EngineFixture engine;
        auto& node = engine.node();
        QCOMPARE(codeOf(node.publish("", bytes("1"))), 107U);
        QCOMPARE(codeOf(node.publish("other:a", bytes("1"))), 102U);
        QCOMPARE(codeOf(node.publish("public:\xc3\xa9", bytes("1"))), 0U);  // rules for clients' names don't hold here
        QCOMPARE(codeOf(node.publish("public:" + std::string(500, 'a'), bytes("1"))), 0U);
        QCOMPARE(node.presence("other:a").error().code, 102U);
        QCOMPARE(node.presence("chat:a").error().code, 108U);
        QCOMPARE(node.presenceStats("chat:a").error().code, 108U);
        QCOMPARE(node.history("public:a", {}).error().code, 108U);
        QCOMPARE(node.historyRemove("public:a").error().code, 108U);
        QCOMPARE(node.history("", {}).error().code, 107U);
        QCOMPARE(node.subscribe({"42", {}, {}}, "other:a").error().code, 102U);
        QCOMPARE(node.unsubscribe({"42", {}, {}}, "other:a").error().code, 102U);
        engine::HistoryOptions options;
        options.since = protocol::StreamPosition{1, "other"};
        QCOMPARE(node.history("chat:a", options).error().code, 112U);
    }

    void idempotencyKeyPublishesOnce() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("chat:a"));
        engine::PublishOptions options;
        options.idempotencyKey = "k";
        const auto first = engine.node().publish("chat:a", bytes("1"), options);
        engine.advance(Seconds(8));
        QVERIFY(*engine.node().publish("chat:a", bytes("2"), options) == *first);
        QCOMPARE(engine.node().publish("chat:b", bytes("3"), options)->offset, std::uint64_t(1));
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("1"));
        engine.clock.advance(Seconds(292));
        QCOMPARE(engine.node().publish("chat:a", bytes("4"), options)->offset, std::uint64_t(2));
    }

    void outdatedVersionIsNotPublished() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("chat:a"));
        engine::PublishOptions options;
        for (const auto version : {5U, 5U, 4U, 6U}) {
            options.version = version;
            QVERIFY(engine.node().publish("chat:a", SharedBytes(std::to_string(version)), options).has_value());
        }
        options.version = 1;
        options.versionEpoch = "next";
        QVERIFY(engine.node().publish("chat:a", bytes("1"), options).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("5 6 1"));
    }

    void broadcastAnswersForEachChannel() {
        EngineFixture engine;
        const auto results = engine.node().broadcast({"chat:a", "other:b", "public:c"}, bytes("1"));
        QCOMPARE(results.size(), std::size_t(3));
        QCOMPARE(results[0]->offset, std::uint64_t(1));
        QCOMPARE(results[1].error().code, 102U);
        QVERIFY(*results[2] == engine::PublishResult{});
    }

    void subscribeReachesTheUsersConnections() {
        EngineFixture engine;
        auto one = engine.connect("42");
        auto two = engine.connectProtobuf("42");
        auto other = engine.connect("43");
        engine::SubscribeOptions options;
        options.data = bytes(R"({"d":1})");
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "chat:a", options).has_value());
        engine.turn();
        for (auto* peer : {one.get(), two.get()}) {
            const auto pushes = pushesOf<protocol::Subscribe>(*peer);
            QCOMPARE(pushes.size(), std::size_t(1));
            QVERIFY(pushes[0].second.recoverable);
            QVERIFY(pushes[0].second.positioned);
            QCOMPARE(pushes[0].second.epoch.size(), std::size_t(8));
            QCOMPARE(pushes[0].second.data->view(), std::string_view(R"({"d":1})"));
        }
        QCOMPARE(other->take().size(), std::size_t(0));
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*one), std::string("1"));
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "chat:a").has_value());
        engine.turn();
        // Already subscribed: told again, and nothing else happens.
        QCOMPARE(pushesOf<protocol::Subscribe>(*one).size(), std::size_t(1));
        QCOMPARE(pushesOf<protocol::Subscribe>(*two).size(), std::size_t(1));
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(2));
        QVERIFY(engine.node().subscribe({"42", one->client.id(), {}}, "public:b").has_value());
        engine.turn();
        QCOMPARE(pushesOf<protocol::Subscribe>(*one).size(), std::size_t(1));
        QCOMPARE(pushesOf<protocol::Subscribe>(*two).size(), std::size_t(0));
    }

    void subscribeCanRecover() {
        EngineFixture engine;
        const auto first = engine.node().publish("chat:a", bytes("1"));
        QVERIFY(engine.node().publish("chat:a", bytes("2")).has_value());
        auto peer = engine.connect("42");
        engine::SubscribeOptions options;
        options.recoverSince = protocol::StreamPosition{1, first->epoch};
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "chat:a", options).has_value());
        engine.turn();
        const auto replies = peer->transport.takeReplies();
        QCOMPARE(replies.size(), std::size_t(2));
        const auto& push = std::get<protocol::Push>(replies[1].result);
        QCOMPARE(std::get<protocol::Publication>(push.message).data.view(), std::string_view("2"));
    }

    void subscribeWithDataThatIsNoJsonFailsForJsonClients() {
        EngineFixture engine;
        auto json = engine.connect("42");
        auto protobuf = engine.connectProtobuf("42");
        auto alone = engine.connectProtobuf("43");
        engine::SubscribeOptions options;
        options.data = bytes("hello");
        QCOMPARE(engine.node().subscribe({"42", {}, {}}, "public:a", options).error().code, 100U);
        QVERIFY(engine.node().subscribe({"43", {}, {}}, "public:a", options).has_value());
        engine.turn();
        QCOMPARE(json->take().size(), std::size_t(0));
        for (auto* peer : {protobuf.get(), alone.get()})
            QCOMPARE(pushesOf<protocol::Subscribe>(*peer).at(0).second.data->view(), std::string_view("hello"));
        QCOMPARE(engine.node().presence("public:a")->size(), std::size_t(2));
        // Nor is one that is subscribed already told of it.
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "public:a").has_value());
        engine.turn();
        json->take();
        QCOMPARE(engine.node().subscribe({"42", {}, {}}, "public:a", options).error().code, 100U);
        engine.turn();
        QCOMPARE(json->take().size(), std::size_t(0));
        QCOMPARE(json->closeCode(), 0U);
    }

    void subscribeTakesExpiriesToCome_data() {
        QTest::addColumn<int>("expireIn");
        QTest::addColumn<bool>("absolute");
        QTest::addColumn<uint>("error");
        QTest::newRow("a second ago") << -1 << false << 100U;
        QTest::newRow("now") << 0 << false << 100U;
        QTest::newRow("in a second") << 1 << false << 0U;
        QTest::newRow("long ago") << 1 << true << 100U;
        QTest::newRow("zero: never") << 0 << true << 0U;
        QTest::newRow("below zero: never") << -5 << true << 0U;
    }
    void subscribeTakesExpiriesToCome() {
        QFETCH(int, expireIn);
        QFETCH(bool, absolute);
        QFETCH(uint, error);
        EngineFixture engine;
        auto peer = engine.connect("42");
        engine::SubscribeOptions options;
        options.expireAt = (absolute ? 0 : engine.now()) + expireIn;
        const auto result = engine.node().subscribe({"42", {}, {}}, "public:a", options);
        QCOMPARE(result ? 0U : result.error().code, std::uint32_t(error));
        engine.turn();
        QCOMPARE(pushesOf<protocol::Subscribe>(*peer).size(), std::size_t(error == 0 ? 1 : 0));
        // Where nobody is there to subscribe, nothing can fail.
        QVERIFY(engine.node().subscribe({"nobody", {}, {}}, "public:a", options).has_value());
    }

    void subscribeReachesChannelsOfMaps() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            engine::NamespaceOptions ns;
            ns.name = "map";
            ns.options.subscriptionType = engine::SubscriptionType::Map;
            ns.options.map.mode = engine::MapMode::Persistent;
            layout.namespaces.push_back(ns);
        });
        auto peer = engine.connect("42");
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "map:a").has_value());
        engine.turn();
        QCOMPARE(pushesOf<protocol::Subscribe>(*peer).size(), std::size_t(1));
        QVERIFY(engine.node().mapPublish("map:a", "k", bytes("1")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("1"));
    }

    void subscribeThatRecoversWhatIsNoJsonEndsAJsonConnection() {
        EngineFixture engine;
        const auto first = engine.node().publish("chat:a", bytes("1"));
        QVERIFY(engine.node().publish("chat:a", bytes("hello")).has_value());
        auto json = engine.connect("42");
        auto protobuf = engine.connectProtobuf("42");
        engine::SubscribeOptions options;
        options.recoverSince = protocol::StreamPosition{1, first->epoch};
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "chat:a", options).has_value());
        engine.turn();
        QCOMPARE(json->closeCode(), 3506U);
        QCOMPARE(publicationsOf(*protobuf), std::string("hello"));
    }

    void subscribeAboveTheChannelLimitEndsTheConnection() {
        EngineFixture engine;
        engine.addProject(
            "proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) { project.client.channelLimit = 1; });
        auto peer = engine.connect("42");
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "public:a").has_value());
        engine.turn();
        QCOMPARE(peer->closeCode(), 0U);
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "public:b").has_value());
        engine.turn();
        QCOMPARE(peer->closeCode(), 3505U);
    }

    void unsubscribeTellsAlsoWhoIsNotSubscribed() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        QVERIFY(engine.node().unsubscribe({"42", {}, {}}, "public:a").has_value());
        engine.turn();
        const auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].first, std::string("public:a"));
    }

    void historyBackwardsFromOffsetZeroIsAnError() {
        EngineFixture engine;
        const auto first = engine.node().publish("chat:a", bytes("1"));
        engine::HistoryOptions options;
        options.limit = -1;
        options.reverse = true;
        options.since = protocol::StreamPosition{0, first->epoch};
        QCOMPARE(engine.node().history("chat:a", options).error().code, 100U);
        options.since->offset = 1;
        QCOMPARE(engine.node().history("chat:a", options)->publications.size(), std::size_t(0));
        options.since.reset();
        QCOMPARE(engine.node().history("chat:a", options)->publications.size(), std::size_t(1));
    }

    void unsubscribeTellsTheClient() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("chat:a"));
        ask(*peer, subscribeTo("public:a"));
        ask(*peer, subscribeTo("public:b"));
        QVERIFY(engine.node().unsubscribe({"42", {}, {}}, "chat:a").has_value());
        engine.turn();
        auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].first, std::string("chat:a"));
        QCOMPARE(pushes[0].second.code, 2000U);
        QVERIFY(engine.node().unsubscribe({"42", {}, {}}, "", protocol::Unsubscribe(2600, "mine")).has_value());
        engine.turn();
        pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.size(), std::size_t(2));
        QCOMPARE(pushes[0].second.code, 2600U);
        QCOMPARE(pushes[0].second.reason, std::string("mine"));
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(0));
    }

    void disconnectSparesTheWhitelist() {
        EngineFixture engine;
        auto one = engine.connect("42");
        auto two = engine.connect("42");
        auto anonymous = engine.connect("");
        QVERIFY(engine.node().disconnect({"42", {}, {}}, std::nullopt, {two->client.id()}).has_value());
        engine.turn();
        QCOMPARE(one->closeCode(), 3503U);
        QCOMPARE(two->closeCode(), 0U);
        QVERIFY(engine.node().disconnect({"", {}, {}}, protocol::Disconnect(4001, "mine")).has_value());
        QVERIFY(engine.node().disconnect({"nobody", {}, {}}).has_value());
        engine.turn();
        QCOMPARE(anonymous->closeCode(), 4001U);
        QCOMPARE(two->closeCode(), 0U);
    }

    void refreshPushesTheNewExpiry() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        QVERIFY(engine.node().refresh({"42", {}, {}}, engine.now() + 50).has_value());
        engine.turn();
        const auto pushes = pushesOf<protocol::Refresh>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QVERIFY(pushes[0].second.expires);
        QCOMPARE(pushes[0].second.ttl, 50U);
        QVERIFY(engine.node().refresh({"42", {}, {}}, std::nullopt, true).has_value());
        engine.turn();
        QCOMPARE(peer->closeCode(), 3005U);
    }

    void historyRemoveKeepsThePosition() {
        EngineFixture engine;
        const auto first = engine.node().publish("chat:a", bytes("1"));
        QVERIFY(engine.node().historyRemove("chat:a").has_value());
        engine::HistoryOptions all;
        all.limit = -1;
        const auto page = engine.node().history("chat:a", all);
        QCOMPARE(page->publications.size(), std::size_t(0));
        QCOMPARE(page->offset, std::uint64_t(1));
        QCOMPARE(page->epoch, first->epoch);
    }

    void listings() {
        EngineFixture engine;
        auto one = engine.connect("42");
        auto two = engine.connectProtobuf("43");
        ask(*one, subscribeTo("chat:a"));
        ask(*two, subscribeTo("chat:a"));
        ask(*one, subscribeTo("public:b"));
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        QVERIFY(engine.node().publish("chat:unheard", bytes("1")).has_value());
        const auto channels = engine.node().channels();
        QCOMPARE(channels.size(), std::size_t(2));
        QCOMPARE(channels[0].name, std::string("chat:a"));
        QCOMPARE(channels[0].numClients, 2U);
        QCOMPARE(channels[0].historySize, 1U);
        QCOMPARE(channels[0].offset, std::uint64_t(1));
        QCOMPARE(engine.node().channels("public:*").size(), std::size_t(1));
        const auto connections = engine.node().connections();
        QCOMPARE(connections.size(), std::size_t(2));
        QCOMPARE(engine.node().connections(std::nullopt, 1).size(), std::size_t(1));
        const auto mine = engine.node().connections("42");
        QCOMPARE(mine.size(), std::size_t(1));
        QCOMPARE(mine[0].client, one->client.id());
        QCOMPARE(mine[0].channels, (std::vector<std::string>{"chat:a", "public:b"}));
        const auto info = engine.node().info();
        QCOMPARE(info.numClients, std::size_t(2));
        QCOMPARE(info.numUsers, std::size_t(2));
        QCOMPARE(info.numChannels, std::size_t(2));
        QCOMPARE(info.numSubscriptions, std::size_t(3));
        QCOMPARE(info.publications, std::uint64_t(2));
    }

    void countersAddUp() {
        EngineFixture engine;
        engine.registry.attach(engine.loop);
        auto one = engine.connect("42");
        auto pending = engine.open();
        ask(*one, subscribeTo("public:a"));
        QVERIFY(engine.node().publish("public:a", bytes("1")).has_value());
        engine.turn();
        const auto counters = engine.registry.counters();
        QCOMPARE(counters.connections, std::uint64_t(2));
        QCOMPARE(counters.clients, std::uint64_t(1));
        QCOMPARE(counters.channels, std::uint64_t(1));
        QCOMPARE(counters.subscriptions, std::uint64_t(1));
        QCOMPARE(counters.publications, std::uint64_t(1));
        QCOMPARE(counters.messagesIn, std::uint64_t(2));
        QCOMPARE(counters.messagesOut, std::uint64_t(3));
        QVERIFY(counters.bytesOut > 0);
        engine.registry.disconnectAll(DisconnectCode::Shutdown);
        engine.turn();
        QCOMPARE(one->closeCode(), 3001U);
        QCOMPARE(pending->closeCode(), 3001U);
        engine.registry.detach(engine.loop);
        QCOMPARE(engine.registry.counters().messagesOut, std::uint64_t(3));
    }

    void newOptionsHoldForWhatIsDecidedLater() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("public:a"));
        QCOMPARE(errorOf(ask(*peer, subscribeTo("extra:a"))), 102U);
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces[0].options.allowSubscribeForClient = false;
            layout.namespaces.push_back({"extra", layout.namespaces[1].options});
        });
        QVERIFY(engine.node().publish("public:a", bytes("1")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("1"));
        QCOMPARE(errorOf(ask(*peer, subscribeTo("public:b"))), 103U);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("extra:a"))), 0U);
    }

    void removedProjectEndsItsConnections() {
        EngineFixture engine;
        engine.addProject("proj_B");
        auto a = engine.connect("42");
        auto b = engine.open();
        ask(*b, connectWith(connectToken(q("{'sub':'1','projectId':'proj_B'}"))));
        ask(*b, subscribeTo("chat:a"));
        engine.removeProject("proj_B");
        engine.turn();
        QCOMPARE(b->closeCode(), 3503U);
        QCOMPARE(a->closeCode(), 0U);
        QVERIFY(engine.registry.find("proj_B") == nullptr);
        auto late = engine.open();
        ask(*late, connectWith(connectToken(q("{'sub':'1','projectId':'proj_B'}"))));
        QCOMPARE(late->closeCode(), 3500U);
    }

    void historyBytesOfAllChannelsAreBounded() {
        EngineFixture engine;
        const auto one = engine::HistoryStream::kPublicationOverhead + 1000;
        engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout&) {
            limitsOf(project).bytesTotal = 16 * one;
        });
        const std::string payload = "\"" + std::string(998, 'x') + "\"";
        for (int i = 0; i < 16; ++i) {
            QVERIFY(engine.node().publish("chat:" + std::to_string(i), bytes(payload)).has_value());
            engine.clock.advance(Seconds(1));
        }
        QCOMPARE(engine.node().info().historyBytes, 16 * one);
        QVERIFY(engine.node().publish("chat:new", bytes(payload)).has_value());
        QCOMPARE(engine.node().info().historyBytes, 14 * one);  // an eighth below the limit
        engine::HistoryOptions all;
        all.limit = -1;
        QCOMPARE(engine.node().history("chat:0", all)->publications.size(), std::size_t(0));
        QCOMPARE(engine.node().history("chat:0", all)->offset, std::uint64_t(1));
        QCOMPARE(engine.node().history("chat:15", all)->publications.size(), std::size_t(1));
        QCOMPARE(engine.node().history("chat:new", all)->publications.size(), std::size_t(1));
    }

    void idempotencyKeysCountTowardsTheHistoryBytes_data() {
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("remembered");
        QTest::newRow("n-1") << 15 << 15;
        QTest::newRow("n") << 16 << 16;
        QTest::newRow("n+1") << 17 << 14;  // an eighth below the limit
    }
    void idempotencyKeysCountTowardsTheHistoryBytes() {
        QFETCH(int, channels);
        QFETCH(int, remembered);
        EngineFixture engine;
        engine::PublishOptions options;
        options.idempotencyKey = std::string(100'000, 'k');
        const auto one = engine::IdempotencyCache::kOverhead + engine::IdempotencyCache::kKeyOverhead +
                         engine::kMaxComparedBytes + 1;
        engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout&) {
            limitsOf(project).bytesTotal = 16 * one;
        });
        for (int i = 0; i < channels; ++i) {
            QVERIFY(engine.node().publish("public:" + std::to_string(i), bytes("1"), options).has_value());
            engine.clock.advance(Seconds(1));
        }
        QCOMPARE(engine.node().info().historyBytes, std::size_t(remembered) * one);
        // Those that were used most recently are the ones that are known.
        const auto published = engine.node().broker().publicationCount();
        for (int i = channels - remembered; i < channels; ++i)
            QVERIFY(engine.node().publish("public:" + std::to_string(i), bytes("1"), options).has_value());
        QCOMPARE(engine.node().broker().publicationCount(), published);
        engine.clock.advance(Seconds(300));
        for (std::size_t i = 0; i < engine::MemoryBroker::kStripes; ++i)
            engine.node().sweep();
        QCOMPARE(engine.node().info().historyBytes, std::size_t(0));
    }

    void evictionTakesKeysWithTheirHistory() {
        EngineFixture engine;
        engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout&) {
            limitsOf(project).bytesTotal = 4096;
        });
        engine::PublishOptions options;
        options.idempotencyKey = "k";
        for (int i = 0; i < 100; ++i) {
            QVERIFY(engine.node().publish("chat:" + std::to_string(i), bytes("1"), options).has_value());
            QVERIFY(engine.node().info().historyBytes <= 4096);
            engine.clock.advance(Seconds(1));
        }
        QCOMPARE(engine.node().broker().streamCount(), std::size_t(100));
        QCOMPARE(engine.node().publish("chat:99", bytes("1"), options)->offset, std::uint64_t(1));
        QCOMPARE(engine.node().publish("chat:0", bytes("1"), options)->offset, std::uint64_t(2));
    }

    void numberOfStreamsIsBounded() {
        EngineFixture engine;
        engine.addProject(
            "proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout&) { limitsOf(project).channels = 16; });
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("chat:kept"));
        for (int i = 0; i < 100; ++i) {
            engine.clock.advance(Seconds(1));
            QVERIFY(engine.node().publish("chat:" + std::to_string(i), bytes("1")).has_value());
            QVERIFY(engine.node().broker().streamCount() <= 16);
        }
        QVERIFY(engine.node().publish("chat:kept", bytes("1")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("1"));  // a stream with subscribers goes last
    }

    void whatHasExpiredIsFreed() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.historyMetaTtl = Seconds(600);
        });
        engine::PublishOptions options;
        options.idempotencyKey = "k";
        for (int i = 0; i < 100; ++i)
            QVERIFY(engine.node().publish("chat:" + std::to_string(i), bytes("1"), options).has_value());
        QVERIFY(engine.node().info().historyBytes > 0);
        const auto sweepAll = [&engine] {
            for (std::size_t i = 0; i < engine::MemoryBroker::kStripes; ++i)
                engine.node().sweep();
        };
        engine.clock.advance(Seconds(300));
        sweepAll();
        QCOMPARE(engine.node().info().historyBytes, std::size_t(0));
        QCOMPARE(engine.node().broker().streamCount(), std::size_t(100));
        engine.clock.advance(Seconds(300));
        sweepAll();
        QCOMPARE(engine.node().broker().streamCount(), std::size_t(0));
    }

    void attachedLoopSweepsByItself() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.historyMetaTtl = Seconds(300);
        });
        engine.registry.attach(engine.loop);
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        engine.advance(Seconds(310));
        QCOMPARE(engine.node().broker().streamCount(), std::size_t(0));
        engine.registry.detach(engine.loop);
        QVERIFY(!engine.loop.nextDeadline());
    }
};

QTEST_GUILESS_MAIN(NodeTest)
#include "tst_node.moc"
