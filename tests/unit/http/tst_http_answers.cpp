#include "server/http/response.h"
#include "server/http/router.h"
#include "server/http/target.h"

#include <QtTest>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace xshathra;
using namespace xshathra::http;

namespace {

Head headOf(const std::string& bytes) { return inspectHead(bytes + "\r\n\r\n").head; }

Request requestFor(const std::string& method, const std::string& path) {
    Request request;
    request.head = headOf(method + ' ' + path + " HTTP/1.1");
    return request;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

class HttpAnswersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writesAWholeAnswer() {
        const auto request = headOf("GET / HTTP/1.1");
        const auto bytes = serialize(Response::json(200, "{}"), &request);
        QVERIFY(bytes.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
        QVERIFY(has(bytes, "\r\nContent-Length: 2\r\n"));
        QVERIFY(!has(bytes, "Connection:"));
        QVERIFY(bytes.ends_with("\r\n\r\n{}"));
    }

    void everyAnswerHasTheSecurityHeaders() {
        for (const int status : {200, 204, 304, 404, 500}) {
            Response response;
            response.status = status;
            const auto bytes = serialize(response, nullptr);
            for (const char* line :
                 {"X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
                  "Cross-Origin-Resource-Policy: same-origin", "frame-ancestors 'none'", "Cache-Control: no-store"})
                QVERIFY2(has(bytes, line), line);
        }
    }

    void aHandlerMayReplaceASecurityHeaderButNotTheFraming() {
        Response response = Response::text(200, "abc");
        response.headers.set("cache-control", "max-age=60");
        response.headers.set("Content-Length", "99");
        response.headers.set("Transfer-Encoding", "chunked");
        response.headers.set("Connection", "upgrade");
        const auto bytes = serialize(response, nullptr);
        QVERIFY(has(bytes, "cache-control: max-age=60"));
        QVERIFY(!has(bytes, "no-store"));
        QVERIFY(has(bytes, "Content-Length: 3\r\n"));
        QVERIFY(!has(bytes, "99"));
        QVERIFY(!has(bytes, "chunked"));
        QVERIFY(!has(bytes, "Connection: upgrade"));
    }

    void headersCannotBreakTheLine() {
        Response response;
        response.headers.add("X-A", "b\r\nX-Evil: 1");
        response.headers.add("X-B\r\nX-Evil: 1", "b");
        response.headers.add("X-C", "fine");
        const auto bytes = serialize(response, nullptr);
        QVERIFY(!has(bytes, "Evil"));
        QVERIFY(has(bytes, "X-C: fine\r\n"));
    }

    void anAnswerToHeadHasNoBody() {
        const auto request = headOf("HEAD / HTTP/1.1");
        const auto bytes = serialize(Response::text(200, "abc"), &request);
        QVERIFY(has(bytes, "Content-Length: 3\r\n"));
        QVERIFY(bytes.ends_with("\r\n\r\n"));
    }

    void noContentHasNoLength() {
        const auto request = headOf("GET / HTTP/1.1");
        QVERIFY(!has(serialize(Response::empty(), &request), "Content-Length"));
    }

    void saysWhetherTheConnectionStays_data() {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<bool>("close");
        QTest::addColumn<QByteArray>("header");
        QTest::newRow("1.1") << QByteArray("GET / HTTP/1.1") << false << QByteArray();
        QTest::newRow("1.1, the client closes")
            << QByteArray("GET / HTTP/1.1\r\nConnection: close") << false << QByteArray("Connection: close");
        QTest::newRow("1.1, the server closes")
            << QByteArray("GET / HTTP/1.1") << true << QByteArray("Connection: close");
        QTest::newRow("1.0") << QByteArray("GET / HTTP/1.0") << false << QByteArray("Connection: close");
        QTest::newRow("1.0 keep-alive") << QByteArray("GET / HTTP/1.0\r\nConnection: keep-alive") << false
                                        << QByteArray("Connection: keep-alive");
    }
    void saysWhetherTheConnectionStays() {
        QFETCH(QByteArray, head);
        QFETCH(bool, close);
        QFETCH(QByteArray, header);
        const auto request = headOf(head.toStdString());
        Response response;
        response.close = close;
        const auto bytes = serialize(response, &request);
        QCOMPARE(has(bytes, "Connection:"), !header.isEmpty());
        QVERIFY(has(bytes, header.toStdString()));
    }

    void anUnreadableRequestIsAnsweredAndClosed() {
        const auto bytes = serialize(Response::refusal({431, "Too much.", "/health"}), nullptr);
        QVERIFY(bytes.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
        QVERIFY(has(bytes, "Connection: close\r\n"));
        QVERIFY(bytes.ends_with("Too much.\n"));
    }

    void refusesInTheFormOfThePath_data() {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<bool>("json");
        QTest::newRow("API") << QByteArray("/api/realtime/publish") << true;
        QTest::newRow("API itself") << QByteArray("/api") << true;
        QTest::newRow("beside the API") << QByteArray("/apis") << false;
        QTest::newRow("page") << QByteArray("/login") << false;
        QTest::newRow("unknown") << QByteArray() << false;
    }
    void refusesInTheFormOfThePath() {
        QFETCH(QByteArray, path);
        QFETCH(bool, json);
        const auto response = Response::refusal({413, "Too much.", path.toStdString()});
        QCOMPARE(response.status, 413);
        QVERIFY(response.close);
        QCOMPARE(
            response.body.view(),
            json ? std::string_view(R"({"error":{"code":"body_too_large","message":"Too much."}})") : "Too much.\n");
        QCOMPARE(*response.headers.find("Content-Type"),
                 json ? std::string_view("application/json") : "text/plain; charset=utf-8");
    }

    void writesStreams() {
        const auto modern = headOf("POST / HTTP/1.1");
        Response response;
        response.headers.set("Content-Type", "text/event-stream");
        auto bytes = serializeStreamHead(response, modern);
        QVERIFY(has(bytes, "Transfer-Encoding: chunked\r\n"));
        QVERIFY(!has(bytes, "Content-Length"));
        const auto old = headOf("POST / HTTP/1.0");
        bytes = serializeStreamHead(response, old);
        QVERIFY(!has(bytes, "chunked"));
        QVERIFY(has(bytes, "Connection: close\r\n"));
        QCOMPARE(encodeChunk("hello, chunked world"), std::string("14\r\nhello, chunked world\r\n"));
        QCOMPARE(encodeChunk(""), std::string());
    }

    void errorsAreJsonWhateverTheyHold() {
        const auto response = Response::error(400, {"invalid_argument", "A \"quote\", a \\ and a\nbreak.", "f\x01"});
        QCOMPARE(response.body.view(),
                 std::string_view("{\"error\":{\"code\":\"invalid_argument\",\"message\":\"A \\\"quote\\\", a \\\\ and "
                                  "a\\u000abreak.\",\"field\":\"f\\u0001\"}}"));
        QVERIFY(!has(std::string(Response::error(404, {"not_found", "x", ""}).body.view()), "field"));
    }

    void namesStatuses() {
        QCOMPARE(reasonPhrase(421), std::string_view("Misdirected Request"));
        QCOMPARE(reasonPhrase(413), std::string_view("Payload Too Large"));
        QCOMPARE(reasonPhrase(498), std::string_view("Unknown"));
        QCOMPARE(reasonPhrase(0), std::string_view("Unknown"));
        QCOMPARE(reasonPhrase(1000), std::string_view("Unknown"));
    }

    void routesByPathAndMethod_data() {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("allow");
        QTest::newRow("GET") << QByteArray("GET") << QByteArray("/a") << 200 << QByteArray();
        QTest::newRow("HEAD of a GET route") << QByteArray("HEAD") << QByteArray("/a") << 200 << QByteArray();
        QTest::newRow("POST") << QByteArray("POST") << QByteArray("/a") << 201 << QByteArray();
        QTest::newRow("other method") << QByteArray("DELETE") << QByteArray("/a") << 405
                                      << QByteArray("GET, HEAD, POST");
        QTest::newRow("HEAD of a POST route") << QByteArray("HEAD") << QByteArray("/b") << 405 << QByteArray("POST");
        QTest::newRow("lower-case method")
            << QByteArray("get") << QByteArray("/a") << 405 << QByteArray("GET, HEAD, POST");
        QTest::newRow("other path") << QByteArray("GET") << QByteArray("/c") << 404 << QByteArray();
        QTest::newRow("slash at the end") << QByteArray("GET") << QByteArray("/a/") << 404 << QByteArray();
        QTest::newRow("other case") << QByteArray("GET") << QByteArray("/A") << 404 << QByteArray();
        QTest::newRow("a prefix") << QByteArray("GET") << QByteArray("/ab") << 404 << QByteArray();
        QTest::newRow("two slashes") << QByteArray("GET") << QByteArray("//a") << 404 << QByteArray();
        QTest::newRow("OPTIONS is no preflight")
            << QByteArray("OPTIONS") << QByteArray("/b") << 405 << QByteArray("POST");
    }
    void routesByPathAndMethod() {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        QFETCH(int, status);
        QFETCH(QByteArray, allow);
        Router router;
        const auto answer = [](int code) {
            return [code](const Request&, const Responder& responder) { responder.send(Response::text(code, "x")); };
        };
        router.add({"GET", "/a", 0, answer(200)});
        router.add({"POST", "/a", kRestBodyLimit, answer(201)});
        router.add({"POST", "/b", kEmulationBodyLimit, answer(202)});
        std::vector<Response> sent;
        router.dispatch(requestFor(method.toStdString(), path.toStdString()),
                        Responder([&](Response response) { sent.push_back(std::move(response)); }));
        QCOMPARE(sent.size(), std::size_t(1));
        QCOMPARE(sent[0].status, status);
        QCOMPARE(sent[0].headers.find("Allow").value_or(""),
                 std::string_view(allow.constData(), std::size_t(allow.size())));
        const auto match = router.match(requestFor(method.toStdString(), path.toStdString()).head);
        QCOMPARE(match.route != nullptr, status < 400);
    }

    void theFirstAnswerWins() {
        std::vector<int> sent;
        const Responder responder([&](Response response) { sent.push_back(response.status); });
        QVERIFY(!responder.answered());
        QVERIFY(responder.send(Response::text(200, "")));
        QVERIFY(!responder.send(Response::text(500, "")));
        QVERIFY(responder.answered());
        QCOMPARE(sent, std::vector<int>{200});
    }

    void aForgottenAnswerBecomesAnError() {
        std::vector<int> sent;
        {
            const Responder responder([&](Response response) { sent.push_back(response.status); });
            const Responder copy = responder;
        }
        QCOMPARE(sent, std::vector<int>{500});
    }

    void aThrowingHandlerBecomesAnError() {
        Router router;
        router.add(
            {"GET", "/a", 0, [](const Request&, const Responder&) { throw std::runtime_error("secret detail"); }});
        std::vector<Response> sent;
        router.dispatch(requestFor("GET", "/a"),
                        Responder([&](Response response) { sent.push_back(std::move(response)); }));
        QCOMPARE(sent.size(), std::size_t(1));
        QCOMPARE(sent[0].status, 500);
        QVERIFY(!has(std::string(sent[0].body.view()), "secret"));
    }

    void anAnswerMayComeFromAnotherThread() {
        for (int round = 0; round < 200; ++round) {
            std::atomic<int> calls{0};
            Responder responder([&](const Response&) { ++calls; });
            std::vector<std::thread> threads;
            for (int i = 0; i < 3; ++i)
                threads.emplace_back([responder] { responder.send(Response::text(200, "")); });
            for (auto& thread : threads)
                thread.join();
            QCOMPARE(calls.load(), 1);
        }
    }

    void readsQueries_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("present");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("plain") << QByteArray("a=b&c=d") << QByteArray("c") << true << QByteArray("d");
        QTest::newRow("first wins") << QByteArray("a=1&a=2") << QByteArray("a") << true << QByteArray("1");
        QTest::newRow("no value") << QByteArray("a") << QByteArray("a") << true << QByteArray();
        QTest::newRow("empty value") << QByteArray("a=&b") << QByteArray("a") << true << QByteArray();
        QTest::newRow("absent") << QByteArray("ab=1") << QByteArray("a") << false << QByteArray();
        QTest::newRow("empty query") << QByteArray() << QByteArray("a") << false << QByteArray();
        QTest::newRow("escapes") << QByteArray("a=%7B%22x%22%3a1%7d+y") << QByteArray("a") << true
                                 << QByteArray("{\"x\":1} y");
        QTest::newRow("escaped name") << QByteArray("%61=1") << QByteArray("a") << true << QByteArray("1");
        QTest::newRow("equals in the value") << QByteArray("a=b=c") << QByteArray("a") << true << QByteArray("b=c");
        QTest::newRow("bad escape") << QByteArray("a=%zz") << QByteArray("a") << false << QByteArray();
        QTest::newRow("cut escape") << QByteArray("a=%4") << QByteArray("a") << false << QByteArray();
        QTest::newRow("empty parts") << QByteArray("&&a=1&") << QByteArray("a") << true << QByteArray("1");
    }
    void readsQueries() {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, name);
        QFETCH(bool, present);
        QFETCH(QByteArray, value);
        const auto found = queryValue(query.toStdString(), name.toStdString());
        QCOMPARE(found.has_value(), present);
        QCOMPARE(found.value_or(""), value.toStdString());
    }

    void seesCredentialsInQueries_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("token") << QByteArray("a=b&token=x") << QByteArray("token");
        QTest::newRow("apikey") << QByteArray("apikey=x") << QByteArray("apikey");
        QTest::newRow("api_key") << QByteArray("API_Key=x") << QByteArray("api_key");
        QTest::newRow("escaped") << QByteArray("%74oken=x") << QByteArray("token");
        QTest::newRow("client key") << QByteArray("client_api_key=x") << QByteArray();
        QTest::newRow("none") << QByteArray("tokens=x&a=token") << QByteArray();
    }
    void seesCredentialsInQueries() {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, name);
        QCOMPARE(credentialInQuery(query.toStdString()).value_or(""), name.toStdString());
    }

    void comparesContentTypes_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("isJson");
        QTest::newRow("plain") << QByteArray("Content-Type: application/json") << true;
        QTest::newRow("other case") << QByteArray("content-type: Application/JSON") << true;
        QTest::newRow("with a charset") << QByteArray("Content-Type: application/json ; charset=utf-8") << true;
        QTest::newRow("absent") << QByteArray("A: b") << false;
        QTest::newRow("text") << QByteArray("Content-Type: text/plain") << false;
        QTest::newRow("hidden in a parameter") << QByteArray("Content-Type: text/plain; application/json") << false;
        QTest::newRow("a suffix") << QByteArray("Content-Type: application/jsonx") << false;
        QTest::newRow("twice") << QByteArray("Content-Type: application/json\r\nContent-Type: text/plain") << false;
    }
    void comparesContentTypes() {
        QFETCH(QByteArray, value);
        QFETCH(bool, isJson);
        Request request;
        request.head = headOf("POST / HTTP/1.1\r\n" + value.toStdString());
        QCOMPARE(request.hasContentType("application/json"), isJson);
    }
};

QTEST_APPLESS_MAIN(HttpAnswersTest)
#include "tst_http_answers.moc"
