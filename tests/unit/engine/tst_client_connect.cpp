#include "client_test.h"

using namespace xshathra;
using namespace xshathra::test;

class ClientConnectTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tokenConnects_data() {
        QTest::addColumn<bool>("binary");
        QTest::newRow("json") << false;
        QTest::newRow("protobuf") << true;
    }

    void tokenConnects() {
        QFETCH(bool, binary);
        EngineFixture engine;
        auto peer = binary ? engine.openProtobuf() : engine.open();
        const auto expiry = engine.now() + 900;
        const auto replies =
            ask(*peer,
                connectWith(connectToken(q("{'sub':'42','projectId':'proj_A','exp':") + std::to_string(expiry) + "}")));
        const auto* result = resultOf<protocol::ConnectResult>(replies);
        QVERIFY(result != nullptr);
        QCOMPARE(replies[0].id, 7U);
        QCOMPARE(result->client, peer->client.id());
        QCOMPARE(result->version, std::string("test"));
        QCOMPARE(result->ping, 25U);
        QVERIFY(result->pong);
        QVERIFY(result->expires);
        QCOMPARE(result->ttl, 900U);
        QCOMPARE(result->session, std::string());
        QCOMPARE(result->node, std::string());
        QVERIFY(result->subs.empty());
        QCOMPARE(peer->client.user(), std::string("42"));
        QVERIFY(peer->client.isConnected());
        QCOMPARE(engine.node().info().numClients, std::size_t(1));
    }

    void refusals_data() {
        QTest::addColumn<QString>("claims");
        QTest::addColumn<uint>("error");
        QTest::addColumn<uint>("close");
        QTest::newRow("no token") << "" << 0U << 3501U;
        QTest::newRow("not a token") << "garbage" << 0U << 3500U;
        QTest::newRow("expired") << "{'sub':'42','projectId':'proj_A','exp':1000}" << 109U << 0U;
        QTest::newRow("not yet valid") << "{'sub':'42','projectId':'proj_A','nbf':99999999999}" << 109U << 0U;
        QTest::newRow("credential expired")
            << "{'sub':'42','projectId':'proj_A','exp':99999999999,'expire_at':1000}" << 110U << 0U;
        QTest::newRow("a subscription token") << "{'sub':'42','projectId':'proj_A','channel':'chat:1'}" << 0U << 3500U;
        QTest::newRow("unknown project") << "{'sub':'42','projectId':'proj_X'}" << 0U << 3500U;
        QTest::newRow("unknown namespace") << "{'sub':'42','projectId':'proj_A','channels':['other:1']}" << 102U << 0U;
    }

    void refusals() {
        QFETCH(QString, claims);
        QFETCH(uint, error);
        QFETCH(uint, close);
        EngineFixture engine;
        auto peer = engine.open();
        auto token = claims.toStdString();
        if (!token.empty() && token[0] == '{')
            token = connectToken(q(token));
        const auto replies = ask(*peer, connectWith(token));
        QCOMPARE(errorOf(replies), std::uint32_t(error));
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QVERIFY(!peer->client.isConnected());
        QCOMPARE(engine.node().info().numClients, std::size_t(0));
    }

    void tokenWithoutProjectBelongsToTheDefault() {
        EngineFixture engine;
        auto peer = engine.open();
        QVERIFY(resultOf<protocol::ConnectResult>(ask(*peer, connectWith(connectToken(q("{'sub':'42'}"))))) != nullptr);
        QCOMPARE(engine.node("proj_A").info().numClients, std::size_t(1));
    }

    void tokenOfAnotherSecretIsRefused() {
        EngineFixture engine;
        auto peer = engine.open();
        const OtherSigner signer;
        ask(*peer, connectWith(signer.sign(q("{'sub':'42','projectId':'proj_A'}"))));
        QCOMPARE(peer->closeCode(), 3500U);
    }

    void clientKeyOpensAnonymousConnectionsWhereAllowed() {
        EngineFixture engine;
        const auto key = auth::generateApiKey(auth::KeyKind::Client, auth::KeyEnvironment::Live);
        engine.addProject("proj_B", [&](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.clientKeyHashes = {auth::hashApiKey(key.expose())};
            project.client.allowAnonymousConnectWithoutToken = true;
        });
        engine::TransportInfo info;
        info.clientApiKey = std::string(key.expose());
        auto peer = engine.open(info);
        QVERIFY(resultOf<protocol::ConnectResult>(ask(*peer, protocol::ConnectRequest{})) != nullptr);
        QCOMPARE(peer->client.user(), std::string());
        QCOMPARE(engine.node("proj_B").info().numClients, std::size_t(1));
        QCOMPARE(engine.node("proj_A").info().numClients, std::size_t(0));
    }

    void clientKeyMustFit_data() {
        QTest::addColumn<bool>("known");
        QTest::addColumn<QString>("project");
        QTest::addColumn<uint>("close");
        QTest::newRow("anonymous not allowed") << true << "" << 3501U;
        QTest::newRow("unknown key") << false << "" << 3500U;
        QTest::newRow("unknown key with a good token") << false << "proj_B" << 3500U;
        QTest::newRow("token of the same project") << true << "proj_B" << 0U;
        QTest::newRow("token of another project") << true << "proj_A" << 3500U;
    }

    void clientKeyMustFit() {
        QFETCH(bool, known);
        QFETCH(QString, project);
        QFETCH(uint, close);
        EngineFixture engine;
        const auto key = auth::generateApiKey(auth::KeyKind::Client, auth::KeyEnvironment::Live);
        const auto other = auth::generateApiKey(auth::KeyKind::Client, auth::KeyEnvironment::Live);
        engine.addProject("proj_B", [&](engine::ProjectConfig& config, engine::ChannelLayout&) {
            config.clientKeyHashes = {auth::hashApiKey(key.expose())};
        });
        engine::TransportInfo info;
        info.clientApiKey = std::string((known ? key : other).expose());
        auto peer = engine.open(info);
        auto request = protocol::ConnectRequest{};
        if (!project.isEmpty())
            request.token = connectToken(q("{'sub':'1','projectId':'" + project.toStdString() + "'}"));
        ask(*peer, request);
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QCOMPARE(peer->client.isConnected(), close == 0);
    }

    void insecureProjectNeedsNoToken() {
        EngineFixture engine;
        engine.addProject(
            "proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) { project.client.insecure = true; });
        auto peer = engine.open();
        QVERIFY(resultOf<protocol::ConnectResult>(ask(*peer, protocol::ConnectRequest{})) != nullptr);
        QVERIFY(resultOf<protocol::SubscribeResult>(ask(*peer, subscribeTo("match:1"))) != nullptr);
        QCOMPARE(errorOf(ask(*peer, subscribeTo("other:1"))), 102U);
    }

    void anonymousTokensCanBeDisallowed() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.disallowAnonymousConnectionTokens = true;
        });
        auto peer = engine.open();
        ask(*peer, connectWith(connectToken(q("{'sub':''}"))));
        QCOMPARE(peer->closeCode(), 3507U);
    }

    void emulatedTransportsGetSessionAndNode() {
        EngineFixture engine;
        engine::TransportInfo info;
        info.kind = engine::TransportKind::Sse;
        auto peer = engine.open(info);
        const auto replies = ask(*peer, connectWith(connectToken(q("{'sub':'42'}"))));
        const auto* result = resultOf<protocol::ConnectResult>(replies);
        QVERIFY(result != nullptr);
        QCOMPARE(result->session, peer->client.session());
        QVERIFY(!result->session.empty());
        QCOMPARE(result->node, engine.registry.nodeUid());
        QVERIFY(
            engine.registry.handleEmulation(result->session, bytes(q("{'id':2,'subscribe':{'channel':'public:a'}}"))));
        engine.turn();
        QVERIFY(resultOf<protocol::SubscribeResult>(peer->transport.takeReplies()) != nullptr);
        QVERIFY(!engine.registry.handleEmulation("unknown", bytes("{}")));
        peer->client.disconnect(DisconnectCode::Shutdown);
        const auto pushes = pushesOf<protocol::Disconnect>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].second.code, 3001U);
        QVERIFY(!engine.registry.handleEmulation(result->session, bytes("{}")));
    }

    void nativePingsLeaveThePingFieldsOut() {
        EngineFixture engine;
        engine::TransportInfo info;
        info.nativePing = true;
        auto peer = engine.open(info);
        const auto replies = ask(*peer, connectWith(connectToken(q("{'sub':'42'}"))));
        const auto* result = resultOf<protocol::ConnectResult>(replies);
        QCOMPARE(result->ping, 0U);
        QVERIFY(!result->pong);
    }

    void serverSideSubscriptionsComeWithTheReply() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            project.client.subscribeToUserPersonalChannel.enabled = true;
            layout.withoutNamespace.presence = true;
        });
        auto peer = engine.open();
        const auto replies =
            ask(*peer, connectWith(connectToken(q("{'sub':'42','channels':['chat:1','public:a','chat:1']}"))));
        const auto* result = resultOf<protocol::ConnectResult>(replies);
        QVERIFY(result != nullptr);
        QCOMPARE(result->subs.size(), std::size_t(3));
        QVERIFY(result->subs.at("chat:1").positioned);
        QVERIFY(result->subs.at("chat:1").recoverable);
        QCOMPARE(result->subs.at("chat:1").epoch.size(), std::size_t(8));
        QVERIFY(result->subs.at("public:a") == protocol::SubscribeResult{});
        QVERIFY(result->subs.count("#42") == 1);
        QVERIFY(engine.node().publish("#42", bytes("1")).has_value());
        engine.turn();
        QCOMPARE(publicationsOf(*peer), std::string("1"));
        QCOMPARE(errorOf(ask(*peer, subscribeTo("chat:1"))), 105U);
    }

    void dataOfServerSideSubscriptionsMustFitTheEncoding_data() {
        QTest::addColumn<bool>("protobuf");
        QTest::addColumn<QString>("data");
        QTest::addColumn<uint>("close");
        for (const bool protobuf : {false, true}) {
            const auto* name = protobuf ? "Protobuf" : "JSON";
            QTest::addRow("%s: text", name) << protobuf << "aGVsbG8=" << (protobuf ? 0U : 3506U);
            QTest::addRow("%s: an object", name) << protobuf << "eyJkIjoxfQ==" << 0U;
            QTest::addRow("%s: nothing", name) << protobuf << "" << 0U;
        }
    }
    void dataOfServerSideSubscriptionsMustFitTheEncoding() {
        QFETCH(bool, protobuf);
        QFETCH(QString, data);
        QFETCH(uint, close);
        EngineFixture engine;
        auto peer = protobuf ? engine.openProtobuf() : engine.open();
        const auto replies = ask(*peer, connectWith(connectToken(q("{'sub':'42','subs':{'chat:1':{'b64data':'") +
                                                                 data.toStdString() + q("'}}}"))));
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QCOMPARE(resultOf<protocol::ConnectResult>(replies) != nullptr, close == 0);
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(close == 0 ? 1 : 0));
    }

    /// As in Centrifugo: the client gets what is published in such a channel, and has to subscribe by itself for more.
    void tokenMayNameChannelsOfMapsAndSharedPoll() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig&, engine::ChannelLayout& layout) {
            for (const auto type : {engine::SubscriptionType::Map, engine::SubscriptionType::SharedPoll}) {
                engine::NamespaceOptions ns;
                ns.name = type == engine::SubscriptionType::Map ? "map" : "poll";
                ns.options.subscriptionType = type;
                ns.options.allowSubscribeForClient = true;
                ns.options.forcePositioning = true;
                ns.options.map.mode = engine::MapMode::Persistent;
                layout.namespaces.push_back(ns);
            }
        });
        auto peer = engine.open();
        const auto replies =
            ask(*peer, connectWith(connectToken(q("{'sub':'42','channels':['map:a','poll:a','chat:1']}"))));
        const auto* result = resultOf<protocol::ConnectResult>(replies);
        QVERIFY(result != nullptr);
        QCOMPARE(result->subs.size(), std::size_t(3));
        QVERIFY(result->subs.at("map:a") == protocol::SubscribeResult{});
        QVERIFY(result->subs.at("poll:a") == protocol::SubscribeResult{});
        QVERIFY(engine.node().mapPublish("map:a", "k", bytes("1")).has_value());
        engine.turn();
        const auto pushes = pushesOf<protocol::Publication>(*peer);
        QCOMPARE(pushes.size(), std::size_t(1));
        QCOMPARE(pushes[0].second.key, std::string("k"));
        auto own = subscribeTo("map:a");
        own.type = int(engine::SubscriptionType::Map);
        QCOMPARE(errorOf(ask(*peer, own)), 105U);
        ask(*peer, protocol::UnsubscribeRequest{"map:a"});
        QCOMPARE(errorOf(ask(*peer, protocol::UnsubscribeRequest{"poll:a"})), 0U);
        engine.advance(Seconds(10));
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(1));
    }

    void serverSideSubscriptionsRecover() {
        EngineFixture engine;
        const auto first = engine.node().publish("chat:1", bytes("1"));
        QVERIFY(engine.node().publish("chat:1", bytes("2")).has_value());
        auto peer = engine.open();
        auto request = connectWith(connectToken(q("{'sub':'42','channels':['chat:1']}")));
        auto position = subscribeTo("");
        position.recover = true;
        position.offset = 1;
        position.epoch = first->epoch;
        request.subs["chat:1"] = position;
        request.subs["match:forbidden"] = position;
        const auto replies = ask(*peer, request);
        const auto* result = resultOf<protocol::ConnectResult>(replies);
        QVERIFY(result != nullptr);
        QCOMPARE(result->subs.size(), std::size_t(1));
        const auto& sub = result->subs.at("chat:1");
        QVERIFY(sub.recovered);
        QVERIFY(sub.wasRecovering);
        QCOMPARE(sub.publications.size(), std::size_t(1));
        QCOMPARE(sub.offset, std::uint64_t(1));
    }

    void serverSideChannelLimit_data() {
        QTest::addColumn<int>("channels");
        QTest::addColumn<uint>("close");
        QTest::newRow("one less") << 127 << 0U;
        QTest::newRow("as many") << 128 << 0U;
        QTest::newRow("one more") << 129 << 3505U;
    }

    void serverSideChannelLimit() {
        QFETCH(int, channels);
        QFETCH(uint, close);
        EngineFixture engine;
        std::string list;
        for (int i = 0; i < channels; ++i)
            list += (i > 0 ? ",'public:" : "'public:") + std::to_string(i) + "'";
        auto peer = engine.open();
        ask(*peer, connectWith(connectToken(q("{'sub':'42','channels':[" + list + "]}"))));
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(close == 0 ? channels : 0));
    }

    void userConnectionLimit() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.userConnectionLimit = 2;
        });
        auto one = engine.connect("42");
        auto two = engine.connect("42");
        auto three = engine.connect("42");
        auto other = engine.connect("43");
        QCOMPARE(two->closeCode(), 0U);
        QCOMPARE(three->closeCode(), 3504U);
        QCOMPARE(other->closeCode(), 0U);
        two.reset();
        auto four = engine.connect("42");
        QCOMPARE(four->closeCode(), 0U);
    }

    void projectConnectionLimit() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.connectionLimit = 2;
        });
        auto one = engine.connect("1");
        auto two = engine.connect("2");
        auto three = engine.connect("3");
        QCOMPARE(two->closeCode(), 0U);
        QCOMPARE(three->closeCode(), 3504U);
    }

    void singleConnectionEndsTheOlderOnes() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            project.client.subscribeToUserPersonalChannel.enabled = true;
            project.client.subscribeToUserPersonalChannel.singleConnection = true;
            layout.withoutNamespace.presence = true;
        });
        auto old = engine.connect("42");
        auto stranger = engine.connect("43");
        auto young = engine.connect("42");
        QCOMPARE(old->closeCode(), 3504U);
        QCOMPARE(stranger->closeCode(), 0U);
        QVERIFY(young->client.isConnected());
    }

    void serverTimeIsIncludedOnRequest() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.connectIncludeServerTime = true;
        });
        auto peer = engine.open();
        const auto replies = ask(*peer, connectWith(connectToken(q("{'sub':'42'}"))));
        QCOMPARE(resultOf<protocol::ConnectResult>(replies)->time, engine.now() * 1000);
    }

private:
    struct OtherSigner {
        std::string sign(const std::string& claims) const {
            return auth::TokenSigner(auth::Secret("another secret of at least thirty-two bytes")).signRaw(claims);
        }
    };
};

QTEST_GUILESS_MAIN(ClientConnectTest)
#include "tst_client_connect.moc"
