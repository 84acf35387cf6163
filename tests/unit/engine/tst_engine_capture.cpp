#include "client_test.h"

using namespace xshathra;
using namespace xshathra::test;
using capture::Direction;
using capture::Kind;

namespace {

std::vector<capture::Event> drain(EngineFixture& engine) {
    std::vector<capture::Event> events;
    engine.recorder.drain(events, 1000);
    return events;
}

/// "in connect, out reply": what happened, in order.
QString story(const std::vector<capture::Event>& events) {
    std::string text;
    for (const auto& event : events)
        text += (text.empty() ? "" : ", ") + std::string(name(event.dir)) + " " + std::string(name(event.kind));
    return QString::fromStdString(text);
}

const capture::Check* failedCheck(const capture::Decision& decision) {
    for (const auto& check : decision.checks) {
        if (check.outcome == capture::Outcome::Fail)
            return &check;
    }
    return nullptr;
}

}  // namespace

class EngineCaptureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsRecordedWhileInactive() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("public:a"));
        ask(*peer, publishTo("public:a"));
        ask(*peer, subscribeTo("match:a"));
        peer.reset();
        QCOMPARE(engine.recorder.counters().total, std::uint64_t(0));
    }

    void aServersSubscriptionThatFailsIsRecorded() {
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.presenceMaxMembers = 1;
        });
        auto one = engine.connect("42");
        auto two = engine.connect("43");
        ask(*one, subscribeTo("public:a"));
        engine.recorder.setActive(true);
        QVERIFY(engine.node().subscribe({"43", {}, {}}, "public:a").has_value());
        engine.turn();
        QCOMPARE(two->take().size(), std::size_t(0));
        QCOMPARE(two->closeCode(), 0U);
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(1));
        const auto events = drain(engine);
        QCOMPARE(story(events), QStringLiteral("out subscribe"));
        QCOMPARE(events[0].channel.view(), std::string_view("public:a"));
        QCOMPARE(events[0].code, 106U);
        QCOMPARE(QString::fromStdString(failedCheck(*events[0].decision)->name), QStringLiteral("Presence limit"));
    }

    void aWholeSessionIsRecordedInOrder() {
        EngineFixture engine;
        engine.recorder.setActive(true);
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("public:a"), 2);
        ask(*peer, publishTo("public:a", "\"x\""), 3);
        ask(*peer, protocol::UnsubscribeRequest{"public:a"}, 4);
        peer->client.transportClosed("peer closed with 1000");
        const auto events = drain(engine);
        QCOMPARE(
            story(events),
            QStringLiteral("in connect, out reply, in subscribe, out reply, out join, in publish, out push, out reply, "
                           "in unsubscribe, out leave, out reply, in disconnect"));
        for (const auto& event : events) {
            QCOMPARE(event.project.view(), std::string_view("proj_A"));
            QVERIFY(!event.binary);
        }
        const auto& connect = events[0];
        QCOMPARE(connect.client.view(), std::string_view(peer->client.id()));
        QCOMPARE(connect.commandId, 1U);
        QVERIFY(connect.decision != nullptr);
        QVERIFY(connect.decision->verdict == capture::Verdict::Allowed);
        QVERIFY(connect.decision->checks.size() >= 3);
        const auto& push = events[6];
        QCOMPARE(push.channel.view(), std::string_view("public:a"));
        QCOMPARE(push.recipients, 1U);
        QVERIFY(push.payload.view().find("\"x\"") != std::string_view::npos);
        QVERIFY(push.client.empty());
        const auto& reply = events[7];
        QCOMPARE(reply.commandId, 3U);
        QCOMPARE(reply.user.view(), std::string_view("42"));
        QCOMPARE(events[5].payload.view(), std::string_view(R"({"id":3,"publish":{"channel":"public:a","data":"x"}})"));
        QCOMPARE(events.back().code, 3000U);
        QCOMPARE(events.back().note.view(), std::string_view("peer closed with 1000"));
    }

    void onePublicationIsOneEvent() {
        EngineFixture engine;
        std::vector<std::unique_ptr<EngineFixture::Peer>> peers;
        for (int i = 0; i < 20; ++i) {
            peers.push_back(i % 2 == 0 ? engine.connect("42") : engine.connectProtobuf("42"));
            ask(*peers.back(), subscribeTo("chat:a"));
        }
        engine.recorder.setActive(true);
        QVERIFY(engine.node().publish("chat:a", bytes("1")).has_value());
        QVERIFY(engine.node().publish("chat:empty", bytes("1")).has_value());
        engine.turn();
        const auto events = drain(engine);
        QCOMPARE(story(events), QStringLiteral("out push, out push"));
        QCOMPARE(events[0].recipients, 20U);
        QCOMPARE(events[1].recipients, 0U);
        QVERIFY(!events[1].payload.empty());
    }

    void refusalsSayWhy_data() {
        QTest::addColumn<QString>("channel");
        QTest::addColumn<uint>("code");
        QTest::addColumn<QString>("check");
        QTest::addColumn<QString>("expected");
        QTest::newRow("namespace") << "other:a" << 102U << "Namespace"
                                   << "configured namespace";
        QTest::newRow("name") << "public:\x01" << 107U << "Channel name"
                              << "ASCII";
        QTest::newRow("permission") << "match:1" << 103U << "Permission"
                                    << "allow_subscribe_for_client";
        QTest::newRow("private") << "$match:1" << 103U << "Token"
                                 << "subscription token";
        QTest::newRow("empty") << "" << 3501U << "Channel"
                               << "channel name";
    }

    void refusalsSayWhy() {
        QFETCH(QString, channel);
        QFETCH(uint, code);
        QFETCH(QString, check);
        QFETCH(QString, expected);
        EngineFixture engine;
        auto peer = engine.connect("42");
        engine.recorder.setActive(true);
        ask(*peer, subscribeTo(channel.toStdString()));
        const auto events = drain(engine);
        QCOMPARE(events.size(), std::size_t(2));
        for (const auto& event : events) {
            QCOMPARE(event.code, std::uint32_t(code));
            QVERIFY(event.decision != nullptr);
            QVERIFY(event.decision->verdict == capture::Verdict::Refused);
            QCOMPARE(event.decision->code, std::uint32_t(code));
            const auto* failed = failedCheck(*event.decision);
            QVERIFY(failed != nullptr);
            QCOMPARE(failed->name, check.toStdString());
            QVERIFY(failed->expected.find(expected.toStdString()) != std::string::npos);
            QVERIFY(!failed->advice.empty());
        }
        QCOMPARE(story(events), code < 1000 ? QStringLiteral("in subscribe, out error")
                                            : QStringLiteral("in subscribe, out disconnect"));
    }

    void aRefusedPublishSaysWhatToDo_data() {
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("channel");
        QTest::addColumn<QString>("advice");
        // clang-format off
        QTest::newRow("subscribers may") << "42" << "public:a" << "Subscribe to the channel first";
        QTest::newRow("subscribers who are known may") << "" << "public:a" << "Switch the option on";
        QTest::newRow("nobody may") << "42" << "match:1" << "Switch the option on";
        // clang-format on
    }

    void aRefusedPublishSaysWhatToDo() {
        QFETCH(QString, user);
        QFETCH(QString, channel);
        QFETCH(QString, advice);
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            project.client.allowAnonymousConnectWithoutToken = true;
            for (auto& one : layout.namespaces) {
                one.options.allowPublishForClient = one.options.allowPublishForAnonymous = false;
                one.options.allowPublishForSubscriber = one.name == "public";
            }
        });
        auto peer = user.isEmpty() ? engine.open() : engine.connect(user.toStdString());
        if (user.isEmpty())
            ask(*peer, connectWith(""));
        peer->take();
        engine.recorder.setActive(true);
        ask(*peer, publishTo(channel.toStdString()));
        const auto events = drain(engine);
        QCOMPARE(events.back().code, 103U);
        const auto* failed = failedCheck(*events.back().decision);
        QVERIFY(failed != nullptr);
        QVERIFY2(failed->advice.find(advice.toStdString()) == 0, failed->advice.c_str());
    }

    void refusedConnectSaysWhy_data() {
        QTest::addColumn<QString>("claims");
        QTest::addColumn<uint>("code");
        QTest::addColumn<QString>("check");
        QTest::newRow("no token") << "" << 3501U << "Credentials";
        QTest::newRow("expired") << "{'sub':'42','exp':1000}" << 109U << "Token expiry";
        QTest::newRow("unknown project") << "{'sub':'42','projectId':'proj_X'}" << 3500U << "Project";
    }

    void refusedConnectSaysWhy() {
        QFETCH(QString, claims);
        QFETCH(uint, code);
        QFETCH(QString, check);
        EngineFixture engine;
        engine.recorder.setActive(true);
        auto peer = engine.open();
        const auto token = claims.isEmpty() ? std::string() : connectToken(q(claims.toStdString()));
        ask(*peer, connectWith(token));
        const auto events = drain(engine);
        QCOMPARE(events.size(), std::size_t(2));
        for (const auto& event : events) {
            QCOMPARE(event.code, std::uint32_t(code));
            const auto* failed = failedCheck(*event.decision);
            QVERIFY(failed != nullptr);
            QVERIFY2(failed->name.find(check.toStdString()) != std::string::npos, failed->name.c_str());
            for (const auto& one : event.decision->checks)
                QVERIFY(token.empty() || one.found.find(token) == std::string::npos);
        }
    }

    void protocolErrorsSayWhy_data() {
        QTest::addColumn<QString>("frame");
        QTest::addColumn<QString>("check");
        QTest::newRow("not json") << "hello"
                                  << "Frame";
        QTest::newRow("pong") << "{}"
                              << "Pong";
        QTest::newRow("ping") << "{'id':1,'ping':{}}"
                              << "Protocol";
        QTest::newRow("send") << "{'send':{'data':1}}"
                              << "Send handler";
    }

    void protocolErrorsSayWhy() {
        QFETCH(QString, frame);
        QFETCH(QString, check);
        EngineFixture engine;
        auto peer = engine.connect("42");
        engine.recorder.setActive(true);
        peer->send(q(frame.toStdString()));
        const auto events = drain(engine);
        QVERIFY(!events.empty());
        QVERIFY(events.back().kind == Kind::Disconnect);
        QVERIFY(events.back().dir == Direction::Out);
        const auto* failed = failedCheck(*events.back().decision);
        QVERIFY(failed != nullptr);
        QCOMPARE(failed->name, check.toStdString());
    }

    void binaryConnectionsAreMarked() {
        EngineFixture engine;
        auto peer = engine.connectProtobuf("42");
        engine.recorder.setActive(true);
        ask(*peer, subscribeTo("public:a"));
        for (const auto& event : drain(engine)) {
            if (event.kind != Kind::Join)
                QVERIFY(event.binary);
        }
    }
};

QTEST_GUILESS_MAIN(EngineCaptureTest)
#include "tst_engine_capture.moc"
