#include "server/auth/api_key.h"
#include "server/auth/jwt.h"
#include "server/capture/recorder.h"
#include "server/engine/node.h"
#include "server/engine/node_registry.h"
#include "server/rest/rest_api.h"
#include "server/services/services.h"
#include "tests/support/manual_clock.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <memory>
#include <optional>
#include <string>

using namespace xshathra;

namespace {

constexpr auto kToken = "/api/realtime/token";
constexpr auto kSubscriptionToken = "/api/realtime/subscription-token";
constexpr auto kPublish = "/api/realtime/publish";

/// The second part of a JWT.
QJsonObject claims(const QString& token) {
    const auto part = token.split(QLatin1Char('.')).value(1).toLatin1();
    return QJsonDocument::fromJson(QByteArray::fromBase64(part, QByteArray::Base64UrlEncoding)).object();
}

QJsonObject objectOf(const http::Response& response) {
    return QJsonDocument::fromJson(QByteArray(response.body.data(), static_cast<qsizetype>(response.body.size())))
        .object();
}

QString errorField(const http::Response& response, const char* name) {
    return objectOf(response).value(QLatin1String("error")).toObject().value(QLatin1String(name)).toString();
}

}  // namespace

class RestApiTest : public QObject {
    Q_OBJECT

    test::ManualClock clock_;
    std::unique_ptr<capture::Recorder> recorder_;
    std::unique_ptr<engine::NodeRegistry> registry_;
    std::unique_ptr<services::Services> services_;
    std::unique_ptr<rest::RestApi> api_;
    http::Router router_;
    services::ProjectPtr project_;
    std::string serverKey_;
    std::string clientKey_;

    std::string reveal(const services::ProjectPtr& project, auth::KeyKind kind) {
        const auto key = services_->projects().revealKey(project->id, kind).result();
        return key ? std::string(key->expose()) : std::string();
    }

    http::Response ask(http::Request request) {
        std::optional<http::Response> answer;
        router_.dispatch(request, http::Responder([&](http::Response response) { answer = std::move(response); }));
        return answer.value_or(http::Response::empty());
    }

    http::Request request(const std::string& path, const std::string& body) const {
        http::Request made;
        made.head.method = "POST";
        made.head.target = path;
        made.head.path = path;
        made.head.fields.add("Content-Type", "application/json");
        made.head.fields.add("Authorization", "apikey " + serverKey_);
        made.body = SharedBytes(body);
        return made;
    }

    http::Response post(const std::string& path, const std::string& body) { return ask(request(path, body)); }

private Q_SLOTS:
    void initTestCase() {
        recorder_ = std::make_unique<capture::Recorder>(clock_);
        registry_ = std::make_unique<engine::NodeRegistry>(clock_, *recorder_);
        services::ServicesOptions options;
        options.inMemory = true;
        auto opened = services::Services::open(options, clock_, registry_.get());
        QVERIFY2(opened.has_value(), opened ? "" : opened.error().message.c_str());
        services_ = std::move(*opened);
        api_ = std::make_unique<rest::RestApi>(services_->keys(), services_->tokens(), services_->publisher());
        api_->addTo(router_);
        project_ = services_->projects().list().front();
        serverKey_ = reveal(project_, auth::KeyKind::Server);
        clientKey_ = reveal(project_, auth::KeyKind::Client);
        QVERIFY(!serverKey_.empty());
        QVERIFY(!clientKey_.empty());
    }

