#include "server/centrifugo/configuration.h"
#include "server/centrifugo/format.h"
#include "server/centrifugo/loader.h"
#include "server/centrifugo/support.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <set>

using namespace xshathra;
using namespace xshathra::centrifugo;

Q_DECLARE_METATYPE(std::string)

namespace {

Source variables(Environment environment) {
    Source source;
    source.readVariables = true;
    source.environment = std::move(environment);
    return source;
}

/// A value of the kind that isn't the option's default; empty where bounds or other options leave none that stands
/// alone.
std::string otherValue(const OptionPath& option) {
    static const std::map<std::string_view, std::string> kSpecial{
        {"client.pong_timeout", "\"3s\""},
        {"channel.publication_data_format", "\"json\""},
        {"http_api.error_mode", "\"transport\""},
        {"log.level", "\"debug\""},
        {"channel.max_length", "100"},
        {"client.queue_max_size", "2048"},
        {"http_server.port", "9000"},
    };
    if (const auto found = kSpecial.find(option.path); found != kSpecial.end())
        return found->second;
    const auto name = option.option->name;
    switch (option.option->kind) {
        case Kind::Bool: return "true";
        case Kind::Integer:
        case Kind::Unsigned: return "7";
        case Kind::Duration: return "\"35s\"";
        case Kind::TextList: return "[\"one\",\"two\"]";
        case Kind::TextMap: return "{\"x-a\":\"b\"}";
        case Kind::Text:
        case Kind::Pem:
            return name.ends_with("prefix") ? "\"/other\""
                   : name == "endpoint"     ? "\"http://localhost:1/x\""
                                            : "\"other\"";
        case Kind::Object:
        case Kind::ObjectList:
        case Kind::NamedList: return {};
    }
    return {};
}

std::string nested(std::string_view path, const std::string& value) {
    Value root{Value::Object()};
    root.set(path, Value(std::string("@")));
    auto json = root.toJson();
    json.replace(json.find("\"@\""), 3, value);
    return json;
}

}  // namespace

class CentrifugoOptionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void knowsEveryOptionOfTheReferenceVersion() {
        const auto all = allOptions();
        QVERIFY(all.size() > 1000);
        for (const auto* path :
             {"http_server.port", "client.token.jwks_public_endpoint", "channel.namespaces[].map.key_ttl",
              "proxies[].http.tls.cert_pem", "consumers[].kafka.brokers",
              "uni_sse.connect_code_to_http_response.transforms[].to.body"})
            QVERIFY2(findOption(path) != nullptr, path);
        QVERIFY(findOption("client.pong") == nullptr);
        QVERIFY(findOption("client.insecure.more") == nullptr);
    }

    void everyOptionIsActedOnOrNamedAsNotActedOn() {
        const auto acted = actedOnPaths();
        const std::set<std::string> actedOn(acted.begin(), acted.end());
        QCOMPARE(actedOn.size(), acted.size());
        QStringList wrong;
        for (const auto& path : acted) {
            if (findOption(path) == nullptr)
                wrong += QStringLiteral("not an option: ") + QString::fromStdString(path);
        }
        for (const auto& option : allOptions()) {
            if (actedOn.contains(option.path) == (notActedOn(option.path) != nullptr))
                wrong += QStringLiteral("acted on and named, or neither: ") + QString::fromStdString(option.path);
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(QLatin1Char('\n'))));
    }

    void theDocumentationNamesEveryOption() {
        QFile file(QStringLiteral(XSHATHRA_SOURCE_DIR "/docs/centrifugo-config.md"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto text = QString::fromUtf8(file.readAll());
        // Objects that have the same options are listed once; the page says which.
        const std::pair<QRegularExpression, QString> same[] = {
            {QRegularExpression(
                 QStringLiteral("^(client\\.proxy\\.(connect|refresh)|channel\\.proxy\\.[a-z_]+|rpc\\.proxy)\\.")),
             QStringLiteral("proxies[].")},
            {QRegularExpression(QStringLiteral("^channel\\.without_namespace\\.")),
             QStringLiteral("channel.namespaces[].")},
            {QRegularExpression(QStringLiteral("^client\\.subscription_token\\.")), QStringLiteral("client.token.")},
            {QRegularExpression(QStringLiteral("^rpc\\.without_namespace\\.")), QStringLiteral("rpc.namespaces[].")},
            {QRegularExpression(QStringLiteral("^uni_http_stream\\.")), QStringLiteral("uni_sse.")},
            {QRegularExpression(QStringLiteral("^http_stream\\.")), QStringLiteral("sse.")},
        };
        QStringList missing;
        for (const auto& option : allOptions()) {
            const auto path = QString::fromStdString(option.path);
            auto shared = path;
            for (const auto& [pattern, replacement] : same)
                shared.replace(pattern, replacement);
            bool named = text.contains(u'`' + path + u'`') || text.contains(u'`' + shared + u'`');
            if (notActedOn(option.path) != nullptr) {
                named = named || path.contains(u".grpc") || path.endsWith(u".http.tls.client_ca_pem");
                for (auto end = path.indexOf(u'.'); end > 0 && !named; end = path.indexOf(u'.', end + 1))
                    named = text.contains(u'`' + path.left(end).remove(QStringLiteral("[]")) + QStringLiteral(".*`"));
                named = named || text.contains(u'`' + path + QStringLiteral(".*`"));
            }
            if (!named)
                missing += path;
        }
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join(QLatin1Char('\n'))));
    }

    void anOptionThatIsSetComesOutTheSame_data() {
        QTest::addColumn<std::string>("path");
        QTest::addColumn<std::string>("value");
        const auto acted = actedOnPaths();
        for (const auto& option : allOptions()) {
            const auto value = otherValue(option);
            if (!value.empty() && option.path.find("[]") == std::string::npos &&
                !option.path.starts_with("channel.without_namespace") &&
                std::find(acted.begin(), acted.end(), option.path) != acted.end())
                QTest::newRow(option.path.c_str()) << option.path << value;
        }
    }
    void anOptionThatIsSetComesOutTheSame() {
        QFETCH(std::string, path);
        QFETCH(std::string, value);
        const auto file = nested(path, value);
        const auto parsed = parseJson(file);
        QVERIFY2(parsed, file.c_str());
        Document document;
        document.addFile(*parsed);
        QVERIFY(document.unknown().empty());
        QVERIFY2(document.faults().empty(),
                 document.faults().empty() ? "" : document.faults().front().toString().c_str());
        QVERIFY(document.options().at(path) != nullptr);
        std::vector<Fault> faults;
        const auto configuration = Configuration::read(document.options(), {}, faults);
        QVERIFY2(faults.empty(), faults.empty() ? "" : faults.front().toString().c_str());
        QCOMPARE(configuration.write().toJson(), document.options().toJson());
    }

    void theDefaultsAreCentrifugos() {
        QCOMPARE(Configuration().write().toJson(), std::string("{}"));
        for (const auto& option : allOptions()) {
            if (option.option->fallback.empty())
                continue;
            const auto value = coerceText(option.option->kind, std::string(option.option->fallback));
            QVERIFY2(value, option.path.c_str());
            QVERIFY2(isDefault(*option.option, *value), option.path.c_str());
        }
    }

    void takesValuesAsCentrifugoDoes_data() {
        QTest::addColumn<std::string>("path");
        QTest::addColumn<std::string>("given");
        QTest::addColumn<std::string>("taken");
        QTest::newRow("port as text") << std::string("http_server.port") << std::string("\"9000\"")
                                      << std::string("9000");
        QTest::newRow("port in hex") << std::string("http_server.port") << std::string("\"0x2328\"")
                                     << std::string("9000");
        QTest::newRow("number as text") << std::string("node.name") << std::string("12") << std::string("\"12\"");
        QTest::newRow("flag as text") << std::string("client.insecure") << std::string("\"T\"") << std::string("true");
        QTest::newRow("flag as number") << std::string("client.insecure") << std::string("2") << std::string("true");
        QTest::newRow("flag as empty text") << std::string("client.insecure") << std::string("\"\"") << std::string();
        QTest::newRow("one of a list") << std::string("client.allowed_origins") << std::string("\"*\"")
                                       << std::string("[\"*\"]");
        QTest::newRow("nanoseconds") << std::string("client.ping_interval") << std::string("30000000000")
                                     << std::string("\"30s\"");
        QTest::newRow("zero is the default")
            << std::string("client.ping_interval") << std::string("\"0s\"") << std::string();
        QTest::newRow("the default in other words")
            << std::string("client.ping_interval") << std::string("\"25000ms\"") << std::string();
        QTest::newRow("null") << std::string("client.ping_interval") << std::string("null") << std::string();
    }
    void takesValuesAsCentrifugoDoes() {
        QFETCH(std::string, path);
        QFETCH(std::string, given);
        QFETCH(std::string, taken);
        const auto loaded = loadText(nested(path, given), "x.json", {});
        QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
        const auto* value = loaded->options.at(path);
        QCOMPARE(value == nullptr ? std::string() : value->toJson(), taken);
    }

    void refusesWithFileLineOptionValueAndWhatIsAllowed_data() {
        QTest::addColumn<std::string>("path");
        QTest::addColumn<std::string>("given");
        QTest::addColumn<std::string>("words");
        QTest::newRow("no duration") << std::string("client.ping_interval") << std::string("\"soon\"")
                                     << std::string("\"soon\"|25s");
        QTest::newRow("no flag") << std::string("client.insecure") << std::string("\"maybe\"")
                                 << std::string("\"maybe\"|true or false");
        QTest::newRow("no number") << std::string("http_server.port") << std::string("\"80a\"")
                                   << std::string("\"80a\"|whole number");
        QTest::newRow("port below") << std::string("http_server.port") << std::string("-1")
                                    << std::string("-1|0 to 65535");
        QTest::newRow("port above") << std::string("http_server.port") << std::string("65536")
                                    << std::string("65536|0 to 65535");
        QTest::newRow("no object") << std::string("client.token") << std::string("7") << std::string("7|object");
        QTest::newRow("no list of objects")
            << std::string("channel.namespaces") << std::string("[1]") << std::string("1|object");
        QTest::newRow("unknown word") << std::string("channel.publication_data_format") << std::string("\"xml\"")
                                      << std::string("\"xml\"|json_object");
        QTest::newRow("pong after ping") << std::string("client.pong_timeout") << std::string("\"25s\"")
                                         << std::string("25000|client.ping_interval");
        QTest::newRow("history without ttl")
            << std::string("channel.without_namespace.history_size") << std::string("3") << std::string("history_ttl");
        QTest::newRow("no path") << std::string("websocket.handler_prefix") << std::string("\"ws\"")
                                 << std::string("slash");
        QTest::newRow("no path of the API")
            << std::string("http_api.handler_prefix") << std::string("\"api\"") << std::string("\"api\"|slash");
        QTest::newRow("query in a path of the API")
            << std::string("http_api.handler_prefix") << std::string("\"/api?x\"") << std::string("slash");
        QTest::newRow("no key") << std::string("client.token.rsa_public_key") << std::string("\"PEM\"")
                                << std::string("rsa_public_key: ");
        QTest::newRow("no pattern") << std::string("client.token.audience_regex") << std::string("\"(\"")
                                    << std::string("audience_regex: ");
        QTest::newRow("no claim") << std::string("client.token.user_id_claim") << std::string("\"a-b\"")
                                  << std::string("claim|underscores");
        QTest::newRow("no URL") << std::string("client.token.jwks_public_endpoint") << std::string("\"keys\"")
                                << std::string("jwks_public_endpoint: ");
    }
    void refusesWithFileLineOptionValueAndWhatIsAllowed() {
        QFETCH(std::string, path);
        QFETCH(std::string, given);
        QFETCH(std::string, words);
        const auto loaded = loadText("\n\n" + nested(path, given), "conf/x.json", {});
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().code, std::string("invalid_config"));
        const auto& message = loaded.error().message;
        QVERIFY2(message.starts_with("conf/x.json: line 3: " + path.substr(0, path.rfind('.'))), message.c_str());
        for (const auto& word : QString::fromStdString(words).split(QLatin1Char('|')))
            QVERIFY2(message.find(word.toStdString()) != std::string::npos, message.c_str());
    }

    void subscriptionTokensAreJudgedWhereTheyHaveOptionsOfTheirOwn() {
        const auto text = [](const char* enabled) {
            return "{\"client\":{\"subscription_token\":{\"enabled\":" + std::string(enabled) +
                   ",\n\"ecdsa_public_key\":\"PEM\"}}}";
        };
        const auto refused = loadText(text("true"), "x.json", {});
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.starts_with("x.json: line 2: client.subscription_token.ecdsa_public_key: "),
                 refused.error().message.c_str());
        QVERIFY(loadText(text("false"), "x.json", {}));
    }

    void noTwoThingsHaveOnePath_data() {
        QTest::addColumn<QByteArray>("text");
        // Empty: it is taken.
        QTest::addColumn<QByteArray>("fault");
        QTest::newRow("health at the API")
            << QByteArray("{\"health\":{\"enabled\":true,\n\"handler_prefix\":\"/api\"}}")
            << QByteArray("x.json: line 2: health.handler_prefix: health and http_api");
        QTest::newRow("health at a method")
            << QByteArray("{\"health\":{\"enabled\":true,\"handler_prefix\":\"/api/publish\"}}")
            << QByteArray("/api/publish");
        QTest::newRow("health at the batch")
            << QByteArray("{\"health\":{\"enabled\":true,\"handler_prefix\":\"/api/batch\"}}")
            << QByteArray("/api/batch");
        QTest::newRow("health beside the methods")
            << QByteArray("{\"health\":{\"enabled\":true,\"handler_prefix\":\"/api/health\"}}") << QByteArray();
        QTest::newRow("health at the API, off")
            << QByteArray("{\"health\":{\"handler_prefix\":\"/api\"}}") << QByteArray();
        QTest::newRow("health at the API that is off")
            << QByteArray(
                   "{\"http_api\":{\"disabled\":true},\"health\":{\"enabled\":true,\"handler_prefix\":\"/api\"}}")
            << QByteArray();
        QTest::newRow("health at an endpoint")
            << QByteArray("{\"health\":{\"enabled\":true,\"handler_prefix\":\"/connection/websocket\"}}")
            << QByteArray("health and websocket");
        QTest::newRow("health at an endpoint that is off")
            << QByteArray(
                   "{\"websocket\":{\"disabled\":true},\"health\":{\"enabled\":true,\"handler_prefix\":\"/connection/websocket\"}}")
            << QByteArray();
        QTest::newRow("an endpoint at the API")
            << QByteArray("{\"websocket\":{\"handler_prefix\":\"/api\"}}") << QByteArray("websocket and http_api");
        QTest::newRow("an endpoint at the API with a slash")
            << QByteArray(
                   "{\"http_api\":{\"handler_prefix\":\"/x/\"},\"sse\":{\"enabled\":true,\"handler_prefix\":\"/x\"}}")
            << QByteArray("sse and http_api");
        QTest::newRow("the API at the root")
            << QByteArray("{\"http_api\":{\"handler_prefix\":\"/\"},\"health\":{\"enabled\":true}}") << QByteArray();
        QTest::newRow("health at the root's API")
            << QByteArray(
                   "{\"http_api\":{\"handler_prefix\":\"/\"},\"health\":{\"enabled\":true,\"handler_prefix\":\"/info\"}}")
            << QByteArray("/info");
    }
    void noTwoThingsHaveOnePath() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, fault);
        const auto loaded = loadText(text.toStdString(), "x.json", {});
        QVERIFY2(loaded.has_value() == fault.isEmpty(), loaded ? "" : loaded.error().message.c_str());
        if (!loaded)
            QVERIFY2(loaded.error().message.find(fault.toStdString()) != std::string::npos,
                     loaded.error().message.c_str());
    }

    void faultsOfNamespacesNameTheirIndexAndLine() {
        const auto loaded = loadText(
            "channel:\n  namespaces:\n    - name: chat\n    - name: match\n      history_ttl: 60s\n", "x.yaml", {});
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().message.find("channel.namespaces[1].") != std::string::npos,
                 loaded.error().message.c_str());
    }

    void secretsAreNotShownInFaults() {
        const auto loaded = loadText("{\"client\":{\"token\":{\"hmac_secret_key\":[\"very-secret\"]}}}", "x.json", {});
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().message.find("very-secret") == std::string::npos, loaded.error().message.c_str());
    }

    void namesUnknownOptionsAsCentrifugoDoes() {
        const auto loaded = loadText(
            "{\"clent\": {\"insecure\": true},\n\"channel\": {\"namespaces\": [{\"name\": \"chat\"}, {\"name\": \"match\",\n"
            "\"presance\": true}]},\n\"CLIENT\": {\"Insecure\": true}}",
            "x.json", {});
        QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
        QCOMPARE(loaded->notes.size(), std::size_t(2));
        QCOMPARE(loaded->notes[0], std::string("unknown option clent (line 1)"));
        QCOMPARE(loaded->notes[1], std::string("unknown option channel.namespaces.[1].presance (line 3)"));
        QVERIFY(loaded->configuration.client.insecure);
    }

    void namesWhatItDoesNotActOnOnceAndOnlyWhereSet() {
        const auto loaded = loadText(
            "broker:\n  enabled: true\n  type: nats\nmap_broker: {}\nhealth:\n  enabled: true\nadmin:\n  enabled: false\n",
            "x.yaml", {});
        QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
        QCOMPARE(loaded->notes.size(), std::size_t(2));
        QVERIFY2(loaded->notes[1].starts_with("broker.type (line 3) is not acted on: "), loaded->notes[1].c_str());
    }

    void namesOptionsOfTheServerWhereTheyAreForOneProject() {
        const std::string text(
            "client:\n  allowed_origins: [a]\n  connection_rate_limit: 5\n  stale_close_delay: 5s\n  channel_limit: 3\n"
            "http_api:\n  insecure: true\n  disabled: true\n  handler_prefix: /x\n  key: k\nwebsocket:\n  handler_prefix: /ws\n"
            "uni_sse:\n  connect_code_to_http_response:\n    transforms:\n      - code: 3500\n        to: {status_code: 404}\n");
        Source source;
        QCOMPARE(loadText(text, "x.yaml", source).value().notes.size(), std::size_t(0));
        source.forProject = true;
        const auto notes = loadText(text, "x.yaml", source).value().notes;
        QStringList options;
        for (const auto& note : notes) {
            QVERIFY2(note.find(" is not acted on: ") != std::string::npos &&
                         note.find("kept for the export") != std::string::npos,
                     note.c_str());
            options += QString::fromStdString(note.substr(0, note.find(' ')));
        }
        QCOMPARE(
            options.join(QLatin1Char(' ')),
            QStringLiteral(
                "client.allowed_origins client.connection_rate_limit client.stale_close_delay http_api.insecure http_api.disabled "
                "http_api.handler_prefix websocket.handler_prefix uni_sse.connect_code_to_http_response.transforms"));
        QVERIFY2(notes.front().starts_with("client.allowed_origins (line 2) "), notes.front().c_str());
    }

    void variablesReachOptionsAndElementsByName() {
        const auto loaded = load(variables({
            {"CENTRIFUGO_CLIENT_INSECURE", "true"},
            {"CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_ALLOWED_DELTA_TYPES", "fossil"},
            {"CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_HISTORY_SIZE", "100"},
            {"CENTRIFUGO_CHANNEL_WITHOUT_NAMESPACE_HISTORY_TTL", "300s"},
            {"CENTRIFUGO_CHANNEL_NAMESPACES", "recovery small-history"},
            {"CENTRIFUGO_CHANNEL_NAMESPACES_SMALL_HISTORY_FORCE_RECOVERY", "true"},
            {"CENTRIFUGO_CHANNEL_NAMESPACES_SMALL_HISTORY_HISTORY_SIZE", "2"},
            {"CENTRIFUGO_CHANNEL_NAMESPACES_SMALL_HISTORY_HISTORY_TTL", "300s"},
            {"CENTRIFUGO_PROXIES", "[{\"name\":\"backend\",\"endpoint\":\"http://localhost:1/x\"}]"},
            {"CENTRIFUGO_PROXIES_BACKEND_TIMEOUT", "3s"},
            {"CENTRIFUGO_CLIENT_ALLOWED_ORIGINS", "https://a.example https://b.example"},
        }));
        QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
        QVERIFY(loaded->notes.empty());
        const auto& made = loaded->configuration;
        QVERIFY(made.client.insecure);
        QVERIFY(made.channels.withoutNamespace.allowsDelta(engine::DeltaType::Fossil));
        QCOMPARE(made.channels.namespaces.size(), std::size_t(2));
        QCOMPARE(made.channels.namespaces[1].name, std::string("small-history"));
        QCOMPARE(made.channels.namespaces[1].options.historySize, std::int64_t(2));
        QVERIFY(made.channels.namespaces[1].options.forceRecovery);
        QCOMPARE(made.namedProxies.size(), std::size_t(1));
        QVERIFY(made.namedProxies[0].proxy.timeout == Milliseconds(3000));
        QCOMPARE(made.allowedOrigins.size(), std::size_t(2));
    }

    void variablesWinOverTheFileAndOptionsOverBoth() {
        auto source = variables({{"CENTRIFUGO_CLIENT_CHANNEL_LIMIT", "20"},
                                 {"CENTRIFUGO_CLIENT_PING_INTERVAL", "0s"},
                                 {"CENTRIFUGO_CLIENT_QUEUE_MAX_SIZE", ""},
                                 {"CENTRIFUGO_HTTP_SERVER_PORT", "9001"}});
        source.options = {{"http_server.port", "9002"}};
        const auto loaded =
            loadText("client:\n  channel_limit: 10\n  ping_interval: 30s\n  queue_max_size: 2048\n", "x.yaml", source);
        QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
        const auto& made = loaded->configuration;
        QCOMPARE(made.client.channelLimit, std::size_t(20));
        QVERIFY(made.client.pingInterval == Milliseconds(0));
        QCOMPARE(made.client.queueMaxSize, std::size_t(2048));
        QCOMPARE(made.http.port, std::uint16_t(9002));
    }

    void variablesWithFaultsAreNamed() {
        const auto loaded = load(variables({{"CENTRIFUGO_CLIENT_PING_INTERVAL", "25"}}));
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().message.starts_with("CENTRIFUGO_CLIENT_PING_INTERVAL: "),
                 loaded.error().message.c_str());
        Source source;
        source.options = {{"client.pong", "1s"}};
        const auto unknown = load(source);
        QVERIFY(!unknown);
        QVERIFY2(unknown.error().message.find("client.pong") != std::string::npos, unknown.error().message.c_str());
    }

    void saysWhyAFileCantBeRead() {
        const QTemporaryDir folder;
        Source source;
        source.file = folder.filePath(QStringLiteral("none.json")).toStdString();
        const auto missing = load(source);
        QVERIFY2(missing.error().message.ends_with("can't be read (No such file or directory)."),
                 missing.error().message.c_str());
        source.file = folder.filePath(QStringLiteral("folder.json")).toStdString();
        QVERIFY(QDir().mkdir(QString::fromStdString(source.file)));
        const auto other = load(source);
        QVERIFY2(other.error().message.ends_with("can't be read (Is a directory)."), other.error().message.c_str());
    }

    void unknownVariablesAreNamedButNotThoseOfOthers() {
        const auto loaded = load(variables({{"CENTRIFUGO_CLENT_INSECURE", "true"},
                                            {"CENTRIFUGO_VAR_KEY", "x"},
                                            {"CENTRIFUGO_PORT_8000_TCP", "tcp://10.0.0.1:8000"},
                                            {"CENTRIFUGO_MAIN_SERVICE_HOST", "10.0.0.1"}}));
        QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
        QCOMPARE(loaded->notes, std::vector<std::string>{"unknown variable CENTRIFUGO_CLENT_INSECURE"});
    }

    void variablesInHeadersAreReplaced() {
        const std::string file =
            "{\"rpc\":{\"proxy\":{\"endpoint\":\"http://localhost:1\",\"http\":{\"static_headers\":{\"X-Key\":\"a ${CENTRIFUGO_VAR_KEY}!\"}}}}}";
        Source source;
        source.environment = {{"CENTRIFUGO_VAR_KEY", "b"}};
        const auto loaded = loadText(file, "x.json", source);
        QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
        const auto& headers = loaded->configuration.proxies.rpc.proxy.http.staticHeaders;
        QCOMPARE(headers.size(), std::size_t(1));
        QCOMPARE(headers.begin()->second, std::string("a b!"));
        QVERIFY(loaded->options.toJson().find("${CENTRIFUGO_VAR_KEY}") != std::string::npos);
        const auto missing = loadText(file, "x.json", {});
        QVERIFY(!missing);
        QVERIFY2(missing.error().message.find("CENTRIFUGO_VAR_KEY") != std::string::npos,
                 missing.error().message.c_str());
    }

    void listsFaultsToTheBoundAndCountsTheRest() {
        const auto withFaults = [](std::size_t count) {
            std::string file = "{\"channel\":{\"namespaces\":[";
            for (std::size_t i = 0; i < count; ++i)
                file += (i == 0 ? "" : ",") + std::string("{\"name\":\"n") + std::to_string(i) +
                        "\",\"presence\":\"maybe\"}";
            return loadText(file + "]}}", "x.json", {}).error().message;
        };
        const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n') + 1; };
        QCOMPARE(lines(withFaults(kMaxShownFaults - 1)), std::ptrdiff_t(kMaxShownFaults - 1));
        QCOMPARE(lines(withFaults(kMaxShownFaults)), std::ptrdiff_t(kMaxShownFaults));
        QVERIFY(withFaults(kMaxShownFaults + 1).ends_with("and 1 more"));
    }
};

QTEST_APPLESS_MAIN(CentrifugoOptionsTest)
#include "tst_centrifugo_options.moc"
