#include "server/capture/recorder.h"
#include "tests/support/manual_clock.h"

#include <QtTest>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace xshathra;
using namespace xshathra::capture;

namespace {

Event eventOf(std::string payload) {
    Event event;
    event.kind = Kind::Publish;
    event.payload = SharedBytes(std::move(payload));
    return event;
}

bool addsUp(const RecorderCounters& c) { return c.total == c.kept + c.evicted + c.waiting; }

}  // namespace

class RecorderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isInactiveUntilSwitchedOn() {
        const test::ManualClock clock;
        Recorder recorder(clock);
        QVERIFY(!recorder.active());
        recorder.setActive(true);
        QVERIFY(recorder.active());
        recorder.setActive(false);
        QVERIFY(!recorder.active());
    }

    void fillsInSequenceTimesAndSize() {
        const test::ManualClock clock;
        Recorder recorder(clock);
        recorder.record(eventOf("{}"));
        Event given = eventOf("{\"a\":1}");
        given.wall = Seconds(5);
        given.monotonic = Seconds(6);
        given.size = 99;
        recorder.record(std::move(given));

        std::vector<Event> out;
        QCOMPARE(recorder.drain(out, 10), std::size_t{2});
        QCOMPARE(out[0].seq, std::uint64_t{1});
        QVERIFY(out[0].wall == clock.wall());
        QVERIFY(out[0].monotonic == clock.monotonic());
        QCOMPARE(out[0].size, std::uint32_t{2});
        QCOMPARE(out[1].seq, std::uint64_t{2});
        QVERIFY(out[1].wall == Seconds(5));
        QVERIFY(out[1].monotonic == Seconds(6));
        QCOMPARE(out[1].size, std::uint32_t{99});
    }

    void sharesThePayloadBytes() {
        const test::ManualClock clock;
        Recorder recorder(clock);
        const SharedBytes payload(std::string(100, 'x'));
        Event event;
        event.payload = payload;
        recorder.record(std::move(event));
        std::vector<Event> out;
        recorder.drain(out, 1);
        QCOMPARE(static_cast<const void*>(out[0].payload.data()), static_cast<const void*>(payload.data()));
    }

    void drainsAtMostWhatWasAskedFor() {
        const test::ManualClock clock;
        Recorder recorder(clock);
        for (int i = 0; i < 10; ++i) {
            recorder.record(eventOf("x"));
        }
        std::vector<Event> out;
        QCOMPARE(recorder.drain(out, 3), std::size_t{3});
        QCOMPARE(recorder.counters().waiting, std::uint64_t{7});
        QVERIFY(addsUp(recorder.counters()));
        recorder.record(eventOf("y"));
        QCOMPARE(recorder.drain(out, 100), std::size_t{8});
        for (std::size_t i = 0; i < out.size(); ++i) {
            QCOMPARE(out[i].seq, static_cast<std::uint64_t>(i + 1));
        }
        QCOMPARE(recorder.drain(out, 100), std::size_t{0});
    }

    void evictsTheOldestBeyondTheCount_data() {
        QTest::addColumn<int>("recorded");
        QTest::addColumn<int>("evicted");
        QTest::newRow("one below") << 7 << 0;
        QTest::newRow("at the limit") << 8 << 0;
        QTest::newRow("one above") << 9 << 1;
        QTest::newRow("far above") << 100 << 92;
    }
    void evictsTheOldestBeyondTheCount() {
        QFETCH(int, recorded);
        QFETCH(int, evicted);
        const test::ManualClock clock;
        Recorder recorder(clock, RecorderLimits{8, 1000});
        for (int i = 0; i < recorded; ++i) {
            recorder.record(eventOf("x"));
        }
        const RecorderCounters before = recorder.counters();
        QCOMPARE(before.total, static_cast<std::uint64_t>(recorded));
        QCOMPARE(before.evicted, static_cast<std::uint64_t>(evicted));
        QVERIFY(addsUp(before));
        std::vector<Event> out;
        recorder.drain(out, 1000);
        QCOMPARE(out.front().seq, static_cast<std::uint64_t>(evicted + 1));
        QCOMPARE(out.back().seq, static_cast<std::uint64_t>(recorded));
        QVERIFY(addsUp(recorder.counters()));
    }

    void evictsTheOldestBeyondTheBytes_data() {
        QTest::addColumn<int>("lastSize");
        QTest::addColumn<int>("left");
        QTest::newRow("one below") << 39 << 4;
        QTest::newRow("at the limit") << 40 << 4;
        QTest::newRow("one above") << 41 << 3;
        QTest::newRow("alone above the limit") << 500 << 1;
    }
    void evictsTheOldestBeyondTheBytes() {
        QFETCH(int, lastSize);
        QFETCH(int, left);
        const test::ManualClock clock;
        Recorder recorder(clock, RecorderLimits{100, 100});
        for (int i = 0; i < 3; ++i) {
            recorder.record(eventOf(std::string(20, 'x')));
        }
        recorder.record(eventOf(std::string(static_cast<std::size_t>(lastSize), 'y')));
        std::vector<Event> out;
        QCOMPARE(recorder.drain(out, 100), static_cast<std::size_t>(left));
        QCOMPARE(out.back().payload.size(), static_cast<std::size_t>(lastSize));
        QVERIFY(addsUp(recorder.counters()));
    }

    void wakesTheConsumerOnceBetweenTwoDrains() {
        const test::ManualClock clock;
        Recorder recorder(clock, RecorderLimits{10, 1000});
        int wakes = 0;
        recorder.setWake([&wakes] { ++wakes; });
        for (int i = 0; i < 4; ++i) {
            recorder.record(eventOf("x"));
        }
        QCOMPARE(wakes, 0);
        for (int i = 0; i < 20; ++i) {
            recorder.record(eventOf("x"));
        }
        QCOMPARE(wakes, 1);
        std::vector<Event> out;
        recorder.drain(out, 100);
        for (int i = 0; i < 5; ++i) {
            recorder.record(eventOf("x"));
        }
        QCOMPARE(wakes, 2);
    }

    void keepsTheEventsOfAThreadThatHasEnded() {
        const test::ManualClock clock;
        Recorder recorder(clock);
        std::thread([&recorder] { recorder.record(eventOf("from the past")); }).join();
        QVERIFY(addsUp(recorder.counters()));
        std::vector<Event> out;
        QCOMPARE(recorder.drain(out, 10), std::size_t{1});
        QCOMPARE(out[0].payload.view(), std::string_view("from the past"));
        std::thread([&recorder] { recorder.record(eventOf("again")); }).join();
        QCOMPARE(recorder.drain(out, 10), std::size_t{1});
        QVERIFY(addsUp(recorder.counters()));
    }

    void recordersOnOneThreadDoNotMix() {
        const test::ManualClock clock;
        Recorder first(clock);
        std::vector<Event> out;
        for (int round = 0; round < 3; ++round) {
            Recorder second(clock);
            first.record(eventOf("first"));
            second.record(eventOf("second"));
            out.clear();
            QCOMPARE(second.drain(out, 10), std::size_t{1});
            QCOMPARE(out[0].payload.view(), std::string_view("second"));
        }
        out.clear();
        QCOMPARE(first.drain(out, 10), std::size_t{3});
    }

    void keepsOneOrderOverManyThreads_data() {
        QTest::addColumn<int>("ringEvents");
        QTest::addColumn<bool>("mayEvict");
        QTest::newRow("rings large enough") << 1'000'000 << false;
        QTest::newRow("rings that overflow") << 64 << true;
    }
    void keepsOneOrderOverManyThreads() {
        QFETCH(int, ringEvents);
        QFETCH(bool, mayEvict);
        constexpr int kThreads = 4;
        constexpr int kEach = 20'000;
        const test::ManualClock clock;
        Recorder recorder(clock, RecorderLimits{static_cast<std::size_t>(ringEvents), std::size_t{1} << 30});

        // Each thread's own count in commandId shows that nothing is lost or exchanged within a thread either.
        std::atomic<bool> start{false};
        std::atomic<int> running{kThreads};
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                while (!start.load()) {
                    std::this_thread::yield();
                }
                for (int i = 1; i <= kEach; ++i) {
                    Event event;
                    event.code = static_cast<std::uint32_t>(t);
                    event.commandId = static_cast<std::uint32_t>(i);
                    event.payload = SharedBytes(std::string(20, 'p'));
                    recorder.record(std::move(event));
                }
                --running;
            });
        }
        start = true;

        std::vector<Event> out;
        while (running.load() > 0) {
            recorder.drain(out, 777);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        QVERIFY(addsUp(recorder.counters()));
        while (recorder.drain(out, 777) > 0) {
        }

        const RecorderCounters counters = recorder.counters();
        QVERIFY(addsUp(counters));
        QCOMPARE(counters.total, static_cast<std::uint64_t>(kThreads * kEach));
        QCOMPARE(counters.waiting, std::uint64_t{0});
        QCOMPARE(counters.kept, static_cast<std::uint64_t>(out.size()));
        if (!mayEvict) {
            QCOMPARE(counters.evicted, std::uint64_t{0});
        }
        std::uint64_t lastSeq = 0;
        std::vector<std::uint32_t> lastOfThread(kThreads, 0);
        for (const Event& event : out) {
            QVERIFY(event.seq > lastSeq);
            if (!mayEvict) {
                QVERIFY(event.seq == lastSeq + 1);
                QVERIFY(event.commandId == lastOfThread[event.code] + 1);
            }
            QVERIFY(event.commandId > lastOfThread[event.code]);
            lastSeq = event.seq;
            lastOfThread[event.code] = event.commandId;
        }
    }

    void everyKindHasAWord() {
        QSet<QByteArray> words;
        for (std::size_t i = 0; i < kKindCount; ++i) {
            const std::string_view word = name(static_cast<Kind>(i));
            QVERIFY(!word.empty());
            words.insert(QByteArray(word.data(), static_cast<qsizetype>(word.size())));
        }
        QCOMPARE(words.size(), static_cast<qsizetype>(kKindCount));
        QCOMPARE(name(Kind::Publish), std::string_view("publish"));
        QCOMPARE(name(Kind::Other), std::string_view("other"));
        QCOMPARE(name(Direction::Out), std::string_view("out"));
        QCOMPARE(name(Outcome::NotReached), std::string_view("not reached"));
    }
};

QTEST_APPLESS_MAIN(RecorderTest)
#include "tst_recorder.moc"