    void mintsAConnectionToken() {
        const auto response =
            post(kToken, R"({"userId":"user_123","channels":["public:a"],"info":{"b":1.10,"a":"é"}})");
        QCOMPARE(response.status, 200);
        QCOMPARE(response.headers.find("Cache-Control").value_or(""), std::string_view("no-store"));
        QCOMPARE(objectOf(response).keys(), (QStringList{QStringLiteral("expiresInSeconds"), QStringLiteral("token")}));
        QCOMPARE(objectOf(response).value(QLatin1String("expiresInSeconds")).toInt(), 900);
        const auto token = objectOf(response).value(QLatin1String("token")).toString();
        const auto claim = claims(token);
        QCOMPARE(claim.value(QLatin1String("sub")).toString(), QStringLiteral("user_123"));
        QCOMPARE(claim.value(QLatin1String("projectId")).toString().toStdString(), project_->id);
        QCOMPARE(claim.value(QLatin1String("iat")).toInteger(), clock_.wallSeconds());
        QCOMPARE(claim.value(QLatin1String("exp")).toInteger(), clock_.wallSeconds() + 900);
        QCOMPARE(claim.value(QLatin1String("channels")).toArray(), QJsonArray{QStringLiteral("public:a")});
        const auto payload =
            QByteArray::fromBase64(token.split(QLatin1Char('.')).value(1).toLatin1(), QByteArray::Base64UrlEncoding);
        QVERIFY2(payload.contains(R"("info":{"b":1.10,"a":"é"})"), payload.constData());
    }

    void mintsASubscriptionToken() {
        const auto response = post(kSubscriptionToken, R"({"userId":"u1","channel":"chat:room","ttlSeconds":60})");
        QCOMPARE(response.status, 200);
        QCOMPARE(objectOf(response).value(QLatin1String("expiresInSeconds")).toInt(), 60);
        const auto claim = claims(objectOf(response).value(QLatin1String("token")).toString());
        QCOMPARE(claim.value(QLatin1String("sub")).toString(), QStringLiteral("u1"));
        QCOMPARE(claim.value(QLatin1String("channel")).toString(), QStringLiteral("chat:room"));
        QCOMPARE(claim.value(QLatin1String("projectId")).toString().toStdString(), project_->id);
        QCOMPARE(claim.value(QLatin1String("exp")).toInteger(), clock_.wallSeconds() + 60);
    }

    void publishesWithTheFieldsThatCentrifugoHas() {
        auto response = post(kPublish, R"({"channel":"public:lobby","data":{"n":1.10}})");
        QCOMPARE(response.status, 200);
        QCOMPARE(response.body.view(), std::string_view(R"({"result":{}})"));
        response = post(kPublish, R"({"channel":"chat:room","data":1})");
        const auto first = objectOf(response).value(QLatin1String("result")).toObject();
        QCOMPARE(first.value(QLatin1String("offset")).toInt(), 1);
        const auto epoch = first.value(QLatin1String("epoch")).toString();
        QVERIFY(!epoch.isEmpty());
        response = post(kPublish, R"({"channel":"chat:room","data":2})");
        QCOMPARE(response.body.view(),
                 std::string_view("{\"result\":{\"offset\":2,\"epoch\":\"" + epoch.toStdString() + "\"}}"));
    }

    void publishesTheBytesOfDataWithoutLineBreaks() {
        const auto body =
            "{\"data\": {\"b\" : 1.10,\r\n \"a\":\n[ 12345678901234567890, \"x\\ny\", \"\\u00e9\" ]} ,\"channel\":\"chat:bytes\"}";
        QCOMPARE(post(kPublish, body).status, 200);
        engine::HistoryOptions options;
        options.limit = -1;
        const auto history = registry_->find(project_->id)->history("chat:bytes", options);
        QVERIFY(history.has_value());
        QCOMPARE(history->publications.size(), std::size_t{1});
        QCOMPARE(history->publications.front().data.view(),
                 std::string_view("{\"b\" : 1.10, \"a\":[ 12345678901234567890, \"x\\ny\", \"\\u00e9\" ]}"));
    }

