#include "server/transport/admission.h"
#include "server/transport/endpoints.h"
#include "server/transport/realtime.h"
#include "tests/support/manual_clock.h"

#include <QtTest>

#include <string>

using namespace xshathra;
using namespace xshathra::transport;

class RealtimeOptionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bothSetsOfDefaultsAreValid() {
        QVERIFY(EndpointOptions().validate());
        const auto centrifugo = EndpointOptions::centrifugo();
        QVERIFY(centrifugo.validate());
        const EndpointTable table(centrifugo);
        QVERIFY(table.find("/connection/websocket") == EndpointKind::WebSocket);
        for (const auto* path : {"/connection/sse", "/connection/http_stream", "/emulation", "/connection/uni_sse",
                                 "/connection/uni_http_stream", "/connection/uni_websocket", "/connection/init"})
            QVERIFY2(!table.find(path), path);
    }

    void emulationFollowsItsStreams() {
        auto options = EndpointOptions::centrifugo();
        options.sse.enabled = true;
        QVERIFY(EndpointTable(options).find("/emulation") == EndpointKind::Emulation);
        options.sse.enabled = false;
        options.httpStream.enabled = true;
        QVERIFY(EndpointTable(options).find("/emulation") == EndpointKind::Emulation);
        options.emulation.enabled = false;
        QVERIFY(!EndpointTable(options).find("/emulation"));
    }

    void namesThePathThatIsWrong_data() {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<bool>("valid");
        QTest::newRow("another path") << QByteArray("/my/events") << true;
        QTest::newRow("root") << QByteArray("/") << true;
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("no slash") << QByteArray("sse") << false;
        QTest::newRow("a query") << QByteArray("/sse?a") << false;
        QTest::newRow("a space") << QByteArray("/s se") << false;
        QTest::newRow("a control character") << QByteArray("/s\r\nse") << false;
        QTest::newRow("taken") << QByteArray("/realtime/connection/websocket") << false;
    }

    void namesThePathThatIsWrong() {
        QFETCH(QByteArray, path);
        QFETCH(bool, valid);
        EndpointOptions options;
        options.sse.path = path.toStdString();
        const auto result = options.validate();
        QCOMPARE(bool(result), valid);
        if (!valid)
            QCOMPARE(result.error().field, std::string("sse.handler_prefix"));
    }

    void newConnectionsAreBoundedWithinASecond() {
        test::ManualClock clock;
        Admission door({0, 0, 3}, clock);
        for (int i = 0; i < 3; ++i)
            QVERIFY(!door.refuse("10.0.0.1"));
        QVERIFY(door.refuse("10.0.0.2").has_value());
        clock.advance(Milliseconds(334));
        QVERIFY(!door.refuse("10.0.0.1"));
        QVERIFY(door.refuse("10.0.0.1").has_value());
        clock.advance(Seconds(60));
        for (int i = 0; i < 3; ++i)
            QVERIFY(!door.refuse("10.0.0.1"));
        QVERIFY(door.refuse("10.0.0.1").has_value());
    }

    /// Whoever was let in counts at once, not only when the connection is open: a burst comes before the first opens.
    void connectionsAreBoundedInAll() {
        test::ManualClock clock;
        Admission door({2, 0, 0}, clock);
        QVERIFY(!door.refuse("10.0.0.1"));
        QVERIFY(!door.refuse("10.0.0.2"));
        QVERIFY(door.refuse("10.0.0.3").has_value());
        QVERIFY(door.refuse("10.0.0.3").has_value());
        door.release("10.0.0.1");
        QVERIFY(!door.refuse("10.0.0.3"));
        QVERIFY(door.refuse("10.0.0.3").has_value());
    }

    void addressesAreBoundedEachByItself() {
        test::ManualClock clock;
        Admission door({0, 2, 0}, clock);
        QVERIFY(!door.refuse("10.0.0.1") && !door.refuse("10.0.0.1"));
        QVERIFY(door.refuse("10.0.0.1").has_value());
        QVERIFY(!door.refuse("10.0.0.2"));
        door.release("10.0.0.1");
        QVERIFY(!door.refuse("10.0.0.1"));
        QVERIFY(door.refuse("10.0.0.1").has_value());
    }
};

QTEST_APPLESS_MAIN(RealtimeOptionsTest)
#include "tst_realtime_options.moc"
