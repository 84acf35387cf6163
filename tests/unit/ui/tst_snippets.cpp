#include "ui/projects/snippets.h"

#include <QRegularExpression>
#include <QSet>
#include <QtTest>

using namespace xshathra::ui;
using namespace Qt::StringLiterals;

namespace {

SnippetFacts facts() {
    return {u"proj_01"_s,
            u"srv_SECRET"_s,
            u"cli_PUBLIC"_s,
            u"ws://127.0.0.1:3002/realtime/connection/websocket"_s,
            u"http://127.0.0.1:3002/api/realtime/token"_s,
            u"http://127.0.0.1:3002/api/realtime/publish"_s,
            u"http://127.0.0.1:3002"_s};
}

}  // namespace

class SnippetsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTabIsThereOnce() {
        QStringList ids;
        QSet<QString> names;
        for (const auto& snippet : makeSnippets(facts())) {
            ids += snippet.id;
            names.insert(snippet.name);
            QVERIFY(!snippet.code.trimmed().isEmpty());
        }
        QCOMPARE(ids, (QStringList{u"centrifuge-js"_s, u"node"_s, u"curl-token"_s, u"curl-publish"_s, u"wscat"_s,
                                   u"env"_s}));
        QCOMPARE(names.size(), ids.size());
    }

    void factsStandInPlace_data() {
        QTest::addColumn<QString>("id");
        QTest::addColumn<QStringList>("holds");
        QTest::newRow("centrifuge-js") << u"centrifuge-js"_s << QStringList{facts().webSocketUrl};
        QTest::newRow("node") << u"node"_s << QStringList{facts().tokenUrl, u"XSHATHRA_SERVER_KEY"_s};
        QTest::newRow("curl-token") << u"curl-token"_s << QStringList{facts().tokenUrl, u"apikey srv_SECRET"_s};
        QTest::newRow("curl-publish") << u"curl-publish"_s << QStringList{facts().publishUrl, u"apikey srv_SECRET"_s};
        QTest::newRow("wscat") << u"wscat"_s
                               << QStringList{facts().tokenUrl, u"apikey srv_SECRET"_s, u"cf_ws_frame_ping_pong=true"_s,
                                              u"Sec-WebSocket-Protocol: centrifuge-json"_s, facts().webSocketUrl};
        QTest::newRow("env") << u"env"_s
                             << QStringList{u"NEXT_PUBLIC_XSHATHRA_REALTIME_URL="_s + facts().webSocketUrl,
                                            facts().origin, u"XSHATHRA_SERVER_KEY=srv_SECRET"_s, u"proj_01"_s};
    }

    void factsStandInPlace() {
        QFETCH(QString, id);
        QFETCH(QStringList, holds);
        for (const auto& snippet : makeSnippets(facts())) {
            if (snippet.id != id)
                continue;
            for (const auto& text : holds)
                QVERIFY2(snippet.code.contains(text), qPrintable(text));
            QVERIFY2(!snippet.code.contains(QRegularExpression(u"@[a-zA-Z]+@"_s)), "a fact was left out");
            return;
        }
        QFAIL("no such snippet");
    }

    void browserCodeNeverHoldsTheServerKey() {
        for (const auto& snippet : makeSnippets(facts())) {
            QCOMPARE(snippet.holdsServerKey, snippet.code.contains(facts().serverKey));
            // What JavaScript there is may end in a bundle.
            if (snippet.language == CodeView::Language::JavaScript)
                QVERIFY2(!snippet.code.contains(facts().serverKey), qPrintable(snippet.id));
            for (const auto& line : snippet.code.split(u'\n')) {
                if (line.contains(u"NEXT_PUBLIC_"_s))
                    QVERIFY(!line.contains(u"srv_"_s));
            }
        }
    }

    void masksAKey() {
        const auto masked = maskedKey(u"srv_"_s, u"3f"_s);
        QVERIFY(masked.startsWith(u"srv_"_s));
        QVERIFY(masked.endsWith(u"3f"_s));
        QCOMPARE(masked.count(QChar(0x2022)), 24);
    }
};

QTEST_GUILESS_MAIN(SnippetsTest)

#include "tst_snippets.moc"
