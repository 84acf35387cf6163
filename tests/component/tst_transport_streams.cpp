#include "server/protocol/command_encoder.h"
#include "server/protocol/emulation.h"
#include "server/protocol/reply_decoder.h"
#include "tests/component/stream_fixture.h"

#include <QTest>

#include <memory>
#include <string>
#include <variant>

using namespace xshathra;
using namespace xshathra::test;

namespace {

const std::string kOctets = "Content-Type: application/octet-stream\r\n";

/// Posts commands by a connection of its own; the status.
int emulate(std::uint16_t port, const Half& half, const std::string& commands) {
    RawClient client(port);
    client.send(request(port, "POST", kEmulation, emulation(half, commands)));
    return client.readStatus();
}

/// Opens an http_stream and gives its connect reply.
std::string enter(StreamClient& client, const std::string& more = {}) {
    if (!client.send("POST", kHttpStream, kConnect + more) || client.readHead().empty())
        return {};
    return client.readLine();
}

protocol::Reply replyOf(const std::string& bytes) {
    const auto decoded = protocol::decodeReplies(protocol::Encoding::Protobuf, SharedBytes(bytes));
    return decoded.replies.empty() ? protocol::Reply() : decoded.replies.front();
}

}  // namespace

class TestTransportStreams : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void httpStreamSendsWhatATurnSaysAsOneChunk() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        QVERIFY(client.send("POST", kHttpStream, kConnect + "\n" + kSubscribe + "\n"));
        const auto head = client.readHead();
        QVERIFY(head.starts_with("HTTP/1.1 200 OK\r\n"));
        for (const auto* line :
             {"X-Accel-Buffering: no\r\n", "Pragma: no-cache\r\n", "Expire: 0\r\n", "Connection: keep-alive\r\n",
              "Cache-Control: private, no-cache, no-store, must-revalidate, max-age=0\r\n",
              "Transfer-Encoding: chunked\r\n", "Content-Type: text/plain; charset=utf-8\r\n"})
            QVERIFY2(head.find(line) != std::string::npos, line);
        const auto chunk = client.readChunk();
        QVERIFY(chunk.starts_with(q("{'id':1,'connect':{'client':'")));
        QVERIFY(chunk.ends_with(q("}\n{'id':2,'subscribe':{}}\n")));
        QCOMPARE(field(chunk, "node"), fixture.registry.nodeUid());
        QCOMPARE(field(chunk, "session").size(), std::size_t(36));
        QVERIFY(chunk.find(q("'ping':25,'pong':true")) != std::string::npos);
    }

    void httpStreamSpeaksProtobuf() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        const auto commands =
            protocol::encodeCommand(protocol::Encoding::Protobuf, {1, protocol::ConnectRequest{}, {}});
        QVERIFY(client.send("POST", kHttpStream, std::string(commands.view()), kOctets));
        QVERIFY(client.readHead().find("Content-Type: application/octet-stream\r\n") != std::string::npos);
        const auto reply = replyOf(client.readProtobuf());
        const auto* result = std::get_if<protocol::ConnectResult>(&reply.result);
        QVERIFY(result != nullptr);
        protocol::SubscribeRequest subscribe;
        subscribe.channel = "news";
        const protocol::EmulationRequest upstream{
            result->node, result->session, protocol::encodeCommand(protocol::Encoding::Protobuf, {2, subscribe, {}})};
        RawClient other(fixture.server.port());
        QVERIFY(other.send(request(fixture.server.port(), "POST", kEmulation,
                                   protocol::encodeEmulation(protocol::Encoding::Protobuf, upstream), kOctets)));
        QCOMPARE(other.readStatus(), 204);
        const auto subscribed = replyOf(client.readProtobuf());
        QCOMPARE(subscribed.id, 2U);
        QVERIFY(std::holds_alternative<protocol::SubscribeResult>(subscribed.result));
    }

    void sseOpensWithAnEmptyLine_data() {
        QTest::addColumn<bool>("get");
        QTest::newRow("connect command in the URL") << true;
        QTest::newRow("connect command in the body") << false;
    }

    void sseOpensWithAnEmptyLine() {
        QFETCH(bool, get);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        QVERIFY(get ? client.send("GET", kSse + "?cf_connect=" + encoded(kConnect))
                    : client.send("POST", kSse, kConnect));
        const auto head = client.readHead();
        QVERIFY(head.starts_with("HTTP/1.1 200 OK\r\n"));
        QVERIFY(head.find("Content-Type: text/event-stream; charset=utf-8\r\n") != std::string::npos);
        QCOMPARE(client.readChunk(), std::string("\r\n"));
        const auto chunk = client.readChunk();
        QVERIFY(chunk.starts_with(q("data: {'id':1,'connect':{")));
        QVERIFY(chunk.ends_with("}\n\n"));
    }

    void everyReplyIsAnEventOfItsOwn() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        QVERIFY(client.send("GET", kSse + "?cf_connect=" + encoded(kConnect)));
        QVERIFY(!client.readHead().empty());
        const auto half = halfOf(client.readEvent());
        QCOMPARE(
            emulate(fixture.server.port(), half,
                    q("{'id':2,'subscribe':{'channel':'news'}}\n{'id':3,'publish':{'channel':'news','data':{'n':1}}}")),
            204);
        QCOMPARE(client.readEvent(), q("{'id':2,'subscribe':{}}"));
        QVERIFY(client.readEvent().starts_with(q("{'id':3,'publish':{}")));
        QVERIFY(client.readEvent().find(q("'pub':{'data':{'n':1}")) != std::string::npos);
    }

    void endpointsAnswerAsCentrifugoDoes_data() {
        requestColumns();
        requestRow("GET", kHttpStream, "", 405);
        requestRow("PUT", kHttpStream, "", 405);
        requestRow("OPTIONS", kHttpStream, "", 204);
        requestRow("GET", kSse, "", 400);
        requestRow("GET", kSse + "?cf_connect=", "", 400);
        requestRow("HEAD", kSse + "?cf_connect=x", "", 405);
        requestRow("PUT", kSse, "", 405);
        requestRow("OPTIONS", kSse, "", 405);
        requestRow("GET", kEmulation, "", 405);
        requestRow("OPTIONS", kEmulation, "", 204);
        requestRow("POST", kEmulation, "", 400);
        requestRow("POST", kEmulation, "{", 400);
        requestRow("POST", kEmulation, "[]", 400);
        requestRow("POST", kEmulation, "{}", 404);
        requestRow("POST", kEmulation, "null", 404);
        requestRow("POST", kEmulation, q("{'session':'a','node':'b','data':'{}'}"), 404);
        requestRow("POST", kEmulation, q("{'session':1,'node':'b','data':'{}'}"), 400);
        requestRow("GET", "/realtime/connection/init", "", 200);
        requestRow("POST", "/realtime/connection/init", "", 405);
        requestRow("GET", "/realtime/connection/nothing", "", 404);
    }

    void endpointsAnswerAsCentrifugoDoes() { checkRequestRow(); }

    void emulationTellsNothingOfSessions_data() {
        QTest::addColumn<QByteArray>("session");
        QTest::addColumn<QByteArray>("data");
        QTest::newRow("unknown session") << QByteArray("11111111-1111-4111-8111-111111111111") << QByteArray("'{}'");
        QTest::newRow("data is an object") << QByteArray() << QByteArray("{}");
        QTest::newRow("data is null") << QByteArray() << QByteArray("null");
        QTest::newRow("data is a number") << QByteArray() << QByteArray("5");
    }

    void emulationTellsNothingOfSessions() {
        QFETCH(QByteArray, session);
        QFETCH(QByteArray, data);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient client(port);
        const auto half = halfOf(enter(client));
        RawClient other(port);
        QVERIFY(other.send(request(port, "POST", kEmulation,
                                   q("{'session':'" + (session.isEmpty() ? half.session : session.toStdString()) +
                                     "','node':'" + half.node + "','data':" + data.toStdString() + "}"))));
        QCOMPARE(other.readStatus(), 204);
        // The stream is as it was.
        QCOMPARE(emulate(port, half, kSubscribe), 204);
        QCOMPARE(client.readLine(), q("{'id':2,'subscribe':{}}"));
    }

    void boundsBodies_data() {
        QTest::addColumn<QByteArray>("path");
        for (const auto& path : {kHttpStream, kSse, kEmulation, kUniSse, kUniHttpStream})
            QTest::newRow(path.c_str()) << QByteArray::fromStdString(path);
    }

    void boundsBodies() {
        QFETCH(QByteArray, path);
        ServerFixture fixture;
        fixture.options.endpoints.httpStream.bodyBytes = fixture.options.endpoints.sse.bodyBytes = 100;
        fixture.options.endpoints.emulation.bodyBytes = 100;
        fixture.options.endpoints.uniSse.bodyBytes = fixture.options.endpoints.uniHttpStream.bodyBytes = 100;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        for (const std::size_t size : {99U, 100U, 101U}) {
            RawClient client(port);
            QVERIFY(client.send(request(port, "POST", path.toStdString(), std::string(size, 'x'), kOrigin)));
            const auto head = client.readUntil("\r\n\r\n");
            QCOMPARE(head.starts_with("HTTP/1.1 413 "), size == 101U);
            QVERIFY(head.find("Access-Control-Allow-Origin: http://localhost:5173\r\n") != std::string::npos);
        }
    }

    /// The first frame and those that follow by emulation have bounds of their own; either may be the raised one.
    void takesCommandsUpToARaisedBound_data() {
        QTest::addColumn<bool>("emulated");
        QTest::addColumn<int>("off");
        QTest::addColumn<int>("status");
        for (const bool emulated : {false, true}) {
            for (const int off : {-1, 0, 1})
                QTest::addRow("%s, n%+d", emulated ? "emulation" : "first frame", off) << emulated << off
                                                                                       << (off > 0    ? 413
                                                                                           : emulated ? 204
                                                                                                      : 200);
        }
    }
    void takesCommandsUpToARaisedBound() {
        QFETCH(bool, emulated);
        QFETCH(int, off);
        QFETCH(int, status);
        ServerFixture fixture;
        auto& endpoints = fixture.options.endpoints;
        (emulated ? endpoints.emulation : endpoints.httpStream).bodyBytes = 100'000;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        const auto publish = [](std::size_t text) {
            return q("{'id':3,'publish':{'channel':'news','data':[") + std::string(text, '1') + "]}}";
        };
        StreamClient stream(port);
        if (emulated) {
            const auto half = halfOf(enter(stream));
            const auto text = std::size_t(100'000 + off) - emulation(half, publish(0)).size();
            QCOMPARE(emulate(port, half, publish(text)), status);
        } else {
            const auto text = std::size_t(100'000 + off) - (kConnect + "\n" + publish(0)).size();
            QVERIFY(stream.send("POST", kHttpStream, kConnect + "\n" + publish(text)));
            const auto head = stream.readHead();
            QCOMPARE(QByteArray::fromStdString(head).mid(9, 3).toInt(), status);
            if (status == 200)
                QVERIFY(stream.readLine().starts_with(q("{'id':1,'connect':{")));
        }
        if (off <= 0)
            QVERIFY(stream.readLine().starts_with(q("{'id':3,'publish':{")));
    }

    void pagesOfAllowedOriginsMayRead() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient preflight(port);
        QVERIFY(preflight.send(
            request(port, "OPTIONS", kHttpStream, {}, kOrigin + "Access-Control-Request-Headers: content-type\r\n")));
        auto head = preflight.readUntil("\r\n\r\n");
        for (const auto* line :
             {"HTTP/1.1 204 ", "Access-Control-Allow-Origin: http://localhost:5173\r\n",
              "Access-Control-Allow-Credentials: true\r\n", "Access-Control-Allow-Headers: content-type\r\n",
              "Access-Control-Allow-Methods: POST, OPTIONS\r\n", "Access-Control-Max-Age: 300\r\n"})
            QVERIFY2(head.find(line) != std::string::npos, line);
        StreamClient stream(port);
        QVERIFY(stream.send("POST", kHttpStream, kConnect, kOrigin));
        head = stream.readHead();
        QVERIFY(head.find("Access-Control-Allow-Origin: http://localhost:5173\r\n") != std::string::npos);
        RawClient foreign(port);
        QVERIFY(foreign.send(request(port, "POST", kHttpStream, kConnect, "Origin: http://evil.test\r\n")));
        QCOMPARE(foreign.readStatus(), 403);
    }

    void aDisconnectIsAPushAndThenTheEnd_data() {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("push");
        QTest::newRow("empty") << QByteArray()
                               << QByteArray("{'push':{'disconnect':{'code':3501,'reason':'bad request'}}}");
        QTest::newRow("no JSON") << QByteArray("{bad")
                                 << QByteArray("{'push':{'disconnect':{'code':3501,'reason':'bad request'}}}");
        QTest::newRow("no connect") << QByteArray("{'id':1,'subscribe':{'channel':'a'}}")
                                    << QByteArray("{'push':{'disconnect':{'code':3501,'reason':'bad request'}}}");
        QTest::newRow("bad token") << QByteArray("{'id':1,'connect':{'token':'x.y.z'}}")
                                   << QByteArray("{'push':{'disconnect':{'code':3500,'reason':'invalid token'}}}");
    }

    void aDisconnectIsAPushAndThenTheEnd() {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, push);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        QVERIFY(client.send("POST", kHttpStream, q(body.toStdString())));
        QVERIFY(client.readHead().starts_with("HTTP/1.1 200 OK\r\n"));
        QCOMPARE(client.readChunk(), q(push.toStdString()) + "\n");
        QCOMPARE(client.readChunk(), std::string());
        QVERIFY(client.ended());
        QTRY_COMPARE(fixture.server.counters().openStreams, 0U);
    }

    void theConnectionServesOnAfterItsStream() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient client(port);
        // The second request stands behind the first before that has ended.
        QVERIFY(client.raw.send(request(port, "POST", kHttpStream, "{bad") + request(port, "GET", "/health")));
        QVERIFY(!client.readHead().empty());
        QVERIFY(!client.readChunk().empty());
        QVERIFY(client.readChunk().empty() && client.ended());
        QVERIFY(client.raw.readResponse().ends_with("{}"));
        QVERIFY(!enter(client).empty());
        QCOMPARE(fixture.server.counters().openSockets, 1U);
    }

    void theConnectionClosesAfterItsStreamWhereAskedTo() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        QVERIFY(client.send("POST", kHttpStream, "{bad", "Connection: close\r\n"));
        QVERIFY(client.readHead().find("Connection: close\r\n") != std::string::npos);
        QVERIFY(!client.readChunk().empty());
        QVERIFY(client.readChunk().empty() && client.ended());
        QVERIFY(client.raw.closedByPeer());
    }

    void oldClientsGetNoChunks() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(client.send("POST " + kHttpStream + " HTTP/1.0\r\nHost: localhost:" + std::to_string(port) +
                            "\r\nContent-Length: 4\r\n\r\n{bad"));
        const auto head = client.readUntil("\r\n\r\n");
        QVERIFY(head.find("Transfer-Encoding") == std::string::npos);
        QCOMPARE(client.readUntil("\n"), q("{'push':{'disconnect':{'code':3501,'reason':'bad request'}}}\n"));
        QVERIFY(client.closedByPeer());
        QVERIFY(client.buffer().empty());
    }

    void takesRequestsCutAnywhere() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient client(port);
        for (const char byte : request(port, "POST", kHttpStream, kConnect))
            QVERIFY(client.raw.send({&byte, 1}));
        QVERIFY(!client.readHead().empty());
        const auto half = halfOf(client.readLine());
        RawClient other(port);
        for (const char byte : request(port, "POST", kEmulation, emulation(half, kSubscribe)))
            QVERIFY(other.send({&byte, 1}));
        QCOMPARE(other.readStatus(), 204);
        QCOMPARE(client.readLine(), q("{'id':2,'subscribe':{}}"));
    }

    void takesChunkedBodies() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient client(port);
        QVERIFY(client.raw.send("POST " + kHttpStream + " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) +
                                "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + kConnect.substr(0, 5) + "\r\n" +
                                "10\r\n" + kConnect.substr(5, 16) + "\r\n0\r\n\r\n"));
        QVERIFY(!client.readHead().empty());
        QVERIFY(client.readLine().starts_with(q("{'id':1,'connect':{")));
    }

    void aLeavingClientLeavesItsChannels() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        {
            StreamClient client(fixture.server.port());
            QVERIFY(!enter(client, "\n" + kSubscribe).empty());
            QCOMPARE(fixture.registry.counters().subscriptions, 1U);
            QCOMPARE(fixture.server.counters().openStreams, 1U);
        }
        QTRY_COMPARE(fixture.registry.counters().subscriptions, 0U);
        QTRY_COMPARE(fixture.registry.counters().clients, 0U);
        QCOMPARE(fixture.server.counters().openStreams, 0U);
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
    }

    void requestTimeoutsDontEndStreams() {
        ServerFixture fixture;
        fixture.configure([](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.pingInterval = Milliseconds(60);
            project.client.pongTimeout = Milliseconds(0);
        });
        fixture.options.limits.headTimeout = fixture.options.limits.requestTimeout =
            fixture.options.limits.keepAliveTimeout = Milliseconds(50);
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        QVERIFY(!enter(client).empty());
        for (int i = 0; i < 5; ++i)
            QCOMPARE(client.readLine(), std::string("{}"));
    }

    void pongsComeByEmulation() {
        ServerFixture fixture;
        fixture.configure([](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.pingInterval = Milliseconds(100);
            project.client.pongTimeout = Milliseconds(99);
        });
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        const auto half = halfOf(enter(client));
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(client.readLine(), std::string("{}"));
            QCOMPARE(emulate(fixture.server.port(), half, "{}"), 204);
        }
        QCOMPARE(client.readLine(), std::string("{}"));
        QCOMPARE(client.readLine(), q("{'push':{'disconnect':{'code':3012,'reason':'no pong'}}}"));
        QVERIFY(client.readChunk().empty() && client.ended());
    }

    void shutdownTellsStreams() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient stream(fixture.server.port());
        QVERIFY(!enter(stream).empty());
        StreamClient events(fixture.server.port());
        QVERIFY(events.send("POST", kSse, kConnect));
        QVERIFY(!events.readHead().empty());
        QVERIFY(!events.readEvent().empty());
        fixture.server.beginStop();
        QCOMPARE(stream.readLine(), q("{'push':{'disconnect':{'code':3001,'reason':'shutdown'}}}"));
        QVERIFY(stream.readChunk().empty() && stream.ended());
        QCOMPARE(events.readEvent(), q("{'push':{'disconnect':{'code':3001,'reason':'shutdown'}}}"));
        QVERIFY(stream.raw.closedByPeer());
        QVERIFY(events.readChunk().empty() && events.raw.closedByPeer());
        QTRY_VERIFY(fixture.server.drained());
    }

    void clientsOfBothEncodingsShareChannels() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient json(port);
        QVERIFY(!enter(json, "\n" + kSubscribe).empty());
        QVERIFY(!json.readLine().empty());
        StreamClient events(port);
        QVERIFY(events.send("POST", kSse, kConnect + "\n" + kSubscribe));
        QVERIFY(!events.readHead().empty());
        QVERIFY(!events.readEvent().empty() && !events.readEvent().empty());
        StreamClient binary(port);
        protocol::SubscribeRequest news;
        news.channel = "news";
        const protocol::Command commands[]{{1, protocol::ConnectRequest{}, {}}, {2, news, {}}};
        QVERIFY(binary.send("POST", kHttpStream,
                            std::string(protocol::encodeCommands(protocol::Encoding::Protobuf, commands).view()),
                            kOctets));
        QVERIFY(!binary.readHead().empty());
        const auto connected = replyOf(binary.readProtobuf());
        QCOMPARE(replyOf(binary.readProtobuf()).id, 2U);
        RawClient socket(port);
        QVERIFY(enterWebSocket(socket, port));
        QVERIFY(publishNews(socket, q("{'n':1}")));
        const auto push = q("{'push':{'channel':'news','pub':{'data':{'n':1}");
        QVERIFY(json.readLine().starts_with(push));
        QVERIFY(events.readEvent().starts_with(push));
        const auto reply = replyOf(binary.readProtobuf());
        const auto* received = std::get_if<protocol::Push>(&reply.result);
        QVERIFY(received != nullptr);
        QCOMPARE(std::get<protocol::Publication>(received->message).data.view(), std::string_view(q("{'n':1}")));

        // What isn't JSON can't be told to the others.
        const auto& result = std::get<protocol::ConnectResult>(connected.result);
        protocol::PublishRequest publish;
        publish.channel = "news";
        publish.data = SharedBytes(std::string("\x00\xff", 2));
        RawClient upstream(port);
        QVERIFY(upstream.send(request(
            port, "POST", kEmulation,
            protocol::encodeEmulation(
                protocol::Encoding::Protobuf,
                {result.node, result.session, protocol::encodeCommand(protocol::Encoding::Protobuf, {3, publish, {}})}),
            kOctets)));
        QCOMPARE(upstream.readStatus(), 204);
        const auto end = q("{'push':{'disconnect':{'code':3506,'reason':'inappropriate protocol'}}}");
        QCOMPARE(json.readLine(), end);
        QCOMPARE(events.readEvent(), end);
        QCOMPARE(replyOf(binary.readProtobuf()).id, 3U);
        QVERIFY(binary.readProtobuf().find(std::string("\x00\xff", 2)) != std::string::npos);
    }

    void slowReaderIsCutWhileOthersGetEverything() {
        ServerFixture fixture;
        fixture.options.limits.sendBuffer = 16 * 1024;
        fixture.options.limits.writeTimeout = Milliseconds(20'000);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient frozen(port, 4096);
        QVERIFY(!enter(frozen, "\n" + kSubscribe).empty());
        StreamClient honest(port);
        QVERIFY(!enter(honest, "\n" + kSubscribe).empty());
        QVERIFY(!honest.readLine().empty());
        RawClient publisher(port);
        QVERIFY(enterWebSocket(publisher, port));
        for (int i = 0; i < 200; ++i) {
            const auto mark = "m" + std::to_string(i) + "_";
            QVERIFY(publishNews(publisher, "'" + mark + std::string(20'000, 'd') + "'"));
            QVERIFY(honest.readLine().find(mark) != std::string::npos);
        }
        QTRY_COMPARE(fixture.server.counters().openStreams, 1U);
        QCOMPARE(fixture.registry.counters().slowClients, 1U);
    }

    void aReaderWithoutProgressIsCut() {
        ServerFixture fixture;
        fixture.options.limits.sendBuffer = 16 * 1024;
        fixture.options.limits.writeTimeout = Milliseconds(100);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        StreamClient frozen(port, 4096);
        QVERIFY(!enter(frozen, "\n" + kSubscribe).empty());
        RawClient publisher(port);
        QVERIFY(enterWebSocket(publisher, port));
        for (int i = 0; i < 20; ++i)
            QVERIFY(publishNews(publisher, "'" + std::string(30'000, 'd') + "'"));
        QTRY_COMPARE(fixture.server.counters().openStreams, 0U);
        QCOMPARE(fixture.registry.counters().slowClients, 0U);
    }

    void aClientThatGoesOnSendingIsCut_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<bool>("cut");
        const auto bound = static_cast<int>(transport::Limits::kReadAhead);
        QTest::newRow("one byte less") << bound - 1 << false;
        QTest::newRow("the bound") << bound << true;
        QTest::newRow("more") << bound + 1 << true;
    }

    void aClientThatGoesOnSendingIsCut() {
        QFETCH(int, size);
        QFETCH(bool, cut);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        StreamClient client(fixture.server.port());
        const auto half = halfOf(enter(client));
        client.raw.send(std::string(static_cast<std::size_t>(size), 'x'));
        if (cut) {
            QTRY_COMPARE(fixture.server.counters().openStreams, 0U);
            QCOMPARE(fixture.server.counters().of(transport::Refused::Protocol), 1U);
        } else {
            QCOMPARE(emulate(fixture.server.port(), half, kSubscribe), 204);
            QCOMPARE(client.readLine(), q("{'id':2,'subscribe':{}}"));
        }
    }

    void boundsOpenConnections_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("in all") << 0;
        QTest::newRow("from one address") << 1;
        QTest::newRow("within a second") << 2;
    }

    void boundsOpenConnections() {
        QFETCH(int, kind);
        ServerFixture fixture;
        auto& limits = fixture.options.connections;
        (kind == 0 ? limits.total : kind == 1 ? limits.perAddress : limits.perSecond) = 2;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        // Those that were sent away before don't count.
        RawClient malformed(port);
        QVERIFY(malformed.send(handshake(port, kUniWebSocket + "?cf_connect=x")));
        QCOMPARE(malformed.readStatus(), 400);
        auto stream = std::make_unique<StreamClient>(port);
        QVERIFY(!enter(*stream).empty());
        RawClient socket(port);
        QVERIFY(enterWebSocket(socket, port));
        RawClient third(port);
        QVERIFY(third.send(request(port, "POST", kHttpStream, kConnect, kOrigin)));
        const auto answer = third.readResponse();
        QVERIFY(answer.starts_with("HTTP/1.1 503 "));
        QVERIFY(answer.find("Access-Control-Allow-Origin: ") != std::string::npos);
        RawClient fourth(port);
        QVERIFY(fourth.send(handshake(port)));
        QCOMPARE(fourth.readStatus(), 503);
        QCOMPARE(fixture.server.counters().of(transport::Refused::Connections), 2U);
        if (kind == 2)
            return;
        stream.reset();
        QTRY_COMPARE(fixture.server.counters().openStreams, 0U);
        RawClient again(port);
        QVERIFY(again.send(handshake(port)) && again.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    }

    void pathsAndSwitchesAreOptions() {
        ServerFixture fixture;
        fixture.options.endpoints = transport::EndpointOptions::centrifugo();
        fixture.options.endpoints.httpStream.enabled = true;
        fixture.options.endpoints.httpStream.path = "/custom/stream/";
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(client.send(request(port, "OPTIONS", "/custom/stream") + request(port, "OPTIONS", "/emulation")));
        QCOMPARE(client.readStatus(), 204);
        QCOMPARE(client.readStatus(), 204);
        QVERIFY(client.send(request(port, "OPTIONS", "/connection/sse")));
        QCOMPARE(client.readStatus(), 404);
        RawClient socket(port);
        QVERIFY(socket.send(handshake(port, "/connection/websocket")));
        QVERIFY(socket.readUntil("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    }
};

QTEST_GUILESS_MAIN(TestTransportStreams)
#include "tst_transport_streams.moc"
