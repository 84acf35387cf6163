#include "proxy_test.h"
#include "server/engine/presence_manager.h"

using namespace xshathra;
using namespace xshathra::test;

class ClientProxyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void connectWithoutTokenAsksTheBackend() {
        Proxied p(Proxied::withConnect);
        engine::TransportInfo info;
        info.headers = std::make_shared<const engine::RequestHeaders>(engine::RequestHeaders{{"cookie", "a=b"}});
        auto peer = p.engine.open(info);
        protocol::ConnectRequest request;
        request.data = bytes("{\"hello\":1}");
        request.name = "a name that is longer than sixteen";
        request.version = "1.2.3";
        request.subs["public:a"] = {};
        QVERIFY(ask(*peer, request).empty());
        QVERIFY(!peer->client.isConnected());
        const auto& asked = p.proxy.request<engine::ConnectProxyRequest>();
        QCOMPARE(asked.data.view(), std::string_view("{\"hello\":1}"));
        QCOMPARE(asked.name, request.name);
        QCOMPARE(asked.version, request.version);
        QCOMPARE(asked.channels, (std::vector<std::string>{"public:a"}));
        QCOMPARE(p.proxy.last().caller.client, peer->client.id());
        QVERIFY(p.proxy.last().caller.headers == info.headers);

