#include "server/capture/recorder.h"
#include "server/proxy/proxy_service.h"
#include "tests/component/http_backend.h"

#include <QtTest>

#include <memory>

using namespace xshathra;
using test::Awaited;
using test::HttpBackend;

namespace {

/// A service, the backend it calls, and what the log said.
struct Setup {
    explicit Setup(HttpBackend::Handler handler) : backend(std::move(handler)) {
        log.addSink([this](const LogRecord& record) {
            const std::lock_guard lock(mutex);
            lines.push_back(record.text);
        });
        auto config = std::make_shared<engine::ProjectConfig>();
        config->id = "proj_A";
        config->proxies.channel.subscribe.endpoint = backend.url("/subscribe?secret=1");
        project = config;
    }

    engine::ProxyCall call(engine::ProxyRequest request = engine::SubscribeProxyRequest{"ch", {}, {}}) const {
        engine::ProxyCall result;
        result.project = project;
        result.options = &project->proxies.channel.subscribe;
        result.caller.client = "c-1";
        result.caller.user = "42";
        result.request = std::move(request);
        return result;
    }
    engine::ProxyAnswer ask(engine::ProxyCall question) {
        Awaited<engine::ProxyAnswer> answer;
        service.call(std::move(question), [&answer](engine::ProxyAnswer given) { answer.set(std::move(given)); });
        if (!answer.wait())
            return {};
        return answer.value();
    }

