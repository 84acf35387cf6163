#include "client_test.h"

#include <random>

using namespace xshathra;
using namespace xshathra::test;

namespace {

const std::string kConnect = q("{'id':1,'connect':{'token':'") + connectToken(q("{'sub':'42'}")) + q("'}}");

}  // namespace

class ClientDispatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rulesOfDispatch_data() {
        QTest::addColumn<QString>("frames");
        QTest::addColumn<uint>("close");
        QTest::addColumn<int>("messages");
        const auto row = [](const char* name, std::vector<std::string> frames, unsigned close, int messages) {
            QString joined;
            for (const auto& frame : frames)
                joined += (joined.isEmpty() ? QString() : QStringLiteral("||")) + QString::fromStdString(frame);
            QTest::newRow(name) << joined << close << messages;
        };
        row("subscribe before connect", {q("{'id':1,'subscribe':{'channel':'public:a'}}")}, 3501, 0);
        row("pong before connect", {"{}"}, 3501, 0);
        row("connect without id", {q("{'connect':{'token':'x'}}")}, 3501, 0);
        row("second connect", {kConnect, kConnect}, 3501, 1);
        row("pong without ping", {kConnect, "{}"}, 3501, 1);
        row("id without a command", {kConnect, q("{'id':2}")}, 3501, 1);
        row("unknown command", {kConnect, q("{'id':2,'dance':{}}")}, 3501, 1);
        row("ping command", {kConnect, q("{'id':2,'ping':{}}")}, 3501, 1);
        row("command without id is a pong", {kConnect, q("{'subscribe':{'channel':'public:a'}}")}, 3501, 1);
        row("send", {kConnect, q("{'send':{'data':{}}}")}, 3508, 1);
        row("send with id", {kConnect, q("{'id':3,'send':{'data':{}}}")}, 3508, 1);
        row("rpc", {kConnect, q("{'id':2,'rpc':{'method':'m','data':{}}}")}, 0, 2);
        row("unknown fields are ignored",
            {q("{'x':1,'id':2,'connect':{'token':'") + connectToken(q("{'sub':'1'}")) + q("','y':[]}}")}, 0, 1);
        row("highest id", {kConnect, q("{'id':4294967295,'rpc':{'method':'m'}}")}, 0, 2);
        row("empty frame", {kConnect, ""}, 3501, 1);
        row("not json", {kConnect, "hello"}, 3501, 1);
        row("blank line", {kConnect, q("{'id':2,'rpc':{}}\n\n{'id':3,'rpc':{}}")}, 3501, 2);
        row("trailing line break", {kConnect, q("{'id':2,'rpc':{}}\n")}, 0, 2);
        row("good command before a bad one", {kConnect, q("{'id':2,'rpc':{}}\nx")}, 3501, 2);
        row("connect and commands in one frame",
            {kConnect + "\n" + q("{'id':2,'subscribe':{'channel':'public:a'}}") + "\n" +
             q("{'id':3,'subscribe':{'channel':'chat:a'}}")},
            0, 3);
        row("empty channel of subscribe", {kConnect, q("{'id':2,'subscribe':{}}")}, 3501, 1);
        row("empty channel of unsubscribe", {kConnect, q("{'id':2,'unsubscribe':{}}")}, 3501, 1);
        row("empty channel of publish", {kConnect, q("{'id':2,'publish':{'data':1}}")}, 3501, 1);
        row("empty channel of presence", {kConnect, q("{'id':2,'presence':{}}")}, 3501, 1);
        row("empty channel of presence stats", {kConnect, q("{'id':2,'presence_stats':{}}")}, 3501, 1);
        row("empty channel of history", {kConnect, q("{'id':2,'history':{}}")}, 3501, 1);
        row("empty channel of sub refresh", {kConnect, q("{'id':2,'sub_refresh':{'token':'x'}}")}, 3501, 1);
    }

    void rulesOfDispatch() {
        QFETCH(QString, frames);
        QFETCH(uint, close);
        QFETCH(int, messages);
        EngineFixture engine;
        auto peer = engine.open();
        for (const auto& frame : frames.split(QStringLiteral("||")))
            peer->send(frame.toStdString());
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QCOMPARE(int(peer->take().size()), messages);
    }

    void nothingIsDoneAfterAFailedConnect() {
        EngineFixture engine;
        auto peer = engine.open();
        const auto expired = connectToken(q("{'sub':'42','exp':1000}"));
        peer->send(q("{'id':1,'connect':{'token':'" + expired + "'}}\n") + kConnect);
        const auto replies = peer->transport.takeReplies();
        QCOMPARE(replies.size(), std::size_t(1));
        QCOMPARE(errorOf(replies), 109U);
        QCOMPARE(peer->closeCode(), 0U);
        peer->send(kConnect);
        QCOMPARE(peer->closeCode(), 3501U);
    }

    void failedConnectIsClosedAfterFiveSeconds() {
        EngineFixture engine;
        auto peer = engine.open();
        peer->send(q("{'id':1,'connect':{'token':'" + connectToken(q("{'sub':'42','exp':1000}")) + "'}}"));
        engine.advance(Seconds(5) - Nanoseconds(1));
        QCOMPARE(peer->closeCode(), 0U);
        engine.advance(Nanoseconds(1));
        QCOMPARE(peer->closeCode(), 3502U);
    }

    void nothingIsDoneAfterTheClose() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        peer->client.disconnect(DisconnectCode::Shutdown);
        peer->send(q("{'id':2,'rpc':{}}"));
        peer->client.disconnect(DisconnectCode::BadRequest);
        peer->client.transportClosed("gone");
        engine.advance(Seconds(100));
        QCOMPARE(peer->take().size(), std::size_t(0));
        QCOMPARE(peer->transport.closeCalls, 1);
        QCOMPARE(peer->closeCode(), 3001U);
    }

    void peerThatGoesIsNotClosedAgain() {
        EngineFixture engine;
        auto peer = engine.connect("42");
        ask(*peer, subscribeTo("public:a"));
        peer->client.transportClosed("peer closed with 1000");
        QCOMPARE(peer->transport.closeCalls, 0);
        QVERIFY(peer->client.isClosed());
        QCOMPARE(engine.node().info().numClients, std::size_t(0));
        QCOMPARE(engine.node().info().numSubscriptions, std::size_t(0));
        QCOMPARE(engine.node().presenceStats("public:a")->numClients, 0U);
    }

    void rateLimit_data() {
        QTest::addColumn<int>("commands");
        QTest::addColumn<int>("errors");
        QTest::addColumn<uint>("close");
        QTest::newRow("one less") << 9 << 0 << 0U;
        QTest::newRow("as many") << 10 << 0 << 0U;
        QTest::newRow("one more") << 11 << 1 << 0U;
        QTest::newRow("twice as many") << 20 << 10 << 0U;
        QTest::newRow("more than twice") << 21 << 10 << 3013U;
    }

    void rateLimit() {
        QFETCH(int, commands);
        QFETCH(int, errors);
        QFETCH(uint, close);
        EngineFixture engine;
        engine.addProject("proj_A", [](engine::ProjectConfig& project, engine::ChannelLayout&) {
            project.client.commandsPerSecond = 10;
        });
        auto peer = engine.connect("42");
        for (int i = 0; i < commands; ++i)
            peer->send(command(std::uint32_t(i + 2), protocol::UnsubscribeRequest{"public:a"}));
        int refused = 0;
        for (const auto& reply : peer->transport.takeReplies())
            refused += reply.error && reply.error->code == 111 ? 1 : 0;
        QCOMPARE(refused, errors);
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        if (close == 0) {
            engine.advance(Seconds(1));
            QCOMPARE(errorOf(ask(*peer, protocol::UnsubscribeRequest{"public:a"})), 0U);
        }
    }

    void commandsMayBeAsLongAsTheEndpointsFrames_data() {
        QTest::addColumn<bool>("protobuf");
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("off");
        QTest::addColumn<uint>("close");
        for (const bool protobuf : {false, true}) {
            for (const int limit : {1'000, 65'536, 200'000}) {
                for (const int off : {-1, 0, 1})
                    QTest::addRow("%s of %d%+d", protobuf ? "Protobuf" : "JSON", limit, off)
                        << protobuf << limit << off << (off > 0 ? 3501U : 0U);
            }
        }
    }
    void commandsMayBeAsLongAsTheEndpointsFrames() {
        QFETCH(bool, protobuf);
        QFETCH(int, limit);
        QFETCH(int, off);
        QFETCH(uint, close);
        EngineFixture engine;
        engine::TransportInfo info;
        info.encoding = protobuf ? protocol::Encoding::Protobuf : protocol::Encoding::Json;
        info.frameLimit = std::size_t(limit);
        auto peer = engine.connect("42", {}, info);
        const auto encoded = [&](std::size_t text) {
            return protocol::encodeCommand(info.encoding,
                                           command(2, publishTo("chat:a", "\"" + std::string(text, 'x') + "\"")));
        };
        // Protobuf has the message's length in front, in up to three bytes here.
        auto text = std::size_t(limit + off) - 100;
        const auto lengthBytes = protobuf ? (limit + off < 16'384 ? 2U : 3U) : 0U;
        text += std::size_t(limit + off) - (encoded(text).size() - lengthBytes);
        auto frame = std::string(encoded(text).view());
        QCOMPARE(frame.size() - lengthBytes, std::size_t(limit + off));
        peer->send(frame);
        QCOMPARE(peer->closeCode(), std::uint32_t(close));
        QCOMPARE(peer->transport.takeReplies().size(), std::size_t(close == 0 ? 1 : 0));
    }

    void randomFramesNeverBreakTheServer() {
        std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same run each time
        const std::string good = kConnect + "\n" + q("{'id':2,'subscribe':{'channel':'public:a','data':{'a':[1,2]}}}");
        for (int round = 0; round < 2000; ++round) {
            EngineFixture engine;
            auto peer = round % 2 == 0 ? engine.open() : engine.openProtobuf();
            auto frame = good;
            const auto cut = random() % (frame.size() + 1);
            frame.resize(cut);
            for (int i = 0; i < int(random() % 4) && !frame.empty(); ++i)
                frame[random() % frame.size()] = char(random() % 256);
            peer->send(frame);
            peer->send(frame);
            engine.advance(Seconds(30));
            QVERIFY(peer->transport.closeCalls <= 1);
        }
    }
};

QTEST_GUILESS_MAIN(ClientDispatchTest)
#include "tst_client_dispatch.moc"
