#include "app/window/code_texts.h"

#include <QtTest>

using namespace xshathra;
using app::codeText;
using capture::Kind;
using namespace Qt::StringLiterals;

class CodeTextsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesWhatACodeMeans_data() {
        QTest::addColumn<Kind>("kind");
        QTest::addColumn<std::uint32_t>("code");
        QTest::addColumn<QString>("meaning");
        QTest::newRow("error of a command") << Kind::Subscribe << 103U << u"permission denied"_s;
        QTest::newRow("disconnect") << Kind::Disconnect << 3500U << u"invalid token"_s;
        QTest::newRow("connect that ended in a disconnect") << Kind::Connect << 3500U << u"invalid token"_s;
        QTest::newRow("subscribe that ended in one") << Kind::Subscribe << 3501U << u"bad request"_s;
        QTest::newRow("disconnect of the application") << Kind::Connect << 4000U << u"Disconnect 4000"_s;
        QTest::newRow("unsubscribe") << Kind::Unsubscribe << 2500U << u"insufficient state"_s;
        QTest::newRow("status of a request") << Kind::Http << 401U << u"Not authorised"_s;
        QTest::newRow("handshake that was refused") << Kind::Connect << 403U << u"Forbidden"_s;
        QTest::newRow("error of the application") << Kind::Subscribe << 1500U << u"Code 1500"_s;
        QTest::newRow("none") << Kind::Publish << 0U << QString();
    }
    void namesWhatACodeMeans() {
        QFETCH(Kind, kind);
        QFETCH(std::uint32_t, code);
        QFETCH(QString, meaning);
        QCOMPARE(codeText(kind, code).text, meaning);
    }

    void saysWhetherTheClientReconnects() {
        QCOMPARE(codeText(Kind::Connect, 3500).reconnects, u"The client does not reconnect."_s);
        QCOMPARE(codeText(Kind::Connect, 3001).reconnects, u"The client reconnects by itself."_s);
    }
};

QTEST_APPLESS_MAIN(CodeTextsTest)
#include "tst_code_texts.moc"