    void publishesWithOptions() {
        const auto body = R"({"channel":"chat:options","data":null,"tags":{"kind":"note"},"idempotency_key":"k1"})";
        const auto first = post(kPublish, body);
        QCOMPARE(first.status, 200);
        QCOMPARE(post(kPublish, body).body.view(), first.body.view());
        QCOMPARE(post(kPublish, R"({"channel":"chat:options","data":2,"skip_history":true})").status, 200);
        engine::HistoryOptions options;
        options.limit = -1;
        const auto history = registry_->find(project_->id)->history("chat:options", options);
        QVERIFY(history.has_value());
        QCOMPARE(history->publications.size(), std::size_t{1});
        QCOMPARE(history->publications.front().data.view(), std::string_view("null"));
        QCOMPARE(history->publications.front().tags.at("kind"), std::string("note"));
    }

    void takesBothSchemesInAnyCase_data() {
        QTest::addColumn<QByteArray>("prefix");
        for (const auto* prefix :
             {"apikey ", "ApiKey ", "APIKEY ", "Bearer ", "bearer ", "BEARER ", "apikey   ", " \tapikey \t"})
            QTest::newRow(prefix) << QByteArray(prefix);
    }
    void takesBothSchemesInAnyCase() {
        QFETCH(QByteArray, prefix);
        auto asked = request(kToken, R"({"userId":"u"})");
        asked.head.fields.set("Authorization", prefix.toStdString() + serverKey_);
        QCOMPARE(ask(asked).status, 200);
    }

