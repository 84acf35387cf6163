#include "app/window/connection_watch.h"

#include <QtTest>

#include <memory>

using namespace xshathra;
using namespace Qt::StringLiterals;
using app::ConnectionWatch;
using Kind = ui::ConnectionNews::Kind;

namespace {

struct Fixture {
    capture::CaptureStore store;
    ConnectionWatch watch{[](const QString& project, const QString& user, const QString& client) {
        return project == u"proj_1" && user == u"u1" && client == u"c1" ? u"http://localhost:5173"_s : QString();
    }};
    std::uint64_t seq = 0;

    void add(std::string_view project, std::string_view user, std::string_view note, capture::Verdict verdict,
             std::string_view summary = {}) {
        capture::Event event;
        event.seq = ++seq;
        event.wall = Seconds(100) + Seconds(seq);
        event.kind = capture::Kind::Connect;
        event.commandId = 1;
        event.project = SharedBytes::copyOf(project);
        event.user = SharedBytes::copyOf(user);
        event.client = SharedBytes::copyOf("c1");
        event.note = SharedBytes::copyOf(note);
        auto decision = std::make_shared<capture::Decision>();
        decision->verdict = verdict;
        decision->summary = std::string(summary);
        event.decision = decision;
        store.append(event);
    }

    ui::ConnectionNews news(const QString& project) {
        watch.read(store);
        return watch.newsOf(project, Seconds(110));
    }
};

}  // namespace

class ConnectionWatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void waitsUntilSomebodyComes() {
        Fixture f;
        QVERIFY(f.news(u"proj_1"_s).kind == Kind::Waiting);
    }

    void saysWhoConnectedFromWhere() {
        Fixture f;
        f.add("proj_1", "u1", "js 5.8.1", capture::Verdict::Allowed);
        const auto news = f.news(u"proj_1"_s);
        QVERIFY(news.kind == Kind::Connected);
        QCOMPARE(news.text, u"centrifuge-js 5.8.1 connected as u1 from http://localhost:5173"_s);
        QCOMPARE(news.when, u"9 s ago"_s);
        QVERIFY(f.news(u"proj_2"_s).kind == Kind::Waiting);
    }

    void aClientMayHaveNoNameAndNoUser() {
        Fixture f;
        f.add("proj_2", "", "", capture::Verdict::Allowed);
        QCOMPARE(f.news(u"proj_2"_s).text, u"A client connected without a user"_s);
    }

    void theConsolesOwnClientIsNoNews() {
        Fixture f;
        f.add("proj_1", "hello", "xshathra-console 1.0", capture::Verdict::Allowed);
        QVERIFY(f.news(u"proj_1"_s).kind == Kind::Waiting);
    }

    void aRefusalSaysItsReason() {
        Fixture f;
        f.add("proj_1", "u1", "js 5.8.1", capture::Verdict::Allowed);
        f.add("proj_1", "u2", "js 5.8.1", capture::Verdict::Refused, "The token expired 41 s ago.");
        const auto news = f.news(u"proj_1"_s);
        QVERIFY(news.kind == Kind::Refused);
        QCOMPARE(news.text, u"Refused: The token expired 41 s ago."_s);
        f.add("proj_1", "u1", "js 5.8.1", capture::Verdict::Allowed);
        QVERIFY(f.news(u"proj_1"_s).kind == Kind::Connected);
    }

    void aRefusalBeforeTheProjectIsKnownIsSaidEverywhere() {
        Fixture f;
        f.add("proj_1", "u1", "js 5.8.1", capture::Verdict::Allowed);
        f.add("", "", "", capture::Verdict::Refused, "The origin is not allowed.");
        QVERIFY(f.news(u"proj_1"_s).kind == Kind::Refused);
        QCOMPARE(f.news(u"proj_2"_s).text, u"Refused: The origin is not allowed."_s);
        f.add("proj_1", "u1", "js 5.8.1", capture::Verdict::Allowed);
        QVERIFY(f.news(u"proj_1"_s).kind == Kind::Connected);
    }

    void readsALongStoreInParts() {
        Fixture f;
        for (capture::CaptureStore::Position i = 0; i < ConnectionWatch::kEventsPerRead; ++i)
            f.add("proj_1", "u1", "js 5.8.1", capture::Verdict::Allowed);
        f.add("proj_1", "u2", "js 5.8.1", capture::Verdict::Refused, "The token expired 41 s ago.");
        QVERIFY(f.news(u"proj_1"_s).kind == Kind::Connected);
        QVERIFY(!f.watch.hasRead(f.store));
        QVERIFY(f.news(u"proj_1"_s).kind == Kind::Refused);
        QVERIFY(f.watch.hasRead(f.store));
    }

    void hostileNamesStayOnOneLine() {
        Fixture f;
        f.add("proj_1", "u9", "js\n\xe2\x80\xae 1", capture::Verdict::Allowed);
        const auto text = f.news(u"proj_1"_s).text;
        QVERIFY(!text.contains(u'\n'));
        QVERIFY(!text.contains(QChar(0x202e)));
    }

    void sdksAreNamedInFull_data() {
        QTest::addColumn<QString>("note");
        QTest::addColumn<QString>("name");
        QTest::newRow("js") << u"js 5.8.1"_s << u"centrifuge-js 5.8.1"_s;
        QTest::newRow("dart") << u"dart "_s << u"centrifuge-dart"_s;
        QTest::newRow("own name") << u"arena-bot 2"_s << u"arena-bot 2"_s;
        QTest::newRow("version alone") << u" 2"_s << u"2"_s;
    }

    void sdksAreNamedInFull() {
        QFETCH(QString, note);
        QTEST(app::sdkName(note), "name");
    }
};

QTEST_GUILESS_MAIN(ConnectionWatchTest)

#include "tst_connection_watch.moc"
