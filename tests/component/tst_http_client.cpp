#include "server/httpclient/http_client.h"
#include "tests/component/http_backend.h"
#include "tests/component/slow_resolver.h"

#include <QtTest>

#include <memory>

using namespace xshathra;
using httpclient::Failure;
using httpclient::HttpClient;
using httpclient::Request;
using httpclient::Response;
using test::Awaited;
using test::HttpBackend;

namespace {

using Outcome = Expected<Response, Failure>;

Request to(const std::string& url) {
    Request request;
    request.url = url;
    return request;
}

/// Sends and waits for what comes of it.
Outcome ask(HttpClient& client, Request request) {
    Awaited<Outcome> answer;
    client.send(std::move(request), [&answer](Outcome outcome) { answer.set(std::move(outcome)); });
    if (!answer.wait())
        return Unexpected<Failure>({Failure::Kind::Stopped, "the test waited in vain"});
    return answer.value();
}

}  // namespace

class HttpClientTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void postsBodyAndHeadersAndReadsTheAnswer() {
        HttpBackend backend([](const auto&) {
            HttpBackend::Response response;
            response.status = 201;
            response.body = "made";
            response.headers.emplace_back("X-Answer", "yes");
            return response;
        });
        HttpClient client;
        auto request = to(backend.url("/things?a=1"));
        request.method = "POST";
        request.headers = {{"Content-Type", "application/json"}, {"X-Empty", ""}, {"X-Two", "1"}, {"X-Two", "2"}};
        request.body = SharedBytes::fromStatic("{\"a\":1}");
        const auto outcome = ask(client, request);
        QVERIFY(outcome.has_value());
        QCOMPARE(outcome->status, 201);
        QCOMPARE(outcome->body.view(), std::string_view("made"));
        QCOMPARE(outcome->header("x-answer"), std::string_view("yes"));
        const auto seen = backend.last();
        QCOMPARE(seen.method, std::string("POST"));
        QCOMPARE(seen.path, std::string("/things?a=1"));
        QCOMPARE(seen.body, std::string("{\"a\":1}"));
        QCOMPARE(seen.header("content-type"), std::string("application/json"));
        QCOMPARE(seen.values("x-empty").size(), std::size_t(1));
        QCOMPARE(seen.values("x-two"), (std::vector<std::string>{"1", "2"}));
        QVERIFY(seen.values("expect").empty());
        QVERIFY(seen.header("user-agent").rfind("xshathra/", 0) == 0);
    }

    void sendsOtherMethodsAndEmptyBodies() {
        HttpBackend backend([](const auto&) { return HttpBackend::Response{}; });
        HttpClient client;
        for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
            auto request = to(backend.url());
            request.method = method;
            QCOMPARE(ask(client, request)->status, 200);
            QCOMPARE(backend.last().method, std::string(method));
        }
    }

    void keepsConnectionsAlive() {
        HttpBackend backend([](const auto&) { return HttpBackend::Response{}; });
        HttpClient client;
        for (int i = 0; i < 5; ++i)
            QCOMPARE(ask(client, to(backend.url()))->status, 200);
        QCOMPARE(backend.accepted(), 1);
    }

    void asksAgainOnAFreshConnectionWhenAKeptOneWasDropped() {
        std::atomic<int> count{0};
        HttpBackend backend([&count](const auto&) {
            HttpBackend::Response response;
            response.drop = ++count == 2;
            return response;
        });
        HttpClient client;
        QCOMPARE(ask(client, to(backend.url()))->status, 200);
        QCOMPARE(ask(client, to(backend.url()))->status, 200);
        QCOMPARE(count.load(), 3);
    }

    void manyRequestsRunAtOnce() {
        std::mutex mutex;
        std::condition_variable changed;
        int inside = 0;
        HttpBackend backend([&](const auto&) {
            // Nobody is answered before all of them have come.
            std::unique_lock lock(mutex);
            ++inside;
            changed.notify_all();
            changed.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(10),
                               [&] { return inside == 8; });
            return HttpBackend::Response{};
        });
        HttpClient client;
        std::vector<std::unique_ptr<Awaited<Outcome>>> answers;
        for (int i = 0; i < 8; ++i) {
            answers.push_back(std::make_unique<Awaited<Outcome>>());
            client.send(to(backend.url()),
                        [answer = answers.back().get()](Outcome outcome) { answer->set(std::move(outcome)); });
        }
        for (const auto& answer : answers) {
            QVERIFY(answer->wait());
            QVERIFY(answer->value().has_value());
        }
    }

    void givesUpAfterTheTimeout() {
        HttpBackend backend([](const auto&) {
            HttpBackend::Response response;
            response.silent = true;
            return response;
        });
        HttpClient client;
        auto request = to(backend.url());
        request.timeout = Milliseconds(50);
        const auto outcome = ask(client, request);
        QVERIFY(!outcome.has_value());
        QVERIFY(outcome.error().kind == Failure::Kind::Timeout);
        QCOMPARE(outcome.error().text, std::string("There was no answer within 50 ms."));
    }

    void bodyLimit_data() {
        QTest::addColumn<int>("bytes");
        QTest::addColumn<bool>("fits");
        QTest::newRow("n-1") << 999 << true;
        QTest::newRow("n") << 1000 << true;
        QTest::newRow("n+1") << 1001 << false;
    }
    void bodyLimit() {
        QFETCH(int, bytes);
        QFETCH(bool, fits);
        HttpBackend backend([bytes](const auto&) {
            HttpBackend::Response response;
            response.body.assign(std::size_t(bytes), 'x');
            return response;
        });
        HttpClient client;
        auto request = to(backend.url());
        request.maxBodyBytes = 1000;
        const auto outcome = ask(client, request);
        QCOMPARE(outcome.has_value(), fits);
        if (!fits)
            QVERIFY(outcome.error().kind == Failure::Kind::TooLarge);
    }

    void redirects() {
        HttpBackend backend([](const HttpBackend::Request& request) {
            HttpBackend::Response response;
            if (request.path == "/old") {
                response.status = 302;
                response.headers.emplace_back("Location", "/new");
            } else if (request.path == "/file") {
                response.status = 302;
                response.headers.emplace_back("Location", "file:///etc/hostname");
            }
            return response;
        });
        HttpClient client;
        QCOMPARE(ask(client, to(backend.url("/old")))->status, 302);
        auto following = to(backend.url("/old"));
        following.maxRedirects = 1;
        QCOMPARE(ask(client, following)->status, 200);
        auto leaving = to(backend.url("/file"));
        leaving.maxRedirects = 1;
        QVERIFY(ask(client, leaving).error().kind == Failure::Kind::Invalid);
    }

    void refusesWhatIsNotARequest_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("file") << QByteArray("file:///etc/hostname") << QByteArray("X") << QByteArray("1");
        QTest::newRow("gopher") << QByteArray("gopher://127.0.0.1/") << QByteArray("X") << QByteArray("1");
        QTest::newRow("no scheme") << QByteArray("127.0.0.1:80") << QByteArray("X") << QByteArray("1");
        QTest::newRow("empty") << QByteArray() << QByteArray("X") << QByteArray("1");
        QTest::newRow("bad port") << QByteArray("http://127.0.0.1:99999/") << QByteArray("X") << QByteArray("1");
        QTest::newRow("header name") << QByteArray("http://127.0.0.1:1/") << QByteArray("a b") << QByteArray("1");
        QTest::newRow("header value") << QByteArray("http://127.0.0.1:1/") << QByteArray("X")
                                      << QByteArray("1\r\nY: 2");
    }
    void refusesWhatIsNotARequest() {
        QFETCH(QByteArray, url);
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        HttpClient client;
        auto request = to(url.toStdString());
        request.headers.emplace_back(name.toStdString(), value.toStdString());
        const auto outcome = ask(client, request);
        QVERIFY(!outcome.has_value());
        QVERIFY(outcome.error().kind == Failure::Kind::Invalid);
    }

    void saysThatNobodyListens() {
        std::string url;
        {
            HttpBackend gone([](const auto&) { return HttpBackend::Response{}; });
            url = gone.url();
        }
        HttpClient client;
        const auto outcome = ask(client, to(url));
        QVERIFY(!outcome.has_value());
        QVERIFY(outcome.error().kind == Failure::Kind::Unreachable);
        QVERIFY(!outcome.error().text.empty());
    }

    void aCancelledRequestIsNotHeardOfAgain() {
        HttpBackend backend([](const HttpBackend::Request& request) {
            HttpBackend::Response response;
            response.silent = request.path == "/silent";
            return response;
        });
        HttpClient client;
        std::atomic<bool> called{false};
        const auto id = client.send(to(backend.url("/silent")), [&called](const Outcome&) { called = true; });
        client.cancel(id);
        client.cancel(id);
        client.cancel(123'456);
        QCOMPARE(ask(client, to(backend.url()))->status, 200);
        QVERIFY(!called);
    }

    void destructionEndsWhatIsUnderWay() {
        HttpBackend backend([](const auto&) {
            HttpBackend::Response response;
            response.silent = true;
            return response;
        });
        Awaited<Outcome> answer;
        {
            HttpClient client;
            client.send(to(backend.url()), [&answer](Outcome outcome) { answer.set(std::move(outcome)); });
        }
        QVERIFY(answer.isSet());
        QVERIFY(answer.value().error().kind == Failure::Kind::Stopped);
    }

    void connectionLimitMakesRequestsWait() {
        std::atomic<int> inside{0};
        std::atomic<int> most{0};
        HttpBackend backend([&](const auto&) {
            most = std::max(most.load(), ++inside);
            --inside;
            return HttpBackend::Response{};
        });
        HttpClient::Limits limits;
        limits.connections = 1;
        HttpClient client(limits);
        std::vector<std::unique_ptr<Awaited<Outcome>>> answers;
        for (int i = 0; i < 6; ++i) {
            answers.push_back(std::make_unique<Awaited<Outcome>>());
            client.send(to(backend.url()),
                        [answer = answers.back().get()](Outcome outcome) { answer->set(std::move(outcome)); });
        }
        for (const auto& answer : answers) {
            QVERIFY(answer->wait());
            QVERIFY(answer->value().has_value());
        }
        QCOMPARE(backend.accepted(), 1);
        QCOMPARE(most.load(), 1);
    }

    void aRequestThatWaitsForAnotherKeepsItsTimeout() {
        HttpBackend backend([](const auto&) {
            HttpBackend::Response response;
            response.silent = true;
            return response;
        });
        HttpClient::Limits limits;
        limits.connections = 1;
        HttpClient client(limits);
        client.send(to(backend.url()), [](const Outcome&) {});
        auto request = to(backend.url());
        request.timeout = Milliseconds(50);
        QVERIFY(ask(client, request).error().kind == Failure::Kind::Timeout);
        QVERIFY(backend.accepted() <= 1);
    }

    void aNameThatCannotBeLookedUpHoldsNobodyElseUp() {
        HttpBackend backend([](const auto&) { return HttpBackend::Response{}; });
        HttpClient client;
        // Goes before the client, which a lookup might hold.
        test::SlowResolver resolver;
        auto request = to(std::string("http://") + test::SlowResolver::kHost + "/");
        request.timeout = Milliseconds(200);
        Awaited<Outcome> slow;
        client.send(std::move(request), [&slow](Outcome outcome) { slow.set(std::move(outcome)); });
        QVERIFY(resolver.waitForLookup());
        QVERIFY(slow.wait());
        QVERIFY(slow.value().error().kind == Failure::Kind::Timeout);
        // The lookup is still under way.
        QCOMPARE(ask(client, to(backend.url()))->status, 200);
    }

    void oneOriginTakesItsShareAlone_data() {
        QTest::addColumn<int>("asked");
        QTest::addColumn<int>("together");
        QTest::newRow("n-1") << 1 << 1;
        QTest::newRow("n") << 2 << 2;
        QTest::newRow("n+1") << 3 << 2;
    }
    void oneOriginTakesItsShareAlone() {
        QFETCH(int, asked);
        QFETCH(int, together);
        std::mutex mutex;
        std::condition_variable changed;
        int inside = 0;
        int most = 0;
        bool open = false;
        HttpBackend slow([&](const auto&) {
            std::unique_lock lock(mutex);
            most = std::max(most, ++inside);
            changed.notify_all();
            changed.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(10), [&] { return open; });
            --inside;
            return HttpBackend::Response{};
        });
        HttpBackend quick([](const auto&) { return HttpBackend::Response{}; });
        HttpClient::Limits limits;
        limits.connections = 4;
        limits.connectionsPerOrigin = 2;
        HttpClient client(limits);
        std::vector<std::unique_ptr<Awaited<Outcome>>> answers;
        for (int i = 0; i < asked; ++i) {
            answers.push_back(std::make_unique<Awaited<Outcome>>());
            // In any spelling it is the same server.
            client.send(to(i == 1 ? "HTTP" + slow.url("/b").substr(4) : slow.url()),
                        [answer = answers.back().get()](Outcome outcome) { answer->set(std::move(outcome)); });
        }
        // Behind those that wait, and yet answered.
        QCOMPARE(ask(client, to(quick.url()))->status, 200);
        {
            std::unique_lock lock(mutex);
            QVERIFY(changed.wait_until(lock, std::chrono::system_clock::now() + std::chrono::seconds(10),
                                       [&] { return inside == together; }));
            open = true;
            changed.notify_all();
        }
        for (const auto& answer : answers) {
            QVERIFY(answer->wait());
            QVERIFY(answer->value().has_value());
        }
        QCOMPARE(most, together);
    }

    void whatIsSentFromAnAnswerOfTheEndIsAnsweredToo() {
        HttpBackend backend([](const auto&) {
            HttpBackend::Response response;
            response.silent = true;
            return response;
        });
        Awaited<Outcome> second;
        {
            HttpClient client;
            client.send(to(backend.url()), [&](const Outcome&) {
                client.send(to(backend.url()), [&second](Outcome outcome) { second.set(std::move(outcome)); });
            });
        }
        QVERIFY(second.isSet());
        QVERIFY(second.value().error().kind == Failure::Kind::Stopped);
    }

    void shownUrlsHoldNoSecrets() {
        QCOMPARE(httpclient::displayUrl("http://user:secret@host:81/path?token=x#y"),
                 std::string("http://host:81/path"));
        QCOMPARE(httpclient::displayUrl("https://host/"), std::string("https://host/"));
        QCOMPARE(httpclient::displayUrl("grpc"), std::string("(not a URL)"));
    }
};

QTEST_APPLESS_MAIN(HttpClientTest)
#include "tst_http_client.moc"