    void refusesOtherKeys_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("says");
        const auto unauthorized = QStringLiteral("unauthorized");
        QTest::newRow("none") << QByteArray() << 401 << unauthorized << QStringLiteral("No API key was sent");
        QTest::newRow("scheme alone") << QByteArray("apikey") << 401 << unauthorized
                                      << QStringLiteral("No API key was given");
        QTest::newRow("other scheme") << QByteArray("Basic dXNlcjpwYXNz") << 401 << unauthorized
                                      << QStringLiteral("apikey or Bearer");
        QTest::newRow("key alone") << QByteArray::fromStdString(serverKey_) << 401 << unauthorized
                                   << QStringLiteral("apikey or Bearer");
        auto mistyped = serverKey_;
        mistyped[12] = mistyped[12] == 'a' ? 'b' : 'a';
        QTest::newRow("mistyped") << QByteArray::fromStdString("apikey " + mistyped) << 401 << unauthorized
                                  << QString();
        QTest::newRow("cut") << QByteArray::fromStdString("apikey " + serverKey_.substr(0, serverKey_.size() - 1))
                             << 401 << unauthorized << QString();
        const auto unknown = auth::generateApiKey(auth::KeyKind::Server, auth::KeyEnvironment::Live);
        QTest::newRow("unknown") << QByteArray::fromStdString("apikey " + std::string(unknown.expose())) << 401
                                 << unauthorized << QStringLiteral("no project has it");
        QTest::newRow("client key") << QByteArray::fromStdString("Bearer " + clientKey_) << 403
                                    << QStringLiteral("forbidden") << QStringLiteral("client key");
    }
    void refusesOtherKeys() {
        QFETCH(QByteArray, header);
        QFETCH(int, status);
        QFETCH(QString, code);
        QFETCH(QString, says);
        for (const auto* path : {kToken, kSubscriptionToken, kPublish}) {
            auto asked = request(path, "{}");
            asked.head.fields.remove("Authorization");
            if (!header.isEmpty())
                asked.head.fields.add("Authorization", header.toStdString());
            const auto response = ask(asked);
            QCOMPARE(response.status, status);
            QCOMPARE(errorField(response, "code"), code);
            QVERIFY2(errorField(response, "message").contains(says), response.body.view().data());
            QCOMPARE(response.headers.contains("WWW-Authenticate"), status == 401);
            const auto body = std::string(response.body.view());
            for (const auto& word : header.split(' '))
                QVERIFY2(word.size() < 20 || body.find(word.toStdString()) == std::string::npos,
                         "the key is in the answer");
        }
    }

    void tellsWatchersOfTheDecision_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("checks");
        QTest::addColumn<QByteArray>("failed");
        QTest::addColumn<bool>("project");
        const QByteArray json = "application/json";
        const QByteArray good = R"({"userId":"u1","channel":"chat:a"})";
        const auto key = QByteArray::fromStdString("apikey " + serverKey_);
        const QByteArray all = "Key sent,Key form,Key known,Key in force,Key kind";
        const auto unknown = auth::generateApiKey(auth::KeyKind::Server, auth::KeyEnvironment::Live);
        QTest::newRow("served") << key << json << good << all << QByteArray() << true;
        QTest::newRow("no key") << QByteArray() << json << good << QByteArray() << QByteArray("Key sent") << false;
        QTest::newRow("other scheme") << QByteArray("Basic x") << json << good << QByteArray() << QByteArray("Key sent")
                                      << false;
        QTest::newRow("cut") << key.chopped(1) << json << good << QByteArray("Key sent") << QByteArray("Key form")
                             << false;
        QTest::newRow("unknown") << QByteArray::fromStdString("Bearer " + std::string(unknown.expose())) << json << good
                                 << QByteArray("Key sent,Key form") << QByteArray("Key known") << false;
        QTest::newRow("client key") << QByteArray::fromStdString("apikey " + clientKey_) << json << good
                                    << QByteArray("Key sent,Key form,Key known,Key in force") << QByteArray("Key kind")
                                    << true;
        QTest::newRow("type") << key << QByteArray("text/plain") << good << all << QByteArray("Content-Type") << true;
        QTest::newRow("body") << key << json << QByteArray("{") << all << QByteArray("Request") << true;
        QTest::newRow("field") << key << json << QByteArray(R"({"userId":7})") << all << QByteArray("Field userId")
                               << true;
    }
    void tellsWatchersOfTheDecision() {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, type);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, checks);
        QFETCH(QByteArray, failed);
        QFETCH(bool, project);
        auto asked = request(kSubscriptionToken, body.toStdString());
        asked.head.fields.remove("Authorization");
        if (!header.isEmpty())
            asked.head.fields.add("Authorization", header.toStdString());
        asked.head.fields.set("Content-Type", type.toStdString());
        std::vector<http::Annotation> seen;
        std::optional<http::Response> answer;
        router_.dispatch(asked, http::Responder([&](http::Response response) { answer = std::move(response); },
                                                [&](http::Annotation about) {
                                                    QVERIFY(!answer);
                                                    seen.push_back(std::move(about));
                                                }));
        QVERIFY(answer);
        QCOMPARE(seen.size(), std::size_t{1});
        QCOMPARE(seen.front().project, project ? project_->id : std::string());
        QByteArrayList names;
        std::string texts;
        for (const auto& check : seen.front().passed) {
            names.append(QByteArray::fromStdString(check.name));
            texts += check.found;
        }
        QCOMPARE(names.join(','), checks);
        QCOMPARE(answer->failed.has_value(), !failed.isEmpty());
        QCOMPARE(answer->failed.has_value(), answer->status >= 400);
        if (answer->failed) {
            QCOMPARE(answer->failed->name, failed.toStdString());
            QVERIFY(!answer->failed->advice.empty());
            texts += answer->failed->found + answer->failed->expected + answer->failed->advice;
        } else {
            QCOMPARE(seen.front().channel, std::string("chat:a"));
            QCOMPARE(seen.front().user, std::string("u1"));
        }
        for (const auto& secret : {serverKey_.substr(10), clientKey_.substr(10)})
            QVERIFY(texts.find(secret.substr(0, 20)) == std::string::npos);
    }

    void tellsMistypedFromUnknownKeys() {
        auto mistyped = request(kToken, "{}");
        auto text = serverKey_;
        std::swap(text[10], text[11]);
        if (text == serverKey_)
            text[10] = text[10] == 'a' ? 'b' : 'a';
        mistyped.head.fields.set("Authorization", "apikey " + text);
        auto unknown = request(kToken, "{}");
        unknown.head.fields.set(
            "Authorization",
            "apikey " + std::string(auth::generateApiKey(auth::KeyKind::Server, auth::KeyEnvironment::Live).expose()));
        QVERIFY(errorField(ask(mistyped), "message") != errorField(ask(unknown), "message"));
    }

    void refusesSeveralAuthorizationHeaders() {
        auto asked = request(kToken, R"({"userId":"u"})");
        asked.head.fields.add("authorization", "Bearer " + serverKey_);
        QCOMPARE(ask(asked).status, 400);
    }

    void refusesCredentialsInTheUrl_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("field");
        for (const auto* name : {"token", "apikey", "api_key", "key"})
            QTest::newRow(name) << QByteArray(name) + "=x" << QString::fromLatin1(name);
    }
    void refusesCredentialsInTheUrl() {
        QFETCH(QByteArray, query);
        QFETCH(QString, field);
        auto asked = request(kPublish, R"({"channel":"public:a","data":1})");
        asked.head.query = query.toStdString();
        const auto response = ask(asked);
        QCOMPARE(response.status, 400);
        QCOMPARE(errorField(response, "code"), QStringLiteral("credential_in_url"));
        QCOMPARE(errorField(response, "field"), field);
        QVERIFY(errorField(response, "message").contains(QStringLiteral("Authorization: apikey")));
    }

    void wantsJson_data() {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<int>("status");
        QTest::newRow("plain") << QByteArray("application/json") << 200;
        QTest::newRow("charset") << QByteArray("application/json; charset=utf-8") << 200;
        QTest::newRow("case") << QByteArray("Application/JSON") << 200;
        QTest::newRow("none") << QByteArray() << 415;
        QTest::newRow("text") << QByteArray("text/plain") << 415;
        QTest::newRow("form") << QByteArray("application/x-www-form-urlencoded") << 415;
        QTest::newRow("multipart") << QByteArray("multipart/form-data; boundary=x") << 415;
        QTest::newRow("longer") << QByteArray("application/jsonp") << 415;
    }
    void wantsJson() {
        QFETCH(QByteArray, type);
        QFETCH(int, status);
        auto asked = request(kToken, R"({"userId":"u"})");
        asked.head.fields.remove("Content-Type");
        if (!type.isEmpty())
            asked.head.fields.add("Content-Type", type.toStdString());
        const auto response = ask(asked);
        QCOMPARE(response.status, status);
        if (status == 415)
            QVERIFY(errorField(response, "message").contains(QStringLiteral("application/json")));
    }

    void refusesBadFields_data() {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* path, const char* body, const char* code, const char* field, const char* says) {
            QTest::addRow("%s %.40s", path + 14, body)
                << QByteArray(path) << QByteArray(body) << QString::fromLatin1(code) << QString::fromLatin1(field)
                << QString::fromUtf8(says);
        };
        row(kToken, "", "invalid_json", "", "empty");
        row(kToken, "{", "invalid_json", "", "not valid JSON");
        row(kToken, "[]", "invalid_json", "", "JSON object");
        row(kToken, "{}", "invalid_argument", "userId", "userId is missing");
        row(kToken, R"({"userId":null})", "invalid_argument", "userId", "userId is null");
        row(kToken, R"({"user_id":"u"})", "invalid_argument", "userId", "found \"user_id\"");
        row(kToken, R"({"userId":7})", "invalid_argument", "userId", "userId is 7");
        row(kToken, R"({"userId":""})", "invalid_argument", "userId", "empty");
        row(kToken, R"({"userId":"a","userId":"b"})", "duplicate_field", "userId", "twice");
        row(kToken, R"({"userId":"u","ttlSeconds":"900"})", "invalid_argument", "ttlSeconds", "\"900\"");
        row(kToken, R"({"userId":"u","ttlSeconds":29})", "invalid_argument", "ttlSeconds", "29");
        row(kToken, R"({"userId":"u","ttlSeconds":3601})", "invalid_argument", "ttlSeconds", "3601");
        row(kToken, R"({"userId":"u","ttlSeconds":30.5})", "invalid_argument", "ttlSeconds", "30.5");
        row(kToken, R"({"userId":"u","ttlSeconds":-900})", "invalid_argument", "ttlSeconds", "-900");
        row(kToken, R"({"userId":"u","channels":"a"})", "invalid_argument", "channels", "\"a\"");
        row(kToken, R"({"userId":"u","channels":["public:a",null]})", "invalid_argument", "channels",
            "channels[1] is null");
        row(kToken, R"({"userId":"u","channels":[""]})", "invalid_argument", "channels", "");
        row(kToken, R"({"userId":"u","info":[]})", "invalid_argument", "info", "[]");
        row(kToken, R"({"userId":"u","info":"{}"})", "invalid_argument", "info", "a JSON object");
        row(kSubscriptionToken, R"({"userId":"u"})", "invalid_argument", "channel", "channel is missing");
        row(kSubscriptionToken, R"({"channel":"chat:a"})", "invalid_argument", "userId", "userId is missing");
        row(kSubscriptionToken, R"({"userId":"u","channel":""})", "invalid_argument", "channel", "");
        row(kSubscriptionToken, R"({"userId":"u","channel":"chat:a","ttlSeconds":0})", "invalid_argument", "ttlSeconds",
            "0");
        row(kPublish, R"({"channel":"public:a"})", "invalid_argument", "data", "data is missing");
        row(kPublish, R"({"data":1})", "invalid_argument", "channel", "channel is missing");
        row(kPublish, R"({"channel":"","data":1})", "invalid_argument", "channel", "");
        row(kPublish, R"({"channel":"public:a","data":1,"data":2})", "duplicate_field", "data", "twice");
        row(kPublish, R"({"channel":"public:a","data":1,"tags":{"a":1}})", "invalid_argument", "tags", "tags.a is 1");
        row(kPublish, R"({"channel":"public:a","data":1,"tags":[]})", "invalid_argument", "tags", "[]");
        row(kPublish, R"({"channel":"public:a","data":1,"skip_history":"yes"})", "invalid_argument", "skip_history",
            "true or false");
        row(kPublish, R"({"channel":"public:a","data":1,"delta":1})", "invalid_argument", "delta", "true or false");
        row(kPublish, R"({"channel":"public:a","data":1,"idempotency_key":1})", "invalid_argument", "idempotency_key",
            "a text");
    }
    void refusesBadFields() {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(QString, code);
        QFETCH(QString, field);
        QFETCH(QString, says);
        const auto response = post(path.toStdString(), body.toStdString());
        QCOMPARE(response.status, 400);
        QCOMPARE(errorField(response, "code"), code);
        QCOMPARE(errorField(response, "field"), field);
        QVERIFY2(errorField(response, "message").contains(says), qPrintable(errorField(response, "message")));
    }

    void refusesANamespaceThatTheProjectLacks() {
        const auto response = post(kPublish, R"({"channel":"nowhere:a","data":1})");
        QCOMPARE(response.status, 400);
        QCOMPARE(errorField(response, "code"), QStringLiteral("unknown_namespace"));
        QCOMPARE(errorField(response, "field"), QStringLiteral("channel"));
    }

    void allowsTtlsWithinTheirBounds_data() {
        QTest::addColumn<int>("ttl");
        QTest::addColumn<int>("status");
        for (const auto& [ttl, status] :
             {std::pair{29, 400}, {30, 200}, {31, 200}, {3599, 200}, {3600, 200}, {3601, 400}})
            QTest::addRow("%d", ttl) << ttl << status;
    }
    void allowsTtlsWithinTheirBounds() {
        QFETCH(int, ttl);
        QFETCH(int, status);
        const auto seconds = std::to_string(ttl);
        QCOMPARE(post(kToken, "{\"userId\":\"u\",\"ttlSeconds\":" + seconds + "}").status, status);
        const auto response =
            post(kSubscriptionToken, "{\"userId\":\"u\",\"channel\":\"chat:a\",\"ttlSeconds\":" + seconds + "}");
        QCOMPARE(response.status, status);
        if (status == 400)
            QVERIFY(errorField(response, "message").contains(QStringLiteral("30")) &&
                    errorField(response, "message").contains(QStringLiteral("3600")));
    }

    void boundsTheBodyOfEachRoute() {
        for (const auto* path : {kToken, kSubscriptionToken, kPublish}) {
            const auto* route = router_.match(request(path, "{}").head).route;
            QVERIFY(route != nullptr);
            QCOMPARE(route->bodyLimit, std::uint64_t{1024 * 1024});
        }
    }

    void publishesABodyOfTheLimit() {
        std::string body = "{\"channel\":\"public:large\",\"data\":\"";
        body += std::string(1024 * 1024 - body.size() - 2, 'x') + "\"}";
        QCOMPARE(body.size(), std::size_t{1024 * 1024});
        QCOMPARE(post(kPublish, body).status, 200);
    }

    void answersOtherMethodsWithAllow() {
        for (const auto* method : {"GET", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
            auto asked = request(kToken, "");
            asked.head.method = method;
            const auto response = ask(asked);
            QCOMPARE(response.status, 405);
            QCOMPARE(response.headers.find("Allow").value_or(""), std::string_view("POST"));
            QVERIFY(!response.headers.contains("Access-Control-Allow-Origin"));
        }
    }

    void answersUnknownPathsByKind() {
        const auto api = post("/api/realtime/tokens", "{}");
        QCOMPARE(api.status, 404);
        QCOMPARE(errorField(api, "code"), QStringLiteral("not_found"));
        auto asked = request("/", "");
        asked.head.method = "GET";
        const auto page = ask(asked);
        QCOMPARE(page.status, 404);
        const auto text = std::string(page.body.view());
        for (const auto* path : {"/realtime/connection/websocket", kToken, kSubscriptionToken, kPublish, "/health"})
            QVERIFY2(text.find(path) != std::string::npos, path);
    }

    void answersHealthWithoutAKey() {
        http::Request asked;
        asked.head.method = "GET";
        asked.head.path = "/health";
        const auto response = ask(asked);
        QCOMPARE(response.status, 200);
        QCOMPARE(response.body.view(), std::string_view("{\"status\":\"ok\",\"version\":\"" XSHATHRA_VERSION "\"}"));
    }

    void keepsProjectsApart() {
        const auto created = services_->projects().create({"Another", services::Environment::Staging, {}}).result();
        QVERIFY(created.has_value());
        const auto other = *created;
        const auto otherKey = reveal(other, auth::KeyKind::Server);
        auto asked = request(kPublish, R"({"channel":"chat:apart","data":"theirs"})");
        asked.head.fields.set("Authorization", "Bearer " + otherKey);
        QCOMPARE(ask(asked).status, 200);
        engine::HistoryOptions options;
        options.limit = -1;
        QVERIFY(registry_->find(project_->id)->history("chat:apart", options)->publications.empty());
        QCOMPARE(registry_->find(other->id)->history("chat:apart", options)->publications.size(), std::size_t{1});
        asked = request(kToken, R"({"userId":"u"})");
        asked.head.fields.set("Authorization", "apikey " + otherKey);
        const auto token = objectOf(ask(asked)).value(QLatin1String("token")).toString();
        QCOMPARE(claims(token).value(QLatin1String("projectId")).toString().toStdString(), other->id);
    }
};

QTEST_GUILESS_MAIN(RestApiTest)
#include "tst_rest_api.moc"
