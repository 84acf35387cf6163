#include "server/runtime/endpoints.h"
#include "server/runtime/log_ring.h"
#include "server/runtime/options.h"
#include "server/runtime/port_holder.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QTcpServer>
#include <QtTest>

using namespace xshathra;
using namespace xshathra::runtime;
using namespace Qt::StringLiterals;

class RuntimePartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void makesWholeUrls() {
        const auto plain = makeEndpoints(u"localhost"_s, 3001, false);
        QCOMPARE(plain.origin, u"http://localhost:3001"_s);
        QCOMPARE(plain.webSocket, u"ws://localhost:3001/realtime/connection/websocket"_s);
        QCOMPARE(plain.token, u"http://localhost:3001/api/realtime/token"_s);
        QCOMPARE(plain.subscriptionToken, u"http://localhost:3001/api/realtime/subscription-token"_s);
        QCOMPARE(plain.publish, u"http://localhost:3001/api/realtime/publish"_s);
        QCOMPARE(plain.health, u"http://localhost:3001/health"_s);
        const auto secure = makeEndpoints(u"fe80::1"_s, 8443, true);
        QCOMPARE(secure.origin, u"https://[fe80::1]:8443"_s);
        QCOMPARE(secure.webSocket, u"wss://[fe80::1]:8443/realtime/connection/websocket"_s);
    }

    void namesTheHostOfABindAddress_data() {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("host");
        for (const auto& loopback : {u""_s, u"127.0.0.1"_s, u"::1"_s, u"0.0.0.0"_s, u"::"_s})
            QTest::newRow(qPrintable(u"'%1'"_s.arg(loopback))) << loopback << u"localhost"_s;
        QTest::newRow("one address") << u"192.0.2.7"_s << u"192.0.2.7"_s;
        QTest::newRow("IPv6") << u"2001:db8::7"_s << u"2001:db8::7"_s;
    }
    void namesTheHostOfABindAddress() {
        QFETCH(QString, address);
        QTEST(hostForBindAddress(address), "host");
    }

    void keepsTheNewestLogLines() {
        LogRing ring(3);
        const auto add = [&](const char* text) { ring.add({Nanoseconds(1), LogLevel::Info, "http", text}); };
        add("a");
        add("b");
        add("c");
        auto batch = ring.since(0);
        QCOMPARE(batch.records.size(), std::size_t{3});
        QCOMPARE(batch.missed, std::uint64_t{0});
        QCOMPARE(batch.next, std::uint64_t{3});
        QVERIFY(ring.since(batch.next).records.empty());
        add("d");
        batch = ring.since(batch.next);
        QCOMPARE(batch.records.size(), std::size_t{1});
        QCOMPARE(batch.records.front().text, std::string("d"));
        batch = ring.since(0);
        QCOMPARE(batch.records.front().text, std::string("b"));
        QCOMPARE(batch.missed, std::uint64_t{1});
        QCOMPARE(ring.total(), std::uint64_t{4});
        QVERIFY(ring.since(99).records.empty());
    }

    void takesTheDataFolderOfTheEnvironment() {
        qputenv("XSHATHRA_DATA_DIR", "/some/where/../folder/");
        QCOMPARE(defaultDataFolder(), u"/some/folder"_s);
        QVERIFY(environmentOfProcess().contains(u"XSHATHRA_DATA_DIR"_s));
        qunsetenv("XSHATHRA_DATA_DIR");
        QVERIFY(defaultDataFolder().endsWith(u"/xshathra"_s));
        for (const auto& name : environmentOfProcess().keys())
            QVERIFY(name.startsWith(u"XSHATHRA_"_s));
    }

    void namesTheHolderOfAPort() {
#ifdef Q_OS_LINUX
        for (const auto address : {QHostAddress::LocalHost, QHostAddress::AnyIPv4}) {
            QTcpServer server;
            QVERIFY(server.listen(QHostAddress(address)));
            const auto holder = findPortHolder(server.serverPort());
            QCOMPARE(holder.port, server.serverPort());
            QCOMPARE(holder.pid, QCoreApplication::applicationPid());
            // The kernel keeps 15 characters of a program's name.
            QCOMPARE(holder.program, u"tst_runtime_parts"_s.left(15));
            QVERIFY(!holder.isXshathra);
            QVERIFY(holder.startedAt.isValid());
            QVERIFY(qAbs(holder.startedAt.secsTo(QDateTime::currentDateTime())) < 600);
        }
#endif
    }

    void describesAHolderByWhatIsKnown_data() {
        QTest::addColumn<PortHolder>("holder");
        QTest::addColumn<QString>("text");
        PortHolder holder;
        holder.port = 3001;
        QTest::newRow("nothing") << holder << u"another program"_s;
        holder.pid = 4121;
        QTest::newRow("pid") << holder << u"another program (pid 4121)"_s;
        holder.program = u"node"_s;
        QTest::newRow("no time") << holder << u"node, pid 4121"_s;
        holder.startedAt = QDateTime(QDate(2020, 2, 3), QTime(9, 12));
        QTest::newRow("another day") << holder << u"node, pid 4121, started 2020-02-03 09:12"_s;
        holder.startedAt = QDateTime(QDate::currentDate(), QTime(9, 12));
        QTest::newRow("today") << holder << u"node, pid 4121, started 09:12"_s;
        holder.isXshathra = true;
        QTest::newRow("our own") << holder << u"another Xshathra Console (pid 4121)"_s;
    }
    void describesAHolderByWhatIsKnown() {
        QFETCH(PortHolder, holder);
        QTEST(holder.description(), "text");
    }

    void offersAPortThatIsFree() {
        QTcpServer taken;
        QVERIFY(taken.listen(QHostAddress::LocalHost));
        const auto port = taken.serverPort();
        QVERIFY(nextFreePort(static_cast<std::uint16_t>(port - 1)) != port);
        const auto offered = nextFreePort(port);
        if (offered != 0) {
            QVERIFY(offered > port && offered <= port + 100);
            QTcpServer probe;
            QVERIFY(probe.listen(QHostAddress::LocalHost, offered));
        }
        QCOMPARE(nextFreePort(65535), std::uint16_t{0});
    }
};

QTEST_GUILESS_MAIN(RuntimePartsTest)
#include "tst_runtime_parts.moc"
