#include "server/base/glob.h"

#include <QtTest>

#include <string>

using namespace xshathra;

class GlobTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void glob_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("expected");
        QTest::newRow("same") << "chat:1"
                              << "chat:1" << true;
        QTest::newRow("whole name only") << "chat"
                                         << "chat:1" << false;
        QTest::newRow("star") << "chat:*"
                              << "chat:room:1" << true;
        QTest::newRow("star for nothing") << "chat:*"
                                          << "chat:" << true;
        QTest::newRow("star inside") << "c*1"
                                     << "chat:1" << true;
        QTest::newRow("stars that go back") << "*a*b"
                                            << "aXbXaYb" << true;
        QTest::newRow("stars that fail") << "*a*b"
                                         << "aXbXaY" << false;
        QTest::newRow("question mark") << "a?c"
                                       << "abc" << true;
        QTest::newRow("question mark needs one") << "a?"
                                                 << "a" << false;
        QTest::newRow("class") << "a[bx]c"
                               << "axc" << true;
        QTest::newRow("range") << "a[b-d]"
                               << "ac" << true;
        QTest::newRow("not in range") << "a[b-d]"
                                      << "ae" << false;
        QTest::newRow("negated") << "a[!b-d]"
                                 << "ae" << true;
        QTest::newRow("caret is no negation") << "a[^b]"
                                              << "ac" << false;
        QTest::newRow("caret in a class") << "a[^b]"
                                          << "a^" << true;
        QTest::newRow("class without end") << "a[b"
                                           << "ab" << false;
        QTest::newRow("escape") << "a\\*"
                                << "a*" << true;
        QTest::newRow("escape doesn't match others") << "a\\*"
                                                     << "ab" << false;
        QTest::newRow("empty pattern") << ""
                                       << "a" << false;
    }

    void glob() {
        QFETCH(QString, pattern);
        QFETCH(QString, text);
        QFETCH(bool, expected);
        QCOMPARE(Glob(pattern.toStdString()).matches(text.toStdString()), expected);
    }

    void globWithAlternatives_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("expected");
        // clang-format off
        QTest::newRow("first") << "{ab,c}x" << "abx" << true;
        QTest::newRow("second") << "{ab,c}x" << "cx" << true;
        QTest::newRow("neither") << "{ab,c}x" << "x" << false;
        QTest::newRow("empty one") << "{,c}x" << "x" << true;
        QTest::newRow("nested") << "a{b,{c,d*}}e" << "adxxe" << true;
        QTest::newRow("two groups") << "{a,b}:{c,d}" << "b:c" << true;
        QTest::newRow("two groups, crossed") << "{a,b}:{c,d}" << "a:b" << false;
        QTest::newRow("comma outside") << "a,b" << "a,b" << true;
        QTest::newRow("unclosed") << "{a" << "a" << true;
        QTest::newRow("unclosed, literally") << "{a" << "{a" << false;
        QTest::newRow("unclosed with parts") << "x{a,b" << "xb" << true;
        QTest::newRow("unclosed with parts, literally") << "x{a,b" << "xa,b" << false;
        QTest::newRow("unclosed and empty") << "x{" << "x" << true;
        QTest::newRow("group in an unclosed one") << "x{a{b,c}" << "xac" << true;
        QTest::newRow("unclosed in an unclosed one") << "x{a{b,c" << "xac" << true;
        QTest::newRow("unclosed behind a group") << "{a,b}{c" << "bc" << true;
        QTest::newRow("backslash at the end") << "a\\" << "a" << true;
        QTest::newRow("backslash at the end, literally") << "a\\" << "a\\" << false;
        QTest::newRow("escaped backslash at the end") << "a\\\\" << "a\\" << true;
        QTest::newRow("backslashes alone") << "\\\\\\" << "\\" << true;
        QTest::newRow("only closed") << "a}" << "a}" << true;
        QTest::newRow("escaped") << "\\{a,b}" << "{a,b}" << true;
        QTest::newRow("comma in a class") << "{[a,b],c}" << "," << true;
        QTest::newRow("empty") << "" << "" << true;
        // clang-format on
    }
    void globWithAlternatives() {
        QFETCH(QString, pattern);
        QFETCH(QString, text);
        QFETCH(bool, expected);
        const Glob glob(pattern.toStdString());
        QVERIFY(glob.isValid());
        QCOMPARE(glob.matches(text.toStdString()), expected);
    }

    void refusesFaultyGlobs_data() {
        QTest::addColumn<QString>("pattern");
        QTest::newRow("unclosed class") << "[a";
        QTest::newRow("empty class") << "[]";
        QTest::newRow("empty negated class") << "[!]";
        QTest::newRow("range without an end") << "[a-]";
        QTest::newRow("range with more") << "[a-cx]";
        QTest::newRow("descending range") << "[z-a]";
        QTest::newRow("class in a group") << "{[a,b}";
        QTest::newRow("too many alternatives") << QStringLiteral("{a,b}").repeated(7);
        QTest::newRow("too long") << QString(static_cast<int>(Glob::kMaxLength) + 1, QLatin1Char('a'));
    }
    void refusesFaultyGlobs() {
        QFETCH(QString, pattern);
        const Glob glob(pattern.toStdString());
        QVERIFY(!glob.isValid());
        QVERIFY(!glob.matches("a"));
    }
    void acceptsGlobsAtTheirLimits() {
        QVERIFY(Glob(std::string(Glob::kMaxLength, 'a')).isValid());
        QVERIFY(Glob("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}").matches("ababab"));
    }

    void hostileGlobEndsQuickly() {
        std::string pattern;
        for (int i = 0; i < 50; ++i)
            pattern += "*a";
        const Glob glob(pattern + "b");
        QVERIFY(glob.isValid());
        QVERIFY(!glob.matches(std::string(5000, 'a')));
    }
};

QTEST_GUILESS_MAIN(GlobTest)
#include "tst_glob.moc"
