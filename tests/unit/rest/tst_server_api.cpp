#include "tests/unit/rest/server_api_fixture.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace xshathra;
using test::ServerApiFixture;

namespace {

QJsonObject objectOf(const std::string& text) {
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

QJsonObject resultOf(const std::string& text) { return objectOf(text).value(QLatin1String("result")).toObject(); }

/// The text after the last line break of what a connection was sent, or nothing.
std::string lastOf(test::EngineFixture::Peer& peer) {
    const auto messages = peer.take();
    return messages.empty() ? std::string() : messages.back();
}

void subscribe(test::EngineFixture::Peer& peer, const std::string& channel) {
    protocol::Command command;
    command.id = 2;
    protocol::SubscribeRequest request;
    request.channel = channel;
    command.request = request;
    peer.send(command);
    peer.take();
}

}  // namespace

class ServerApiTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void publishesBytesUntouchedButForLineBreaks() {
        ServerApiFixture f;
        auto peer = f.engine.connect("u");
        subscribe(*peer, "chat:a");
        f.post("/api/publish", "{\"channel\":\"chat:a\",\"data\":{\"b\": 1.10,\r\n  \"a\":\"<\\u00e9>\"}}");
        QVERIFY2(lastOf(*peer).find("{\"b\": 1.10,  \"a\":\"<\\u00e9>\"}") != std::string::npos, "data was changed");
        const auto history = f.post("/api/history", "{\"channel\":\"chat:a\",\"limit\":1}");
        QVERIFY2(history.find("\"data\":{\"b\": 1.10,  \"a\":\"<\\u00e9>\"},\"offset\":1") != std::string::npos,
                 history.c_str());
    }

    void publicationsOfClientsHaveInfoInHistory() {
        ServerApiFixture f;
        auto peer = f.engine.connect("u", ",\"info\":{\"n\":\"Ann\"}");
        subscribe(*peer, "chat:a");
        protocol::Command command;
        command.id = 3;
        protocol::PublishRequest request;
        request.channel = "chat:a";
        request.data = SharedBytes::fromStatic("1");
        command.request = request;
        peer->send(command);
        const auto page = resultOf(f.post("/api/history", "{\"channel\":\"chat:a\",\"limit\":1}"));
        const auto info = page.value(QLatin1String("publications"))
                              .toArray()
                              .at(0)
                              .toObject()
                              .value(QLatin1String("info"))
                              .toObject();
        QCOMPARE(info.value(QLatin1String("user")).toString(), QStringLiteral("u"));
        QCOMPARE(info.value(QLatin1String("client")).toString().toStdString(), peer->client.id());
        QCOMPARE(info.value(QLatin1String("conn_info")).toObject().value(QLatin1String("n")).toString(),
                 QStringLiteral("Ann"));
    }

    void disconnectsAUser() {
        ServerApiFixture f;
        auto one = f.engine.connect("u");
        auto two = f.engine.connect("u");
        auto other = f.engine.connect("v");
        QCOMPARE(f.post("/api/disconnect", "{\"user\":\"u\",\"whitelist\":[\"" + two->client.id() + "\"]}"),
                 std::string("{\"result\":{}}"));
        QCOMPARE(one->closeCode(), 3503U);
        QCOMPARE(two->closeCode(), 0U);
        f.post("/api/disconnect", "{\"user\":\"u\",\"client\":\"" + two->client.id() +
                                      "\",\"disconnect\":{\"code\":4501,\"reason\":\"bye\"}}");
        QCOMPARE(two->closeCode(), 4501U);
        QCOMPARE(two->transport.closed->reason, std::string("bye"));
        QCOMPARE(other->closeCode(), 0U);
    }

