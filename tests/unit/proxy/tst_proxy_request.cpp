#include "server/proxy/proxy_request.h"

#include <QtTest>

#include <algorithm>
#include <map>
#include <memory>

using namespace xshathra;
using namespace xshathra::proxy;

namespace {

/// JSON written with single quotes.
std::string q(std::string json) {
    std::replace(json.begin(), json.end(), '\'', '"');
    return json;
}

SharedBytes bytes(std::string_view text) { return SharedBytes::copyOf(text); }

/// A call of the client "c-1" of user "42" over a JSON WebSocket.
struct Call {
    engine::ProxyOptions options;
    engine::ProxyCall call;

    explicit Call(engine::ProxyRequest request) {
        call.options = &options;
        call.caller.client = "c-1";
        call.caller.user = "42";
        call.request = std::move(request);
    }
    std::string body() const {
        const auto built = buildBody(call);
        return built ? *built : "error: " + built.error();
    }
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

}  // namespace

class ProxyRequestTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bodies_data() {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("expected");
        const QString head =
            QStringLiteral("{'client':'c-1','transport':'websocket','protocol':'json','encoding':'json'");
        QTest::newRow("connect") << 0
                                 << head + QStringLiteral(
                                               ",'data':{'a':1},'name':'js','version':'5','channels':['x','y']}");
        QTest::newRow("refresh") << 1 << head + QStringLiteral(",'user':'42'}");
        QTest::newRow("subscribe") << 2 << head + QStringLiteral(",'user':'42','channel':'ch','token':'t','data':[1]}");
        QTest::newRow("sub_refresh") << 3 << head + QStringLiteral(",'user':'42','channel':'ch'}");
        QTest::newRow("publish") << 4 << head + QStringLiteral(",'user':'42','channel':'ch','data':'d'}");
        QTest::newRow("rpc") << 5 << head + QStringLiteral(",'user':'42','method':'m','data':null}");
        QTest::newRow("map_publish") << 6 << head + QStringLiteral(",'user':'42','channel':'ch','key':'k','data':1}");
        QTest::newRow("map_remove") << 7 << head + QStringLiteral(",'user':'42','channel':'ch','key':'k'}");
        QTest::newRow("shared_poll_refresh")
            << 8 << QStringLiteral("{'channel':'ch','items':[{'key':'a','version':7},{'key':'b'}]}");
    }
    void bodies() {
        QFETCH(int, which);
        QFETCH(QString, expected);
        const engine::ProxyRequest requests[] = {
            engine::ConnectProxyRequest{bytes(q("{'a':1}")), "js", "5", {"x", "y"}},
            engine::RefreshProxyRequest{},
            engine::SubscribeProxyRequest{"ch", "t", bytes("[1]")},
            engine::SubRefreshProxyRequest{"ch"},
            engine::PublishProxyRequest{"ch", bytes(q("'d'"))},
            engine::RpcProxyRequest{"m", bytes("null")},
            engine::MapPublishProxyRequest{"ch", "k", bytes("1")},
            engine::MapRemoveProxyRequest{"ch", "k"},
            engine::SharedPollProxyRequest{"ch", {{"a", 7}, {"b", 0}}},
        };
        QCOMPARE(Call(requests[which]).body(), q(expected.toStdString()));
    }

    void emptyMembersAreLeftOutButTheUserIsNot() {
        Call connect(engine::ConnectProxyRequest{});
        QCOMPARE(connect.body(), q("{'client':'c-1','transport':'websocket','protocol':'json','encoding':'json'}"));
        Call refresh(engine::RefreshProxyRequest{});
        refresh.call.caller.user.clear();
        QCOMPARE(refresh.body(),
                 q("{'client':'c-1','transport':'websocket','protocol':'json','encoding':'json','user':''}"));
        Call map(engine::MapRemoveProxyRequest{"ch", "k"});
        map.call.caller.user.clear();
        QVERIFY(map.body().find("user") == std::string::npos);
    }

    void transportAndProtocolHaveCentrifugosNames() {
        Call call(engine::RefreshProxyRequest{});
        call.call.caller.transport = engine::TransportKind::UniSse;
        call.call.caller.encoding = protocol::Encoding::Protobuf;
        QCOMPARE(call.body(),
                 q("{'client':'c-1','transport':'uni_sse','protocol':'protobuf','encoding':'json','user':'42'}"));
    }

