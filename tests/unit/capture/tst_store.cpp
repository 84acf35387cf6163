#include "server/capture/store.h"

#include <QtTest>

#include <string>

using namespace xshathra;
using namespace xshathra::capture;

namespace {

Event eventOf(std::uint64_t seq, std::string payload = "{}", std::string channel = "chat:lobby") {
    Event event;
    event.seq = seq;
    event.payload = SharedBytes(std::move(payload));
    event.channel = SharedBytes(std::move(channel));
    return event;
}

bool addsUp(const CaptureStore& store) { return store.end() == store.size() + store.evicted() + store.cleared(); }

}  // namespace

class StoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsEveryFieldOfAnEvent() {
        CaptureStore store;
        Event event;
        event.seq = 7;
        event.wall = Seconds(11);
        event.monotonic = Seconds(12);
        event.dir = Direction::Out;
        event.kind = Kind::Error;
        event.binary = true;
        event.project = SharedBytes::copyOf("proj_1");
        event.channel = SharedBytes::copyOf("$vip");
        event.client = SharedBytes::copyOf("client-1");
        event.user = SharedBytes::copyOf("u9");
        event.payload = SharedBytes(std::string("a\0b", 3));
        event.size = 61;
        event.recipients = 2;
        event.latency = Nanoseconds(100);
        event.code = 103;
        event.commandId = 3;
        event.note = SharedBytes::copyOf("POST /x");
        event.fault = SharedBytes::copyOf("+200 ms");
        auto decision = std::make_shared<Decision>();
        decision->code = 103;
        decision->checks.push_back({"Channel", Outcome::Fail, "vip", "$vip", "Mint another."});
        event.decision = decision;
        store.append(eventOf(6));
        store.append(event);
        store.append(eventOf(8));