    void subscribesAndUnsubscribes() {
        ServerApiFixture f;
        auto peer = f.engine.connect("u");
        f.post("/api/subscribe",
               "{\"user\":\"u\",\"channel\":\"public:news\",\"data\":{\"d\":1},\"b64info\":\"eyJpIjoxfQ==\"}");
        const auto pushed = lastOf(*peer);
        QVERIFY2(pushed.find("\"channel\":\"public:news\"") != std::string::npos, pushed.c_str());
        QVERIFY2(pushed.find("\"data\":{\"d\":1}") != std::string::npos, pushed.c_str());
        const auto presence = resultOf(f.post("/api/presence", "{\"channel\":\"public:news\"}"))
                                  .value(QLatin1String("presence"))
                                  .toObject();
        QCOMPARE(presence.keys(), QStringList(QString::fromStdString(peer->client.id())));
        const auto member = presence.begin().value().toObject();
        QCOMPARE(member.value(QLatin1String("user")).toString(), QStringLiteral("u"));
        QCOMPARE(member.value(QLatin1String("chan_info")).toObject().value(QLatin1String("i")).toInt(), 1);
        QVERIFY(!member.contains(QLatin1String("conn_info")));
        QCOMPARE(f.post("/api/presence_stats", "{\"channel\":\"public:news\"}"),
                 std::string("{\"result\":{\"num_clients\":1,\"num_users\":1}}"));
        QCOMPARE(f.post("/api/channels", "{}"),
                 std::string("{\"result\":{\"channels\":{\"public:news\":{\"num_clients\":1}}}}"));
        QCOMPARE(f.post("/api/channels", "{\"pattern\":\"{chat,match}:*\"}"),
                 std::string("{\"result\":{\"channels\":{}}}"));
        f.post("/api/unsubscribe", "{\"user\":\"u\",\"channel\":\"public:news\"}");
        QVERIFY(lastOf(*peer).find("\"unsubscribe\":{\"code\":2000") != std::string::npos);
        QCOMPARE(f.post("/api/channels", "{}"), std::string("{\"result\":{\"channels\":{}}}"));
    }

    void subscribesWithTheOptionsOfTheRequest() {
        ServerApiFixture f;
        auto peer = f.engine.connect("u");
        f.post("/api/subscribe",
               "{\"user\":\"u\",\"channel\":\"public:quiet\",\"override\":{\"presence\":{},\"force_recovery\":null}}");
        QCOMPARE(f.post("/api/presence_stats", "{\"channel\":\"public:quiet\"}"),
                 std::string("{\"result\":{\"num_clients\":0,\"num_users\":0}}"));
    }

    void answersBytesThatAreNoJsonInPresenceWith500() {
        ServerApiFixture f;
        auto peer = f.engine.connect("u");
        f.post("/api/subscribe", "{\"user\":\"u\",\"channel\":\"public:news\",\"b64info\":\"/w==\"}");
        const auto answer = f.ask(ServerApiFixture::request("/api/presence", "{\"channel\":\"public:news\"}"));
        QCOMPARE(answer.status, 500);
        QCOMPARE(answer.body.view(), std::string_view("Internal Server Error\n"));
    }

