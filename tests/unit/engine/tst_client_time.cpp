#include "client_test.h"

using namespace xshathra;
using namespace xshathra::test;

namespace {

constexpr Nanoseconds kTick{1};

bool isPing(const std::string& message) { return message == "{}" || message == std::string(1, '\0'); }

int countPings(EngineFixture::Peer& peer) {
    int pings = 0;
    for (const auto& message : peer.take())
        pings += isPing(message) ? 1 : 0;
    return pings;
}

std::string withExpiry(EngineFixture& engine, int seconds, const std::string& more = {}) {
    return connectToken(q("{'sub':'42','exp':" + std::to_string(engine.now() + seconds) + more + "}"));
}

std::string subscriptionToken(EngineFixture& engine, int seconds, const std::string& user = "42",
                              const std::string& channel = "match:1") {
    return subscribeToken(
        q("{'sub':'" + user + "','channel':'" + channel + "','exp':" + std::to_string(engine.now() + seconds) + "}"));
}

/// Answers the pings that come while time passes, as an SDK does.
/// What presence of "public:a" shows of its one member's connection.
std::string connectionInfo(EngineFixture& engine) {
    const auto members = engine.node().presence("public:a");
    return members->empty() || !members->front().connInfo ? std::string()
                                                          : std::string(members->front().connInfo->view());
}

void stayAlive(EngineFixture& engine, EngineFixture::Peer& peer, Nanoseconds by) {
    const auto end = engine.clock.monotonic() + by;
    while (engine.clock.monotonic() < end && !peer.client.isClosed()) {
        engine.advance(std::min<Nanoseconds>(Seconds(1), end - engine.clock.monotonic()));
        std::vector<protocol::Frame> others;
        bool pinged = false;
        for (auto& frame : peer.transport.sent) {
            if (isPing(std::string(frame.messageView())))
                pinged = true;
            else
                others.push_back(frame);
        }
        peer.transport.sent = others;
        if (pinged)
            peer.send("{}");
    }
}

}  // namespace

class ClientTimeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void silentConnectionIsStaleAfterTenSeconds() {
        EngineFixture engine;
        auto peer = engine.open();
        engine.advance(Seconds(10) - kTick);
        QCOMPARE(peer->closeCode(), 0U);
        engine.advance(kTick);
        QCOMPARE(peer->closeCode(), 3502U);
    }

    void firstPingComesInTheSecondHalfOfTheInterval_data() {
        QTest::addColumn<bool>("binary");
        QTest::newRow("json") << false;
        QTest::newRow("protobuf") << true;
    }

    void firstPingComesInTheSecondHalfOfTheInterval() {
        QFETCH(bool, binary);
        for (int i = 0; i < 20; ++i) {
            EngineFixture engine;
            auto peer = binary ? engine.connectProtobuf("42") : engine.connect("42");
            engine.advance(Milliseconds(12'500) - kTick);
            QCOMPARE(countPings(*peer), 0);
            engine.advance(Milliseconds(12'500) + kTick);
            QCOMPARE(countPings(*peer), 1);
        }
    }

    void answeredPingsKeepTheConnection() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        stayAlive(engine, *peer, Seconds(300));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void missingPongEndsTheConnectionAfterEightSeconds() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        while (countPings(*peer) == 0)
            engine.advance(*engine.loop.nextDeadline() - engine.clock.monotonic());
        engine.advance(Seconds(8) - kTick);
        QCOMPARE(peer->closeCode(), 0U);
        engine.advance(kTick);
        QCOMPARE(peer->closeCode(), 3012U);
    }

    void secondPongForOnePingIsRefused() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        engine.advance(Seconds(25));
        // The first ping may be up to 12.5 s ago, past the pong's time; then there is nothing to answer.
        if (peer->client.isClosed()) {
            QCOMPARE(peer->closeCode(), 3012U);
            return;
        }
        peer->send("{}");
        QCOMPARE(peer->closeCode(), 0U);
        peer->send("{}");
        QCOMPARE(peer->closeCode(), 3501U);
    }

    void nativePingsAreUsedWhereAskedFor() {
        EngineFixture engine;
        engine::TransportInfo info;
        info.nativePing = true;
        auto peer = engine.connect("42", {}, info);
        while (peer->transport.nativePings == 0)
            engine.advance(*engine.loop.nextDeadline() - engine.clock.monotonic());
        QCOMPARE(peer->transport.sent.size(), std::size_t(0));
        peer->client.handleNativePong();
        engine.advance(Seconds(9));
        QCOMPARE(peer->closeCode(), 0U);
        peer->client.handleNativePong();  // an unasked one is allowed
        while (peer->transport.nativePings == 1)
            engine.advance(*engine.loop.nextDeadline() - engine.clock.monotonic());
        engine.advance(Seconds(8));
        QCOMPARE(peer->closeCode(), 3012U);
    }

    void pingsCanBeSwitchedOff() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.pingInterval = Milliseconds(0);
        });
        auto peer = engine.open();
        const auto replies = ask(*peer, connectWith(connectToken(q("{'sub':'42'}"))));
        QCOMPARE(resultOf<protocol::ConnectResult>(replies)->ping, 0U);
        QVERIFY(!resultOf<protocol::ConnectResult>(replies)->pong);
        engine.advance(Seconds(3600));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void connectionExpiresTwentyFiveSecondsAfterItsTime() {
        EngineFixture engine;
        auto peer = engine.open();
        ask(*peer, connectWith(withExpiry(engine, 60)));
        stayAlive(engine, *peer, Seconds(85) - kTick);
        QCOMPARE(peer->closeCode(), 0U);
        engine.advance(kTick);
        QCOMPARE(peer->closeCode(), 3005U);
    }

    void refreshProlongsTheConnection() {
        EngineFixture engine;
        auto peer = engine.open();
        ask(*peer, connectWith(withExpiry(engine, 60)));
        stayAlive(engine, *peer, Seconds(60));
        const auto replies = ask(*peer, protocol::RefreshRequest{withExpiry(engine, 100)});
        const auto* result = resultOf<protocol::RefreshResult>(replies);
        QVERIFY(result != nullptr);
        QVERIFY(result->expires);
        QCOMPARE(result->ttl, 100U);
        stayAlive(engine, *peer, Seconds(125) - kTick);
        QCOMPARE(peer->closeCode(), 0U);
        engine.advance(kTick);
        QCOMPARE(peer->closeCode(), 3005U);
    }

    /// Centrifugo shows it from the next presence update on.
    void refreshedInfoIsSeenInPresence() {
        EngineFixture engine;
        auto peer = engine.connect("42", q(",'info':{'n':1}"));
        ask(*peer, subscribeTo("public:a"));
        ask(*peer, subscribeTo("chat:a"));
        QCOMPARE(connectionInfo(engine), std::string(q("{'n':1}")));
        ask(*peer, protocol::RefreshRequest{connectToken(q("{'sub':'42','info':{'n':2}}"))});
        QCOMPARE(connectionInfo(engine), std::string(q("{'n':2}")));
        // What a token doesn't name stays.
        ask(*peer, protocol::RefreshRequest{connectToken(q("{'sub':'42'}"))});
        QCOMPARE(connectionInfo(engine), std::string(q("{'n':2}")));
        QVERIFY(engine.node().refresh({"42", {}, {}}, std::nullopt, false, bytes("3")).has_value());
        engine.turn();
        QCOMPARE(connectionInfo(engine), std::string("3"));
        QCOMPARE(engine.node().presence("public:a")->size(), std::size_t(1));
    }

    /// One past client.presence_max_info_size isn't shown, and the one before stays.
    void refreshedInfoOfPresenceIsBounded_data() {
        QTest::addColumn<int>("off");
        for (const int off : {-1, 0, 1})
            QTest::addRow("n%+d", off) << off;
    }
    void refreshedInfoOfPresenceIsBounded() {
        QFETCH(int, off);
        EngineFixture engine;
        auto peer = engine.connect("42", q(",'info':1"));
        ask(*peer, subscribeTo("public:a"));
        const auto size = engine.node().config()->client.presenceMaxInfoSize + std::size_t(off);
        const auto info = "\"" + std::string(size - 2, 'x') + "\"";
        ask(*peer, protocol::RefreshRequest{connectToken(q("{'sub':'42','info':") + info + "}")});
        QCOMPARE(connectionInfo(engine), off > 0 ? std::string("1") : info);
        QCOMPARE(peer->closeCode(), 0U);
    }

    void refreshedInfoOfASubscriptionIsSeenInPresence() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        auto request = subscribeTo("match:1");
        request.token = subscribeToken(q("{'sub':'42','channel':'match:1','info':1,'exp':") +
                                       std::to_string(engine.now() + 30) + "}");
        ask(*peer, request);
        protocol::SubRefreshRequest refresh;
        refresh.channel = "match:1";
        const auto info = [&] {
            const auto members = engine.node().presence("match:1");
            return members->empty() || !members->front().chanInfo ? std::string()
                                                                  : std::string(members->front().chanInfo->view());
        };
        QCOMPARE(info(), std::string("1"));
        refresh.token = subscribeToken(q("{'sub':'42','channel':'match:1','info':2,'exp':") +
                                       std::to_string(engine.now() + 60) + "}");
        ask(*peer, refresh);
        QCOMPARE(info(), std::string("2"));
        refresh.token = subscribeToken(q("{'sub':'42','channel':'match:1','exp':1000}"));
        ask(*peer, refresh);
        QCOMPARE(info(), std::string());
        QCOMPARE(engine.node().presence("match:1")->size(), std::size_t(1));
    }

    void refreshWithoutExpiryEndsTheExpiry() {
        EngineFixture engine;
        auto peer = engine.open();
        ask(*peer, connectWith(withExpiry(engine, 60)));
        const auto replies = ask(*peer, protocol::RefreshRequest{connectToken(q("{'sub':'42'}"))});
        QVERIFY(!resultOf<protocol::RefreshResult>(replies)->expires);
        stayAlive(engine, *peer, Seconds(200));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void refreshRefusals_data() {
        QTest::addColumn<QString>("claims");
        QTest::addColumn<uint>("error");
        QTest::addColumn<uint>("close");
        QTest::newRow("empty") << "" << 0U << 3501U;
        QTest::newRow("garbage") << "garbage" << 0U << 3500U;
        QTest::newRow("expired") << "{'sub':'42','exp':1000}" << 0U << 3005U;
        QTest::newRow("other user") << "{'sub':'43'}" << 0U << 3500U;
        QTest::newRow("other project") << "{'sub':'42','projectId':'proj_B'}" << 0U << 3500U;
        QTest::newRow("another channel more") << "{'sub':'42','channels':['chat:a','chat:b']}" << 0U << 3010U;
        QTest::newRow("channel gone") << "{'sub':'42'}" << 0U << 3010U;
        QTest::newRow("same channels") << "{'sub':'42','channels':['chat:a']}" << 0U << 0U;
        QTest::newRow("credential over") << "{'sub':'42','channels':['chat:a'],'expire_at':1000}" << 110U << 0U;
    }

    void refreshRefusals() {
        QFETCH(QString, claims);
        QFETCH(uint, error);
        QFETCH(uint, close);
        EngineFixture engine;
        engine.addProject("proj_B");
        auto peer = engine.connect("42", R"(,"channels":["chat:a"])");
        auto token = claims.toStdString();
        if (!token.empty() && token[0] == '{')
            token = connectToken(q(token));
        const auto replies = ask(*peer, protocol::RefreshRequest{token});
        QCOMPARE(errorOf(replies), std::uint32_t(error));
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
    }

    void insecureConnectionsDoNotExpire() {
        EngineFixture engine;
        engine.addProject(
            "proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) { project.client.insecure = true; });
        auto peer = engine.open();
        const auto replies = ask(*peer, connectWith(withExpiry(engine, 60)));
        QVERIFY(!resultOf<protocol::ConnectResult>(replies)->expires);
        stayAlive(engine, *peer, Seconds(100));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void wallClockSetBackGivesTime() {
        EngineFixture engine;
        auto peer = engine.open();
        ask(*peer, connectWith(withExpiry(engine, 60)));
        engine.clock.jumpWall(-Seconds(600));
        stayAlive(engine, *peer, Seconds(120));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void subscriptionExpires_data() {
        QTest::addColumn<bool>("refreshed");
        QTest::newRow("without a refresh") << false;
        QTest::newRow("refreshed") << true;
    }

    void subscriptionExpires() {
        QFETCH(bool, refreshed);
        EngineFixture engine;
        auto peer = engine.connect("42");
        auto request = subscribeTo("match:1");
        request.token = subscriptionToken(engine, 30);
        auto replies = ask(*peer, request);
        QVERIFY(resultOf<protocol::SubscribeResult>(replies)->expires);
        QCOMPARE(resultOf<protocol::SubscribeResult>(replies)->ttl, 30U);
        stayAlive(engine, *peer, Seconds(30));
        if (refreshed) {
            protocol::SubRefreshRequest refresh;
            refresh.channel = "match:1";
            refresh.token = subscriptionToken(engine, 200);
            replies = ask(*peer, refresh);
            QCOMPARE(resultOf<protocol::SubRefreshResult>(replies)->ttl, 200U);
            QVERIFY(resultOf<protocol::SubRefreshResult>(replies)->expires);
        }
        stayAlive(engine, *peer, Seconds(52));  // ticks at 27, 54 and 81 seconds; expiry and grace end at 55
        const auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.size(), std::size_t(refreshed ? 0 : 1));
        if (!refreshed)
            QCOMPARE(pushes[0].second.code, 2501U);
        QCOMPARE(peer->closeCode(), 0U);
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(refreshed ? 1 : 0));
    }

    void expiredServerSideSubscriptionEndsTheConnection() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        engine::SubscribeOptions options;
        options.expireAt = engine.now() + 30;
        QVERIFY(engine.node().subscribe({"42", {}, {}}, "match:1", options).has_value());
        engine.turn();
        stayAlive(engine, *peer, Seconds(82));
        QCOMPARE(peer->closeCode(), 3006U);
    }

    void subRefreshRefusals_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<QString>("claims");
        QTest::addColumn<uint>("error");
        QTest::addColumn<uint>("close");
        QTest::newRow("not subscribed") << "match:2"
                                        << "garbage" << 103U << 0U;
        QTest::newRow("empty token") << "match:1"
                                     << "" << 107U << 0U;
        QTest::newRow("garbage") << "match:1"
                                 << "garbage" << 0U << 3500U;
        QTest::newRow("other channel") << "match:1"
                                       << "{'sub':'42','channel':'match:2'}" << 0U << 3500U;
        QTest::newRow("other user") << "match:1"
                                    << "{'sub':'43','channel':'match:1'}" << 0U << 3500U;
        QTest::newRow("other client") << "match:1"
                                      << "{'sub':'42','channel':'match:1','client':'x'}" << 0U << 3500U;
        QTest::newRow("expired") << "match:1"
                                 << "{'sub':'42','channel':'match:1','exp':1000}" << 0U << 0U;
        QTest::newRow("subscription over") << "match:1"
                                           << "{'sub':'42','channel':'match:1','expire_at':1000}" << 110U << 0U;
        QTest::newRow("good") << "match:1"
                              << "{'sub':'42','channel':'match:1'}" << 0U << 0U;
    }

    void subRefreshRefusals() {
        QFETCH(QString, channel);
        QFETCH(QString, claims);
        QFETCH(uint, error);
        QFETCH(uint, close);
        EngineFixture engine;
        auto peer = engine.connect("42");
        auto request = subscribeTo("match:1");
        request.token = subscriptionToken(engine, 30);
        ask(*peer, request);
        protocol::SubRefreshRequest refresh;
        refresh.channel = channel.toStdString();
        refresh.token = claims.toStdString();
        if (!refresh.token.empty() && refresh.token[0] == '{')
            refresh.token = subscribeToken(q(refresh.token));
        const auto replies = ask(*peer, refresh);
        QCOMPARE(errorOf(replies), std::uint32_t(error));
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QCOMPARE(resultOf<protocol::Push>(replies), nullptr);
    }

    /// The real program's answer; the subscription is then without end.
    void expiredTokenOfASubRefreshIsAnsweredWithNothing() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        auto request = subscribeTo("match:1");
        request.token = subscriptionToken(engine, 30);
        ask(*peer, request);
        protocol::SubRefreshRequest refresh;
        refresh.channel = "match:1";
        refresh.token = subscribeToken(q("{'sub':'42','channel':'match:1','exp':1000}"));
        const auto replies = ask(*peer, refresh);
        const auto* result = resultOf<protocol::SubRefreshResult>(replies);
        QVERIFY(result != nullptr);
        QVERIFY(*result == protocol::SubRefreshResult());
        stayAlive(engine, *peer, Seconds(200));
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(1));
    }

    void positionIsCheckedFromTimeToTime_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<QString>("later");
        // Which of two streams has to go is a matter of time, not of their names.
        // clang-format off
        QTest::newRow("a before b") << "chat:a" << "chat:b";
        QTest::newRow("b before a") << "chat:b" << "chat:a";
        // clang-format on
    }
    void positionIsCheckedFromTimeToTime() {
        QFETCH(QString, channel);
        QFETCH(QString, later);
        const auto name = channel.toStdString();
        EngineFixture engine;
        const auto limit = [&engine](std::size_t streams) {
            engine.addProject("proj_A", [streams](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
                layout.historyMetaTtl = Seconds(300);
                project.history.channels = streams;
            });
        };
        limit(100);
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo(name));
        const auto epoch = engine.node().history(name, {})->epoch;
        // The check itself keeps the memory of a stream that nobody publishes into.
        stayAlive(engine, *peer, Seconds(900));
        QCOMPARE(pushesOf<protocol::Unsubscribe>(*peer).size(), std::size_t(0));
        QCOMPARE(engine.node().history(name, {})->epoch, epoch);
        // The stream makes room for another one, and the next check notices.
        engine.advance(kTick);
        limit(1);
        auto other = engine.connect("43");
        ask(*other, subscribeTo(later.toStdString()));
        stayAlive(engine, *peer, Seconds(100));
        const auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].second.code, 2500U);
    }

    void ttlIsClampedToAYear() {
        EngineFixture engine;
        auto peer = engine.open();
        const auto replies = ask(*peer, connectWith(withExpiry(engine, 10 * 365 * 24 * 3600 / 10 * 9)));
        QCOMPARE(resultOf<protocol::ConnectResult>(replies)->ttl, 365U * 24 * 3600);
    }
};

QTEST_GUILESS_MAIN(ClientTimeTest)
#include "tst_client_time.moc"
