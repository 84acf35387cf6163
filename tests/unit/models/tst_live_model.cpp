#include "tests/support/manual_clock.h"
#include "ui/models/live_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <atomic>
#include <thread>

using namespace xshathra;
using namespace xshathra::models;
using namespace Qt::StringLiterals;
using capture::Direction;
using capture::Event;
using capture::Kind;

namespace {

Event eventOf(Kind kind, std::string_view channel, std::string_view payload, std::string_view project = "proj_1") {
    Event event;
    event.kind = kind;
    event.project = SharedBytes::copyOf(project);
    event.channel = SharedBytes::copyOf(channel);
    event.payload = SharedBytes::copyOf(payload);
    return event;
}

/// A model on its recorder, watched by the tester.
struct Fixture {
    explicit Fixture(capture::StoreLimits limits = {}) : model(recorder, limits) {}

    void add(Event event) { recorder.record(std::move(event)); }
    void add(int count, std::string_view channel = "chat:lobby") {
        for (int i = 0; i < count; ++i) {
            add(eventOf(Kind::Publish, channel, "{\"n\":" + std::to_string(i) + "}"));
        }
    }
    QString cell(int row, int column) const { return model.index(row, column).data().toString(); }
    std::uint64_t seq(int row) const { return model.eventAt(row)->seq; }

    test::ManualClock clock;
    capture::Recorder recorder{clock};
    LiveModel model;
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::QtTest};
};

bool addsUp(const LiveModel::Counters& c) { return c.total == c.kept + c.evicted + c.cleared + c.waiting; }

}  // namespace

class LiveModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void showsEveryColumn() {
        Fixture f;
        Event in = eventOf(Kind::Publish, "match:proj_1:42", "{\"mv\":[1,0]}");
        in.user = SharedBytes::copyOf("u7");
        in.wall = Nanoseconds(1'244'195'000);
        f.add(std::move(in));
        f.clock.advance(Nanoseconds(600'000));
        Event out = eventOf(Kind::Push, "match:proj_1:42", "{\"tick\":1}");
        out.dir = Direction::Out;
        out.recipients = 2;
        out.latency = Nanoseconds(200'400'000);
        out.size = 12'345;
        f.add(std::move(out));
        f.model.takeArrived();

        QCOMPARE(f.model.rowCount(), 2);
        QCOMPARE(f.cell(0, LiveModel::Seq), u"1"_s);
        QVERIFY(f.cell(0, LiveModel::Time).endsWith(u"01.244 19"_s));
        QCOMPARE(f.cell(0, LiveModel::Delta), QString(QChar(0x2013)));
        QCOMPARE(f.cell(1, LiveModel::Delta), u"+0.6 ms"_s);
        QCOMPARE(f.cell(0, LiveModel::Dir), u"in"_s);
        QCOMPARE(f.cell(1, LiveModel::Kind), u"push"_s);
        QCOMPARE(f.cell(0, LiveModel::Channel), u"match:proj_1:42"_s);
        QCOMPARE(f.cell(0, LiveModel::FromTo), u"u7 → srv"_s);
        QCOMPARE(f.cell(1, LiveModel::FromTo), u"srv → 2"_s);
        QCOMPARE(f.cell(0, LiveModel::Size), u"12"_s);
        QCOMPARE(f.cell(1, LiveModel::Size), u"12 KB"_s);
        QCOMPARE(f.cell(0, LiveModel::Latency), QString(QChar(0x2013)));
        QCOMPARE(f.cell(1, LiveModel::Latency), u"200.4 ms"_s);
        QCOMPARE(f.cell(0, LiveModel::Preview), u"{\"mv\":[1,0]}"_s);
        QCOMPARE(f.cell(0, LiveModel::Project), u"proj_1"_s);
        QCOMPARE(f.model.sentence(0), u"1, publish in, project proj_1, channel match:proj_1:42, from u7"_s);
        f.model.setProjectScope(u"proj_1"_s);
        QCOMPARE(f.cell(0, LiveModel::Channel), u"match:…:42"_s);
        QCOMPARE(f.model.sentence(0), u"1, publish in, channel match:proj_1:42, from u7"_s);
    }

    void namesTheProjectOfEachRow() {
        Fixture f;
        f.add(eventOf(Kind::Push, "chat:lobby", "{}", "proj_1"));
        f.add(eventOf(Kind::Push, "chat:lobby", "{}", "proj_2"));
        f.add(eventOf(Kind::Http, "", "{}", ""));
        f.model.takeArrived();
        QSignalSpy changed(&f.model, &QAbstractItemModel::dataChanged);
        const QHash<QString, QString> names{{u"proj_1"_s, u"Arena"_s}, {u"proj_3"_s, u"Chat"_s}};
        f.model.setProjectNames(names);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(f.cell(0, LiveModel::Project), u"Arena"_s);
        QCOMPARE(f.cell(1, LiveModel::Project), u"proj_2"_s);
        QCOMPARE(f.cell(2, LiveModel::Project), QString(QChar(0x2013)));
        QCOMPARE(f.model.sentence(0), u"1, push in, project Arena, channel chat:lobby"_s);
        QCOMPARE(f.model.sentence(2), u"3, http in"_s);
        QCOMPARE(f.model.index(0, LiveModel::Project).data(Qt::ToolTipRole).toString(), u"<span>Arena</span>"_s);
        f.model.setProjectNames(names);
        QCOMPARE(changed.count(), 1);
        // A name can't rearrange the screen, and a deleted project has none.
        f.model.setProjectNames({{u"proj_2"_s, u"A\u202eB"_s}});
        QCOMPARE(changed.count(), 2);
        QCOMPARE(f.cell(0, LiveModel::Project), u"proj_1"_s);
        QVERIFY(!f.cell(1, LiveModel::Project).contains(QChar(0x202e)));
    }

    void previewsTheDataOfAPublication_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("payload");
        QTest::addColumn<QString>("preview");
        const int push = static_cast<int>(Kind::Push);
        QTest::newRow("object") << push
                                << QByteArray(
                                       "{\"push\":{\"channel\":\"c\",\"pub\":{\"data\":{\"a\":[1,{}]},\"offset\":3}}}")
                                << u"{\"a\":[1,{}]}"_s;
        QTest::newRow("number") << push << QByteArray("{\"pub\":{\"data\":12,\"offset\":3}}") << u"12"_s;
        QTest::newRow("last") << push << QByteArray("{\"pub\":{\"data\":true}}") << u"true"_s;
        QTest::newRow("brackets in a string") << push << QByteArray("{\"data\":\"}\\\"]\",\"x\":1}") << u"\"}\\\"]\""_s;
        QTest::newRow("cut off") << push << QByteArray("{\"data\":{\"a\":") << u"{\"a\":"_s;
        QTest::newRow("no data") << push << QByteArray("{\"pub\":{}}") << u"{\"pub\":{}}"_s;
        QTest::newRow("another kind") << static_cast<int>(Kind::Reply) << QByteArray("{\"data\":1}")
                                      << u"{\"data\":1}"_s;
    }
    void previewsTheDataOfAPublication() {
        QFETCH(int, kind);
        QFETCH(QByteArray, payload);
        QFETCH(QString, preview);
        Fixture f;
        f.add(eventOf(static_cast<Kind>(kind), "c", payload.toStdString()));
        f.model.takeArrived();
        QCOMPARE(f.cell(0, LiveModel::Preview), preview);
    }

    void describesARefusal() {
        Fixture f;
        Event event = eventOf(Kind::Error, "$vip", "");
        event.dir = Direction::Out;
        event.user = SharedBytes::copyOf("u9");
        event.code = 103;
        event.note = SharedBytes::copyOf("permission denied");
        f.add(std::move(event));
        f.model.takeArrived();
        QCOMPARE(f.cell(0, LiveModel::Preview), u"103 permission denied"_s);
        QCOMPARE(f.model.index(0, 0).data(Qt::AccessibleTextRole).toString(),
                 u"1, error out, project proj_1, channel $vip, to u9, 103 permission denied"_s);
    }

    void keptAndEvictedMakeTheTotal_data() {
        QTest::addColumn<int>("events");
        QTest::addColumn<bool>("evicts");
        QTest::newRow("one below") << 799 << false;
        QTest::newRow("at the limit") << 800 << false;
        QTest::newRow("one above") << 801 << true;
        QTest::newRow("many times the limit") << 5000 << true;
    }
    void keptAndEvictedMakeTheTotal() {
        QFETCH(int, events);
        QFETCH(bool, evicts);
        capture::StoreLimits limits;
        limits.events = 800;
        Fixture f(limits);
        f.add(events);
        QVERIFY(addsUp(f.model.counters()));
        f.model.takeArrived();
        const LiveModel::Counters counters = f.model.counters();
        QVERIFY(addsUp(counters));
        QCOMPARE(counters.total, static_cast<std::uint64_t>(events));
        QCOMPARE(counters.evicted > 0, evicts);
        QCOMPARE(counters.rows, counters.kept);
        QCOMPARE(f.seq(f.model.rowCount() - 1), static_cast<std::uint64_t>(events));
        QCOMPARE(f.seq(0), counters.evicted + 1);
    }

    void rowsLeaveAtTheFrontAsTheyAreEvicted() {
        capture::StoreLimits limits;
        limits.events = 80;
        Fixture f(limits);
        f.add(70);
        f.model.takeArrived();
        const QPersistentModelIndex kept = f.model.index(60, 0);
        const QPersistentModelIndex lost = f.model.index(0, 0);
        f.add(15);
        f.model.takeArrived();
        QVERIFY(!lost.isValid());
        QVERIFY(kept.isValid());
        QCOMPARE(kept.data().toString(), u"61"_s);
        QCOMPARE(f.model.rowOfSeq(61), kept.row());
        QCOMPARE(f.model.rowOfSeq(1), -1);
    }

    void filtersOldAndNewEvents() {
        Fixture f;
        f.add(100, "chat:lobby");
        f.add(50, "match:42");
        f.model.takeArrived();
        f.model.setFilterText(u"LOBBY"_s);
        QTRY_VERIFY(!f.model.filtering());
        QCOMPARE(f.model.rowCount(), 100);
        f.add(7, "chat:lobby");
        f.add(7, "match:42");
        f.model.takeArrived();
        QCOMPARE(f.model.rowCount(), 107);
        QCOMPARE(f.seq(106), std::uint64_t{157});
        f.model.setFilterText(u"lobby \"n\":5}"_s);
        QTRY_VERIFY(!f.model.filtering());
        QCOMPARE(f.model.rowCount(), 2);
        f.model.setFilterText(QString());
        QTRY_VERIFY(!f.model.filtering());
        QCOMPARE(f.model.rowCount(), 164);
        for (int row = 0; row < f.model.rowCount(); ++row) {
            QCOMPARE(f.seq(row), static_cast<std::uint64_t>(row + 1));
        }
    }

    void nothingMatchesIsToldApartFromNothingKept() {
        Fixture f;
        QVERIFY(!f.model.nothingMatches());
        f.add(3);
        f.model.takeArrived();
        QVERIFY(!f.model.nothingMatches());
        f.model.setFilterText(u"absent"_s);
        QTRY_VERIFY(f.model.nothingMatches());
    }

    void aLargeStoreIsFilteredInSlices() {
        // Without the tester: it looks at rows on every change, which is not what is measured here.
        test::ManualClock clock;
        capture::Recorder recorder(clock, {1'000'000, std::size_t{1} << 30});
        LiveModel model(recorder);
        for (int i = 0; i < 200'000; ++i) {
            recorder.record(eventOf(Kind::Push, i % 2 == 0 ? "chat:even" : "chat:odd",
                                    "{\"n\":" + std::to_string(i) + ",\"fill\":\"" + std::string(150, 'f') + "\"}"));
        }
        model.takeArrived();
        QCOMPARE(model.rowCount(), 200'000);
        QElapsedTimer timer;
        timer.start();
        model.setFilterText(u"even nothing-else"_s);
        model.setFilterText(u"chat:even"_s);
        QVERIFY(model.rowCount() > 0);
        // The newest come first, and new events join in while the search goes on.
        QCOMPARE(model.eventAt(model.rowCount() - 1)->seq, std::uint64_t{199'999});
        recorder.record(eventOf(Kind::Push, "chat:even", "{}"));
        model.takeArrived();
        QCOMPARE(model.eventAt(model.rowCount() - 1)->seq, std::uint64_t{200'001});
        QTRY_VERIFY(!model.filtering());
        QCOMPARE(model.rowCount(), 100'001);
        std::uint64_t last = 0;
        for (int row = 0; row < model.rowCount(); ++row) {
            const std::uint64_t seq = model.eventAt(row)->seq;
            QVERIFY(seq > last);
            last = seq;
        }
    }

    void evictionDuringASearchLeavesNoDeadRows() {
        test::ManualClock clock;
        capture::Recorder recorder(clock, {1'000'000, std::size_t{1} << 30});
        capture::StoreLimits limits;
        limits.events = 100'000;
        LiveModel model(recorder, limits);
        const auto add = [&recorder](int count) {
            for (int i = 0; i < count; ++i) {
                recorder.record(eventOf(Kind::Push, "c", std::string(200, 'y')));
            }
        };
        add(100'000);
        model.takeArrived();
        model.setFilterText(u"zyy"_s);
        model.setFilterText(u"yyy"_s);
        add(60'000);
        model.takeArrived();
        QTRY_VERIFY(!model.filtering());
        QCOMPARE(model.counters().rows, model.counters().kept);
        QVERIFY(model.eventAt(0) != nullptr);
        QVERIFY(addsUp(model.counters()));
    }

    void dimModeKeepsTheRows() {
        Fixture f;
        f.add(3, "chat:lobby");
        f.add(2, "match:42");
        f.model.takeArrived();
        f.model.setFilterText(u"match"_s);
        QTRY_COMPARE(f.model.rowCount(), 2);
        f.model.setFilterMode(LiveModel::FilterMode::Dim);
        QTRY_COMPARE(f.model.rowCount(), 5);
        QVERIFY(!f.model.matches(0));
        QVERIFY(f.model.matches(4));
    }

    void pingsAreHiddenUntilAskedFor() {
        Fixture f;
        f.add(eventOf(Kind::Ping, "", "{}"));
        f.add(1);
        f.add(eventOf(Kind::Pong, "", "{}"));
        f.model.takeArrived();
        QCOMPARE(f.model.rowCount(), 1);
        f.model.setPingsShown(true);
        QTRY_COMPARE(f.model.rowCount(), 3);
    }

    void scopeShowsOneProject() {
        Fixture f;
        f.add(eventOf(Kind::Publish, "a", "{}", "proj_1"));
        f.add(eventOf(Kind::Publish, "a", "{}", "proj_2"));
        f.model.takeArrived();
        f.model.setProjectScope(u"proj_2"_s);
        QTRY_COMPARE(f.model.rowCount(), 1);
        QCOMPARE(f.seq(0), std::uint64_t{2});
        f.model.setProjectScope(u"proj_3"_s);
        QTRY_COMPARE(f.model.rowCount(), 0);
        f.add(eventOf(Kind::Publish, "a", "{}", "proj_3"));
        f.model.takeArrived();
        QCOMPARE(f.model.rowCount(), 1);
        f.model.setProjectScope(QString());
        QTRY_COMPARE(f.model.rowCount(), 3);
    }

    void anotherScopeIsFollowed() {
        Fixture f;
        f.model.setProjectScope(u"proj_1"_s);
        f.model.setFollowing(false);
        f.model.setProjectScope(u"proj_1"_s);
        QVERIFY(!f.model.following());
        f.model.setProjectScope(u"proj_2"_s);
        QVERIFY(f.model.following());
    }

    void pausingHoldsRowsBackAndLosesNone() {
        Fixture f;
        f.add(5);
        f.model.takeArrived();
        QSignalSpy spy(&f.model, &LiveModel::pausedChanged);
        f.model.setPaused(true);
        QCOMPARE(spy.count(), 1);
        f.add(20);
        f.model.takeArrived();
        QCOMPARE(f.model.rowCount(), 5);
        QCOMPARE(f.model.heldBack(), std::uint64_t{20});
        QCOMPARE(f.model.counters().kept, std::uint64_t{25});
        f.model.setFilterText(u"\"n\":1"_s);
        QTRY_COMPARE(f.model.rowCount(), 1);
        f.model.setFilterText(QString());
        QTRY_COMPARE(f.model.rowCount(), 5);
        f.model.setPaused(false);
        f.model.takeArrived();
        QCOMPARE(f.model.rowCount(), 25);
        QCOMPARE(f.model.heldBack(), std::uint64_t{0});
    }

    void clearEmptiesTheListAndKeepsCount() {
        Fixture f;
        f.add(10);
        f.model.takeArrived();
        f.model.clear();
        QCOMPARE(f.model.rowCount(), 0);
        QVERIFY(addsUp(f.model.counters()));
        QCOMPARE(f.model.counters().cleared, std::uint64_t{10});
        f.add(2);
        f.model.takeArrived();
        QCOMPARE(f.model.rowCount(), 2);
        QCOMPARE(f.seq(0), std::uint64_t{11});
    }

    void clearingAMillionIsQuick() {
        test::ManualClock clock;
        capture::Recorder recorder(clock, {2'000'000, std::size_t{1} << 30});
        LiveModel model(recorder);
        for (int round = 0; round < 10; ++round) {
            for (int i = 0; i < 100'000; ++i) {
                Event event;
                event.kind = Kind::Push;
                event.payload = SharedBytes::fromStatic("{\"tick\":1812,\"hp\":27,\"pos\":[12,4]}");
                recorder.record(std::move(event));
            }
            model.takeArrived();
        }
        QCOMPARE(model.rowCount(), 1'000'000);
        QElapsedTimer timer;
        timer.start();
        model.clear();
        // The goal is 50 ms; sanitizers and a busy machine get room.
        QVERIFY2(timer.elapsed() < 500, qPrintable(QString::number(timer.elapsed())));
    }

    void countsRowsThatNobodyCouldSee() {
        Fixture f;
        f.add(30);
        f.model.takeArrived();
        f.model.noteDrawn(10, 29);
        QCOMPARE(f.model.counters().notDrawn, std::uint64_t{10});
        f.add(5);
        f.model.takeArrived();
        f.model.noteDrawn(15, 34);
        QCOMPARE(f.model.counters().notDrawn, std::uint64_t{10});
        f.model.setFollowing(false);
        f.add(100);
        f.model.takeArrived();
        f.model.noteDrawn(15, 34);
        QCOMPARE(f.model.counters().notDrawn, std::uint64_t{10});
        f.model.setFollowing(true);
        f.model.noteDrawn(115, 134);
        QCOMPARE(f.model.counters().notDrawn, std::uint64_t{10});
        f.add(50);
        f.model.takeArrived();
        f.model.noteDrawn(165, 184);
        QCOMPARE(f.model.counters().notDrawn, std::uint64_t{40});
    }

    void walksAlongAChannelAndFromCommandToReply() {
        Fixture f;
        Event command = eventOf(Kind::Subscribe, "$vip", "{}");
        command.client = SharedBytes::copyOf("c1");
        command.commandId = 3;
        Event reply = command;
        reply.kind = Kind::Reply;
        reply.dir = Direction::Out;
        f.add(std::move(command));
        f.add(2, "chat:lobby");
        Event other = eventOf(Kind::Reply, "$vip", "{}");
        other.client = SharedBytes::copyOf("c2");
        other.dir = Direction::Out;
        other.commandId = 3;
        f.add(std::move(other));
        f.add(std::move(reply));
        f.model.takeArrived();
        QCOMPARE(f.model.counterpart(0), 4);
        QCOMPARE(f.model.counterpart(4), 0);
        QCOMPARE(f.model.counterpart(1), -1);
        QCOMPARE(f.model.neighbourInChannel(0, 1), 3);
        QCOMPARE(f.model.neighbourInChannel(3, -1), 0);
        QCOMPARE(f.model.neighbourInChannel(4, 1), -1);
        QCOMPARE(f.model.previousOfChannel(2).value_or(99), std::uint64_t{1});
        QVERIFY(!f.model.previousOfChannel(1).has_value());
    }

    void aFullRecorderWakesTheHiddenModel() {
        test::ManualClock clock;
        capture::Recorder recorder(clock, {1000, std::size_t{1} << 20});
        LiveModel model(recorder);
        QVERIFY(model.pace() == LiveModel::Pace::Hidden);
        std::thread([&recorder] {
            for (int i = 0; i < 600; ++i) {
                recorder.record(eventOf(Kind::Push, "c", "{}"));
            }
        }).join();
        QTRY_VERIFY(model.counters().kept >= 500);
        QVERIFY(addsUp(model.counters()));
    }

    void aTapSeesEveryEventOnceAlsoWhileHidden() {
        Fixture f;
        std::vector<std::uint64_t> seen;
        f.add(eventOf(Kind::Push, "c", "{}"));
        f.model.takeArrived();
        f.model.setPace(LiveModel::Pace::Hidden);
        f.model.setTap([&](const std::vector<capture::Event>& events) {
            for (const auto& event : events) {
                seen.push_back(event.seq);
            }
            if (seen.size() >= 3) {
                f.model.setTap({});
            }
        });
        f.add(eventOf(Kind::Push, "c", "{}"));
        f.add(eventOf(Kind::Ping, "", "{}"));
        QTRY_COMPARE(seen, (std::vector<std::uint64_t>{2, 3}));
        f.add(eventOf(Kind::Push, "c", "{}"));
        QTRY_COMPARE(seen, (std::vector<std::uint64_t>{2, 3, 4}));
        f.add(eventOf(Kind::Push, "c", "{}"));
        f.model.takeArrived();
        QCOMPARE(seen.size(), std::size_t{3});
        QCOMPARE(f.model.counters().kept, std::uint64_t{5});
    }

    void whatBelongsToNoProjectIsInEveryScope() {
        Fixture f;
        f.add(eventOf(Kind::Http, "", "{}", ""));
        f.add(eventOf(Kind::Push, "a", "{}", "proj_1"));
        f.model.takeArrived();
        f.model.setProjectScope(u"proj_2"_s);
        QTRY_COMPARE(f.model.rowCount(), 1);
        QCOMPARE(f.seq(0), std::uint64_t{1});
    }

    void mayGoBeforeItsRecorder() {
        test::ManualClock clock;
        capture::Recorder recorder(clock, {4, 1000});
        { LiveModel model(recorder); }
        for (int i = 0; i < 10; ++i) {
            recorder.record(eventOf(Kind::Push, "c", "{}"));
        }
        QCOMPARE(recorder.counters().total, std::uint64_t{10});
    }

    void losesNothingWhileThreadsRecord() {
        test::ManualClock clock;
        capture::Recorder recorder(clock);
        capture::StoreLimits limits;
        limits.events = 20'000;
        LiveModel model(recorder, limits);
        model.setPace(LiveModel::Pace::Live);
        std::atomic<int> running{3};
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t) {
            threads.emplace_back([&recorder, &running] {
                for (int i = 0; i < 20'000; ++i) {
                    recorder.record(eventOf(Kind::Push, "c" + std::to_string(i % 7), "{\"a\":1}"));
                }
                --running;
            });
        }
        QTRY_VERIFY_WITH_TIMEOUT(running.load() == 0, 20'000);
        for (std::thread& thread : threads) {
            thread.join();
        }
        model.takeArrived();
        QVERIFY(addsUp(model.counters()));
        QCOMPARE(model.counters().total, std::uint64_t{60'000});
        QCOMPARE(model.counters().waiting, std::uint64_t{0});
        for (int row = 1; row < model.rowCount(); ++row) {
            QVERIFY(model.eventAt(row)->seq > model.eventAt(row - 1)->seq);
        }
    }
};

QTEST_GUILESS_MAIN(LiveModelTest)
#include "tst_live_model.moc"