    void refreshes() {
        ServerApiFixture f;
        f.engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.pingInterval = Milliseconds(0);
        });
        auto peer = f.engine.connect("u", ",\"exp\":" + std::to_string(f.engine.now() + 60));
        f.post("/api/refresh", "{\"user\":\"u\",\"expire_at\":" + std::to_string(f.engine.now() + 600) + "}");
        f.engine.advance(Seconds(300));
        QCOMPARE(peer->closeCode(), 0U);
        f.post("/api/refresh", "{\"user\":\"u\",\"expired\":true}");
        QCOMPARE(peer->closeCode(), 3005U);
    }

    void tellsOfItself() {
        ServerApiFixture f;
        f.commands.setNodeName("host_1");
        auto peer = f.engine.connect("u");
        subscribe(*peer, "public:a");
        f.engine.advance(Seconds(5));
        const auto nodes = resultOf(f.post("/api/info", "{}")).value(QLatin1String("nodes")).toArray();
        QCOMPARE(nodes.size(), 1);
        const auto node = nodes.at(0).toObject();
        QCOMPARE(node.value(QLatin1String("uid")).toString().toStdString(), f.engine.registry.nodeUid());
        QCOMPARE(node.value(QLatin1String("name")).toString(), QStringLiteral("host_1"));
        QCOMPARE(node.value(QLatin1String("version")).toString(), QStringLiteral("test"));
        for (const auto* figure : {"num_clients", "num_users", "num_channels", "num_subs"})
            QCOMPARE(node.value(QLatin1String(figure)).toInt(), 1);
        QCOMPARE(node.value(QLatin1String("uptime")).toInt(), 5);
        const auto metrics = node.value(QLatin1String("metrics")).toObject();
        QCOMPARE(metrics.value(QLatin1String("items"))
                     .toObject()
                     .value(QLatin1String("centrifugo.node.num_clients"))
                     .toInt(),
                 1);
    }

    void listsConnections() {
        ServerApiFixture f;
        protocol::ConnectRequest connect;
        connect.token = test::connectToken("{\"sub\":\"u\",\"projectId\":\"proj_A\"}");
        connect.name = "js";
        connect.version = "5";
        protocol::Command command;
        command.id = 1;
        command.request = connect;
        auto one = f.engine.open();
        one->send(command);
        subscribe(*one, "public:a");
        auto two = f.engine.connectProtobuf("v");
        const auto all = resultOf(f.post("/api/connections", "{}")).value(QLatin1String("connections")).toObject();
        QCOMPARE(all.size(), 2);
        QCOMPARE(
            all.value(QString::fromStdString(two->client.id())).toObject().value(QLatin1String("protocol")).toString(),
            QStringLiteral("protobuf"));
        const auto text = f.post("/api/connections", "{\"user\":\"u\"}");
        const auto started = std::to_string(std::chrono::duration_cast<Milliseconds>(f.engine.clock.wall()).count());
        QCOMPARE(text, "{\"result\":{\"connections\":{\"" + one->client.id() +
                           "\":{\"app_name\":\"js\",\"app_version\":\"5\",\"transport\":\"websocket\",\"protocol\":"
                           "\"json\",\"user\":\"u\","
                           "\"state\":{\"channels\":{\"public:a\":{}}},\"connected_at_ms\":" +
                           started + "}}}}");
        QCOMPARE(f.post("/api/connections", "{\"user\":\"\"}"), std::string("{\"result\":{\"connections\":{}}}"));
        QCOMPARE(f.post("/api/connections", "{\"expression\":\"true\"}"),
                 std::string("{\"error\":{\"code\":108,\"message\":\"not available\"}}"));
        QCOMPARE(f.post("/api/batch", "{\"commands\":[{\"connections\":{\"user\":\"x\"}}]}"),
                 std::string("{\"replies\":[{\"connections\":{\"connections\":{}}}]}"));
        QCOMPARE(f.post("/api", "{\"method\":\"connections\",\"params\":{\"user\":\"x\"}}"),
                 std::string("{\"result\":{\"connections\":{}}}"));
    }

    void listsConnectionsUpToItsLimit_data() {
        QTest::addColumn<int>("count");
        QTest::addColumn<bool>("listed");
        QTest::newRow("below") << 2 << true;
        QTest::newRow("at") << 3 << true;
        QTest::newRow("beyond") << 4 << false;
    }
    void listsConnectionsUpToItsLimit() {
        QFETCH(int, count);
        QFETCH(bool, listed);
        test::EngineFixture engine;
        std::vector<std::unique_ptr<test::EngineFixture::Peer>> peers;
        for (int i = 0; i < count; ++i)
            peers.push_back(engine.connect("u"));
        const services::CommandService commands(&engine.registry, 3);
        const auto outcome = commands.run("proj_A", services::command::Connections());
        QCOMPARE(outcome.has_value(), listed);
        if (!listed)
            QCOMPARE(outcome.error().code, 106U);
    }

    void commandsNeedAnEngineAndAProject() {
        test::EngineFixture engine;
        QCOMPARE(services::CommandService(nullptr).run("proj_A", services::command::Info()).error().code, 100U);
        QCOMPARE(services::CommandService(&engine.registry).run("proj_B", services::command::Info()).error().code,
                 100U);
    }

    void takesTheProjectsServerKey_data() {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("status");
        QTest::newRow("X-API-Key") << QByteArray("X-API-Key") << QByteArray("SERVER") << 200;
        QTest::newRow("apikey") << QByteArray("Authorization") << QByteArray("apikey SERVER") << 200;
        QTest::newRow("Bearer") << QByteArray("Authorization") << QByteArray("Bearer SERVER") << 200;
        QTest::newRow("client key") << QByteArray("X-API-Key") << QByteArray("CLIENT") << 403;
        QTest::newRow("cut") << QByteArray("X-API-Key") << QByteArray("SERVE") << 401;
        QTest::newRow("empty") << QByteArray("X-API-Key") << QByteArray() << 401;
        QTest::newRow("another header") << QByteArray("X-Key") << QByteArray("SERVER") << 401;
    }
    void takesTheProjectsServerKey() {
        QFETCH(QByteArray, field);
        QFETCH(QByteArray, value);
        QFETCH(int, status);
        ServerApiFixture f;
        value.replace("SERVER", QByteArray::fromStdString(std::string(f.serverKey.expose())));
        value.replace("CLIENT", QByteArray::fromStdString(std::string(f.clientKey.expose())));
        auto request = ServerApiFixture::request("/api/channels", "{}", "");
        request.head.fields.add(field.toStdString(), value.toStdString());
        const auto answer = f.ask(request);
        QCOMPARE(answer.status, status);
        if (status == 200)
            return;
        QVERIFY(answer.body.empty());
        QVERIFY(answer.failed.has_value());
        QVERIFY(answer.failed->found.find(value.toStdString()) == std::string::npos || value.isEmpty());
        QVERIFY(!answer.failed->advice.empty());
        QCOMPARE(answer.headers.contains("WWW-Authenticate"), status == 401);
    }

    void refusesTwoAuthorizationHeaders() {
        ServerApiFixture f;
        auto request = ServerApiFixture::request("/api/channels", "{}", "");
        request.head.fields.add("Authorization", "apikey k");
        request.head.fields.add("Authorization", "apikey k");
        QCOMPARE(f.ask(request).status, 401);
    }

    void needsNoKeyWhereInsecure() {
        ServerApiFixture f;
        QCOMPARE(f.ask(ServerApiFixture::request("/api/channels", "{}", "")).status, 401);
        f.access.insecure = true;
        f.apply();
        QCOMPARE(f.ask(ServerApiFixture::request("/api/channels", "{}", "")).status, 200);
        QCOMPARE(f.ask(ServerApiFixture::request("/api/channels", "{}", "wrong")).status, 200);
        QCOMPARE(f.ask(ServerApiFixture::request("/api/channels", "{}", "k")).status, 200);
        f.defaultProject.clear();
        f.apply();
        QCOMPARE(f.ask(ServerApiFixture::request("/api/channels", "{}", "")).status, 401);
    }

    void givesErrorsAStatusWhereTheProjectWantsIt() {
        ServerApiFixture f;
        f.access.transportErrors = true;
        f.apply();
        const auto answer = f.ask(ServerApiFixture::request("/api/publish", "{\"channel\":\"nope:a\",\"data\":1}"));
        QCOMPARE(answer.status, 404);
        QCOMPARE(answer.body.view(), std::string_view("{\"code\":102,\"message\":\"unknown channel\"}"));
    }

    void isWhereItsPrefixSays_data() {
        QTest::addColumn<QByteArray>("prefix");
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("commands");
        QTest::newRow("usual") << QByteArray("/api") << QByteArray("/api/channels") << QByteArray("/api");
        QTest::newRow("slash at the end") << QByteArray("/api/") << QByteArray("/api/channels") << QByteArray("/api");
        QTest::newRow("deeper") << QByteArray("/a/b") << QByteArray("/a/b/channels") << QByteArray("/a/b");
        QTest::newRow("root") << QByteArray("/") << QByteArray("/channels") << QByteArray("/");
        QTest::newRow("empty") << QByteArray("") << QByteArray("/channels") << QByteArray("/");
    }
    void isWhereItsPrefixSays() {
        QFETCH(QByteArray, prefix);
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, commands);
        services::ServerApiRoutes routes;
        routes.prefix = prefix.toStdString();
        ServerApiFixture f(routes);
        QCOMPARE(f.ask(ServerApiFixture::request(method.toStdString(), "{}")).status, 200);
        QCOMPARE(f.ask(ServerApiFixture::request(commands.toStdString(), "null")).status, 200);
        QCOMPARE(f.ask(ServerApiFixture::request(method.toStdString() + "x", "{}")).status, 404);
        for (const auto* other : {"GET", "HEAD", "PUT", "OPTIONS"}) {
            auto request = ServerApiFixture::request(method.toStdString(), "{}");
            request.head.method = other;
            const auto answer = f.ask(request);
            QCOMPARE(answer.status, 405);
            QVERIFY(answer.body.empty());
            QCOMPARE(answer.headers.find("Allow").value_or(""), std::string_view("POST"));
        }
    }

    void isNowhereWhenDisabled() {
        services::ServerApiRoutes routes;
        routes.disabled = true;
        ServerApiFixture f(routes);
        QCOMPARE(f.ask(ServerApiFixture::request("/api/channels", "{}")).status, 404);
    }

    void runsNoMoreCommandsBeyondTheAnswersLimit() {
        const std::string one = "{\"replies\":[{\"presence_stats\":{\"num_clients\":0,\"num_users\":0}},";
        const std::string batch =
            "{\"commands\":[{\"presence_stats\":{\"channel\":\"public:a\"}},{\"publish\":{\"channel\":\"chat:a\","
            "\"data\":1}}]}";
        ServerApiFixture below({}, one.size());
        QVERIFY(below.post("/api/batch", batch).find("{\"error\":{\"code\":106,\"message\":\"limit exceeded\"}}") !=
                std::string::npos);
        QCOMPARE(
            resultOf(below.post("/api/history", "{\"channel\":\"chat:a\"}")).value(QLatin1String("offset")).toInt(), 0);
        ServerApiFixture at({}, one.size() + 1);
        QVERIFY(at.post("/api/batch", batch).find("\"offset\":1") != std::string::npos);
        ServerApiFixture form({}, 10);
        const auto lines = form.post(
            "/api", "{\"method\":\"channels\",\"params\":{}}{\"id\":2,\"method\":\"channels\",\"params\":{}}");
        QVERIFY2(lines.ends_with("\n{\"id\":2,\"error\":{\"code\":106,\"message\":\"limit exceeded\"}}"),
                 lines.c_str());
    }

    void doesNothingOfAMalformedBody() {
        ServerApiFixture f;
        const std::string good = "{\"publish\":{\"channel\":\"chat:a\",\"data\":1}}";
        QCOMPARE(f.post("/api/batch", "{\"commands\":[" + good + ",{\"publish\":{\"channel\":1}}]}"),
                 std::string("Bad Request\n"));
        QCOMPARE(
            f.post("/api",
                   "{\"method\":\"publish\",\"params\":{\"channel\":\"chat:a\",\"data\":1}}\n{\"method\":\"nope\"}"),
            std::string("Bad Request\n"));
        QCOMPARE(resultOf(f.post("/api/history", "{\"channel\":\"chat:a\"}")).value(QLatin1String("offset")).toInt(),
                 0);
    }

    void refusesEveryCutBody() {
        ServerApiFixture f;
        const std::string batch =
            "{\"commands\":[{\"publish\":{\"channel\":\"chat:a\",\"data\":{\"a\":[1,\"\\u00e9\"]},\"tags\":{\"x\":"
            "\"y\"},\"version\":12}},"
            "{\"subscribe\":{\"user\":\"u\",\"channel\":\"chat:a\",\"override\":{\"presence\":{\"value\":true}}}}],"
            "\"parallel\":false}";
        for (std::size_t length = 0; length < batch.size(); ++length) {
            const auto answer = f.ask(ServerApiFixture::request("/api/batch", batch.substr(0, length)));
            QVERIFY2(answer.status == 400, batch.substr(0, length).c_str());
        }
        QCOMPARE(f.ask(ServerApiFixture::request("/api/batch", batch)).status, 200);
        const std::string form = "{\"id\":1,\"method\":\"publish\",\"params\":{\"channel\":\"chat:a\",\"data\":\"x\"}}";
        for (std::size_t length = 1; length < form.size(); ++length) {
            const auto answer = f.ask(ServerApiFixture::request("/api", form + "\n" + form.substr(0, length)));
            QVERIFY2(answer.status == 400, form.substr(0, length).c_str());
        }
    }

    void tellsTheConsoleWhatWasAsked() {
        ServerApiFixture f;
        std::optional<http::Annotation> annotation;
        std::optional<http::Response> answer;
        const http::Responder responder([&](http::Response response) { answer = std::move(response); },
                                        [&](http::Annotation seen) { annotation = std::move(seen); });
        f.router.dispatch(ServerApiFixture::request("/api/unsubscribe", "{\"user\":\"u\",\"channel\":\"nope:a\"}"),
                          responder);
        QVERIFY(annotation.has_value());
        QCOMPARE(annotation->project, std::string("proj_A"));
        QCOMPARE(annotation->channel, std::string("nope:a"));
        QCOMPARE(annotation->user, std::string("u"));
        QCOMPARE(annotation->passed.size(), std::size_t{5});
        QVERIFY(answer.has_value());
        QVERIFY(answer->failed.has_value());
        QCOMPARE(answer->failed->found, std::string("102 unknown channel"));
    }
};

QTEST_GUILESS_MAIN(ServerApiTest)
#include "tst_server_api.moc"
