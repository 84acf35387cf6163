#include "server/base/ascii.h"

#include <QtTest>

#include <string>
#include <string_view>

using namespace xshathra;

class AsciiTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyAsciiLettersHaveCase() {
        for (int code = 0; code < 256; ++code) {
            const char c = static_cast<char>(code);
            const bool isUpper = code >= 'A' && code <= 'Z';
            const bool isLower = code >= 'a' && code <= 'z';
            QCOMPARE(toLower(c), isUpper ? static_cast<char>(code + 32) : c);
            QCOMPARE(toUpper(c), isLower ? static_cast<char>(code - 32) : c);
        }
        QCOMPARE(toLower("X-Ärger_9[Z]"), std::string("x-Ärger_9[z]"));
        QCOMPARE(toUpper("x-ärger_9{z}"), std::string("X-äRGER_9{Z}"));
        QCOMPARE(toLower(""), std::string());
        QCOMPARE(toUpper(""), std::string());
    }

    void hexDigits() {
        const std::string_view digits = "0123456789abcdef";
        for (int code = 0; code < 256; ++code) {
            const auto at = digits.find(toLower(static_cast<char>(code)));
            QCOMPARE(hexValue(static_cast<char>(code)), at == std::string_view::npos ? -1 : int(at));
        }
    }

    void comparison_data() {
        QTest::addColumn<QByteArray>("a");
        QTest::addColumn<QByteArray>("b");
        QTest::addColumn<bool>("equal");
        QTest::newRow("the same") << QByteArray("Host") << QByteArray("Host") << true;
        QTest::newRow("other case") << QByteArray("hOsT") << QByteArray("HoSt") << true;
        QTest::newRow("both empty") << QByteArray() << QByteArray() << true;
        QTest::newRow("one empty") << QByteArray() << QByteArray("a") << false;
        QTest::newRow("the start of the other") << QByteArray("Host") << QByteArray("Hosts") << false;
        QTest::newRow("another letter") << QByteArray("Host") << QByteArray("Hose") << false;
        QTest::newRow("at a distance of 32, but no letters") << QByteArray("[@") << QByteArray("{`") << false;
        QTest::newRow("letters past ASCII") << QByteArray("\xc4") << QByteArray("\xe4") << false;
        QTest::newRow("letters past ASCII, UTF-8") << QByteArray("Ä") << QByteArray("ä") << false;
        QTest::newRow("behind a zero byte") << QByteArray("a\0B", 3) << QByteArray("A\0b", 3) << true;
        QTest::newRow("another one behind a zero byte") << QByteArray("a\0B", 3) << QByteArray("a\0c", 3) << false;
    }
    void comparison() {
        QFETCH(QByteArray, a);
        QFETCH(QByteArray, b);
        QFETCH(bool, equal);
        const std::string_view left(a.constData(), std::size_t(a.size()));
        const std::string_view right(b.constData(), std::size_t(b.size()));
        QCOMPARE(equalsIgnoringCase(left, right), equal);
        QCOMPARE(equalsIgnoringCase(right, left), equal);
        QCOMPARE(toLower(left) == toLower(right), equal);
    }

    void tokens() {
        const std::string_view separators = "\"(),/:;<=>?@[\\]{}";
        for (int code = 0; code < 256; ++code) {
            const char c = static_cast<char>(code);
            const bool visible = code > ' ' && code < 0x7f;
            QCOMPARE(isTokenCharacter(c), visible && separators.find(c) == std::string_view::npos);
        }
        QVERIFY(isToken("X-User-Id"));
        QVERIFY(isToken("!"));
        QVERIFY(!isToken(""));
        QVERIFY(!isToken("a b"));
        QVERIFY(!isToken("ä"));
    }
};

QTEST_APPLESS_MAIN(AsciiTest)
#include "tst_ascii.moc"
