#include "ui/models/display_text.h"

#include <QtTest>

using namespace xshathra::models;
using namespace Qt::StringLiterals;

namespace {

std::string_view view(const QByteArray& bytes) { return {bytes.constData(), static_cast<std::size_t>(bytes.size())}; }

}  // namespace

class DisplayTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void escapesWhatWouldNotBeSeen_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("text");
        QTest::newRow("plain") << QByteArray("{\"a\":1}") << u"{\"a\":1}"_s;
        QTest::newRow("markup stays text") << QByteArray("<b>x</b>") << u"<b>x</b>"_s;
        QTest::newRow("line break") << QByteArray("a\nb\r\tc") << u"a\\nb\\r\\tc"_s;
        QTest::newRow("zero and escape") << QByteArray("\0\x1b[1m", 5) << u"\\u0000\\u001b[1m"_s;
        QTest::newRow("delete") << QByteArray("\x7f") << u"\\u007f"_s;
        QTest::newRow("letters of the world")
            << QByteArray("caf\xC3\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80") << u"café 日 😀"_s;
        QTest::newRow("right-to-left override") << QByteArray(
                                                       "a\xE2\x80\xAE"
                                                       "b")
                                                << u"a\\u202eb"_s;
        QTest::newRow("isolate") << QByteArray("\xE2\x81\xA6") << u"\\u2066"_s;
        QTest::newRow("zero width space") << QByteArray("\xE2\x80\x8B") << u"\\u200b"_s;
        QTest::newRow("line separator") << QByteArray("\xE2\x80\xA8") << u"\\u2028"_s;
        QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBF") << u"\\ufeff"_s;
        QTest::newRow("tag character") << QByteArray("\xF3\xA0\x81\x81") << u"\\u{e0041}"_s;
        QTest::newRow("stray continuation") << QByteArray("a\x80z") << u"a\\x80z"_s;
        QTest::newRow("overlong") << QByteArray("\xC0\xAF") << u"\\xc0\\xaf"_s;
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << u"\\xed\\xa0\\x80"_s;
        QTest::newRow("cut off") << QByteArray("\xE6\x97") << u"\\xe6\\x97"_s;
        QTest::newRow("above the last") << QByteArray("\xF4\x90\x80\x80") << u"\\xf4\\x90\\x80\\x80"_s;
    }
    void escapesWhatWouldNotBeSeen() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, text);
        QCOMPARE(displayText(view(bytes), 1000), text);
    }

    void anyBytesGiveShowableText() {
        for (int first = 0; first < 256; ++first) {
            for (int second = 0; second < 256; ++second) {
                const char bytes[2] = {static_cast<char>(first), static_cast<char>(second)};
                const QString text = displayText(std::string_view(bytes, 2), 100);
                QVERIFY(!text.isEmpty());
                for (const char32_t c : text.toUcs4()) {
                    QVERIFY(!isUnsafeToShow(c));
                }
            }
        }
    }

    void stopsAtTheLimit_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("shown");
        QTest::addColumn<bool>("marked");
        QTest::newRow("one below") << 9 << 9 << false;
        QTest::newRow("at the limit") << 10 << 10 << false;
        QTest::newRow("one above") << 11 << 11 << true;
    }
    void stopsAtTheLimit() {
        QFETCH(int, size);
        QFETCH(int, shown);
        QFETCH(bool, marked);
        const QString text = displayText(view(QByteArray(size, 'x')), 10);
        QCOMPARE(text.size(), shown);
        QCOMPARE(text.endsWith(QChar(0x2026)), marked);
    }

    void linesKeepTheirBreaks() { QCOMPARE(displayLines("a\r\nb\n\tc\x01", 100), u"a\nb\n\tc\\u0001"_s); }

    void formatsFigures() {
        QCOMPARE(duration(0), u"0.0 ms"_s);
        QCOMPARE(duration(200'400'000), u"200.4 ms"_s);
        QCOMPARE(duration(12'300'000'000), u"12.3 s"_s);
        QCOMPARE(duration(180'000'000'000), u"3 min"_s);
        QCOMPARE(duration(7'200'000'000'000), u"2 h"_s);
        QCOMPARE(duration(-1'000'000), QString(QChar(0x2212)) + u"1.0 ms"_s);
        QCOMPARE(signedDuration(600'000), u"+0.6 ms"_s);
        QCOMPARE(listSize(9999), u"9999"_s);
        QCOMPARE(listSize(10'000), u"10 KB"_s);
        QCOMPARE(listSize(3'400'000), u"3.4 MB"_s);
        QCOMPARE(byteCount(1), u"1 byte"_s);
        QCOMPARE(byteCount(109), u"109 bytes"_s);
        QCOMPARE(byteCount(61'000'000), u"61 MB"_s);
        QCOMPARE(grouped(48112), u"48,112"_s);
        QCOMPARE(grouped(999), u"999"_s);
        QCOMPARE(grouped(1'000'000), u"1,000,000"_s);
        QCOMPARE(tensOfMicroseconds(1'244'195'000), u"19"_s);
        QCOMPARE(shortId("c9f3a2e1-0000"), u"c9f3a2e1"_s);
    }
};

QTEST_APPLESS_MAIN(DisplayTextTest)
#include "tst_display_text.moc"
