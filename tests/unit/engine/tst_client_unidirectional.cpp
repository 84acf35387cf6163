#include "tests/support/engine_fixture.h"

#include <QtTest>

#include <string>
#include <utility>
#include <vector>

using namespace xshathra;
using namespace xshathra::test;

namespace {

engine::TransportInfo info(engine::TransportKind kind) {
    engine::TransportInfo result;
    result.kind = kind;
    result.bidirectional = kind == engine::TransportKind::HttpStream;
    result.nativePing = kind == engine::TransportKind::UniWebSocket;
    return result;
}

protocol::Command connectWith(const std::string& claims) {
    protocol::ConnectRequest request;
    request.token = connectToken(claims);
    return {1, request, {}};
}

template <typename T>
std::vector<T> pushes(EngineFixture::Peer& peer) {
    std::vector<T> found;
    for (const auto& reply : peer.transport.takeReplies()) {
        if (const auto* push = std::get_if<protocol::Push>(&reply.result)) {
            if (const auto* message = std::get_if<T>(&push->message))
                found.push_back(*message);
        }
    }
    return found;
}

const std::string kGood = "{\"sub\":\"42\",\"projectId\":\"proj_A\"}";

}  // namespace

class ClientUnidirectionalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void connectIsAPush() {
        EngineFixture engine;
        auto peer = engine.open(info(engine::TransportKind::UniSse));
        auto command = connectWith("{\"sub\":\"42\",\"channels\":[\"chat:1\"],\"projectId\":\"proj_A\"}");
        std::get<protocol::ConnectRequest>(command.request).subs["public:a"] = {};
        std::get<protocol::ConnectRequest>(command.request).subs["match:forbidden"] = {};
        peer->send(command);
        const auto connects = pushes<protocol::Connect>(*peer);
        QCOMPARE(connects.size(), std::size_t(1));
        const auto& connect = connects.front();
        QCOMPARE(connect.client, peer->client.id());
        QCOMPARE(connect.session, peer->client.session());
        QCOMPARE(connect.session.size(), std::size_t(36));
        QVERIFY(connect.node.empty());
        QVERIFY(!connect.pong);
        QCOMPARE(connect.ping, 25U);
        QCOMPARE(connect.subs.size(), std::size_t(2));
        QVERIFY(connect.subs.count("chat:1") == 1 && connect.subs.count("public:a") == 1);
        QVERIFY(!engine.registry.handleEmulation(connect.session, SharedBytes(std::string("{}"))));
    }

    void errorsBecomeDisconnects_data() {
        QTest::addColumn<QByteArray>("claims");
        QTest::addColumn<uint>("mapped");
        QTest::addColumn<uint>("close");
        const QByteArray expired("{\"sub\":\"42\",\"projectId\":\"proj_A\",\"exp\":1}");
        QTest::newRow("expired token") << expired << 0U << 3005U;
        QTest::newRow("expired token, mapped") << expired << 109U << 4109U;
        QTest::newRow("expired token, another mapped") << expired << 110U << 3005U;
        QTest::newRow("unknown namespace")
            << QByteArray("{\"sub\":\"42\",\"projectId\":\"proj_A\",\"channels\":[\"none:1\"]}") << 0U << 3004U;
        QTest::newRow("a disconnect is none")
            << QByteArray("{\"sub\":\"42\",\"projectId\":\"proj_B\"}") << 109U << 3500U;
    }

    void errorsBecomeDisconnects() {
        QFETCH(QByteArray, claims);
        QFETCH(uint, mapped);
        QFETCH(uint, close);
        EngineFixture engine;
        engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout&) {
            if (mapped != 0)
                project.client.connectCodeToUnidirectionalDisconnect = {{mapped, {4109, "renew"}}};
        });
        auto peer = engine.open(info(engine::TransportKind::UniHttpStream));
        peer->send(connectWith(claims.toStdString()));
        const auto ends = pushes<protocol::Disconnect>(*peer);
        QCOMPARE(ends.size(), std::size_t(1));
        QCOMPARE(ends.front().code, close);
        QCOMPARE(peer->closeCode(), close);
    }

    void theEndIsToldByAPush_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("without");
        QTest::addColumn<int>("pushes");
        const auto row = [](const char* name, engine::TransportKind kind, bool without, int count) {
            QTest::newRow(name) << int(kind) << without << count;
        };
        row("http_stream", engine::TransportKind::HttpStream, false, 1);
        row("uni_sse", engine::TransportKind::UniSse, false, 1);
        row("uni_websocket", engine::TransportKind::UniWebSocket, false, 1);
        row("uni_websocket without", engine::TransportKind::UniWebSocket, true, 0);
    }

    void theEndIsToldByAPush() {
        QFETCH(int, kind);
        QFETCH(bool, without);
        QFETCH(int, pushes);
        EngineFixture engine;
        auto about = info(engine::TransportKind(kind));
        about.withoutDisconnectPush = without;
        auto peer = engine.open(about);
        peer->send(connectWith(kGood));
        peer->take();
        peer->client.disconnect(protocol::DisconnectCode::ForceReconnect);
        QCOMPARE(int(::pushes<protocol::Disconnect>(*peer).size()), pushes);
        QCOMPARE(peer->closeCode(), 3011U);
    }

    void pingsAreSentAndNotAnswered() {
        EngineFixture engine;
        auto peer = engine.open(info(engine::TransportKind::UniSse));
        peer->send(connectWith(kGood));
        peer->take();
        engine.advance(Seconds(80));
        QVERIFY(peer->take().size() >= 2);
        QCOMPARE(peer->transport.nativePings, 0);
        QCOMPARE(peer->closeCode(), 0U);
    }

    void aWebSocketIsPingedInBothWays() {
        EngineFixture engine;
        auto peer = engine.open(info(engine::TransportKind::UniWebSocket));
        peer->send(connectWith(kGood));
        peer->take();
        for (int pings = 1; pings <= 2; ++pings) {
            for (int seconds = 0; peer->transport.nativePings < pings && seconds < 25; ++seconds)
                engine.advance(Seconds(1));
            QCOMPARE(peer->transport.nativePings, pings);
            QCOMPARE(peer->take(), std::vector<std::string>{"{}"});
            if (pings == 1)
                peer->client.handleNativePong();
        }
        engine.advance(Seconds(8));
        QCOMPARE(peer->closeCode(), 3012U);
    }

    void pushesAreSeenAsTheyGoOut() {
        EngineFixture engine;
        engine.recorder.setActive(true);
        auto peer = engine.open(info(engine::TransportKind::UniSse));
        peer->send(connectWith(kGood));
        std::vector<capture::Event> events;
        engine.recorder.drain(events, 100);
        bool seen = false;
        for (const auto& event : events)
            seen = seen || event.payload.view().starts_with("{\"connect\":{\"client\":");
        QVERIFY(seen);
    }
};

QTEST_APPLESS_MAIN(ClientUnidirectionalTest)
#include "tst_client_unidirectional.moc"
