#include "tests/component/raw_client.h"
#include "tests/component/server_fixture.h"

#include <QTest>

#include <string>

using namespace xshathra;
using namespace xshathra::test;

namespace {

std::string get(std::uint16_t port, const std::string& path, const std::string& headers = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n" + headers + "\r\n";
}

std::string post(std::uint16_t port, const std::string& path, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

class TestTransportHttp : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersRequestsByPathAndMethod_data() {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("status");
        QTest::newRow("get") << QByteArray("GET") << QByteArray("/health") << 200;
        QTest::newRow("unknown path") << QByteArray("GET") << QByteArray("/nothing") << 404;
        QTest::newRow("wrong method") << QByteArray("DELETE") << QByteArray("/health") << 405;
        QTest::newRow("credential in the URL") << QByteArray("GET") << QByteArray("/health?token=abc") << 400;
        QTest::newRow("other parameter") << QByteArray("GET") << QByteArray("/health?x=abc") << 200;
        QTest::newRow("client key is no credential")
            << QByteArray("GET") << QByteArray("/health?client_api_key=abc") << 200;
        QTest::newRow("dot segment") << QByteArray("GET") << QByteArray("/../health") << 400;
        QTest::newRow("upgrade elsewhere is plain HTTP")
            << QByteArray("GET") << QByteArray("/health?upgrade=no") << 200;
    }

    void answersRequestsByPathAndMethod() {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        QFETCH(int, status);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send((method + ' ' + path + " HTTP/1.1\r\nHost: localhost:").toStdString() +
                            std::to_string(fixture.server.port()) + "\r\n\r\n"));
        QCOMPARE(client.readStatus(), status);
    }

