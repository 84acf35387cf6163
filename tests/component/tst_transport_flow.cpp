#include "tests/component/raw_client.h"
#include "tests/component/server_fixture.h"
#include "tests/support/manual_clock.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QTest>
#include <QThread>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

using namespace xshathra;
using namespace xshathra::test;

namespace {

const std::string kConnectAndSubscribe = R"({"id":1,"connect":{}})"
                                         "\n"
                                         R"({"id":2,"subscribe":{"channel":"news"}})";

std::string publish(int id, std::size_t size) {
    return textFrame(R"({"id":)" + std::to_string(id) + R"(,"publish":{"channel":"news","data":"m)" +
                     std::to_string(id) + "_" + std::string(size, 'd') + R"("}})");
}

void enter(RawClient& client, std::uint16_t port) {
    QVERIFY(!client.openWebSocket(port).empty());
    QVERIFY(client.send(textFrame(kConnectAndSubscribe)));
    for (std::string seen; seen.find("\"subscribe\"") == std::string::npos;) {
        const auto frame = client.readFrame();
        QVERIFY(frame);
        seen += frame->payload;
    }
}

/// Sends the request that is answered when the fixture says so, and sees it reach its handler.
void askLater(RawClient& client, ServerFixture& fixture) {
    QVERIFY(client.send("POST /later HTTP/1.1\r\nHost: localhost:" + std::to_string(fixture.server.port()) +
                        "\r\nContent-Length: 1\r\n\r\nx"));
    QVERIFY(fixture.awaitLater(1));
}

/// Has the server's one I/O thread see what was sent and what the clock says: it looks at its timers each time before
/// it waits, and between two requests of one client it has waited.
void turn(std::uint16_t port) {
    RawClient client(port);
    for (int i = 0; i < 2; ++i) {
        QVERIFY(client.send("GET /health HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n\r\n"));
        QCOMPARE(client.readStatus(), 200);
    }
}

}  // namespace

class TestTransportFlow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slowReaderIsCutWhileOthersGetEverything() {
        ServerFixture fixture;
        fixture.options.limits.sendBuffer = 16 * 1024;
        fixture.options.limits.writeTimeout = Milliseconds(20'000);
        fixture.options.limits.closeTimeout = Milliseconds(200);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient frozen(port, "127.0.0.1", 4096);
        RawClient honest(port);
        RawClient publisher(port);
        enter(frozen, port);
        enter(honest, port);
        QVERIFY(!publisher.openWebSocket(port).empty());
        QVERIFY(publisher.send(textFrame(R"({"id":1,"connect":{}})")));
        QVERIFY(publisher.readFrame());
        constexpr int kMessages = 200;
        constexpr std::size_t kSize = 20'000;  // 4 MB in all, four times the bound of a queue
        for (int id = 10; id < 10 + kMessages; ++id) {
            QVERIFY(publisher.send(publish(id, kSize)));
            QVERIFY(publisher.readFrame());
            const auto push = honest.readFrame();
            QVERIFY(push);
            QVERIFY(push->payload.find("\"m" + std::to_string(id) + "_") != std::string::npos);
        }
        // The frozen one finds whole frames up to some point, and then the reason.
        int last = 9;
        std::optional<ReceivedFrame> frame;
        while ((frame = frozen.readFrame()) && frame->opcode == 0x1) {
            ++last;
            QVERIFY(frame->payload.find("\"m" + std::to_string(last) + "_") != std::string::npos);
        }
        QVERIFY(last < 10 + kMessages);
        QTRY_COMPARE(fixture.server.counters().openWebSockets, 2U);
        QCOMPARE(fixture.registry.counters().slowClients, 1U);
    }

