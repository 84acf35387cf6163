#include "server/engine/proxy_options.h"

#include <QtTest>

#include <algorithm>

using namespace xshathra;
using namespace xshathra::engine;

namespace {

ProxyOptions to(std::string endpoint) {
    ProxyOptions options;
    options.endpoint = std::move(endpoint);
    return options;
}

bool names(const std::vector<OptionError>& errors, std::string_view option) {
    return std::any_of(errors.begin(), errors.end(), [&](const auto& error) { return error.option == option; });
}

}  // namespace

class ProxyOptionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsConfiguredByDefault() {
        const ProxiesConfig config;
        for (int kind = 0; kind <= int(ProxyKind::SharedPollRefresh); ++kind)
            QVERIFY(config.find(ProxyKind(kind), "default") == nullptr);
        QVERIFY(!config.hasRpcProxy());
        QVERIFY(config.forwardedHeaders().empty());
        QVERIFY(!config.usesEmulatedHeaders());
        QVERIFY(config.validate().empty());
    }

    void namesFindTheirProxies() {
        ProxiesConfig config;
        config.connect = to("http://a/connect");
        config.channel.subscribe = to("http://a/subscribe");
        config.rpc.proxy = to("http://a/rpc");
        config.named.emplace("mine", to("http://a/mine"));
        QCOMPARE(config.find(ProxyKind::Connect, "whatever")->endpoint, std::string("http://a/connect"));
        QVERIFY(config.find(ProxyKind::Refresh, "default") == nullptr);
        QCOMPARE(config.find(ProxyKind::Subscribe, "default")->endpoint, std::string("http://a/subscribe"));
        QCOMPARE(config.find(ProxyKind::Subscribe, "")->endpoint, std::string("http://a/subscribe"));
        QVERIFY(config.find(ProxyKind::Publish, "default") == nullptr);
        QCOMPARE(config.find(ProxyKind::Publish, "mine")->endpoint, std::string("http://a/mine"));
        QVERIFY(config.find(ProxyKind::Publish, "other") == nullptr);
    }

    void rpcNamespaces() {
        ProxiesConfig config;
        config.rpc.namespaces = {{"math", {true, "default"}}};
        QVERIFY(config.rpcOptions("add") == &config.rpc.withoutNamespace);
        QVERIFY(config.rpcOptions("math:add") == &config.rpc.namespaces[0].options);
        QVERIFY(config.rpcOptions("other:add") == nullptr);
        config.rpc.namespaceBoundary = "/";
        QVERIFY(config.rpcOptions("math:add") == &config.rpc.withoutNamespace);
        QVERIFY(config.rpcOptions("math/add") == &config.rpc.namespaces[0].options);
        config.rpc.namespaceBoundary.clear();
        QVERIFY(config.rpcOptions("math/add") == &config.rpc.withoutNamespace);
    }

    void headersOfAllProxiesAreCollected() {
        ProxiesConfig config;
        config.connect = to("http://a/");
        config.connect->httpHeaders = {"Cookie", "X-B"};
        config.named.emplace("mine", to("http://a/"));
        config.named["mine"].httpHeaders = {"cookie", "a"};
        config.channel.publish.httpHeaders = {"not-used"};
        QCOMPARE(config.forwardedHeaders(), (std::vector<std::string>{"a", "cookie", "x-b"}));
        QVERIFY(!config.usesEmulatedHeaders());
        config.named["mine"].emulatedHeaders = {"authorization"};
        QVERIFY(config.usesEmulatedHeaders());
    }

    void faultsAreNamed_data() {
        QTest::addColumn<QString>("option");
        for (const char* option : {"endpoint", "timeout", "http_headers", "emulated_headers", "http.static_headers",
                                   "http.status_to_code_transforms"})
            QTest::newRow(option) << option;
    }
    void faultsAreNamed() {
        QFETCH(QString, option);
        auto options = to("http://a/");
        QVERIFY(options.validate("p").empty());
        if (option == QLatin1String("endpoint"))
            options.endpoint = "grpc://a";
        else if (option == QLatin1String("timeout"))
            options.timeout = Milliseconds(0);
        else if (option == QLatin1String("http_headers"))
            options.httpHeaders = {"a b"};
        else if (option == QLatin1String("emulated_headers"))
            options.emulatedHeaders = {""};
        else if (option == QLatin1String("http.static_headers"))
            options.http.staticHeaders["a"] = "b\nc";
        else
            options.http.statusToCodeTransforms.emplace_back();
        const auto errors = options.validate("p");
        QCOMPARE(errors.size(), std::size_t(1));
        QVERIFY(names(errors, "p." + option.toStdString()));
    }

    void timeoutLimits_data() {
        QTest::addColumn<qint64>("ms");
        QTest::addColumn<bool>("fits");
        const auto most = qint64(ProxyOptions::kMaxTimeout.count());
        QTest::newRow("0") << qint64(0) << false;
        QTest::newRow("1") << qint64(1) << true;
        QTest::newRow("n-1") << most - 1 << true;
        QTest::newRow("n") << most << true;
        QTest::newRow("n+1") << most + 1 << false;
    }
    void timeoutLimits() {
        QFETCH(qint64, ms);
        QFETCH(bool, fits);
        auto options = to("https://a/");
        options.timeout = Milliseconds(ms);
        QCOMPARE(options.validate("p").empty(), fits);
    }

    void transformsHaveOneTarget() {
        auto options = to("http://a/");
        options.http.statusToCodeTransforms.resize(1);
        auto& rule = options.http.statusToCodeTransforms[0];
        rule.statusCode = 404;
        QCOMPARE(options.validate("p").size(), std::size_t(1));
        rule.toError.code = 1;
        QVERIFY(options.validate("p").empty());
        rule.toDisconnect.code = 4000;
        QCOMPARE(options.validate("p").size(), std::size_t(1));
    }

    void referencesToProxiesThatDoNotExist() {
        ProxiesConfig config;
        config.named.emplace("default", to("http://a/"));
        config.named.emplace("x", to("http://a/"));
        config.rpc.withoutNamespace.proxyEnabled = true;
        config.rpc.namespaces = {{"one", {true, "gone"}}, {"one", {}}, {"!", {}}};
        const auto errors = config.validate();
        QVERIFY(names(errors, "proxies.name"));
        QVERIFY(names(errors, "rpc.without_namespace.proxy_name"));
        QVERIFY(names(errors, "rpc.namespaces.one.proxy_name"));
        QVERIFY(names(errors, "rpc.namespaces.name"));
        ChannelOptions options;
        options.subscribeProxyEnabled = true;
        options.publishProxyEnabled = true;
        options.subRefreshProxyEnabled = true;
        options.map.publishProxyEnabled = true;
        options.map.removeProxyEnabled = true;
        std::vector<OptionError> found;
        validateProxyReferences({}, options, "channel.namespaces.chat", found);
        QCOMPARE(found.size(), std::size_t(5));
        QVERIFY(names(found, "channel.namespaces.chat.subscribe_proxy_name"));
        QVERIFY(names(found, "channel.namespaces.chat.map.remove_proxy_name"));
        found.clear();
        validateProxyReferences({}, {}, "channel.without_namespace", found);
        QVERIFY(found.empty());
    }
};

QTEST_APPLESS_MAIN(ProxyOptionsTest)
#include "tst_proxy_options.moc"