    void keepsConnectionOpenBetweenRequests() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(client.send(get(port, "/health")));
            QCOMPARE(client.readStatus(), 200);
        }
        QVERIFY(client.send(get(port, "/unknown")));
        QCOMPARE(client.readStatus(), 404);
        QVERIFY(client.send(get(port, "/health", "Connection: close\r\n")));
        QCOMPARE(client.readStatus(), 200);
        QVERIFY(client.closedByPeer());
    }

    void answersPipelinedRequestsInOrder() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        std::string all;
        for (int i = 0; i < 50; ++i)
            all += post(port, "/echo", "body " + std::to_string(i));
        QVERIFY(client.send(all));
        for (int i = 0; i < 50; ++i)
            QVERIFY(client.readResponse().ends_with("\r\n\r\nbody " + std::to_string(i)));
    }

    void answersDeferredRequestsInOrder() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(client.send(post(port, "/later", "a") + get(port, "/health") + post(port, "/later", "b")));
        QVERIFY(fixture.awaitLater(1));
        fixture.releaseLater();
        QVERIFY(client.readResponse().ends_with("later a"));
        QVERIFY(client.readResponse().ends_with("{}"));
        QVERIFY(fixture.awaitLater(1));
        fixture.releaseLater();
        QVERIFY(client.readResponse().ends_with("later b"));
    }

    void clientMayLeaveBeforeTheAnswer() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        {
            RawClient client(port);
            QVERIFY(client.send(post(port, "/later", "gone")));
            QVERIFY(fixture.awaitLater(1));
        }
        // It may have closed its half alone, so the answer is still made.
        fixture.releaseLater();
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
        RawClient other(port);
        QVERIFY(other.send(get(port, "/health")));
        QCOMPARE(other.readStatus(), 200);
    }

    void aClientThatResetsIsNotWaitedFor_data() {
        QTest::addColumn<bool>("half");
        QTest::addColumn<int>("behind");
        QTest::newRow("while it waits") << false << 0;
        QTest::newRow("after it closed its half") << true << 0;
        QTest::newRow("with more sent than is read ahead")
            << false << static_cast<int>(transport::Limits::kReadAhead) + 1;
    }

    void aClientThatResetsIsNotWaitedFor() {
        QFETCH(bool, half);
        QFETCH(int, behind);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(client.send(post(port, "/later", "gone")));
        QVERIFY(fixture.awaitLater(1));
        QVERIFY(client.send(std::string(static_cast<std::size_t>(behind), 'x')));
        if (half)
            client.closeHalf();
        client.reset();
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
        fixture.releaseLater();
        RawClient other(port);
        QVERIFY(other.send(get(port, "/health")));
        QCOMPARE(other.readStatus(), 200);
    }

    void aClientThatClosesItsHalfGetsItsAnswers_data() {
        QTest::addColumn<bool>("waits");
        QTest::newRow("answered at once") << false;
        QTest::newRow("answered later") << true;
    }

    void aClientThatClosesItsHalfGetsItsAnswers() {
        QFETCH(bool, waits);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(client.send(get(port, "/health") + (waits ? post(port, "/later", "x") : get(port, "/health"))));
        client.closeHalf();
        QVERIFY(client.readResponse().ends_with("{}"));
        if (waits) {
            QVERIFY(fixture.awaitLater(1));
            fixture.releaseLater();
        }
        QVERIFY(client.readResponse().ends_with(waits ? "later x" : "{}"));
        QVERIFY(client.closedByPeer());
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
    }

    void answerAfterServerEndIsHarmless() {
        auto fixture = std::make_unique<ServerFixture>();
        QVERIFY(fixture->start());
        RawClient client(fixture->server.port());
        QVERIFY(client.send(post(fixture->server.port(), "/later", "x")));
        QVERIFY(fixture->awaitLater(1));
        fixture->server.stop(Milliseconds(0));
        fixture->releaseLater();
        QVERIFY(!fixture->server.running());
    }

    void takesBytesCutAnywhere() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        const auto bytes = post(port, "/echo", "hello") + get(port, "/health");
        for (const char byte : bytes)
            QVERIFY(client.send({&byte, 1}));
        QVERIFY(client.readResponse().ends_with("hello"));
        QVERIFY(client.readResponse().ends_with("{}"));
    }

    void boundsHeadFieldsAndBody_data() {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("status");
        for (const int off : {-1, 0, 1}) {
            QTest::addRow("head %+d", off) << QByteArray("head") << 2048 + off << (off > 0 ? 431 : 200);
            QTest::addRow("fields %+d", off) << QByteArray("fields") << 20 + off << (off > 0 ? 431 : 200);
            QTest::addRow("body %+d", off) << QByteArray("body") << 1000 + off << (off > 0 ? 413 : 200);
        }
    }

    void boundsHeadFieldsAndBody() {
        QFETCH(QByteArray, what);
        QFETCH(int, size);
        QFETCH(int, status);
        ServerFixture fixture;
        fixture.options.limits.head = {2048, 1024, 20};
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        if (what == "body") {
            QVERIFY(client.send(post(port, "/echo", std::string(static_cast<std::size_t>(size), 'b'))));
        } else if (what == "fields") {
            std::string fields;
            for (int i = 1; i < size; ++i)
                fields += "X-" + std::to_string(i) + ": v\r\n";
            QVERIFY(client.send(get(port, "/health", fields)));
        } else {
            const auto plain = get(port, "/health").size();
            auto rest = static_cast<std::size_t>(size) - plain;
            std::string fields;
            for (int i = 0; rest > 0; ++i) {
                const auto line = std::min<std::size_t>(rest, rest > 900 && rest < 920 ? 500 : 900);
                fields += "X: " + std::string(line - 5, 'h') + "\r\n";
                rest -= line;
            }
            QVERIFY(client.send(get(port, "/health", fields)));
        }
        QCOMPARE(client.readStatus(), status);
        if (status != 200)
            QVERIFY(client.closedByPeer());
    }

    void refusesDoubtfulRequestsAndServesNothingBehind_data() {
        QTest::addColumn<QByteArray>("request");
        QTest::newRow("both lengths") << QByteArray(
            "POST /echo HTTP/1.1\r\nHost: H\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        QTest::newRow("two lengths") << QByteArray(
            "POST /echo HTTP/1.1\r\nHost: H\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc");
        QTest::newRow("signed length") << QByteArray("POST /echo HTTP/1.1\r\nHost: H\r\nContent-Length: +3\r\n\r\nabc");
        QTest::newRow("bare line feed") << QByteArray("GET /health HTTP/1.1\nHost: H\n\n");
        QTest::newRow("space before colon") << QByteArray("GET /health HTTP/1.1\r\nHost : H\r\n\r\n");
        QTest::newRow("folded header") << QByteArray("GET /health HTTP/1.1\r\nHost: H\r\nX: a\r\n b\r\n\r\n");
        QTest::newRow("chunk tricks") << QByteArray(
            "POST /echo HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n");
    }

    void refusesDoubtfulRequestsAndServesNothingBehind() {
        QFETCH(QByteArray, request);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        request.replace("Host: H", "Host: localhost:" + QByteArray::number(port));
        RawClient client(port);
        QVERIFY(client.send(request.toStdString() + get(port, "/health")));
        QCOMPARE(client.readStatus(), 400);
        QVERIFY(client.closedByPeer());
        QVERIFY(client.buffer().empty());
        QCOMPARE(fixture.server.counters().of(transport::Refused::Malformed), 1U);
    }

    void answersRefusalsBelowTheApiAsJson_data() {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("code");
        const auto row = [](const char* name, const QByteArray& request, int status, const char* code) {
            QTest::newRow(name) << request << status << QByteArray(code);
        };
        const QByteArray post = "POST /api/echo HTTP/1.1\r\nHost: H\r\n";
        row("declared body", post + "Content-Length: 1001\r\n\r\n", 413, "body_too_large");
        row("chunked body",
            post + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + QByteArray(1001, 'b') + "\r\n0\r\n\r\n", 413,
            "body_too_large");
        row("chunk", post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "invalid_request");
        row("two lengths", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400, "invalid_request");
        row("header line", post + "X: " + QByteArray(9000, 'h') + "\r\n\r\n", 431, "head_too_large");
        row("request line", "POST /api/echo?x=" + QByteArray(9000, 'q') + " HTTP/1.1\r\n\r\n", 414, "target_too_long");
        row("dot segment", "GET /api/../x HTTP/1.1\r\nHost: H\r\n\r\n", 400, "invalid_request");
        row("version", "GET /api/echo HTTP/2.0\r\nHost: H\r\n\r\n", 505, "http_version");
        row("expectation", post + "Expect: wonders\r\n\r\n", 417, "expectation_failed");
        row("method", "GET /api/echo HTTP/1.1\r\nHost: H\r\n\r\n", 405, "method_not_allowed");
        row("path", "GET /api/nothing HTTP/1.1\r\nHost: H\r\n\r\n", 404, "not_found");
        row("host", "GET /api/echo HTTP/1.1\r\nHost: evil.test\r\n\r\n", 421, "misdirected_request");
        row("origin", post + "Origin: http://evil.test\r\n\r\n", 403, "forbidden");
        row("slow body", post + "Content-Length: 5\r\n\r\nab", 408, "request_timeout");
    }

    void answersRefusalsBelowTheApiAsJson() {
        QFETCH(QByteArray, request);
        QFETCH(int, status);
        QFETCH(QByteArray, code);
        ServerFixture fixture;
        fixture.options.limits.requestTimeout = Milliseconds(status == 408 ? 60 : 5000);
        QVERIFY(fixture.start());
        request.replace("Host: H", "Host: localhost:" + QByteArray::number(fixture.server.port()));
        RawClient client(fixture.server.port());
        QVERIFY(client.send(request.toStdString()));
        const auto answer = client.readResponse();
        QVERIFY2(answer.starts_with("HTTP/1.1 " + std::to_string(status) + " "), answer.c_str());
        QVERIFY2(answer.find("Content-Type: application/json\r\n") != std::string::npos, answer.c_str());
        const auto expected = "\r\n\r\n{\"error\":{\"code\":\"" + code.toStdString() + "\",\"message\":\"";
        QVERIFY2(answer.find(expected) != std::string::npos, answer.c_str());
    }

    void guardsHostAndOrigin_data() {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<QByteArray>("origin");
        QTest::addColumn<int>("http");
        QTest::addColumn<int>("upgrade");
        QTest::newRow("own") << QByteArray("localhost:P") << QByteArray() << 200 << 101;
        QTest::newRow("address") << QByteArray("127.0.0.1:P") << QByteArray() << 200 << 101;
        QTest::newRow("rebound name") << QByteArray("evil.test:P") << QByteArray() << 421 << 421;
        QTest::newRow("other port") << QByteArray("localhost:1") << QByteArray() << 421 << 421;
        QTest::newRow("local page") << QByteArray("localhost:P") << QByteArray("http://localhost:5173") << 200 << 101;
        QTest::newRow("foreign page") << QByteArray("localhost:P") << QByteArray("http://evil.test") << 403 << 403;
        QTest::newRow("suffix trick") << QByteArray("localhost:P") << QByteArray("http://localhost.evil.test") << 403
                                      << 403;
        QTest::newRow("prefix trick") << QByteArray("localhost:P") << QByteArray("http://evil-localhost:3001") << 403
                                      << 403;
        QTest::newRow("null origin") << QByteArray("localhost:P") << QByteArray("null") << 403 << 403;
        QTest::newRow("host before origin") << QByteArray("evil.test") << QByteArray("http://evil.test") << 421 << 421;
    }

    void guardsHostAndOrigin() {
        QFETCH(QByteArray, host);
        QFETCH(QByteArray, origin);
        QFETCH(int, http);
        QFETCH(int, upgrade);
        ServerFixture fixture;
        QVERIFY(fixture.start());
        host.replace("P", QByteArray::number(fixture.server.port()));
        const auto originLine = origin.isEmpty() ? QByteArray() : "Origin: " + origin + "\r\n";
        RawClient plain(fixture.server.port());
        QVERIFY(plain.send(("GET /health HTTP/1.1\r\nHost: " + host + "\r\n" + originLine + "\r\n").toStdString()));
        QCOMPARE(plain.readStatus(), http);
        RawClient socket(fixture.server.port());
        QVERIFY(socket.send(("GET /realtime/connection/websocket HTTP/1.1\r\nHost: " + host + "\r\n" + originLine +
                             "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                                .toStdString()));
        QCOMPARE(socket.readStatus(), upgrade);
        const auto counters = fixture.server.counters();
        QCOMPARE(counters.of(transport::Refused::Host), http == 421 ? 2U : 0U);
        QCOMPARE(counters.of(transport::Refused::Origin), http == 403 ? 2U : 0U);
    }

    void endsSlowHead() {
        ServerFixture fixture;
        fixture.options.limits.headTimeout = Milliseconds(60);
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send("GET /health HTTP/1.1\r\nHost: lo"));
        QCOMPARE(client.readStatus(), 408);
        QVERIFY(client.closedByPeer());
        QCOMPARE(fixture.server.counters().of(transport::Refused::Timeout), 1U);
    }

    void endsSlowBody() {
        ServerFixture fixture;
        fixture.options.limits.requestTimeout = Milliseconds(60);
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send("POST /echo HTTP/1.1\r\nHost: localhost:" + std::to_string(fixture.server.port()) +
                            "\r\nContent-Length: 10\r\n\r\nabc"));
        QCOMPARE(client.readStatus(), 408);
        QVERIFY(client.closedByPeer());
    }

    void endsSilentAndIdleConnectionsWithoutAWord() {
        ServerFixture fixture;
        fixture.options.limits.headTimeout = Milliseconds(60);
        fixture.options.limits.keepAliveTimeout = Milliseconds(60);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient silent(port);
        QVERIFY(silent.closedByPeer());
        QVERIFY(silent.buffer().empty());
        RawClient idle(port);
        QVERIFY(idle.send(get(port, "/health")));
        QCOMPARE(idle.readStatus(), 200);
        QVERIFY(idle.closedByPeer());
        QVERIFY(idle.buffer().empty());
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
    }

    void askedForContinueSendsIt() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = std::to_string(fixture.server.port());
        RawClient client(fixture.server.port());
        QVERIFY(client.send("POST /echo HTTP/1.1\r\nHost: localhost:" + port +
                            "\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
        QVERIFY(client.readUntil("\r\n\r\n").starts_with("HTTP/1.1 100 "));
        QVERIFY(client.send("abc"));
        QVERIFY(client.readResponse().ends_with("abc"));
        RawClient large(fixture.server.port());
        QVERIFY(large.send("POST /echo HTTP/1.1\r\nHost: localhost:" + port +
                           "\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"));
        QCOMPARE(large.readStatus(), 413);
    }

    void recordsRequestsOnlyWhenWatched() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        QVERIFY(client.send(get(port, "/health")));
        QCOMPARE(client.readStatus(), 200);
        QCOMPARE(fixture.recorder.counters().total, 0U);
        fixture.recorder.setActive(true);
        QVERIFY(client.send(get(port, "/health", "Authorization: apikey xsk_live_secret\r\n")));
        QCOMPARE(client.readStatus(), 200);
        QVERIFY(client.send(get(port, "/nothing")));
        QCOMPARE(client.readStatus(), 404);
        std::vector<capture::Event> events;
        fixture.recorder.drain(events, 10);
        QCOMPARE(events.size(), std::size_t(3));
        QCOMPARE(events[0].note.view(), std::string_view("GET /health"));
        QCOMPARE(events[0].dir, capture::Direction::In);
        QVERIFY(events[0].payload.empty());
        QCOMPARE(events[1].note.view(), std::string_view("GET /health"));
        QCOMPARE(events[1].dir, capture::Direction::Out);
        QCOMPARE(events[1].code, 200U);
        QVERIFY(events[1].payload.empty());
        QVERIFY(events[1].decision == nullptr);
        QCOMPARE(events[2].code, 404U);
        QVERIFY(events[2].decision != nullptr);
        QCOMPARE(events[2].decision->verdict, capture::Verdict::Refused);
    }

    void recordsWhatTheHandlerSaysOfARequest_data() {
        QTest::addColumn<bool>("refused");
        QTest::newRow("served") << false;
        QTest::newRow("refused") << true;
    }

    void recordsWhatTheHandlerSaysOfARequest() {
        QFETCH(bool, refused);
        ServerFixture fixture;
        fixture.router.add(
            {"POST", "/api/call", 1000, [&](const http::Request&, const http::Responder& responder) {
                 QVERIFY(responder.watched());
                 responder.annotate({"proj_a", "chat:1", "u1", {{"Key sent", "with the scheme apikey"}}});
                 // What the request brings about stands behind it.
                 capture::Event push;
                 push.kind = capture::Kind::Push;
                 fixture.recorder.record(std::move(push));
                 auto answer = http::Response::json(refused ? 403 : 200, "{\"answer\":1}");
                 if (refused)
                     answer.failed = http::Check{"Key kind", "client key", "server key", "Use the server key."};
                 responder.send(std::move(answer));
             }});
        fixture.recorder.setActive(true);
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send(post(fixture.server.port(), "/api/call", "{\"asked\":1}")));
        QCOMPARE(client.readStatus(), refused ? 403 : 200);
        std::vector<capture::Event> events;
        fixture.recorder.drain(events, 10);
        QCOMPARE(events.size(), std::size_t(3));
        const auto& request = events[0];
        const auto& answer = events[2];
        QCOMPARE(events[1].kind, capture::Kind::Push);
        for (const auto* event : {&request, &answer}) {
            QCOMPARE(event->kind, capture::Kind::Http);
            QCOMPARE(event->project.view(), std::string_view("proj_a"));
            QCOMPARE(event->channel.view(), std::string_view("chat:1"));
            QCOMPARE(event->user.view(), std::string_view("u1"));
        }
        QCOMPARE(request.payload.view(), std::string_view("{\"asked\":1}"));
        QCOMPARE(request.code, 0U);
        QVERIFY(request.decision == nullptr);
        QCOMPARE(answer.payload.view(), std::string_view("{\"answer\":1}"));
        QCOMPARE(answer.code, refused ? 403U : 200U);
        QVERIFY(answer.latency.count() > 0);
        QVERIFY(request.commandId != 0);
        QCOMPARE(answer.commandId, request.commandId);
        QVERIFY(answer.decision != nullptr);
        std::vector<capture::Check> checks{{"Key sent", capture::Outcome::Pass, "with the scheme apikey", {}, {}}};
        if (refused)
            checks.push_back({"Key kind", capture::Outcome::Fail, "client key", "server key", "Use the server key."});
        QCOMPARE(answer.decision->checks, checks);
        QCOMPARE(answer.decision->code, refused ? 403U : 0U);
        QCOMPARE(answer.decision->verdict, refused ? capture::Verdict::Refused : capture::Verdict::Allowed);
    }

    void refusesACredentialInTheUrlByOneText() {
        ServerFixture fixture;
        fixture.recorder.setActive(true);
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        QVERIFY(client.send(get(fixture.server.port(), "/api/echo?x=1&APIKEY=xsk_live_secret")));
        const auto answer = client.readResponse();
        QVERIFY(answer.starts_with("HTTP/1.1 400 "));
        QVERIFY2(answer.find("Authorization: apikey YOUR_SERVER_KEY") != std::string::npos, answer.c_str());
        QVERIFY2(answer.ends_with("\"field\":\"apikey\"}}"), answer.c_str());
        QCOMPARE(fixture.server.counters().of(transport::Refused::Credential), 1U);
        std::vector<capture::Event> events;
        fixture.recorder.drain(events, 10);
        QCOMPARE(events.size(), std::size_t(1));
        QCOMPARE(events[0].decision->checks.front().name, std::string("URL"));
        QVERIFY(events[0].note.view().find("secret") == std::string_view::npos);
    }

    void listensOnBothLoopbackAddresses() {
        ServerFixture fixture;
        fixture.options.addresses = transport::ListenOptions().addresses;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        for (const auto& address : fixture.server.addresses()) {
            RawClient client(port, address.c_str());
            QVERIFY(client.connected());
            QVERIFY(client.send(get(port, "/health")));
            QCOMPARE(client.readStatus(), 200);
        }
        QCOMPARE(fixture.server.addresses().front(), std::string("127.0.0.1"));
    }

    void saysThatThePortIsTaken() {
        ServerFixture first;
        QVERIFY(first.start());
        ServerFixture second;
        second.options.port = first.server.port();
        const auto result = second.start();
        QVERIFY(!result);
        QCOMPARE(result.error().code, std::string("port_in_use"));
        QCOMPARE(result.error().field, std::string("port"));
        QVERIFY(!second.server.running());
        first.server.stop(Milliseconds(0));
        QVERIFY(second.start());  // after an error, and at once on a port just left
        RawClient client(second.server.port());
        QVERIFY(client.send(get(second.server.port(), "/health")));
        QCOMPARE(client.readStatus(), 200);
    }

    void refusesSettingsThatMakeNoSense_data() {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("field");
        QTest::newRow("address") << QByteArray("address") << QByteArray("addresses");
        QTest::newRow("no address") << QByteArray("none") << QByteArray("addresses");
        QTest::newRow("threads") << QByteArray("threads") << QByteArray("ioThreads");
        QTest::newRow("negative threads") << QByteArray("negative") << QByteArray("ioThreads");
        QTest::newRow("key alone") << QByteArray("key") << QByteArray("certificate");
        QTest::newRow("guard entry") << QByteArray("guard") << QByteArray("guard");
    }

    void refusesSettingsThatMakeNoSense() {
        QFETCH(QByteArray, what);
        QFETCH(QByteArray, field);
        ServerFixture fixture;
        if (what == "address")
            fixture.options.addresses = {"localhost"};
        if (what == "none")
            fixture.options.addresses.clear();
        if (what == "threads")
            fixture.options.ioThreads = 65;
        if (what == "negative")
            fixture.options.ioThreads = -1;
        if (what == "key")
            fixture.options.privateKey = "key.pem";
        if (what == "guard")
            fixture.options.guard.origins = {"not an origin"};
        const auto result = fixture.start();
        QVERIFY(!result);
        QCOMPARE(result.error().field, field.toStdString());
        QVERIFY(!fixture.server.running());
    }

    void boundsOpenSocketsAndGoesOn() {
        ServerFixture fixture;
        fixture.options.limits.sockets = 2;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        auto first = std::make_unique<RawClient>(port);
        RawClient second(port);
        QTRY_COMPARE(fixture.server.counters().openSockets, 2U);
        RawClient third(port);
        QVERIFY(third.send(get(port, "/health")));
        QVERIFY(second.send(get(port, "/health")));
        QCOMPARE(second.readStatus(), 200);
        QCOMPARE(fixture.server.counters().accepted, 2U);
        first.reset();
        QCOMPARE(third.readStatus(), 200);
        QCOMPARE(fixture.server.counters().accepted, 3U);
    }
};

QTEST_GUILESS_MAIN(TestTransportHttp)
#include "tst_transport_http.moc"
