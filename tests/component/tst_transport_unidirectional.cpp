#include "tests/component/stream_fixture.h"

#include <QTest>

#include <string>

using namespace xshathra;
using namespace xshathra::test;

namespace {

/// A push of the channel `news`, by a client of its own.
bool publish(std::uint16_t port, const std::string& data) {
    RawClient publisher(port);
    return enterWebSocket(publisher, port) && publishNews(publisher, data);
}

std::string payload(RawClient& client) {
    const auto frame = client.readFrame();
    return frame ? frame->payload : std::string();
}

bool open(RawClient& client, std::uint16_t port, const std::string& query = {}, const std::string& headers = {}) {
    return client.send(handshake(port, kUniWebSocket + query, headers)) &&
           client.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101 ");
}

}  // namespace

class TestTransportUnidirectional : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void httpStreamSendsBarePushes() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient client(port);
        QVERIFY(client.send("POST", kUniHttpStream, q("{'subs':{'news':{}}}")));
        const auto head = client.readHead();
        QVERIFY(head.starts_with("HTTP/1.1 200 OK\r\n"));
        QVERIFY(head.find("X-Accel-Buffering: no\r\n") != std::string::npos);
        const auto connect = client.readLine();
        QVERIFY(connect.starts_with(q("{'connect':{'client':'")));
        QVERIFY(connect.find(q("'subs':{'news':{}},'ping':25,'session':'")) != std::string::npos);
        QVERIFY(connect.find("node") == std::string::npos);
        QVERIFY(connect.find("pong") == std::string::npos);
        QVERIFY(publish(port, q("{'n':1}")));
        const auto push = client.readLine();
        QVERIFY(push.starts_with(q("{'channel':'news','pub':{'data':{'n':1},'info':")));
        QVERIFY(push.ends_with("}}}"));
    }

    void sseSendsBarePushes_data() {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("nothing given") << QByteArray("GET") << QByteArray() << QByteArray();
        QTest::newRow("request in the URL") << QByteArray("GET") << QByteArray("{'name':'x'}") << QByteArray();
        QTest::newRow("null in the URL") << QByteArray("GET") << QByteArray("null") << QByteArray();
        QTest::newRow("request in the body") << QByteArray("POST") << QByteArray() << QByteArray("{}");
        QTest::newRow("request over lines")
            << QByteArray("POST") << QByteArray() << QByteArray("{\n 'data': [1,\r\n2]\n}\n");
    }

    void sseSendsBarePushes() {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, body);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        const auto target =
            kUniSse + (query.isEmpty() ? std::string() : "?cf_connect=" + encoded(q(query.toStdString())));
        QVERIFY(client.send(method.toStdString(), target, q(body.toStdString())));
        QVERIFY(client.readHead().find("Content-Type: text/event-stream; charset=utf-8\r\n") != std::string::npos);
        QCOMPARE(client.readChunk(), std::string("\r\n"));
        QVERIFY(client.readEvent().starts_with(q("{'connect':{'client':'")));
    }

    void refusesMalformedConnectRequests_data() {
        requestColumns();
        requestRow("GET", kUniSse + "?cf_connect=%7B", "", 400);
        requestRow("GET", kUniSse + "?cf_connect=5", "", 400);
        requestRow("POST", kUniSse, "", 400);
        requestRow("POST", kUniSse, "x", 400);
        requestRow("POST", kUniSse, "{\"token\":5}", 400);
        requestRow("PUT", kUniSse, "", 405);
        requestRow("OPTIONS", kUniSse, "", 405);
        requestRow("POST", kUniHttpStream, "", 400);
        requestRow("POST", kUniHttpStream, "[]", 400);
        requestRow("POST", kUniHttpStream, "{}},\"subscribe\":{\"channel\":\"a\"", 400);
        requestRow("GET", kUniHttpStream, "", 405);
        requestRow("OPTIONS", kUniHttpStream, "", 204);
    }

    void refusesMalformedConnectRequests() { checkRequestRow(); }

    void aFailedConnectIsADisconnectPush() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient stream(fixture.server.port());
        QVERIFY(stream.send("POST", kUniHttpStream, q("{'token':'x'}")));
        QVERIFY(stream.readHead().starts_with("HTTP/1.1 200 OK\r\n"));
        QCOMPARE(stream.readLine(), q("{'disconnect':{'code':3500,'reason':'invalid token'}}"));
        QVERIFY(stream.readChunk().empty() && stream.ended());
        StreamClient events(fixture.server.port());
        QVERIFY(events.send("GET", kUniSse + "?cf_connect=" + encoded(q("{'token':'x'}"))));
        QVERIFY(!events.readHead().empty());
        QCOMPARE(events.readEvent(), q("{'disconnect':{'code':3500,'reason':'invalid token'}}"));
        QVERIFY(events.readChunk().empty() && events.ended());
    }

    void aFailedConnectCanBeAnHttpAnswer_data() {
        QTest::addColumn<uint>("code");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("with a text") << 3500U << QByteArray("go away") << QByteArray("HTTP/1.1 403 Forbidden|go away");
        QTest::newRow("without a text") << 3500U << QByteArray() << QByteArray("HTTP/1.1 403 Forbidden|invalid token");
        QTest::newRow("another code") << 3501U << QByteArray("x")
                                      << QByteArray("HTTP/1.1 500 Internal Server Error|Internal Server Error");
    }

    void aFailedConnectCanBeAnHttpAnswer() {
        QFETCH(uint, code);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, answer);
        ServerFixture fixture;
        auto& rules = fixture.options.endpoints.uniSse.connectCodeToHttpResponse;
        rules.enabled = true;
        rules.transforms = {{code, 403, body.toStdString()}};
        fixture.options.endpoints.uniHttpStream.connectCodeToHttpResponse = rules;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        const auto parts = answer.split('|');
        StreamClient client(port);
        QVERIFY(client.send("GET", kUniSse + "?cf_connect=" + encoded(q("{'token':'x'}"))));
        auto response = client.raw.readResponse();
        QVERIFY(response.starts_with(parts[0].toStdString() + "\r\n"));
        QVERIFY(response.ends_with("\r\n\r\n" + parts[1].toStdString()));
        // On the same connection: the stream's other form, and one that is let in.
        QVERIFY(client.send("POST", kUniHttpStream, q("{'token':'x'}")));
        response = client.raw.readResponse();
        QVERIFY(response.ends_with("\r\n\r\n" + parts[1].toStdString()));
        QVERIFY(client.send("POST", kUniHttpStream, "{}"));
        QVERIFY(client.readHead().starts_with("HTTP/1.1 200 OK\r\n"));
        QVERIFY(client.readLine().starts_with(q("{'connect':")));
    }

    void pingsWantNoAnswer() {
        ServerFixture fixture;
        fixture.configure([](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.pingInterval = Milliseconds(60);
            project.client.pongTimeout = Milliseconds(20);
        });
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        QVERIFY(client.send("POST", kUniHttpStream, "{}"));
        QVERIFY(!client.readHead().empty() && !client.readLine().empty());
        for (int i = 0; i < 4; ++i)
            QCOMPARE(client.readLine(), std::string("{}"));
    }

    void webSocketTakesItsRequestFromTheUrlOrTheFirstMessage_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("URL") << QByteArray("{'subs':{'news':{}}}") << QByteArray();
        QTest::newRow("message") << QByteArray() << QByteArray("{'subs':{'news':{}}}");
    }

    void webSocketTakesItsRequestFromTheUrlOrTheFirstMessage() {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, message);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(open(client, port, query.isEmpty() ? std::string() : "?cf_connect=" + encoded(q(query.toStdString()))));
        if (!message.isEmpty())
            QVERIFY(client.send(textFrame(q(message.toStdString()))));
        const auto connect = payload(client);
        QVERIFY(connect.starts_with(q("{'connect':{'client':'")));
        QVERIFY(connect.find(q("'ping':25,'session':'")) != std::string::npos);
        // What comes later is ignored, whatever it is.
        QVERIFY(client.send(textFrame(q("{'id':2,'subscribe':{'channel':'b'}}")) + textFrame("garbage")));
        QVERIFY(publish(port, "1"));
        QVERIFY(payload(client).starts_with(q("{'channel':'news','pub':{'data':1")));
        QVERIFY(client.send(maskedFrame(0x88, std::string("\x03\xe8", 2))));
        const auto end = client.readFrame();
        QVERIFY(end);
        QCOMPARE(end->closeCode, 1000);
        QTRY_COMPARE(fixture.registry.counters().clients, 0U);
    }

    void webSocketSpeaksNoSubprotocol() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(client.send(
            handshake(port, kUniWebSocket, "User-Agent: x\r\nSec-WebSocket-Protocol: centrifuge-protobuf\r\n")));
        QVERIFY(client.readUntil("\r\n\r\n").find("Sec-WebSocket-Protocol") == std::string::npos);
        QVERIFY(client.send(maskedFrame(0x82, "{}")));
        const auto frame = client.readFrame();
        QVERIFY(frame);
        QCOMPARE(int(frame->opcode), 1);
        QVERIFY(frame->payload.starts_with(q("{'connect':")));
    }

    void webSocketRefusesMalformedRequests() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient inUrl(port);
        QVERIFY(inUrl.send(handshake(port, kUniWebSocket + "?cf_connect=%7B")));
        QCOMPARE(inUrl.readStatus(), 400);
        RawClient inMessage(port);
        QVERIFY(open(inMessage, port));
        QVERIFY(inMessage.send(textFrame("x")));
        const auto frame = inMessage.readFrame();
        QVERIFY(frame);
        QCOMPARE(frame->closeCode, 3501);
        QCOMPARE(frame->payload.substr(2), std::string("bad request"));
    }

    void webSocketTellsItsEndTwice_data() {
        QTest::addColumn<bool>("withoutPush");
        QTest::addColumn<bool>("withoutHandshake");
        QTest::newRow("push and close frame") << false << false;
        QTest::newRow("close frame alone") << true << false;
        QTest::newRow("push alone") << false << true;
        QTest::newRow("neither") << true << true;
    }

    void webSocketTellsItsEndTwice() {
        QFETCH(bool, withoutPush);
        QFETCH(bool, withoutHandshake);
        ServerFixture fixture;
        fixture.options.endpoints.uniWebSocket.disableDisconnectPush = withoutPush;
        fixture.options.endpoints.uniWebSocket.disableClosingHandshake = withoutHandshake;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(open(client, port, "?cf_connect=" + encoded(q("{'token':'x'}"))));
        if (!withoutPush)
            QCOMPARE(payload(client), q("{'disconnect':{'code':3500,'reason':'invalid token'}}"));
        if (!withoutHandshake) {
            const auto frame = client.readFrame();
            QVERIFY(frame);
            QCOMPARE(frame->closeCode, 3500);
        } else {
            QVERIFY(client.closedByPeer());
        }
    }

    void webSocketPingsBothWays() {
        ServerFixture fixture;
        fixture.configure([](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.pingInterval = Milliseconds(100);
            project.client.pongTimeout = Milliseconds(99);
        });
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(open(client, port, "?cf_connect=%7B%7D"));
        QVERIFY(!payload(client).empty());
        for (int i = 0; i < 3; ++i) {
            const auto native = client.readFrame();
            QVERIFY(native);
            QCOMPARE(int(native->opcode), 9);
            QCOMPARE(payload(client), std::string("{}"));
            QVERIFY(client.send(maskedFrame(0x8a, native->payload)));
        }
        QVERIFY(client.readFrame() && client.readFrame());
        QCOMPARE(payload(client), q("{'disconnect':{'code':3012,'reason':'no pong'}}"));
    }

    /// What is put around the request doesn't count.
    void connectRequestsMayBeAsLongAsTheBound_data() {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("off");
        for (const int limit : {65'536, 100'000}) {
            for (const int off : {-20, -1, 0, 1}) {
                QTest::addRow("uni_http_stream, %d%+d", limit, off)
                    << QByteArray(kUniHttpStream.c_str()) << limit << off;
                QTest::addRow("uni_sse, %d%+d", limit, off) << QByteArray(kUniSse.c_str()) << limit << off;
                QTest::addRow("uni_websocket, %d%+d", limit, off) << QByteArray(kUniWebSocket.c_str()) << limit << off;
            }
        }
    }
    void connectRequestsMayBeAsLongAsTheBound() {
        QFETCH(QByteArray, target);
        QFETCH(int, limit);
        QFETCH(int, off);
        ServerFixture fixture;
        auto& endpoints = fixture.options.endpoints;
        endpoints.uniSse.bodyBytes = endpoints.uniHttpStream.bodyBytes = std::size_t(limit);
        endpoints.uniWebSocket.messageBytes = std::size_t(limit);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        const std::string start = "{\"data\":\"";
        const auto body = start + std::string(std::size_t(limit + off) - start.size() - 2, 'x') + "\"}";
        if (target == kUniWebSocket.c_str()) {
            RawClient client(port);
            QVERIFY(open(client, port) && client.send(textFrame(body)));
            const auto frame = client.readFrame();
            QVERIFY(frame);
            QCOMPARE(frame->closeCode, off > 0 ? 1009 : 0);
            QCOMPARE(frame->payload.starts_with(q("{'connect':")), off <= 0);
            return;
        }
        StreamClient client(port);
        QVERIFY(client.send("POST", target.toStdString(), body));
        const auto head = client.readHead();
        QCOMPARE(head.starts_with("HTTP/1.1 413 "), off > 0);
        if (off > 0)
            return;
        if (target == kUniSse.c_str())
            QCOMPARE(client.readChunk(), std::string("\r\n"));
        QVERIFY(client.readChunk().find(q("{'connect':{'client':'")) != std::string::npos);
    }

    void webSocketBoundsItsMessages() {
        ServerFixture fixture;
        fixture.options.endpoints.uniWebSocket.messageBytes = 100;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        for (const std::size_t size : {99U, 100U, 101U}) {
            RawClient client(port);
            QVERIFY(open(client, port));
            QVERIFY(client.send(textFrame("{}" + std::string(size - 2, ' '))));
            const auto frame = client.readFrame();
            QVERIFY(frame);
            QCOMPARE(frame->closeCode, size > 100 ? 1009 : 0);
        }
    }
};

QTEST_GUILESS_MAIN(TestTransportUnidirectional)
#include "tst_transport_unidirectional.moc"
