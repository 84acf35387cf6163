#include "tests/component/raw_client.h"
#include "tests/component/server_fixture.h"

#include <QSignalSpy>
#include <QTest>
#include <QWebSocket>

#include <string>

using namespace xshathra;
using namespace xshathra::test;

namespace {

const std::string kConnect = R"({"id":1,"connect":{}})";

std::string subscribe(int id, const std::string& channel) {
    return R"({"id":)" + std::to_string(id) + R"(,"subscribe":{"channel":")" + channel + R"("}})";
}

std::string publish(int id, const std::string& channel, const std::string& data) {
    return R"({"id":)" + std::to_string(id) + R"(,"publish":{"channel":")" + channel + R"(","data":)" + data + "}}";
}

/// Connected and subscribed to `channel`.
void enter(RawClient& client, std::uint16_t port, const std::string& channel) {
    QVERIFY(!client.openWebSocket(port).empty());
    QVERIFY(client.send(textFrame(kConnect + "\n" + subscribe(2, channel))));
    const auto connected = client.readFrame();
    QVERIFY(connected && connected->payload.find(R"("connect")") != std::string::npos);
    if (connected->payload.find(R"("subscribe")") == std::string::npos)
        QVERIFY(client.readFrame());
}

}  // namespace

class TestTransportWebSocket : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void checksHandshake_data() {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        const QByteArray rest = "Host: localhost:P\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n";
        const QByteArray version = "Sec-WebSocket-Version: 13\r\n";
        const QByteArray key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        const QByteArray path = "GET /realtime/connection/websocket HTTP/1.1\r\n";
        QTest::newRow("good") << path + rest + version + key << 101;
        QTest::newRow("with query")
            << QByteArray("GET /realtime/connection/websocket?a=b%20c&cf_ws_frame_ping_pong=true HTTP/1.1\r\n") + rest +
                   version + key
            << 101;
        QTest::newRow("post") << QByteArray("POST /realtime/connection/websocket HTTP/1.1\r\n") + rest + version + key
                              << 405;
        QTest::newRow("other path") << QByteArray("GET /realtime/connection/websocket2 HTTP/1.1\r\n") + rest + version +
                                           key
                                    << 404;
        QTest::newRow("http 1.0") << QByteArray("GET /realtime/connection/websocket HTTP/1.0\r\n") + rest + version +
                                         key
                                  << 400;
        QTest::newRow("version 8") << path + rest + "Sec-WebSocket-Version: 8\r\n" + key << 400;
        QTest::newRow("no version") << path + rest + key << 400;
        QTest::newRow("no key") << path + rest + version << 400;
        QTest::newRow("short key") << path + rest + version + "Sec-WebSocket-Key: c2hvcnQ=\r\n" << 400;
        QTest::newRow("no upgrade") << path + "Host: localhost:P\r\n" << 400;
        QTest::newRow("with body") << path + rest + version + key + "Content-Length: 1\r\n" << 400;
    }

    void checksHandshake() {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        request.replace("localhost:P", "localhost:" + QByteArray::number(fixture.server.port()));
        RawClient client(fixture.server.port());
        QVERIFY(client.send(request.toStdString() + "\r\n"));
        const auto answer = client.readResponse();
        QCOMPARE(std::atoi(answer.c_str() + std::min<std::size_t>(answer.size(), 9)), status);
        if (status == 101)
            QVERIFY(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
        if (status == 405)
            QVERIFY(answer.find("Allow: GET\r\n") != std::string::npos);
        if (QByteArray(QTest::currentDataTag()) == "version 8")
            QVERIFY(answer.find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
    }

    void agreesToSubprotocols_data() {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<QByteArray>("echo");
        QTest::addColumn<bool>("protobuf");
        const QByteArray agent = "User-Agent: sdk\r\n";
        const QByteArray json = "Sec-WebSocket-Protocol: centrifuge-json\r\n";
        QTest::newRow("none") << QByteArray() << QByteArray() << QByteArray() << false;
        QTest::newRow("json") << QByteArray() << json << QByteArray("centrifuge-json") << false;
        QTest::newRow("protobuf") << agent << QByteArray("Sec-WebSocket-Protocol: centrifuge-protobuf\r\n")
                                  << QByteArray("centrifuge-protobuf") << true;
        QTest::newRow("client's order") << QByteArray()
                                        << QByteArray(
                                               "Sec-WebSocket-Protocol: x, centrifuge-protobuf, centrifuge-json\r\n")
                                        << QByteArray("centrifuge-protobuf") << true;
        QTest::newRow("client's other order")
            << QByteArray() << QByteArray("Sec-WebSocket-Protocol: centrifuge-json, centrifuge-protobuf\r\n")
            << QByteArray("centrifuge-json") << false;
        QTest::newRow("unknown") << QByteArray() << QByteArray("Sec-WebSocket-Protocol: graphql-ws\r\n") << QByteArray()
                                 << false;
        QTest::newRow("typed by hand") << json << QByteArray() << QByteArray() << false;
        QTest::newRow("typed by hand, protobuf")
            << QByteArray("Sec-WebSocket-Protocol: centrifuge-protobuf\r\n") << QByteArray() << QByteArray() << true;
        QTest::newRow("first but with an agent")
            << agent + json << QByteArray() << QByteArray("centrifuge-json") << false;
    }

    void agreesToSubprotocols() {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QFETCH(QByteArray, echo);
        QFETCH(bool, protobuf);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send("GET /realtime/connection/websocket HTTP/1.1\r\nHost: localhost:" +
                            std::to_string(fixture.server.port()) + "\r\n" + before.toStdString() +
                            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                            after.toStdString() + "\r\n"));
        const auto answer = client.readUntil("\r\n\r\n");
        QVERIFY(answer.starts_with("HTTP/1.1 101 "));
        const auto field = "Sec-WebSocket-Protocol: " + echo.toStdString() + "\r\n";
        QCOMPARE(answer.find(echo.isEmpty() ? "Sec-WebSocket-Protocol" : field) != std::string::npos, !echo.isEmpty());
        if (protobuf) {
            // Command{id: 1, connect: {}} with its length in front.
            QVERIFY(client.send(maskedFrame(0x82, std::string_view("\x04\x08\x01\x22\x00", 5))));
            const auto reply = client.readFrame();
            QVERIFY(reply);
            QCOMPARE(int(reply->opcode), 0x2);
        } else {
            QVERIFY(client.send(textFrame(kConnect)));
            const auto reply = client.readFrame();
            QVERIFY(reply);
            QCOMPARE(int(reply->opcode), 0x1);
            QVERIFY(reply->payload.starts_with(R"({"id":1,"connect":)"));
        }
    }

    void queryChoosesProtobuf_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::newRow("format") << QByteArray("?format=protobuf");
        QTest::newRow("cf_protocol") << QByteArray("?cf_protocol=protobuf");
    }

    void queryChoosesProtobuf() {
        QFETCH(QByteArray, query);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port(), query.toStdString()).empty());
        QVERIFY(client.send(maskedFrame(0x82, std::string_view("\x04\x08\x01\x22\x00", 5))));
        const auto reply = client.readFrame();
        QVERIFY(reply && reply->opcode == 0x2);
    }

    void losesNoFrameThatComesWithTheHandshake() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send(handshake(fixture.server.port()) + textFrame(kConnect) + textFrame(subscribe(2, "news"))));
        QVERIFY(client.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101 "));
        const auto first = client.readFrame();
        QVERIFY(first && first->payload.starts_with(R"({"id":1,"connect":)"));
        const auto second = client.readFrame();
        QVERIFY(second && second->payload.starts_with(R"({"id":2,"subscribe":)"));
    }

    void losesNoFrameCutAnywhere() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto head = handshake(fixture.server.port());
        const auto frames = textFrame(kConnect) + textFrame(subscribe(2, "news"));
        for (std::size_t cut = 1; cut < frames.size(); cut += 5) {
            RawClient client(fixture.server.port());
            QVERIFY(client.send(head + frames.substr(0, cut)));
            QVERIFY(client.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101 "));
            QVERIFY(client.send(frames.substr(cut)));
            QVERIFY(client.readFrame());
            const auto second = client.readFrame();
            QVERIFY(second && second->payload.starts_with(R"({"id":2,"subscribe":)"));
        }
    }

    void upgradesConnectionThatServedRequests() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        const auto health = "GET /health HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n\r\n";
        QVERIFY(client.send(health));
        QCOMPARE(client.readStatus(), 200);
        QVERIFY(client.send(health + handshake(port) + textFrame(kConnect)));
        QCOMPARE(client.readStatus(), 200);
        QVERIFY(client.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101 "));
        QVERIFY(client.readFrame());
    }

    void takesBinaryFramesAsJsonAndFragments() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port()).empty());
        QVERIFY(client.send(maskedFrame(0x02, kConnect.substr(0, 5)) + maskedFrame(0x89, "hi") +
                            maskedFrame(0x80, kConnect.substr(5))));
        const auto pong = client.readFrame();
        QVERIFY(pong);
        QCOMPARE(int(pong->opcode), 0xA);
        QCOMPARE(pong->payload, std::string("hi"));
        const auto reply = client.readFrame();
        QVERIFY(reply && reply->payload.starts_with(R"({"id":1,"connect":)"));
    }

    void failsConnectionOfBrokenFrames_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        const auto row = [](const char* name, const std::string& bytes, int code) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << code;
        };
        std::string pings;
        for (int i = 0; i < 101; ++i)
            pings += maskedFrame(0x89, "");
        std::string fragments = maskedFrame(0x01, "");
        for (int i = 0; i < 1024; ++i)
            fragments += maskedFrame(0x00, "");
        row("not masked", std::string("\x81\x02{}", 4), 1002);
        row("reserved bit", maskedFrame(0xC1, "{}"), 1002);
        row("reserved opcode", maskedFrame(0x83, "{}"), 1002);
        row("long ping", maskedFrame(0x89, std::string(126, 'p')), 1002);
        row("bad UTF-8", textFrame("\xc3\x28"), 1007);
        row("overlong UTF-8", textFrame("\xc0\xaf"), 1007);
        row("surrogate", textFrame("\xed\xa0\x80"), 1007);
        row("message of n+1", textFrame(std::string(65537, ' ')), 1009);
        row("length of 2^63-1", std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask", 14), 1009);
        row("101 pings", pings, 1008);
        row("1025 fragments", fragments, 1008);
    }

    void failsConnectionOfBrokenFrames() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        ServerFixture fixture;
        fixture.options.limits.closeTimeout = Milliseconds(150);
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port()).empty());
        QVERIFY(client.send(textFrame(kConnect)));
        QVERIFY(client.readFrame());
        QVERIFY(client.send(bytes.toStdString()));
        auto frame = client.readFrame();
        while (frame && frame->opcode == 0xA)
            frame = client.readFrame();
        QVERIFY(frame);
        QCOMPARE(int(frame->opcode), 0x8);
        QCOMPARE(frame->closeCode, code);
        QVERIFY(client.closedByPeer());
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
    }

    void takesMessageOfTheBound() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port()).empty());
        // White space is JSON's own, so a command may be as long as the bound.
        for (const std::size_t size : {65535U, 65536U}) {
            auto command = size == 65535U ? kConnect : subscribe(2, "bound");
            command.insert(1, std::string(size - command.size(), ' '));
            QVERIFY(client.send(textFrame(command)));
            const auto reply = client.readFrame();
            QVERIFY(reply);
            QCOMPARE(int(reply->opcode), 0x1);
        }
        std::string fragments = maskedFrame(0x01, R"({"id":3,"subscribe":{"channel":"f"}})");
        for (int i = 0; i < 1022; ++i)
            fragments += maskedFrame(0x00, "");
        QVERIFY(client.send(fragments + maskedFrame(0x80, "")));
        const auto reply = client.readFrame();
        QVERIFY(reply && reply->payload.starts_with(R"({"id":3,"subscribe":)"));
    }

    /// The bound is the endpoint's, also for what stands in a message.
    void takesCommandsUpToARaisedBound_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("close");
        QTest::newRow("n-1") << 99'999 << 0;
        QTest::newRow("n") << 100'000 << 0;
        QTest::newRow("n+1") << 100'001 << 1009;
    }
    void takesCommandsUpToARaisedBound() {
        QFETCH(int, size);
        QFETCH(int, close);
        ServerFixture fixture;
        fixture.options.endpoints.webSocket.messageBytes = 100'000;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port()).empty());
        QVERIFY(client.send(textFrame(kConnect)) && client.readFrame());
        const std::string start = "{\"id\":2,\"publish\":{\"channel\":\"news\",\"data\":\"";
        QVERIFY(client.send(textFrame(start + std::string(std::size_t(size) - start.size() - 3, 'x') + "\"}}")));
        const auto frame = client.readFrame();
        QVERIFY(frame);
        QCOMPARE(frame->closeCode, close);
        if (close == 0)
            QVERIFY(frame->payload.starts_with("{\"id\":2,\"publish\":{"));
    }

    void clientsCloseIsAnsweredAndReported() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port()).empty());
        QVERIFY(client.send(maskedFrame(0x88, std::string_view("\x03\xe8", 2))));
        const auto close = client.readFrame();
        QVERIFY(close);
        QCOMPARE(int(close->opcode), 0x8);
        QCOMPARE(close->closeCode, 1000);
        QVERIFY(client.closedByPeer());
        QTRY_COMPARE(fixture.server.counters().openWebSockets, 0U);
    }

    void serversCloseFollowsTheReplyAndWaitsForThePeer() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port()).empty());
        QVERIFY(client.send(textFrame(kConnect + "\n" + "no json")));
        const auto reply = client.readFrame();
        QVERIFY(reply);
        QCOMPARE(int(reply->opcode), 0x1);
        const auto close = client.readFrame();
        QVERIFY(close);
        QCOMPARE(close->closeCode, 3501);
        QCOMPARE(close->payload.substr(2), std::string("bad request"));
        QCOMPARE(client.drain(1, 50), std::size_t(0));
        QCOMPARE(fixture.server.counters().openSockets, 1U);  // still waiting for the peer's close frame
        QVERIFY(client.send(maskedFrame(0x88, std::string_view("\x0d\xad", 2))));
        QVERIFY(client.closedByPeer());
    }

    void peerThatIgnoresTheCloseIsCut() {
        ServerFixture fixture;
        fixture.options.limits.closeTimeout = Milliseconds(80);
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port()).empty());
        QVERIFY(client.send(textFrame("no json")));
        QVERIFY(client.readFrame());
        QVERIFY(client.closedByPeer());
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
    }

    void repliesOfOneTurnArriveInOrder() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        enter(client, fixture.server.port(), "news");
        std::string all;
        for (int id = 10; id < 210; ++id)
            all += textFrame(publish(id, "news", "{\"n\":" + std::to_string(id) + "}"));
        QVERIFY(client.send(all));
        int nextReply = 10;
        int nextPush = 10;
        while (nextReply < 210 || nextPush < 210) {
            const auto frame = client.readFrame();
            QVERIFY(frame);
            if (frame->payload.find("\"pub\"") != std::string::npos)
                QVERIFY(frame->payload.find("{\"n\":" + std::to_string(nextPush++) + "}") != std::string::npos);
            else
                QVERIFY(frame->payload.starts_with("{\"id\":" + std::to_string(nextReply++) + ","));
        }
    }

    void twoThreadsDeliverToAllInOneOrder() {
        ServerFixture fixture;
        fixture.options.ioThreads = 2;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 6; ++i) {
            clients.push_back(std::make_unique<RawClient>(port));
            enter(*clients.back(), port, "news");
        }
        for (int round = 0; round < 50; ++round) {
            QVERIFY(clients[0]->send(textFrame(publish(100 + round, "news", "\"a" + std::to_string(round) + "\""))));
            QVERIFY(clients[1]->send(textFrame(publish(100 + round, "news", "\"b" + std::to_string(round) + "\""))));
        }
        std::vector<std::vector<std::string>> seen(clients.size());
        for (std::size_t i = 0; i < clients.size(); ++i) {
            while (seen[i].size() < 100) {
                const auto frame = clients[i]->readFrame();
                QVERIFY(frame);
                if (const auto at = frame->payload.find("\"data\":"); at != std::string::npos)
                    seen[i].push_back(frame->payload.substr(at + 8, frame->payload.find('"', at + 8) - at - 8));
            }
            QCOMPARE(seen[i], seen[0]);
        }
    }

    void nativePingsAreSentAndAnswered() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto config = *fixture.registry.config();
        auto project = std::make_shared<engine::ProjectConfig>(*config.projects.front());
        project->client.pingInterval = Milliseconds(40);
        project->client.pongTimeout = Milliseconds(30);
        auto changed = std::make_shared<engine::EngineConfig>(config);
        changed->projects = {project};
        fixture.registry.apply(changed);
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port(), "?cf_ws_frame_ping_pong=true").empty());
        QVERIFY(client.send(textFrame(kConnect)));
        const auto reply = client.readFrame();
        QVERIFY(reply && reply->payload.find("\"ping\"") == std::string::npos);
        for (int i = 0; i < 3; ++i) {
            const auto ping = client.readFrame();
            QVERIFY(ping);
            QCOMPARE(int(ping->opcode), 0x9);
            QVERIFY(client.send(maskedFrame(0x8A, ping->payload)));
        }
        auto frame = client.readFrame();
        QVERIFY(frame && frame->opcode == 0x9);
        frame = client.readFrame();  // not answered
        QVERIFY(frame);
        QCOMPARE(frame->closeCode, 3012);
    }

    void tokenInTheUrlIsExplained() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        fixture.recorder.setActive(true);
        RawClient client(fixture.server.port());
        QVERIFY(!client.openWebSocket(fixture.server.port(), "?token=eyJsecret").empty());
        std::vector<capture::Event> events;
        QTRY_VERIFY(fixture.recorder.drain(events, 10) + events.size() >= 1);
        QVERIFY(events[0].decision);
        QCOMPARE(events[0].decision->checks[0].outcome, capture::Outcome::Fail);
        QVERIFY(events[0].decision->checks[0].advice.find("connect command") != std::string::npos);
        for (const auto& check : events[0].decision->checks)
            QVERIFY((check.found + check.expected + check.advice).find("eyJsecret") == std::string::npos);
    }

    void clientThatLeavesAtOnceIsExplained() {
        ServerFixture fixture;
        fixture.options.limits.earlyLeave = Milliseconds(3000);
        QVERIFY(fixture.start());
        fixture.recorder.setActive(true);
        {
            RawClient client(fixture.server.port());
            QVERIFY(!client.openWebSocket(fixture.server.port(), {}, "Sec-WebSocket-Protocol: centrifuge-json\r\n")
                         .empty());
        }
        std::vector<capture::Event> events;
        QTRY_VERIFY(fixture.recorder.drain(events, 10) + events.size() >= 1);
        const auto found = std::find_if(events.begin(), events.end(), [](const auto& event) {
            return event.note.view() == "left right after the handshake";
        });
        QVERIFY(found != events.end());
        QVERIFY(found->decision->checks.back().advice.find("centrifuge-json") != std::string::npos);
    }

    void qtClientTalks() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        QWebSocket socket;
        QSignalSpy messages(&socket, &QWebSocket::textMessageReceived);
        QObject::connect(&socket, &QWebSocket::connected, &socket,
                         [&] { socket.sendTextMessage(QString::fromStdString(kConnect)); });
        socket.open(QUrl(QStringLiteral("ws://127.0.0.1:%1/realtime/connection/websocket").arg(fixture.server.port())));
        QTRY_COMPARE(messages.size(), 1);
        QVERIFY(messages[0][0].toString().startsWith(QStringLiteral("{\"id\":1,\"connect\":")));
    }
};

QTEST_GUILESS_MAIN(TestTransportWebSocket)
#include "tst_transport_websocket.moc"