    SystemClock clock;
    std::mutex mutex;
    std::vector<std::string> lines;
    Log log{clock};
    capture::Recorder recorder{clock};
    HttpBackend backend;
    std::shared_ptr<engine::ProjectConfig> project;
    httpclient::HttpClient client;
    proxy::ProxyService service{client, clock, recorder, log};
};

HttpBackend::Response answerOf(std::string body, int status = 200) {
    HttpBackend::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

}  // namespace

class ProxyServiceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void asksWithAPostOfJson() {
        Setup setup([](const auto&) { return answerOf("{\"result\":{\"expire_at\":5}}"); });
        const auto answer = setup.ask(setup.call());
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.as<engine::SubscribeProxyResult>() != nullptr);
        QCOMPARE(answer.as<engine::SubscribeProxyResult>()->expireAt, std::int64_t(5));
        const auto seen = setup.backend.last();
        QCOMPARE(seen.method, std::string("POST"));
        QCOMPARE(seen.path, std::string("/subscribe?secret=1"));
        QCOMPARE(seen.header("content-type"), std::string("application/json"));
        QCOMPARE(seen.body, std::string("{\"client\":\"c-1\",\"transport\":\"websocket\",\"protocol\":\"json\","
                                        "\"encoding\":\"json\",\"user\":\"42\",\"channel\":\"ch\"}"));
        QVERIFY(setup.lines.empty());
    }

    void aProxyThatThereIsntIsAFailure() {
        Setup setup([](const auto&) { return answerOf("{\"result\":{}}"); });
        auto call = setup.call();
        call.options = nullptr;
        call.name = "gone";
        const auto answer = setup.ask(std::move(call));
        QVERIFY(answer.failed());
        QCOMPARE(answer.status, 0);
        const std::lock_guard lock(setup.mutex);
        QCOMPARE(setup.lines.size(), std::size_t(1));
        QCOMPARE(setup.lines[0],
                 std::string("subscribe proxy \"gone\": the project has no such proxy with an endpoint"));
    }

    void otherStatusesFailOrAreTransformed() {
        Setup setup([](const auto&) { return answerOf("{\"result\":{}}", 403); });
        auto answer = setup.ask(setup.call());
        QVERIFY(answer.failed());
        QCOMPARE(answer.status, 403);
        setup.project->proxies.channel.subscribe.http.statusToCodeTransforms.resize(1);
        auto& rule = setup.project->proxies.channel.subscribe.http.statusToCodeTransforms[0];
        rule.statusCode = 403;
        rule.toDisconnect.code = 4403;
        answer = setup.ask(setup.call());
        QVERIFY(answer.as<protocol::Disconnect>() != nullptr);
        QCOMPARE(answer.as<protocol::Disconnect>()->code, 4403U);
    }

    void aSilentBackendIsAFailureAfterTheTimeout() {
        Setup setup([](const auto&) {
            HttpBackend::Response response;
            response.silent = true;
            return response;
        });
        setup.project->proxies.channel.subscribe.timeout = Milliseconds(50);
        const auto answer = setup.ask(setup.call());
        QVERIFY(answer.failed());
        QCOMPARE(answer.status, 0);
        // libcurl counts whole milliseconds.
        QVERIFY(answer.took >= Milliseconds(49));
        QVERIFY2(answer.describe().find("no answer after") == 0, answer.describe().c_str());
    }

    void failuresAreLoggedWithoutSecrets() {
        Setup setup([](const auto&) { return answerOf("secret text", 500); });
        QVERIFY(setup.ask(setup.call()).failed());
        const std::lock_guard lock(setup.mutex);
        QCOMPARE(setup.lines.size(), std::size_t(1));
        QVERIFY(setup.lines[0].find("subscribe proxy \"default\" (" + setup.backend.url("/subscribe") + ")") == 0);
        QVERIFY(setup.lines[0].find("secret") == std::string::npos);
    }

    void failuresOfOneKindAreOneLine() {
        std::atomic<int> asked{0};
        Setup setup([&asked](const auto&) {
            // "no answer within" is said with another time by libcurl for each, "status 500" is another kind.
            HttpBackend::Response response;
            response.silent = ++asked < 3;
            response.status = 500;
            return response;
        });
        for (const int milliseconds : {50, 60, 10'000}) {
            setup.project->proxies.channel.subscribe.timeout = Milliseconds(milliseconds);
            QVERIFY(setup.ask(setup.call()).failed());
        }
        const std::lock_guard lock(setup.mutex);
        QCOMPARE(setup.lines.size(), std::size_t(2));
        QVERIFY(setup.lines[1].find("500") != std::string::npos);
    }

    void dataThatCannotTravelFailsWithoutACall() {
        Setup setup([](const auto&) { return answerOf("{}"); });
        auto call = setup.call(engine::PublishProxyRequest{"ch", SharedBytes::fromStatic("\xff")});
        call.caller.encoding = protocol::Encoding::Protobuf;
        QVERIFY(setup.ask(std::move(call)).failed());
        QVERIFY(setup.backend.requests().empty());
    }

    void bothHalvesOfACallAreInTheCapture() {
        Setup setup([](const auto&) { return answerOf("{\"result\":{}}"); });
        setup.recorder.setActive(true);
        setup.ask(setup.call());
        std::vector<capture::Event> events;
        setup.recorder.drain(events, 100);
        QCOMPARE(events.size(), std::size_t(2));
        for (const auto& event : events) {
            QVERIFY(event.kind == capture::Kind::Http);
            QCOMPARE(event.project.view(), std::string_view("proj_A"));
            QCOMPARE(event.channel.view(), std::string_view("ch"));
            QCOMPARE(event.client.view(), std::string_view("c-1"));
            QCOMPARE(std::string(event.note.view()),
                     "POST " + setup.backend.url("/subscribe") + " (subscribe proxy \"default\")");
        }
        QVERIFY(events[0].dir == capture::Direction::Out);
        QCOMPARE(std::string(events[0].payload.view()), setup.backend.last().body);
        QVERIFY(events[1].dir == capture::Direction::In);
        QCOMPARE(events[1].code, 200U);
        QCOMPARE(events[1].payload.view(), std::string_view("{\"result\":{}}"));
        QVERIFY(events[1].latency.count() > 0);
    }

    void aCancelledCallIsNotAnswered() {
        Setup setup([](const HttpBackend::Request&) {
            HttpBackend::Response response;
            response.silent = true;
            return response;
        });
        std::atomic<bool> called{false};
        setup.service.cancel(
            setup.service.call(setup.call(), [&called](const engine::ProxyAnswer&) { called = true; }));
        setup.project->proxies.channel.subscribe.timeout = Milliseconds(20);
        QVERIFY(setup.ask(setup.call()).failed());
        QVERIFY(!called);
    }
};

QTEST_APPLESS_MAIN(ProxyServiceTest)
#include "tst_proxy_service.moc"