    void slowReaderLearnsTheReason() {
        ServerFixture fixture;
        fixture.options.limits.sendBuffer = 16 * 1024;
        fixture.options.limits.writeTimeout = Milliseconds(20'000);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient frozen(port, "127.0.0.1", 4096);
        RawClient publisher(port);
        enter(frozen, port);
        QVERIFY(!publisher.openWebSocket(port).empty());
        QVERIFY(publisher.send(textFrame(R"({"id":1,"connect":{}})")));
        QVERIFY(publisher.readFrame());
        for (int id = 10; id < 210; ++id) {
            QVERIFY(publisher.send(publish(id, 20'000)));
            QVERIFY(publisher.readFrame());
        }
        std::optional<ReceivedFrame> frame;
        do
            frame = frozen.readFrame();
        while (frame && frame->opcode == 0x1);
        QVERIFY(frame);
        QCOMPARE(frame->closeCode, 3008);
        QCOMPARE(frame->payload.substr(2), std::string("slow"));
    }

    void blockedWriteWithoutProgressEnds() {
        ServerFixture fixture;
        fixture.options.limits.sendBuffer = 8 * 1024;
        fixture.options.limits.writeTimeout = Milliseconds(60);
        fixture.options.limits.closeTimeout = Milliseconds(60);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient frozen(port, "127.0.0.1", 4096);
        RawClient publisher(port);
        enter(frozen, port);
        QVERIFY(!publisher.openWebSocket(port).empty());
        QVERIFY(publisher.send(textFrame(R"({"id":1,"connect":{}})")));
        QVERIFY(publisher.readFrame());
        for (int id = 10; id < 40; ++id) {  // 600 kB: more than the system takes, less than the bound of the queue
            QVERIFY(publisher.send(publish(id, 20'000)));
            QVERIFY(publisher.readFrame());
        }
        QTRY_COMPARE(fixture.server.counters().openWebSockets, 1U);
        QCOMPARE(fixture.registry.counters().slowClients, 0U);
    }

    void partialWritesNeverTearFrames() {
        ServerFixture fixture;
        fixture.options.limits.sendBuffer = 4 * 1024;
        fixture.options.limits.writeTimeout = Milliseconds(20'000);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient reader(port, "127.0.0.1", 4096);
        RawClient publisher(port);
        enter(reader, port);
        QVERIFY(!publisher.openWebSocket(port).empty());
        QVERIFY(publisher.send(textFrame(R"({"id":1,"connect":{}})")));
        QVERIFY(publisher.readFrame());
        constexpr int kMessages = 60;
        std::thread feeding([&] {
            for (int id = 10; id < 10 + kMessages; ++id) {
                if (!publisher.send(publish(id, 200 + static_cast<std::size_t>(id) * 331 % 14'000)) ||
                    !publisher.readFrame())
                    return;
            }
        });
        int next = 10;
        int pongs = 0;
        int pings = 0;
        std::string trouble;
        while (next < 10 + kMessages && trouble.empty()) {
            // Pongs are written by Qt, between pushes that are cut by the small buffers.
            if (pings < 90 && pings <= pongs + 2 && reader.send(maskedFrame(0x89, "p" + std::to_string(pings))))
                ++pings;
            reader.drain(700, 5);
            const auto frame = reader.readFrame();
            if (!frame)
                trouble = "torn frame";
            else if (frame->opcode == 0xA && frame->payload == "p" + std::to_string(pongs))
                ++pongs;
            else if (frame->opcode != 0x1 ||
                     frame->payload.find("\"m" + std::to_string(next++) + "_") == std::string::npos)
                trouble = "not the next message";
        }
        feeding.join();
        QCOMPARE(trouble, std::string());
        QVERIFY(pongs > 0);
        // A close in between ends it in order too.
        QVERIFY(reader.send(textFrame("no json")));
        std::optional<ReceivedFrame> frame;
        do
            frame = reader.readFrame();
        while (frame && frame->opcode != 0x8);
        QVERIFY(frame);
        QCOMPARE(frame->closeCode, 3501);
    }

    void halfOfTheCoresServeConnections_data() {
        QTest::addColumn<int>("asked");
        QTest::addColumn<int>("expected");
        QTest::newRow("by default") << 0 << std::clamp(QThread::idealThreadCount() / 2, 1, 4);
        QTest::newRow("one") << 1 << 1;
        QTest::newRow("more than cores") << QThread::idealThreadCount() + 1 << QThread::idealThreadCount() + 1;
    }
    void halfOfTheCoresServeConnections() {
#ifdef Q_OS_LINUX
        QFETCH(int, asked);
        QFETCH(int, expected);
        ServerFixture fixture;
        fixture.options.ioThreads = asked;
        QVERIFY(fixture.start());
        int found = 0;
        for (const auto& task : QDir(QStringLiteral("/proc/self/task")).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
            QFile name(QStringLiteral("/proc/self/task/%1/comm").arg(task));
            if (name.open(QIODevice::ReadOnly) && name.readAll().startsWith("io-"))
                ++found;
        }
        QCOMPARE(found, expected);
#else
        QSKIP("The names of threads are read from /proc");
#endif
    }

    void stopTellsEveryClient() {
        ServerFixture fixture;
        fixture.options.ioThreads = 2;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::make_unique<RawClient>(port));
            if (i % 2 == 0)
                enter(*clients.back(), port);
            else
                QVERIFY(!clients.back()->openWebSocket(port).empty());  // not even a connect command yet
        }
        RawClient idle(port);
        std::atomic<int> told{0};
        std::thread reading([&] {
            for (auto& client : clients) {
                const auto frame = client->readFrame();
                if (frame && frame->closeCode == 3001 &&
                    client->send(maskedFrame(0x88, std::string_view("\x0b\xb9", 2))) && client->closedByPeer())
                    ++told;
            }
        });
        QElapsedTimer clock;
        clock.start();
        fixture.server.stop();
        QVERIFY(clock.elapsed() < 5000);
        reading.join();
        QCOMPARE(told.load(), 20);
        QVERIFY(idle.closedByPeer());
        QVERIFY(!fixture.server.running());
        QVERIFY(!RawClient(port).connected());
        QVERIFY(fixture.start());  // and again
    }

    void stopCutsWhoDoesNotLeave() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        RawClient client(fixture.server.port());
        enter(client, fixture.server.port());
        QElapsedTimer clock;
        clock.start();
        fixture.server.stop(Milliseconds(50));
        QVERIFY(clock.elapsed() < 2000);
        const auto frame = client.readFrame();
        QVERIFY(frame);
        QCOMPARE(frame->closeCode, 3001);
        QVERIFY(client.closedByPeer());
        QCOMPARE(fixture.server.counters().openSockets, 0U);
    }

    void requestInProgressIsAnsweredDuringStop() {
        ServerFixture fixture;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        askLater(client, fixture);
        fixture.server.beginStop();
        QVERIFY(!fixture.server.drained());
        fixture.releaseLater();
        const auto response = client.readResponse();
        QVERIFY(response.ends_with("later x"));
        QVERIFY(response.find("Connection: close\r\n") != std::string::npos);
        QVERIFY(client.closedByPeer());
    }

    void aHandlerHasItsTimeToAnswer_data() {
        QTest::addColumn<bool>("half");
        QTest::addColumn<int>("more");
        for (const bool half : {false, true}) {
            for (const int more : {-1, 0, 1})
                QTest::addRow("%s, n%+d", half ? "to a client that has sent its end" : "to a client", more)
                    << half << more;
        }
    }
    /// A client that has left may have closed its half alone: its socket is not held for ever.
    void aHandlerHasItsTimeToAnswer() {
        QFETCH(bool, half);
        QFETCH(int, more);
        ManualClock clock;
        ServerFixture fixture(clock);
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        RawClient client(port);
        askLater(client, fixture);
        if (half)
            client.closeHalf();
        turn(port);
        clock.advance(fixture.options.limits.answerTimeout + Nanoseconds(more));
        turn(port);
        if (more < 0) {
            fixture.releaseLater();
            QVERIFY(client.readResponse().ends_with("later x"));
            return;
        }
        const auto response = client.readResponse();
        QVERIFY(response.starts_with("HTTP/1.1 503 "));
        QVERIFY(response.find("Connection: close\r\n") != std::string::npos);
        QVERIFY(client.closedByPeer());
        client.reset();
        QTRY_COMPARE(fixture.server.counters().openSockets, 0U);
        // Nobody waits for that any more.
        fixture.releaseLater();
        turn(port);
    }

    void manyClientsShareOneLargeChannelFairly() {
        ServerFixture fixture;
        fixture.options.ioThreads = 1;
        QVERIFY(fixture.start());
        const auto port = fixture.server.port();
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 600; ++i) {  // more than one turn's writes
            clients.push_back(std::make_unique<RawClient>(port));
            QVERIFY(clients.back()->send(handshake(port) + textFrame(kConnectAndSubscribe)));
        }
        for (auto& client : clients) {
            QVERIFY(client->readUntil("\r\n\r\n").starts_with("HTTP/1.1 101 "));
            for (std::string seen; seen.find("\"subscribe\"") == std::string::npos;) {
                const auto frame = client->readFrame();
                QVERIFY(frame);
                seen += frame->payload;
            }
        }
        QVERIFY(clients[0]->send(publish(10, 10) + publish(11, 10)));
        for (auto& client : clients) {
            for (int expected = 10; expected < 12;) {
                const auto frame = client->readFrame();
                QVERIFY(frame);
                if (frame->payload.find("\"pub\"") == std::string::npos)
                    continue;
                QVERIFY(frame->payload.find("\"m" + std::to_string(expected++) + "_") != std::string::npos);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestTransportFlow)
#include "tst_transport_flow.moc"
