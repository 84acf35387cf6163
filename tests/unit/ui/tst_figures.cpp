#include "ui/widgets/figures.h"

#include <QtTest>

using namespace xshathra::ui;

class FiguresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsHaveCommas() {
        QCOMPARE(formatCount(0), QStringLiteral("0"));
        QCOMPARE(formatCount(999), QStringLiteral("999"));
        QCOMPARE(formatCount(1'000), QStringLiteral("1,000"));
        QCOMPARE(formatCount(1'234'567), QStringLiteral("1,234,567"));
    }

    void ratesShortenFromAThousandOn_data() {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("zero") << 0.0 << QStringLiteral("0");
        QTest::newRow("less than one") << 0.4 << QStringLiteral("0.4");
        QTest::newRow("plain") << 812.4 << QStringLiteral("812");
        QTest::newRow("just below") << 999.4 << QStringLiteral("999");
        QTest::newRow("rounds up to a thousand") << 999.6 << QStringLiteral("1.0k");
        QTest::newRow("one decimal") << 3'100.0 << QStringLiteral("3.1k");
        QTest::newRow("just below ten") << 9'949.0 << QStringLiteral("9.9k");
        QTest::newRow("no decimal from ten on") << 12'400.0 << QStringLiteral("12k");
        QTest::newRow("millions") << 1'500'000.0 << QStringLiteral("1.5M");
    }

    void ratesShortenFromAThousandOn() {
        QFETCH(double, value);
        QTEST(formatRate(value), "text");
    }

    void bytesGetUnitsFromTenThousandOn_data() {
        QTest::addColumn<quint64>("bytes");
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << quint64{96} << QStringLiteral("96");
        QTest::newRow("last plain") << quint64{9'999} << QStringLiteral("9,999");
        QTest::newRow("first with unit") << quint64{10'000} << QStringLiteral("9.8 KB");
        QTest::newRow("kilobytes") << quint64{12'288} << QStringLiteral("12 KB");
        QTest::newRow("megabytes") << quint64{61} * 1024 * 1024 << QStringLiteral("61 MB");
        QTest::newRow("gigabytes") << quint64{3} * 1024 * 1024 * 1024 << QStringLiteral("3.0 GB");
    }

    void bytesGetUnitsFromTenThousandOn() {
        QFETCH(quint64, bytes);
        QTEST(formatBytes(bytes), "text");
    }

    void durationsChooseTheirUnit() {
        QCOMPARE(formatDuration(-1), QString(QChar(0x2013)));
        QCOMPARE(formatDuration(0), QStringLiteral("0.0 ms"));
        QCOMPARE(formatDuration(240'000), QStringLiteral("0.2 ms"));
        QCOMPARE(formatDuration(14'000'000), QStringLiteral("14 ms"));
        QCOMPARE(formatDuration(1'200'000'000), QStringLiteral("1.2 s"));
    }

    void agesAreCoarse() {
        QCOMPARE(formatAge(-5), QStringLiteral("0 s"));
        QCOMPARE(formatAge(59), QStringLiteral("59 s"));
        QCOMPARE(formatAge(60), QStringLiteral("1 min"));
        QCOMPARE(formatAge(7'200), QStringLiteral("2 h"));
        QCOMPARE(formatAge(259'200), QStringLiteral("3 d"));
    }
};

QTEST_GUILESS_MAIN(FiguresTest)
#include "tst_figures.moc"
