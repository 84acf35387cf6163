#include "server/engine/channel_pattern.h"
#include "server/engine/compared_text.h"
#include "server/engine/history_stream.h"
#include "server/engine/loop.h"
#include "server/engine/presence_manager.h"
#include "server/engine/timers.h"
#include "tests/support/manual_clock.h"

#include <QtTest>

#include <atomic>
#include <string>
#include <vector>

using namespace xshathra;
using namespace xshathra::engine;

namespace {

constexpr StreamOptions kOptions{10, Seconds(60), Seconds(600)};

PublicationPtr publication(std::uint64_t offset, const std::string& data = "1") {
    auto stored = std::make_shared<StoredPublication>();
    stored->offset = offset;
    stored->data = SharedBytes::copyOf(data);
    return stored;
}

/// A stream with the offsets 1 to `top`, of which the last ten are stored.
class Stream : public HistoryStream {
public:
    explicit Stream(std::uint64_t top = 0) : HistoryStream(1, Nanoseconds(0), total_) {
        for (std::uint64_t i = 1; i <= top; ++i)
            add(publication(i), kOptions, 1 << 20, Nanoseconds(0));
    }

private:
    static inline std::atomic<std::size_t> total_{0};
};

std::string offsets(const std::vector<PublicationPtr>& publications) {
    std::string text;
    for (const auto& one : publications)
        text += (text.empty() ? "" : ",") + std::to_string(one->offset);
    return text;
}

}  // namespace

class EnginePartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void timersRunInOrderOfDeadlineThenOfScheduling() {
        test::ManualClock clock;
        Timers timers(clock);
        std::string order;
        timers.schedule(Seconds(2), [&] { order += 'c'; });
        timers.schedule(Seconds(1), [&] { order += 'a'; });
        timers.schedule(Seconds(1), [&] { order += 'b'; });
        QCOMPARE(*timers.nextDeadline(), clock.monotonic() + Seconds(1));
        timers.runDue();
        QCOMPARE(order, std::string());
        clock.advance(Seconds(1));
        timers.runDue();
        QCOMPARE(order, std::string("ab"));
        clock.advance(Seconds(1));
        timers.runDue();
        QCOMPARE(order, std::string("abc"));
        QVERIFY(!timers.nextDeadline());
    }

    void timersSetByATimerWaitForTheNextCall() {
        test::ManualClock clock;
        Timers timers(clock);
        int runs = 0;
        std::function<void()> again = [&] {
            ++runs;
            timers.schedule(Nanoseconds(0), again);
        };
        timers.schedule(Nanoseconds(0), again);
        timers.runDue();
        QCOMPARE(runs, 1);
        timers.runDue();
        QCOMPARE(runs, 2);
    }

    void cancelledTimersDoNotRunAndTakeNoRoom() {
        test::ManualClock clock;
        Timers timers(clock);
        bool ran = false;
        const auto second = timers.schedule(Seconds(2), [&] { ran = true; });
        const auto first = timers.schedule(Seconds(1), [&] { timers.cancel(second); });
        clock.advance(Seconds(2));
        timers.runDue();
        QVERIFY(!ran);
        timers.cancel(first);
        for (int i = 0; i < 100'000; ++i)
            timers.cancel(timers.schedule(Seconds(3600), [] {}));
        QCOMPARE(timers.size(), std::size_t(0));
        QVERIFY(!timers.nextDeadline());
    }

    void loopWakesOncePerBatchAndRunsInOrder() {
        test::ManualClock clock;
        int wakes = 0;
        Loop loop(clock, [&] { ++wakes; });
        std::string order;
        loop.post([&] {
            order += 'a';
            loop.post([&] { order += 'c'; });
        });
        loop.post([&] { order += 'b'; });
        QCOMPARE(wakes, 1);
        loop.runPosted();
        QCOMPARE(order, std::string("ab"));
        QCOMPARE(wakes, 2);
        loop.runPosted();
        QCOMPARE(order, std::string("abc"));
    }

    void mailboxOfAnEndedLoopDropsWhatItGets() {
        test::ManualClock clock;
        int wakes = 0;
        std::shared_ptr<LoopMailbox> mailbox;
        {
            Loop loop(clock, [&] { ++wakes; });
            mailbox = loop.mailbox();
        }
        QVERIFY(!mailbox->put(std::function<void(Loop&)>([](Loop&) {})));
        mailbox->wake();
        QCOMPARE(wakes, 0);
    }

    void recovery_data() {
        QTest::addColumn<quint64>("top");
        QTest::addColumn<quint64>("offset");
        QTest::addColumn<QString>("epoch");
        QTest::addColumn<int>("limit");
        QTest::addColumn<bool>("recovered");
        QTest::addColumn<QString>("offsets");
        QTest::newRow("empty stream, from the beginning") << quint64(0) << quint64(0) << "" << 300 << true << "";
        QTest::newRow("empty stream, position ahead") << quint64(0) << quint64(1) << "" << 300 << false << "";
        QTest::newRow("at the top") << quint64(5) << quint64(5) << "own" << 300 << true << "";
        QTest::newRow("one missed") << quint64(5) << quint64(4) << "own" << 300 << true << "5";
        QTest::newRow("all missed, without epoch") << quint64(3) << quint64(0) << "" << 300 << true << "1,2,3";
        QTest::newRow("oldest stored is the next")
            << quint64(12) << quint64(2) << "own" << 300 << true << "3,4,5,6,7,8,9,10,11,12";
        QTest::newRow("one more than stored") << quint64(12) << quint64(1) << "own" << 300 << false << "";
        QTest::newRow("other epoch") << quint64(5) << quint64(5) << "other" << 300 << false << "";
        QTest::newRow("position ahead") << quint64(5) << quint64(6) << "own" << 300 << false << "";
        QTest::newRow("as many as the limit") << quint64(5) << quint64(2) << "own" << 3 << true << "3,4,5";
        QTest::newRow("one more than the limit") << quint64(5) << quint64(1) << "own" << 3 << false << "";
    }

    void recovery() {
        QFETCH(quint64, top);
        QFETCH(quint64, offset);
        QFETCH(QString, epoch);
        QFETCH(int, limit);
        QFETCH(bool, recovered);
        QFETCH(QString, offsets);
        const Stream stream(top);
        const auto name = epoch == QLatin1String("own") ? stream.epoch() : epoch.toStdString();
        const auto result = stream.recover({offset, name, RecoveryMode::Stream, std::size_t(limit)});
        QCOMPARE(result.recovered, recovered);
        QCOMPARE(::offsets(result.publications), offsets.toStdString());
    }

    void cacheRecovery_data() {
        QTest::addColumn<quint64>("top");
        QTest::addColumn<bool>("cleared");
        QTest::addColumn<quint64>("offset");
        QTest::addColumn<QString>("epoch");
        QTest::addColumn<bool>("recovered");
        QTest::addColumn<QString>("offsets");
        QTest::newRow("empty, no position") << quint64(0) << false << quint64(0) << "" << false << "";
        QTest::newRow("newest for a new client") << quint64(3) << false << quint64(0) << "" << true << "3";
        QTest::newRow("newest for another epoch") << quint64(3) << false << quint64(3) << "other" << true << "3";
        QTest::newRow("newest for an old position") << quint64(3) << false << quint64(1) << "own" << true << "3";
        QTest::newRow("nothing at the top") << quint64(3) << false << quint64(3) << "own" << true << "";
        QTest::newRow("expired, at the top") << quint64(3) << true << quint64(3) << "own" << true << "";
        QTest::newRow("expired, behind") << quint64(3) << true << quint64(2) << "own" << false << "";
    }

    void cacheRecovery() {
        QFETCH(quint64, top);
        QFETCH(bool, cleared);
        QFETCH(quint64, offset);
        QFETCH(QString, epoch);
        QFETCH(bool, recovered);
        QFETCH(QString, offsets);
        Stream stream(top);
        if (cleared)
            stream.clear();
        const auto name = epoch == QLatin1String("own") ? stream.epoch() : epoch.toStdString();
        const auto result = stream.recover({offset, name, RecoveryMode::Cache, 300});
        QCOMPARE(result.recovered, recovered);
        QCOMPARE(::offsets(result.publications), offsets.toStdString());
    }

    void reading_data() {
        QTest::addColumn<quint64>("offset");
        QTest::addColumn<int>("limit");
        QTest::addColumn<bool>("reverse");
        QTest::addColumn<QString>("expected");
        QTest::newRow("all") << quint64(0) << -1 << false << "3,4,5,6,7,8,9,10,11,12";
        QTest::newRow("none") << quint64(0) << 0 << false << "";
        QTest::newRow("first two") << quint64(0) << 2 << false << "3,4";
        QTest::newRow("after 10") << quint64(10) << -1 << false << "11,12";
        QTest::newRow("after the top") << quint64(12) << -1 << false << "";
        QTest::newRow("newest two") << quint64(0) << 2 << true << "12,11";
        QTest::newRow("two before 11") << quint64(11) << 2 << true << "10,9";
        QTest::newRow("before the oldest") << quint64(3) << -1 << true << "";
        QTest::newRow("before one past the top") << quint64(13) << 1 << true << "12";
        QTest::newRow("before two past the top") << quint64(14) << 1 << true << "";
    }

    void reading() {
        QFETCH(quint64, offset);
        QFETCH(int, limit);
        QFETCH(bool, reverse);
        QFETCH(QString, expected);
        QCOMPARE(offsets(Stream(12).read(offset, limit, reverse)), expected.toStdString());
    }

    void publicationsExpireButThePositionStays() {
        Stream stream;
        stream.add(publication(1), kOptions, 1 << 20, Seconds(0));
        stream.add(publication(2), kOptions, 1 << 20, Seconds(30));
        stream.expire(Seconds(90) - Nanoseconds(1));
        QCOMPARE(stream.size(), std::size_t(2));
        stream.expire(Seconds(90));
        QCOMPARE(stream.size(), std::size_t(0));
        QCOMPARE(stream.bytes(), std::size_t(0));
        QCOMPARE(stream.top(), std::uint64_t(2));
        QVERIFY(stream.recover({2, stream.epoch(), RecoveryMode::Stream, 300}).recovered);
        QVERIFY(!stream.recover({1, stream.epoch(), RecoveryMode::Stream, 300}).recovered);
        QVERIFY(!stream.isForgotten(Seconds(630) - Nanoseconds(1)));
        QVERIFY(stream.isForgotten(Seconds(630)));
    }

    void byteLimitDropsTheOldest() {
        Stream stream;
        const auto one = HistoryStream::kPublicationOverhead + 100;
        for (std::uint64_t i = 1; i <= 3; ++i)
            stream.add(publication(i, std::string(100, 'x')), kOptions, 3 * one, Nanoseconds(0));
        QCOMPARE(stream.size(), std::size_t(3));
        stream.add(publication(4, std::string(100, 'x')), kOptions, 3 * one, Nanoseconds(0));
        QCOMPARE(offsets(stream.read(0, -1, false)), std::string("2,3,4"));
        stream.add(publication(5, std::string(4 * one, 'x')), kOptions, 3 * one, Nanoseconds(0));
        QCOMPARE(stream.size(), std::size_t(0));
        QCOMPARE(stream.top(), std::uint64_t(5));
        stream.add(publication(6), kOptions, 3 * one, Nanoseconds(0));
        QCOMPARE(offsets(stream.recover({5, stream.epoch(), RecoveryMode::Stream, 300}).publications),
                 std::string("6"));
        QVERIFY(!stream.recover({4, stream.epoch(), RecoveryMode::Stream, 300}).recovered);
    }

    void versionsOnlyRiseWithinTheirEpoch() {
        Stream stream;
        QVERIFY(!stream.isOutdated(0, ""));
        QVERIFY(!stream.isOutdated(5, "a"));
        stream.setVersion(5, "a");
        QVERIFY(stream.isOutdated(5, "a"));
        QVERIFY(stream.isOutdated(4, "a"));
        QVERIFY(!stream.isOutdated(6, "a"));
        QVERIFY(!stream.isOutdated(1, "b"));
        QVERIFY(!stream.isOutdated(0, "a"));
    }

    void longVersionEpochsAreCompared() {
        Stream stream;
        for (const auto length : {kMaxComparedBytes - 1, kMaxComparedBytes, kMaxComparedBytes + 1}) {
            const std::string one(length, 'a');
            auto other = one;
            other.back() = 'b';
            stream.setVersion(5, one);
            QVERIFY(stream.isOutdated(5, one));
            QVERIFY(stream.isOutdated(5, ""));
            QVERIFY(!stream.isOutdated(6, one));
            QVERIFY(!stream.isOutdated(5, other));
        }
    }

    void presenceCountsUsersAndRespectsItsLimit() {
        PresenceManager presence;
        const auto info = [](const char* client, const char* user) {
            protocol::ClientInfo result;
            result.client = client;
            result.user = user;
            return result;
        };
        QVERIFY(presence.add("c", info("1", "a"), 3));
        QVERIFY(presence.add("c", info("2", "a"), 3));
        QVERIFY(presence.add("c", info("3", ""), 3));
        QVERIFY(!presence.add("c", info("4", ""), 3));
        QVERIFY(presence.add("c", info("3", ""), 3));  // an update of a member
        QCOMPARE(presence.stats("c").numClients, 3U);
        QCOMPARE(presence.stats("c").numUsers, 2U);
        presence.remove("c", "1");
        presence.remove("c", "unknown");
        QCOMPARE(presence.stats("c").numUsers, 2U);
        presence.remove("c", "2");
        presence.remove("c", "3");
        QCOMPARE(presence.members("c").size(), std::size_t(0));
        QCOMPARE(presence.stats("c").numUsers, 0U);
    }

    void hostileRegexEndsQuickly() {
        const ChannelPattern pattern("^(a+)+$");
        QVERIFY(pattern.error().empty());
        QVERIFY(!pattern.matches(std::string(250, 'a') + "b"));
        QVERIFY(pattern.matches(std::string(250, 'a')));
    }
};

QTEST_GUILESS_MAIN(EnginePartsTest)
#include "tst_engine_parts.moc"
