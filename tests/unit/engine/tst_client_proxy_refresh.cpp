#include "proxy_test.h"
#include "server/engine/presence_manager.h"

using namespace xshathra;
using namespace xshathra::test;

/// Refreshes that the backend decides; everything else it decides is in tst_client_proxy.cpp.
class ClientProxyRefreshTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refreshHappensWithoutTheClientsHelp() {
        Proxied p(Proxied::withRefresh);
        auto peer = p.engine.open();
        const auto replies = ask(*peer, connectWith(connectToken(q("{'sub':'42','projectId':'proj_A','exp':") +
                                                                 std::to_string(p.engine.now() + 30) + "}")));
        QVERIFY(!resultOf<protocol::ConnectResult>(replies)->expires);
        ask(*peer, subscribeTo("public:a"));
        p.engine.advance(Seconds(29));
        QVERIFY(p.proxy.calls.empty());
        p.engine.advance(Seconds(1));
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        QVERIFY(engine::kindOf(p.proxy.last().request) == ProxyKind::Refresh);
        QCOMPARE(p.proxy.last().caller.user, std::string("42"));
        engine::RefreshProxyResult result;
        result.expireAt = p.engine.now() + 50;
        result.info = bytes("{\"new\":1}");
        result.meta = bytes("{\"m\":2}");
        p.answer(*peer, result);
        QCOMPARE(p.engine.node().presence("public:a")->at(0).connInfo->view(), std::string_view("{\"new\":1}"));
        p.engine.advance(Seconds(49));
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.engine.advance(Seconds(1));
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
        QCOMPARE(p.proxy.last().caller.meta->view(), std::string_view("{\"m\":2}"));
        QCOMPARE(peer->closeCode(), 0U);
    }

    void refreshAnswers_data() {
        QTest::addColumn<int>("answer");
        QTest::addColumn<uint>("close");
        QTest::newRow("failure: a minute more") << 0 << 0U;
        QTest::newRow("no result") << 1 << 3005U;
        QTest::newRow("error") << 2 << 3005U;
        QTest::newRow("disconnect") << 3 << 3005U;
        QTest::newRow("expired") << 4 << 3005U;
        QTest::newRow("no expire_at") << 5 << 3005U;
        QTest::newRow("expire_at is past") << 6 << 3005U;
    }
    void refreshAnswers() {
        QFETCH(int, answer);
        QFETCH(uint, close);
        Proxied p(Proxied::withRefresh);
        auto peer = p.engine.connect("42", ",\"exp\":" + std::to_string(p.engine.now() + 30));
        p.engine.advance(Seconds(30));
        engine::RefreshProxyResult result;
        result.expired = answer == 4;
        result.expireAt = answer == 4 ? p.engine.now() + 100 : answer == 6 ? p.engine.now() - 1 : 0;
        if (answer == 0)
            p.answer(*peer, ProxyFailure{"refused"});
        else if (answer == 1)
            p.answer(*peer, ProxyNoResult{});
        else if (answer == 2)
            p.answer(*peer, protocol::ClientError(1000, "no"));
        else if (answer == 3)
            p.answer(*peer, protocol::Disconnect(4000, "no"));
        else
            p.answer(*peer, result);
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        if (close != 0)
            return;
        p.engine.advance(Seconds(59));
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.engine.advance(Seconds(1));
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
    }

    void aRefreshCommandIsABreachWhereTheBackendRefreshes() {
        Proxied p(Proxied::withRefresh);
        auto peer = p.engine.connect("42");
        ask(*peer, protocol::RefreshRequest{connectToken(q("{'sub':'42','projectId':'proj_A'}"))});
        QCOMPARE(peer->closeCode(), 3501U);
    }

    void subRefreshHappensWithoutTheClientsHelp() {
        Proxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces.back().options.subRefreshProxyEnabled = true;
            layout.namespaces.back().options.presence = true;
        });
        auto peer = p.engine.connect("42");
        ask(*peer, subscribeTo("proxied:a"));
        engine::SubscribeProxyResult granted;
        granted.expireAt = p.engine.now() + 10;
        const auto replies = p.answer(*peer, granted);
        QVERIFY(!resultOf<protocol::SubscribeResult>(replies)->expires);
        // A subscription is looked after every 27 seconds, and has 25 more after its expiry.
        p.engine.advance(Seconds(34));
        QCOMPARE(p.proxy.calls.size(), std::size_t(1));
        p.engine.advance(Seconds(20));
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
        QCOMPARE(p.proxy.request<engine::SubRefreshProxyRequest>().channel, std::string("proxied:a"));
        engine::SubRefreshProxyResult result;
        result.expireAt = p.engine.now() + 1000;
        result.info = bytes("2");
        p.answer(*peer, result);
        QCOMPARE(p.engine.node().presence("proxied:a")->at(0).chanInfo->view(), std::string_view("2"));
        p.engine.advance(Seconds(900));
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
        QVERIFY(pushesOf<protocol::Unsubscribe>(*peer).empty());
    }

    void subRefreshIsAskedOnceAtATime() {
        Proxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces.back().options.subRefreshProxyEnabled = true;
        });
        auto peer = p.engine.connect("42");
        ask(*peer, subscribeTo("proxied:a"));
        engine::SubscribeProxyResult granted;
        granted.expireAt = p.engine.now() + 1;
        p.answer(*peer, granted);
        p.engine.advance(Seconds(160));
        QCOMPARE(p.proxy.calls.size(), std::size_t(2));
    }

    void subRefreshAnswers_data() {
        QTest::addColumn<int>("answer");
        QTest::addColumn<bool>("stays");
        QTest::newRow("failure") << 0 << true;
        QTest::newRow("no result") << 1 << false;
        QTest::newRow("error") << 2 << false;
        QTest::newRow("expired") << 3 << false;
        QTest::newRow("without expiry") << 4 << true;
        QTest::newRow("expire_at is past") << 5 << false;
    }
    void subRefreshAnswers() {
        QFETCH(int, answer);
        QFETCH(bool, stays);
        Proxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces.back().options.subRefreshProxyEnabled = true;
        });
        auto peer = p.engine.connect("42");
        ask(*peer, subscribeTo("proxied:a"));
        engine::SubscribeProxyResult granted;
        granted.expireAt = p.engine.now() + 10;
        p.answer(*peer, granted);
        p.engine.advance(Seconds(54));
        engine::SubRefreshProxyResult result;
        result.expired = answer == 3;
        result.expireAt = answer == 5 ? p.engine.now() - 10 : 0;
        peer->take();
        if (answer == 0)
            p.proxy.answer(ProxyFailure{"refused"});
        else if (answer == 1)
            p.proxy.answer(ProxyNoResult{});
        else if (answer == 2)
            p.proxy.answer(protocol::ClientError(1000, "no"));
        else
            p.proxy.answer(result);
        p.engine.turn();
        const auto pushes = pushesOf<protocol::Unsubscribe>(*peer);
        QCOMPARE(pushes.empty(), stays);
        if (!stays)
            QCOMPARE(pushes[0].second.code, 2501U);
        QCOMPARE(peer->closeCode(), 0U);
    }
};

QTEST_GUILESS_MAIN(ClientProxyRefreshTest)
#include "tst_client_proxy_refresh.moc"