    void binaryEncodingSendsBase64() {
        Call call(engine::PublishProxyRequest{"ch", bytes(std::string_view("\x00\xff", 2))});
        call.options.binaryEncoding = true;
        call.call.caller.encoding = protocol::Encoding::Protobuf;
        QCOMPARE(call.body(), q("{'client':'c-1','transport':'websocket','protocol':'protobuf','encoding':'binary',"
                                "'user':'42','channel':'ch','b64data':'AP8='}"));
    }

    void dataThatIsNotJsonCannotTravelAsJson() {
        Call call(engine::PublishProxyRequest{"ch", bytes("\xff")});
        call.call.caller.encoding = protocol::Encoding::Protobuf;
        QVERIFY(!buildBody(call.call).has_value());
        Call good(engine::PublishProxyRequest{"ch", bytes("{}")});
        good.call.caller.encoding = protocol::Encoding::Protobuf;
        QVERIFY(buildBody(good.call).has_value());
    }

    void metaGoesOnlyWhereTheProxyWantsIt() {
        Call call(engine::RpcProxyRequest{"m", bytes("1")});
        call.call.caller.meta = bytes(q("{'role':'admin'}"));
        QVERIFY(call.body().find("meta") == std::string::npos);
        call.options.includeConnectionMeta = true;
        QVERIFY(call.body().find(q(",'meta':{'role':'admin'}")) != std::string::npos);
    }

    void textsAreEscaped() {
        Call call(engine::RpcProxyRequest{"a\"<\n", bytes("1")});
        QVERIFY(call.body().find("\"method\":\"a\\\"\\u003c\\n\"") != std::string::npos);
    }

    void headersComeFromThreeSources() {
        engine::ProxyOptions options;
        options.httpHeaders = {"Cookie", "X-Real-IP", "Host", "Connection"};
        options.emulatedHeaders = {"authorization", "Cookie"};
        options.http.staticHeaders = {{"X-Static", "s"}, {"Authorization", "static"}, {"x-real-ip", "0"}};
        engine::ProxyCaller caller;
        caller.headers = std::make_shared<const engine::RequestHeaders>(engine::RequestHeaders{{"cookie", "real"},
                                                                                               {"x-real-ip", "1"},
                                                                                               {"x-real-ip", "2"},
                                                                                               {"x-other", "no"},
                                                                                               {"host", "h"},
                                                                                               {"connection", "c"}});
        caller.emulatedHeaders =
            std::make_shared<const std::map<std::string, std::string>>(std::map<std::string, std::string>{
                {"Authorization", "Bearer e"}, {"Cookie", "emulated"}, {"X-Other", "no"}});
        QCOMPARE(buildHeaders(options, caller), (Pairs{{"Authorization", "Bearer e"},
                                                       {"Cookie", "real"},
                                                       {"X-Real-Ip", "1"},
                                                       {"X-Real-Ip", "2"},
                                                       {"X-Static", "s"},
                                                       {"Content-Type", "application/json"}}));
    }

    void anEmulatedHeaderWithALineBreakIsLeftOut() {
        engine::ProxyOptions options;
        options.emulatedHeaders = {"x-a"};
        engine::ProxyCaller caller;
        caller.emulatedHeaders = std::make_shared<const std::map<std::string, std::string>>(
            std::map<std::string, std::string>{{"X-A", "1\r\nX-B: 2"}});
        QCOMPARE(buildHeaders(options, caller), (Pairs{{"Content-Type", "application/json"}}));
    }

    void nothingIsPassedOnByDefault() {
        engine::ProxyCaller caller;
        caller.headers = std::make_shared<const engine::RequestHeaders>(engine::RequestHeaders{{"cookie", "c"}});
        caller.emulatedHeaders = std::make_shared<const std::map<std::string, std::string>>(
            std::map<std::string, std::string>{{"Cookie", "c"}});
        QCOMPARE(buildHeaders({}, caller), (Pairs{{"Content-Type", "application/json"}}));
    }
};

QTEST_APPLESS_MAIN(ProxyRequestTest)
#include "tst_proxy_request.moc"
