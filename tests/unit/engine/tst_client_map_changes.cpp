#include "map_test.h"

using namespace xshathra;
using namespace xshathra::test;

/// Who may change a map and what becomes of own keys and presence; subscribing is in tst_client_map.cpp.
class ClientMapChangesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void clientsChangeKeys_data() { bothEncodings(); }
    void clientsChangeKeys() {
        QFETCH(bool, binary);
        EngineFixture engine;
        useMaps(engine);
        auto peer = connectAs(engine, "42", binary);
        subscribeMap(*peer, mapRequest("kept:a"));
        auto replies = ask(*peer, setKey("kept:a", "x", "7"));
        QVERIFY(resultOf<protocol::PublishResult>(replies) != nullptr);
        QCOMPARE(replies.size(), std::size_t(2));
        const auto& change = std::get<protocol::Publication>(std::get<protocol::Push>(replies[1].result).message);
        QCOMPARE(change.key, std::string("x"));
        QCOMPARE(change.info->user, std::string("42"));
        QCOMPARE(errorOf(ask(*peer, removeKey("kept:a", "x"))), 0U);
        QCOMPARE(errorOf(ask(*peer, removeKey("kept:a", "x"))), 0U);
        QCOMPARE(errorOf(ask(*peer, setKey("kept:a", ""))), 107U);
        QCOMPARE(errorOf(ask(*peer, setKey("nowhere:a", "x"))), 102U);
        QCOMPARE(errorOf(ask(*peer, setKey("public:a", "x"))), 103U);
        QCOMPARE(*engine.node().mapStats("kept:a"), std::size_t(0));
    }

    void permissions_data() {
        QTest::addColumn<QString>("user");
        QTest::addColumn<bool>("forSubscriber");
        QTest::addColumn<bool>("forAnonymous");
        QTest::addColumn<bool>("subscribed");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("client") << "42" << false << false << false << true;
        QTest::newRow("anonymous client") << "" << false << false << false << false;
        QTest::newRow("anonymous client, allowed") << "" << false << true << false << true;
        QTest::newRow("not subscribed") << "42" << true << false << false << false;
        QTest::newRow("subscriber") << "42" << true << false << true << true;
        QTest::newRow("anonymous subscriber") << "" << true << false << true << false;
        QTest::newRow("anonymous subscriber, allowed") << "" << true << true << true << true;
    }
    void permissions() {
        QFETCH(QString, user);
        QFETCH(bool, forSubscriber);
        QFETCH(bool, forAnonymous);
        QFETCH(bool, subscribed);
        QFETCH(bool, allowed);
        EngineFixture engine;
        useMaps(engine, [&](engine::ChannelLayout& layout) {
            auto& options = layout.namespaces.back().options;
            options.allowSubscribeForAnonymous = true;
            auto& map = options.map;
            map.allowPublishForClient = map.allowRemoveForClient = !forSubscriber;
            map.allowPublishForSubscriber = map.allowRemoveForSubscriber = forSubscriber;
            map.allowPublishForAnonymous = map.allowRemoveForAnonymous = forAnonymous;
        });
        auto peer = engine.connect(user.toStdString());
        if (subscribed)
            QCOMPARE(subscribeMap(*peer, mapRequest("small:a")).type, 1);
        QCOMPARE(errorOf(ask(*peer, setKey("small:a", "x"))), allowed ? 0U : 103U);
        QCOMPARE(errorOf(ask(*peer, removeKey("small:a", "x"))), allowed ? 0U : 103U);
    }

    void clientKeyIsTheServersChoice() {
        for (const auto kind : {engine::MapClientKey::ClientId, engine::MapClientKey::UserId}) {
            EngineFixture engine;
            useMaps(engine, [kind](engine::ChannelLayout& layout) {
                layout.namespaces.back().options.map.clientKey = kind;
                layout.namespaces.back().options.map.allowPublishForAnonymous = true;
            });
            auto peer = engine.connect("42");
            QCOMPARE(errorOf(ask(*peer, setKey("small:a", "mine"))), 0U);
            const auto page = *engine.node().mapReadState("small:a", {{}, -1, {}, {}});
            QCOMPARE(page.entries.size(), std::size_t(1));
            const bool byUser = kind == engine::MapClientKey::UserId;
            QCOMPARE(page.entries[0].publication.key, byUser ? std::string("42") : peer->client.id());
            auto anonymous = engine.connect("");
            QCOMPARE(errorOf(ask(*anonymous, setKey("small:a", "mine"))), byUser ? 103U : 0U);
        }
    }

    void presenceMapsShowWhoIsSubscribed() {
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            for (auto& ns : layout.namespaces) {
                if (ns.name == "live" || ns.name == "public") {
                    ns.options.mapClientsPresenceChannelPrefix = "clients:";
                    ns.options.mapUsersPresenceChannelPrefix = "users:";
                }
            }
            layout.namespaces.push_back(mapNamespace("clients", engine::MapMode::Ephemeral));
            layout.namespaces.back().options.subscriptionType = engine::SubscriptionType::MapClients;
            layout.namespaces.push_back(mapNamespace("users", engine::MapMode::Ephemeral));
            layout.namespaces.back().options.subscriptionType = engine::SubscriptionType::MapUsers;
        });
        auto watcher = engine.connect("1");
        auto request = mapRequest("clients:live:a");
        request.type = 2;
        QCOMPARE(subscribeMap(*watcher, request).type, 1);
        request = mapRequest("users:live:a");
        request.type = 3;
        QCOMPARE(subscribeMap(*watcher, request).type, 1);
        auto peer = engine.connect("42", R"(,"info":{"n":"Bo"})");
        subscribeMap(*peer, mapRequest("live:a"));
        const auto shown = pushesOf<protocol::Publication>(*watcher);
        QCOMPARE(shown.size(), std::size_t(2));
        QCOMPARE(shown[0].first, std::string("clients:live:a"));
        QCOMPARE(shown[0].second.key, peer->client.id());
        QCOMPARE(shown[0].second.info->connInfo->view(), std::string_view(R"({"n":"Bo"})"));
        QCOMPARE(shown[1].second.key, std::string("42"));
        QVERIFY(!shown[1].second.info.has_value());
        // Another connection of the user is no news for the map of users.
        auto second = engine.connect("42");
        subscribeMap(*second, mapRequest("live:a"));
        QCOMPARE(pushesOf<protocol::Publication>(*watcher).size(), std::size_t(1));
        protocol::UnsubscribeRequest unsubscribe;
        unsubscribe.channel = "live:a";
        ask(*peer, unsubscribe);
        QCOMPARE(changesOf(*watcher), "-" + peer->client.id());
        const auto secondId = second->client.id();
        second.reset();
        engine.turn();
        QCOMPARE(changesOf(*watcher), "-" + secondId);
        QCOMPARE(*engine.node().mapStats("users:live:a"), std::size_t(1));
        // Streams are shown too.
        ask(*peer, subscribeTo("public:a"));
        QCOMPARE(*engine.node().mapStats("clients:public:a"), std::size_t(1));
    }

    void presenceIsKeptAlive() {
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            for (auto& ns : layout.namespaces) {
                if (ns.name == "live")
                    ns.options.mapClientsPresenceChannelPrefix = "clients:";
            }
            layout.namespaces.push_back(mapNamespace("clients", engine::MapMode::Ephemeral));
            layout.namespaces.back().options.subscriptionType = engine::SubscriptionType::MapClients;
        });
        auto peer = engine.connect("42");
        subscribeMap(*peer, mapRequest("live:a"));
        for (int i = 0; i < 10; ++i) {
            stayAlive(engine, *peer, Seconds(20));
            sweep(engine);
            QCOMPARE(*engine.node().mapStats("clients:live:a"), std::size_t(1));
        }
    }

    void ownKeyGoesWithTheSubscription() {
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            layout.namespaces.back().options.map.removeClientOnUnsubscribe = true;
            layout.namespaces.back().options.map.clientKey = engine::MapClientKey::ClientId;
        });
        auto watcher = engine.connect("1");
        subscribeMap(*watcher, mapRequest("small:a"));
        auto peer = engine.connect("42");
        subscribeMap(*peer, mapRequest("small:a"));
        ask(*peer, setKey("small:a", ""));
        const auto id = peer->client.id();
        peer->client.transportClosed("gone");
        engine.turn();
        QCOMPARE(changesOf(*watcher), id + R"(={"n":1} -)" + id);
    }

    void ownKeysEndIsToldInAMapWithoutPositions() {
        EngineFixture engine;
        useMaps(engine, [](engine::ChannelLayout& layout) {
            for (auto& ns : layout.namespaces) {
                ns.options.map.removeClientOnUnsubscribe = engine::isMap(ns.options.subscriptionType);
                ns.options.map.clientKey = engine::MapClientKey::ClientId;
            }
        });
        for (const char* channel : {"live:a", "kept:a"}) {
            auto peer = engine.connect("42");
            subscribeMap(*peer, mapRequest(channel));
            ask(*peer, setKey(channel, ""));
            protocol::UnsubscribeRequest unsubscribe;
            unsubscribe.channel = channel;
            const auto replies = ask(*peer, unsubscribe);
            const bool told = channel == std::string("live:a");
            QCOMPARE(replies.size(), std::size_t(told ? 2 : 1));
            QCOMPARE(std::holds_alternative<protocol::Push>(replies[0].result), told);
            QCOMPARE(*engine.node().mapStats(channel), std::size_t(0));
        }
    }
};

QTEST_GUILESS_MAIN(ClientMapChangesTest)
#include "tst_client_map_changes.moc"