        const Event back = store.event(1);
        QCOMPARE(back.seq, event.seq);
        QVERIFY(back.wall == event.wall && back.monotonic == event.monotonic && back.latency == event.latency);
        QVERIFY(back.dir == event.dir && back.kind == event.kind);
        QVERIFY(back.binary);
        QVERIFY(back.project == event.project && back.channel == event.channel && back.client == event.client);
        QVERIFY(back.user == event.user && back.note == event.note && back.fault == event.fault);
        QVERIFY(back.payload == event.payload);
        QCOMPARE(back.size, event.size);
        QCOMPARE(back.recipients, event.recipients);
        QCOMPARE(back.code, event.code);
        QCOMPARE(back.commandId, event.commandId);
        QVERIFY(back.decision && *back.decision == *decision);
        QVERIFY(!store.decision(0) && !store.decision(2));
        QCOMPARE(store.text(store.at(1)->channel), std::string_view("$vip"));
    }

    void sharesLargePayloadsAndCopiesSmallOnes_data() {
        QTest::addColumn<int>("size");
        QTest::addColumn<bool>("shared");
        const int limit = static_cast<int>(CaptureStore::kSharedPayloadBytes);
        QTest::newRow("empty") << 0 << false;
        QTest::newRow("one below") << limit - 1 << false;
        QTest::newRow("at the limit") << limit << false;
        QTest::newRow("one above") << limit + 1 << true;
    }
    void sharesLargePayloadsAndCopiesSmallOnes() {
        QFETCH(int, size);
        QFETCH(bool, shared);
        CaptureStore store;
        const Event event = eventOf(1, std::string(static_cast<std::size_t>(size), 'z'));
        store.append(eventOf(0, "before"));
        store.append(event);
        store.append(eventOf(2, "after"));
        QCOMPARE(store.payload(0), std::string_view("before"));
        QVERIFY(store.payload(1) == event.payload.view());
        QCOMPARE(store.payload(2), std::string_view("after"));
        QCOMPARE(store.payload(1).data() == event.payload.data() && size > 0, shared);
    }

    void staysWithinTheCount_data() {
        QTest::addColumn<int>("appended");
        QTest::addColumn<int>("evicted");
        QTest::newRow("one below") << 79 << 0;
        QTest::newRow("at the limit") << 80 << 0;
        QTest::newRow("one above drops a block") << 81 << 10;
        QTest::newRow("a whole turn") << 160 << 80;
    }
    void staysWithinTheCount() {
        QFETCH(int, appended);
        QFETCH(int, evicted);
        StoreLimits limits;
        limits.events = 80;
        CaptureStore store(limits);
        for (int i = 1; i <= appended; ++i) {
            store.append(eventOf(static_cast<std::uint64_t>(i)));
            QVERIFY(store.size() <= 80);
            QVERIFY(addsUp(store));
        }
        QCOMPARE(store.evicted(), static_cast<std::uint64_t>(evicted));
        QCOMPARE(store.begin(), static_cast<std::uint64_t>(evicted));
        QCOMPARE(store.at(store.begin())->seq, static_cast<std::uint64_t>(evicted + 1));
        QCOMPARE(store.at(store.end() - 1)->seq, static_cast<std::uint64_t>(appended));
        QVERIFY(store.at(store.end()) == nullptr);
        if (evicted > 0) {
            QVERIFY(store.at(store.begin() - 1) == nullptr);
            QVERIFY(store.payload(store.begin() - 1).empty());
            QCOMPARE(store.event(store.begin() - 1).seq, std::uint64_t{0});
        }
    }

    void staysWithinTheBytes_data() {
        QTest::addColumn<int>("excess");
        QTest::addColumn<bool>("evicts");
        QTest::newRow("one below") << -1 << false;
        QTest::newRow("at the limit") << 0 << false;
        QTest::newRow("one above") << 1 << true;
    }
    void staysWithinTheBytes() {
        QFETCH(int, excess);
        QFETCH(bool, evicts);
        StoreLimits limits;
        limits.bytes = 100 * (sizeof(StoredEvent) + 10);
        CaptureStore store(limits);
        for (std::uint64_t i = 1; i <= 99; ++i) {
            store.append(eventOf(i, std::string(10, 'x')));
        }
        store.append(eventOf(100, std::string(static_cast<std::size_t>(10 + excess), 'x')));
        QCOMPARE(store.evicted() > 0, evicts);
        QVERIFY(store.bytes() <= limits.bytes);
        QVERIFY(addsUp(store));
    }

    void anOversizedEventStaysAlone() {
        StoreLimits limits;
        limits.bytes = 1000;
        CaptureStore store(limits);
        store.append(eventOf(1));
        store.append(eventOf(2, std::string(5000, 'x')));
        QCOMPARE(store.size(), std::size_t{1});
        QCOMPARE(store.payload(store.begin()).size(), std::size_t{5000});
        store.append(eventOf(3));
        QCOMPARE(store.size(), std::size_t{1});
        QCOMPARE(store.at(store.begin())->seq, std::uint64_t{3});
        QVERIFY(addsUp(store));
    }

    void clearKeepsCountingPositions() {
        CaptureStore store;
        for (std::uint64_t i = 1; i <= 5000; ++i) {
            store.append(eventOf(i));
        }
        store.clear();
        QVERIFY(store.empty());
        QCOMPARE(store.bytes(), std::size_t{0});
        QCOMPARE(store.cleared(), std::uint64_t{5000});
        QCOMPARE(store.texts().size(), std::size_t{0});
        QVERIFY(store.at(4999) == nullptr);
        store.append(eventOf(5001));
        QCOMPARE(store.begin(), std::uint64_t{5000});
        QCOMPARE(store.at(5000)->seq, std::uint64_t{5001});
        QVERIFY(addsUp(store));
    }

    void smallerLimitsEvictAtOnce() {
        CaptureStore store;
        for (std::uint64_t i = 1; i <= 5000; ++i) {
            store.append(eventOf(i));
        }
        StoreLimits limits;
        limits.events = 3000;
        store.setLimits(limits);
        QVERIFY(store.size() <= 3000);
        QVERIFY(!store.empty());
        QVERIFY(addsUp(store));
    }

    void forgetsTextsThatLeftWithTheirEvents() {
        StoreLimits limits;
        limits.events = 80;
        CaptureStore store(limits);
        for (std::uint64_t i = 1; i <= 10'000; ++i) {
            store.append(eventOf(i, "{}", "channel-" + std::to_string(i)));
        }
        QVERIFY(store.texts().size() <= 80);
        QCOMPARE(store.text(store.at(store.end() - 1)->channel), std::string_view("channel-10000"));
        QCOMPARE(store.text(store.at(store.begin())->channel),
                 std::string_view("channel-" + std::to_string(store.begin() + 1)));
    }

    void findsAPositionBySequence() {
        CaptureStore store;
        for (std::uint64_t i = 1; i <= 6000; ++i) {
            store.append(eventOf(i * 2));
        }
        QCOMPARE(store.positionOfSeq(2), std::uint64_t{0});
        QCOMPARE(store.positionOfSeq(3), std::uint64_t{1});
        QCOMPARE(store.positionOfSeq(12'000), std::uint64_t{5999});
        QCOMPARE(store.positionOfSeq(12'001), store.end());
    }

    void visitsForwardsAndBackwards() {
        StoreLimits limits;
        limits.events = 1000;
        CaptureStore store(limits);
        for (std::uint64_t i = 1; i <= 1500; ++i) {
            store.append(eventOf(i, std::to_string(i)));
        }
        std::uint64_t expected = store.begin();
        auto stop =
            store.forEach(0, 99'999, [&](CaptureStore::Position p, const StoredEvent& e, std::string_view payload) {
                const bool good = p == expected && e.seq == p + 1 && payload == std::to_string(e.seq);
                ++expected;
                return good;
            });
        QCOMPARE(stop, store.end());
        QCOMPARE(expected, store.end());
        stop = store.forEachBackwards(99'999, 0, [&](CaptureStore::Position p, const StoredEvent& e, std::string_view) {
            --expected;
            return p == expected && e.seq == p + 1;
        });
        QCOMPARE(stop, store.begin());
        QCOMPARE(expected, store.begin());

        stop = store.forEach(store.begin(), store.end(), [](auto p, const auto&, auto) { return p < 900; });
        QCOMPARE(stop, std::uint64_t{901});
        stop = store.forEachBackwards(store.end(), store.begin(), [](auto p, const auto&, auto) { return p > 900; });
        QCOMPARE(stop, std::uint64_t{900});
    }
};

QTEST_APPLESS_MAIN(StoreTest)
#include "tst_store.moc"