        auto result = user("42");
        result.info = bytes("{\"name\":\"Ann\"}");
        result.data = bytes("{\"welcome\":true}");
        result.expireAt = p.engine.now() + 100;
        result.subscriptions.push_back(subscriptionTo("public:news"));
        result.subscriptions.back().data = bytes("{\"d\":1}");
        result.subscriptions.back().info = bytes("{\"chan\":1}");
        result.subscriptions.push_back(subscriptionTo("match:1"));
        result.subscriptions.back().overrides.presence = false;
        const auto replies = p.answer(*peer, result);
        const auto* connected = resultOf<protocol::ConnectResult>(replies);
        QVERIFY(connected != nullptr);
        QVERIFY(peer->client.isConnected());
        QCOMPARE(peer->client.user(), std::string("42"));
        QCOMPARE(connected->data->view(), std::string_view("{\"welcome\":true}"));
        QVERIFY(connected->expires);
        QCOMPARE(connected->ttl, 100U);
        QCOMPARE(connected->subs.size(), std::size_t(2));
        QCOMPARE(connected->subs.at("public:news").data->view(), std::string_view("{\"d\":1}"));
        const auto present = p.engine.node().presence("public:news");
        QCOMPARE(present->size(), std::size_t(1));
        QCOMPARE(present->front().connInfo->view(), std::string_view("{\"name\":\"Ann\"}"));
        QCOMPARE(present->front().chanInfo->view(), std::string_view("{\"chan\":1}"));
        QVERIFY(p.engine.node().presence("match:1")->empty());
    }

    void connectWithTokenDoesNotAsk() {
        Proxied p(Proxied::withConnect);
        auto peer = p.engine.connect("42");
        QVERIFY(peer->client.isConnected());
        QVERIFY(p.proxy.calls.empty());
    }

    void connectAnswers_data() {
        QTest::addColumn<QString>("answer");
        QTest::addColumn<uint>("error");
        QTest::addColumn<uint>("close");
        QTest::newRow("failure") << "failure" << 100U << 0U;
        QTest::newRow("error") << "error" << 1000U << 0U;
        QTest::newRow("disconnect") << "disconnect" << 0U << 4501U;
        QTest::newRow("no result") << "none" << 0U << 3501U;
        QTest::newRow("unknown namespace") << "namespace" << 102U << 0U;
        QTest::newRow("expired") << "expired" << 110U << 0U;
    }
    void connectAnswers() {
        QFETCH(QString, answer);
        QFETCH(uint, error);
        QFETCH(uint, close);
        Proxied p(Proxied::withConnect);
        auto peer = p.engine.open();
        ask(*peer, connectWith({}));
        std::vector<protocol::Reply> replies;
        if (answer == QLatin1String("failure"))
            replies = p.answer(*peer, ProxyFailure{"refused"});
        else if (answer == QLatin1String("error"))
            replies = p.answer(*peer, protocol::ClientError(1000, "no way", true));
        else if (answer == QLatin1String("disconnect"))
            replies = p.answer(*peer, protocol::Disconnect(4501, "go away"));
        else if (answer == QLatin1String("none"))
            replies = p.answer(*peer, ProxyNoResult{});
        else {
            auto result = user("42");
            if (answer == QLatin1String("namespace"))
                result.subscriptions.push_back(subscriptionTo("other:1"));
            else
                result.expireAt = p.engine.now() - 1;
            replies = p.answer(*peer, result);
        }
        QCOMPARE(errorOf(replies), std::uint32_t(error));
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QVERIFY(!peer->client.isConnected());
        if (error == 1000U) {
            QCOMPARE(replies[0].error->message, std::string("no way"));
            QVERIFY(replies[0].error->temporary);
        }
        if (close == 4501U)
            QCOMPARE(peer->transport.closed->reason, std::string("go away"));
    }

    void anonymousWhereTheBackendHasNoResultAndTheProjectAllowsIt() {
        Proxied p([](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            Proxied::withConnect(project, layout);
            project.client.allowAnonymousConnectWithoutToken = true;
        });
        auto peer = p.engine.open();
        ask(*peer, connectWith({}));
        QVERIFY(resultOf<protocol::ConnectResult>(p.answer(*peer, ProxyNoResult{})) != nullptr);
        QCOMPARE(peer->client.user(), std::string());
    }

    void subscribesPackedBehindAConnectWaitForIt() {
        Proxied p(Proxied::withConnect);
        auto peer = p.engine.open();
        peer->send(std::string("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"public:a\"}}"));
        const auto replies = p.answer(*peer, user("42"));
        QCOMPARE(replies.size(), std::size_t(2));
        QCOMPARE(replies[0].id, 1U);
        QCOMPARE(replies[1].id, 2U);
        QVERIFY(!replies[1].error);
    }

    void aRefusedConnectDropsTheRestOfItsFrameAndClosesForMore() {
        Proxied p(Proxied::withConnect);
        auto peer = p.engine.open();
        peer->send(std::string("{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"public:a\"}}"));
        const auto replies = p.answer(*peer, ProxyFailure{"refused"});
        QCOMPARE(replies.size(), std::size_t(1));
        QCOMPARE(peer->closeCode(), 0U);
        auto other = p.engine.open();
        other->send(std::string("{\"id\":1,\"connect\":{}}"));
        other->send(std::string("{\"id\":2,\"subscribe\":{\"channel\":\"public:a\"}}"));
        p.answer(*other, ProxyFailure{"refused"});
        QCOMPARE(other->closeCode(), 3501U);
    }

    void connectionGoesStaleWhileTheBackendThinks() {
        Proxied p(Proxied::withConnect);
        auto peer = p.engine.open();
        ask(*peer, connectWith({}));
        p.engine.advance(Seconds(10));
        QCOMPARE(peer->closeCode(), 3502U);
        QCOMPARE(p.proxy.cancelled.size(), std::size_t(1));
    }

    void dataThatIsNotJsonDoesNotGoToAJsonClient() {
        for (const bool binary : {false, true}) {
            Proxied p(Proxied::withConnect);
            auto peer = binary ? p.engine.openProtobuf() : p.engine.open();
            ask(*peer, connectWith({}));
            auto result = user("42");
            result.data = bytes("\xff\x01");
            p.answer(*peer, result);
            QCOMPARE(peer->closeCode(), binary ? 0U : 3506U);
        }
    }

    void metaAndEmulatedHeadersGoAlongLater() {
        Proxied p([](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            Proxied::withConnect(project, layout);
            project.proxies.connect->emulatedHeaders = {"authorization"};
        });
        auto peer = p.engine.open();
        protocol::ConnectRequest request;
        request.headers["Authorization"] = "Bearer x";
        ask(*peer, request);
        QCOMPARE(p.proxy.last().caller.emulatedHeaders->at("Authorization"), std::string("Bearer x"));
        auto result = user("42");
        result.meta = bytes("{\"m\":1}");
        p.answer(*peer, result);
        ask(*peer, call("on:a"));
        QCOMPARE(p.proxy.last().caller.meta->view(), std::string_view("{\"m\":1}"));
        QCOMPARE(p.proxy.last().caller.user, std::string("42"));
        QCOMPARE(p.proxy.last().caller.emulatedHeaders->at("Authorization"), std::string("Bearer x"));
    }

    void emulatedHeadersAreNotKeptWhereNobodyReadsThem() {
        Proxied p(Proxied::withConnect);
        auto peer = p.engine.open();
        protocol::ConnectRequest request;
        request.headers["Authorization"] = "Bearer x";
        ask(*peer, request);
        QVERIFY(p.proxy.last().caller.emulatedHeaders == nullptr);
    }

    void metaOfATokenGoesAlong() {
        Proxied p;
        auto peer = p.engine.connect("42", q(",'meta':{'t':1}"));
        ask(*peer, call("on:a"));
        QCOMPARE(p.proxy.last().caller.meta->view(), std::string_view("{\"t\":1}"));
    }

    void subscribeAsksTheBackend() {
        Proxied p;
        auto peer = p.engine.connect("42");
        auto request = subscribeTo("proxied:a");
        request.data = bytes("{\"s\":1}");
        request.positioned = true;
        QVERIFY(ask(*peer, request).empty());
        const auto& asked = p.proxy.request<engine::SubscribeProxyRequest>();
        QCOMPARE(asked.channel, std::string("proxied:a"));
        QCOMPARE(asked.data.view(), std::string_view("{\"s\":1}"));
        QCOMPARE(asked.token, std::string());
        engine::SubscribeProxyResult result;
        result.data = bytes("{\"d\":2}");
        result.info = bytes("{\"i\":2}");
        result.expireAt = p.engine.now() + 60;
        result.overrides.forceRecovery = true;
        result.overrides.presence = true;
        result.overrides.joinLeave = false;
        const auto replies = p.answer(*peer, result);
        const auto* subscribed = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(subscribed != nullptr);
        QVERIFY(subscribed->recoverable);
        QVERIFY(subscribed->expires);
        QCOMPARE(subscribed->ttl, 60U);
        QCOMPARE(subscribed->data->view(), std::string_view("{\"d\":2}"));
        const auto present = p.engine.node().presenceManager().members("proxied:a");
        QCOMPARE(present.size(), std::size_t(1));
        QCOMPARE(present.front().chanInfo->view(), std::string_view("{\"i\":2}"));
    }

    void whatAClientAsksForByFlagsIsNotGivenWithAProxy() {
        Proxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces.back().options.allowPositioning = true;
            layout.namespaces.back().options.allowRecovery = true;
        });
        auto peer = p.engine.connect("42");
        auto request = subscribeTo("proxied:a");
        request.positioned = true;
        request.recoverable = true;
        ask(*peer, request);
        const auto replies = p.answer(*peer, ProxyNoResult{});
        const auto* subscribed = resultOf<protocol::SubscribeResult>(replies);
        QVERIFY(subscribed != nullptr);
        QVERIFY(!subscribed->positioned);
        QVERIFY(!subscribed->recoverable);
    }

    void subscribeRefusals() {
        Proxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, subscribeTo("proxied:a"));
        QCOMPARE(errorOf(p.answer(*peer, ProxyFailure{"refused"})), 100U);
        ask(*peer, subscribeTo("proxied:a"));
        QCOMPARE(errorOf(p.answer(*peer, protocol::ClientError(403, "no"))), 403U);
        ask(*peer, subscribeTo("proxied:a"));
        engine::SubscribeProxyResult past;
        past.expireAt = p.engine.now() - 5;
        QCOMPARE(errorOf(p.answer(*peer, past)), 110U);
        ask(*peer, subscribeTo("proxied:a"));
        p.answer(*peer, protocol::Disconnect(4100, "bye"));
        QCOMPARE(peer->closeCode(), 4100U);
    }

    void aSubscriptionThatTheServerMadeMeanwhileStands() {
        Proxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, subscribeTo("proxied:a"));
        engine::UserTarget target;
        target.user = "42";
        QVERIFY(p.engine.node().subscribe(target, "proxied:a").has_value());
        p.engine.turn();
        QCOMPARE(errorOf(p.answer(*peer, ProxyNoResult{})), 105U);
    }

    void aTokenOrAUserLimitedChannelDoesWithoutTheBackend() {
        Proxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces.back().options.allowUserLimitedChannels = true;
        });
        auto peer = p.engine.connect("42");
        auto request = subscribeTo("proxied:a");
        request.token = subscribeToken(q("{'sub':'42','channel':'proxied:a','projectId':'proj_A'}"));
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, request)) != nullptr);
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, subscribeTo("proxied:b#42"))) != nullptr);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("proxied:b#43"))), 103U);
        QVERIFY(p.proxy.calls.empty());
    }

    void aProxyThatDoesNotExistIsNotAvailable() {
        Proxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            layout.namespaces.back().options.subscribeProxyName = "gone";
            layout.namespaces.back().options.publishProxyName = "gone";
        });
        auto peer = p.engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo("proxied:a"))), 108U);
        QCOMPARE(errorOf(ask(*peer, publishTo("proxied:a"))), 108U);
        QVERIFY(p.proxy.calls.empty());
    }

    void aNamedProxyIsAsked() {
        Proxied p([](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            project.proxies.named["mine"].endpoint = "http://127.0.0.1:1/mine";
            layout.namespaces.back().options.subscribeProxyName = "mine";
        });
        auto peer = p.engine.connect("42");
        ask(*peer, subscribeTo("proxied:a"));
        QCOMPARE(p.proxy.last().name, std::string("mine"));
        QCOMPARE(p.proxy.last().options->endpoint, std::string("http://127.0.0.1:1/mine"));
    }

    void publishAsksTheBackend() {
        Proxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, subscribeTo("proxied:a"));
        p.answer(*peer, ProxyNoResult{});
        QVERIFY(ask(*peer, publishTo("proxied:a")).empty());
        QCOMPARE(p.proxy.request<engine::PublishProxyRequest>().data.view(), std::string_view("{\"n\":1}"));
        QVERIFY(!p.answer(*peer, ProxyNoResult{}).empty());
        const auto page = p.engine.node().history("proxied:a", {-1, std::nullopt, false});
        QCOMPARE(page->publications.size(), std::size_t(1));
        QCOMPARE(page->publications[0].data.view(), std::string_view("{\"n\":1}"));
        QCOMPARE(page->publications[0].info->user, std::string("42"));
    }

    void theBackendReplacesDataAndAddsToIt() {
        Proxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, publishTo("proxied:a"));
        engine::PublishProxyResult result;
        result.data = bytes("{\"other\":1}");
        result.tags["k"] = "v";
        p.answer(*peer, result);
        ask(*peer, publishTo("proxied:a"));
        result.skipHistory = true;
        p.answer(*peer, result);
        const auto page = p.engine.node().history("proxied:a", {-1, std::nullopt, false});
        QCOMPARE(page->publications.size(), std::size_t(1));
        QCOMPARE(page->publications[0].data.view(), std::string_view("{\"other\":1}"));
        QCOMPARE(page->publications[0].tags.at("k"), std::string("v"));
    }

    void publishRefusals() {
        Proxied p;
        auto peer = p.engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, publishTo("other:a"))), 102U);
        QCOMPARE(errorOf(ask(*peer, publishTo("proxied:a", ""))), 107U);
        QVERIFY(p.proxy.calls.empty());
        ask(*peer, publishTo("proxied:a"));
        QCOMPARE(errorOf(p.answer(*peer, ProxyFailure{"refused"})), 100U);
        ask(*peer, publishTo("proxied:a"));
        QCOMPARE(errorOf(p.answer(*peer, protocol::ClientError(1500, "no"))), 1500U);
        ask(*peer, publishTo("proxied:a"));
        p.answer(*peer, protocol::Disconnect(4200, "bye"));
        QCOMPARE(peer->closeCode(), 4200U);
        QVERIFY(p.engine.node().history("proxied:a", {-1, std::nullopt, false})->publications.empty());
    }

    void streamProxiesAreNotAvailable() {
        Proxied p([](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            auto& options = layout.namespaces.back().options;
            options.subscribeProxyEnabled = false;
            options.publishProxyEnabled = false;
            options.subscribeStreamProxyEnabled = true;
        });
        auto peer = p.engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, subscribeTo("proxied:a"))), 108U);
        QCOMPARE(errorOf(ask(*peer, publishTo("proxied:a"))), 108U);
    }

    void rpcMethods_data() {
        QTest::addColumn<QString>("method");
        QTest::addColumn<uint>("error");
        QTest::addColumn<bool>("asks");
        QTest::newRow("namespace with proxy") << "on:add" << 0U << true;
        QTest::newRow("two colons") << "on:add:more" << 0U << true;
        QTest::newRow("namespace without proxy") << "off:add" << 108U << false;
        QTest::newRow("without namespace") << "add" << 108U << false;
        QTest::newRow("empty method") << "" << 108U << false;
        QTest::newRow("empty namespace") << ":add" << 108U << false;
        QTest::newRow("unknown namespace") << "other:add" << 104U << false;
        QTest::newRow("proxy that doesn't exist") << "lost:add" << 108U << false;
    }
    void rpcMethods() {
        QFETCH(QString, method);
        QFETCH(uint, error);
        QFETCH(bool, asks);
        Proxied p;
        auto peer = p.engine.connect("42");
        const auto replies = ask(*peer, call(method.toStdString()));
        QCOMPARE(!p.proxy.calls.empty(), asks);
        QCOMPARE(errorOf(replies), std::uint32_t(error));
        if (!asks)
            return;
        QVERIFY(replies.empty());
        QCOMPARE(p.proxy.request<engine::RpcProxyRequest>().method, method.toStdString());
        QCOMPARE(p.proxy.request<engine::RpcProxyRequest>().data.view(), std::string_view("{\"a\":1}"));
    }

    void rpcAnswers() {
        Proxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, call("on:add"));
        engine::RpcProxyResult result;
        result.data = bytes("{\"sum\":2}");
        auto replies = p.answer(*peer, result);
        QCOMPARE(resultOf<protocol::RpcResult>(replies)->data.view(), std::string_view("{\"sum\":2}"));
        ask(*peer, call("on:add"));
        replies = p.answer(*peer, ProxyNoResult{});
        QVERIFY(resultOf<protocol::RpcResult>(replies)->data.empty());
        ask(*peer, call("on:add"));
        QCOMPARE(errorOf(p.answer(*peer, ProxyFailure{"late"})), 100U);
        ask(*peer, call("on:add"));
        QCOMPARE(errorOf(p.answer(*peer, protocol::ClientError(404, "no"))), 404U);
        ask(*peer, call("on:add"));
        p.answer(*peer, protocol::Disconnect(4300, "bye"));
        QCOMPARE(peer->closeCode(), 4300U);
    }

    void rpcWithoutAnyProxy() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        QCOMPARE(errorOf(ask(*peer, call("add"))), 108U);
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.proxies.rpc.ping.enabled = true;
        });
        QVERIFY(resultOf<protocol::RpcResult>(ask(*peer, call("ping"))) != nullptr);
        QCOMPARE(errorOf(ask(*peer, call("add"))), 104U);
    }

    void rpcDataThatIsNotJsonDoesNotGoToAJsonClient() {
        Proxied p;
        auto peer = p.engine.connect("42");
        ask(*peer, call("on:add"));
        engine::RpcProxyResult result;
        result.data = bytes("\xff");
        p.answer(*peer, result);
        QCOMPARE(peer->closeCode(), 3506U);
    }

    void proxiedDecisionsAreInTheCapture() {
        Proxied p(Proxied::withConnect);
        p.engine.recorder.setActive(true);
        auto peer = p.engine.open();
        ask(*peer, connectWith({}));
        p.answer(*peer, user("42"));
        ask(*peer, subscribeTo("proxied:a"));
        p.answer(*peer, protocol::ClientError(403, "forbidden"));
        std::vector<capture::Event> events;
        p.engine.recorder.drain(events, 1000);
        std::string text;
        int connects = 0;
        for (const auto& event : events) {
            connects += event.kind == capture::Kind::Connect && event.dir == capture::Direction::In ? 1 : 0;
            if (!event.decision)
                continue;
            for (const auto& check : event.decision->checks)
                text += check.name + "=" + check.found + "; ";
        }
        QCOMPARE(connects, 1);
        QVERIFY2(text.find("connect proxy=200 in 12 ms") != std::string::npos, text.c_str());
        QVERIFY2(text.find("subscribe proxy=200 in 12 ms: error 403 forbidden") != std::string::npos, text.c_str());
    }
};

QTEST_APPLESS_MAIN(ClientProxyTest)
#include "tst_client_proxy.moc"
