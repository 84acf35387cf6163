#include "client_test.h"

using namespace xshathra;
using namespace xshathra::test;

class DeliveryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void replyComesBeforeTheChannelsPushes() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        // Both in one turn of the loop: what is published after the subscribe waits in the inbox.
        peer->client.handleFrame(bytes(R"({"id":2,"subscribe":{"channel":"chat:a"}})"));
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        engine.turn();
        const auto messages = peer->take();
        QCOMPARE(messages.size(), std::size_t(2));
        QVERIFY(messages[0].find("subscribe") != std::string::npos);
        QVERIFY(messages[1].find("pub") != std::string::npos);
    }

    void publishedBeforeTheSubscribeIsNotDelivered_data() {
        QTest::addColumn<QString>("channel");
        QTest::newRow("positioned") << "chat:a";
        QTest::newRow("plain") << "public:a";
    }

    void publishedBeforeTheSubscribeIsNotDelivered() {
        QFETCH(QString, channel);
        const auto name = channel.toStdString();
        EngineFixture engine;
        auto early = engine.connect("1");
        auto late = engine.connect("2");
        ask(*early, subscribeTo(name));
        QVERIFY(engine.node().publish(name, bytes("1")).has_value());
        late->client.handleFrame(bytes("{\"id\":2,\"subscribe\":{\"channel\":\"" + name + "\"}}"));
        QVERIFY(engine.node().publish(name, bytes("2")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*early), std::string("1 2"));
        QCOMPARE(publicationsOf(*late), std::string("2"));
    }

    void nothingComesAfterAnUnsubscribe() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("chat:a"));
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        peer->client.handleFrame(bytes(R"({"id":3,"unsubscribe":{"channel":"chat:a"}})"));
        peer->client.handleFrame(bytes(R"({"id":4,"subscribe":{"channel":"chat:a"}})"));
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string());
    }

    void bothEncodingsGetTheSame() {
        EngineFixture engine;
        auto json = engine.connect("1");
        auto binary = engine.connectProtobuf("2");
        ask(*json, subscribeTo("chat:a"));
        ask(*binary, subscribeTo("chat:a"));
        engine::PublishOptions options;
        options.tags = {{"a", "b"}};
        const auto result = engine.node().publish("chat:a", bytes(R"({"n": 1})"), options);
        engine.turn();
        const auto one = pushesOf<protocol::Publication>(*json);
        const auto two = pushesOf<protocol::Publication>(*binary);
        QCOMPARE(one.size(), std::size_t(1));
        QVERIFY(one == two);
        QCOMPARE(one[0].second.offset, std::uint64_t(1));
        QCOMPARE(one[0].second.epoch, result->epoch);
        QCOMPARE(one[0].second.tags.at("a"), std::string("b"));
        QVERIFY(engine.node().publish("chat:a", bytes("2")).has_value());
        engine.turn();
        QCOMPARE(pushesOf<protocol::Publication>(*json)[0].second.epoch, std::string());
    }

    void encodedOnceForAllSubscribers() {
        EngineFixture engine;
        std::vector<std::unique_ptr<EngineFixture::Peer>> peers;
        for (int i = 0; i < 10; ++i) {
            peers.push_back(engine.connect("42"));
            ask(*peers.back(), subscribeTo("public:a"));
        }
        QVERIFY(engine.node().publish("public:a", bytes("1")).has_value());
        engine.turn();
        const void* memory = peers[0]->transport.sent.at(0).framed().data();
        for (const auto& peer : peers) {
            QCOMPARE(peer->transport.sent.size(), std::size_t(1));
            QCOMPARE(static_cast<const void*>(peer->transport.sent[0].framed().data()), memory);
        }
    }

    void publicationsWithoutHistoryPassPositions() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("chat:a"));
        engine::PublishOptions skip;
        skip.skipHistory = true;
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        QVERIFY(*engine.node().publish("chat:a", bytes("2"), skip) == engine::PublishResult{});
        QVERIFY(engine.node().publish("chat:a", bytes("3")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("1 2 3"));
        QCOMPARE(engine.node().history("chat:a", {})->offset, std::uint64_t(2));
    }

    void lostStateEndsTheSubscription_data() {
        QTest::addColumn<bool>("serverSide");
        QTest::newRow("client side") << false;
        QTest::newRow("server side") << true;
    }

    void lostStateEndsTheSubscription() {
        QFETCH(bool, serverSide);
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.historyMetaTtl = Seconds(600);
        });
        auto peer = engine.connect("42", serverSide ? R"(,"channels":["chat:a"])" : "");
        auto bystander = engine.connect("43");
        if (!serverSide)
            ask(*peer, subscribeTo("chat:a"));
        ask(*bystander, subscribeTo("public:a"));
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("1"));
        // Only the clock moves: the stream is forgotten and begins again with another epoch.
        engine.clock.advance(Seconds(601));
        QVERIFY(engine.node().publish("chat:a", bytes("2")).has_value());
        engine.loop.runPosted();
        if (serverSide) {
            QCOMPARE(peer->closeCode(), 3010U);
        } else {
            QCOMPARE(peer->closeCode(), 0U);
            const auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
            QCOMPARE(pushes.size(), std::size_t(1));
            QCOMPARE(pushes[0].second.code, 2500U);
            QCOMPARE(pushes[0].first, std::string("chat:a"));
            QCOMPARE(errorOf(ask(*peer, subscribeTo("chat:a"))), 0U);
        }
        QCOMPARE(bystander->closeCode(), 0U);
    }

    void slowClientIsCutAtItsLimit_data() {
        QTest::addColumn<int>("surplus");
        QTest::addColumn<uint>("close");
        QTest::newRow("one byte less") << -1 << 0U;
        QTest::newRow("as much") << 0 << 0U;
        QTest::newRow("one byte more") << 1 << 3008U;
    }

    void slowClientIsCutAtItsLimit() {
        QFETCH(int, surplus);
        QFETCH(uint, close);
        EngineFixture engine;
        // The limit is reached exactly by ten publications, as measured on a client that reads.
        auto probe = engine.connect("1");
        ask(*probe, subscribeTo("public:a"));
        const std::string payload = "\"" + std::string(1000, 'x') + "\"";
        QVERIFY(engine.node().publish("public:a", bytes(payload)).has_value());
        engine.turn();
        const auto one = probe->transport.sent.at(0).framed().size();
        engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.queueMaxSize = std::size_t(int(10 * one) - surplus);
        });
        auto slow = engine.connect("2");
        ask(*slow, subscribeTo("public:a"));
        auto fast = engine.connect("3");
        ask(*fast, subscribeTo("public:a"));
        slow->transport.frozen = true;
        for (int i = 0; i < 10; ++i)
            QVERIFY(engine.node().publish("public:a", bytes(payload)).has_value());
        engine.turn();
        QCOMPARE(slow->closeCode(), std::uint32_t(close));
        QCOMPARE(fast->closeCode(), 0U);
        QCOMPARE(pushesOf<protocol::Publication>(*fast).size(), std::size_t(10));
        QCOMPARE(engine.loop.counters().slowClients, std::uint64_t(close == 0 ? 0 : 1));
    }

    void slowClientsAmongManyCostNobodyAMessage() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.queueMaxSize = 2048;
        });
        std::vector<std::unique_ptr<EngineFixture::Peer>> peers;
        for (int i = 0; i < 50; ++i) {
            peers.push_back(engine.connect("42"));
            ask(*peers.back(), subscribeTo("public:a"));
            peers.back()->transport.frozen = i % 3 == 0;
        }
        const std::string payload = "\"" + std::string(500, 'x') + "\"";
        for (int i = 0; i < 20; ++i) {
            QVERIFY(engine.node().publish("public:a", bytes(payload)).has_value());
            engine.turn();
        }
        for (int i = 0; i < 50; ++i) {
            QCOMPARE(peers[std::size_t(i)]->closeCode(), i % 3 == 0 ? 3008U : 0U);
            if (i % 3 != 0)
                QCOMPARE(peers[std::size_t(i)]->transport.sent.size(), std::size_t(20));
        }
    }

    void slowReplyReaderIsCut() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.queueMaxSize = 1024;
        });
        auto peer = engine.connect("42");
        peer->transport.frozen = true;
        for (int i = 0; i < 100 && !peer->client.isClosed(); ++i)
            peer->send(R"({"id":2,"unsubscribe":{"channel":"public:a"}})");
        QCOMPARE(peer->closeCode(), 3008U);
    }

    void binaryPayloadClosesOnlyJsonSubscribers() {
        EngineFixture engine;
        auto json = engine.connect("1");
        auto binary = engine.connectProtobuf("2");
        auto publisher = engine.connectProtobuf("3");
        ask(*json, subscribeTo("chat:a"));
        ask(*binary, subscribeTo("chat:a"));
        QCOMPARE(errorOf(ask(*publisher, publishTo("chat:a", "\x01\xfe"))), 0U);
        QCOMPARE(json->closeCode(), 3506U);
        QCOMPARE(binary->closeCode(), 0U);
        QCOMPARE(publicationsOf(*binary), std::string("\x01\xfe"));
    }

    void lineBreaksOfThePayloadDoNotBreakTheFrame() {
        EngineFixture engine;
        auto json = engine.connect("1");
        ask(*json, subscribeTo("public:a"));
        QVERIFY(engine.node().publish("public:a", bytes("{\n \"a\":\r\n1}")).has_value());
        engine.turn();
        const auto messages = json->take();
        QCOMPARE(messages.size(), std::size_t(1));
        QCOMPARE(messages[0].find('\n'), std::string::npos);
    }

    void joinAndLeaveGoToThoseThatAsked() {
        EngineFixture engine;
        auto watcher = engine.connect("1");
        auto request = subscribeTo("public:a");
        request.joinLeave = true;
        const auto replies = ask(*watcher, request);
        QCOMPARE(replies.size(), std::size_t(2));  // the joiner sees its own join, after the reply
        auto plain = engine.connectProtobuf("2");
        ask(*plain, subscribeTo("public:a"));
        const auto joins = pushesOf<protocol::Join>(*watcher);
        QCOMPARE(joins.size(), std::size_t(1));
        QCOMPARE(joins[0].second.info.user, std::string("2"));
        QCOMPARE(joins[0].second.info.client, plain->client.id());
        plain->transport.sent.clear();
        plain->client.transportClosed("gone");
        engine.turn();
        const auto leaves = pushesOf<protocol::Leave>(*watcher);
        QCOMPARE(leaves.size(), std::size_t(1));
        QCOMPARE(leaves[0].second.info.user, std::string("2"));
        QCOMPARE(plain->transport.sent.size(), std::size_t(0));
        auto third = engine.connect("3");
        ask(*third, subscribeTo("public:a"));
        ask(*third, protocol::UnsubscribeRequest{"public:a"});
        QCOMPARE(watcher->transport.sent.size(), std::size_t(2));
    }

    void projectsDoNotHearEachOther() {
        EngineFixture engine;
        engine.addProject("proj_B");
        auto a = engine.connect("42");
        auto b = engine.open();
        ask(*b, connectWith(connectToken(R"({"sub":"42","projectId":"proj_B"})")));
        auto request = subscribeTo("public:lobby");
        request.joinLeave = true;
        ask(*a, request);
        ask(*b, request);
        a->take();
        QVERIFY(engine.node("proj_B").publish("public:lobby", bytes("1")).has_value());
        ask(*b, publishTo("public:lobby", "2"));
        engine.turn();
        QCOMPARE(a->take().size(), std::size_t(0));
        QCOMPARE(engine.node("proj_A").presenceStats("public:lobby")->numClients, 1U);
        QVERIFY(engine.node("proj_A").disconnect({"42", {}, {}}).has_value());
        engine.turn();
        QCOMPARE(a->closeCode(), 3503U);
        QCOMPARE(b->closeCode(), 0U);
    }
};

QTEST_GUILESS_MAIN(DeliveryTest)
#include "tst_delivery.moc"
