#include "server/engine/compared_text.h"
#include "server/engine/counted_bytes.h"
#include "server/engine/eviction.h"
#include "server/engine/history_stream.h"
#include "server/engine/idempotency_cache.h"

#include <QtTest>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

using namespace xshathra;
using namespace xshathra::engine;

namespace {

using Cache = IdempotencyCache;

constexpr Nanoseconds kWindow = Seconds(300);

struct Entry {
    Entry(std::atomic<std::size_t>& total, std::size_t size, int usedAt, bool isSpared = false)
        : bytes(total), lastUse(usedAt), spared(isSpared) {
        bytes.set(size);
    }

    CountedBytes bytes;
    Nanoseconds lastUse;
    bool spared;
};

}  // namespace

/// What many owners take together: how it is counted, and how it is kept within a limit.
class EngineTotalsTest : public QObject {
    Q_OBJECT

    static void aroundTheLimit() {
        QTest::addColumn<int>("more");
        QTest::newRow("n-1") << -1;
        QTest::newRow("n") << 0;
        QTest::newRow("n+1") << 1;
    }

    std::atomic<std::size_t> total_{0};

    using Entries = StripedMap<std::unique_ptr<Entry>, 4>;

    void put(Entries& entries, const std::string& name, std::size_t size, int usedAt, bool spared = false) {
        entries.of(name).entries[name] = std::make_unique<Entry>(total_, size, usedAt, spared);
    }
    /// Empties what is freed; "a b" are the names in the order in which they were.
    std::string keep(Eviction& eviction, Entries& entries, std::size_t limit) {
        std::string freed;
        eviction.keep(
            total_, limit, entries,
            [](const auto& entry) -> Eviction::Rank {
                if (entry->bytes.value() == 0)
                    return std::nullopt;
                return std::pair(entry->spared, entry->lastUse);
            },
            [&freed](Entries::Stripe&, auto at) {
                freed += (freed.empty() ? "" : " ") + at->first;
                at->second->bytes.set(0);
            });
        return freed;
    }

private Q_SLOTS:
    void init() { total_ = 0; }
    /// Whatever was counted, nothing is left when its owners are gone.
    void cleanup() { QCOMPARE(total_.load(), std::size_t(0)); }

    void bytesAreCountedAsLongAsTheirOwnerLives() {
        CountedBytes one(total_);
        QCOMPARE(total_.load(), std::size_t(0));
        one.set(7);
        QCOMPARE(one.value(), std::size_t(7));
        {
            CountedBytes other(total_);
            other.set(100);
            one.set(3);
            QCOMPARE(total_.load(), std::size_t(103));
            other.set(0);
            other.set(1);
            QCOMPARE(total_.load(), std::size_t(4));
        }
        QCOMPARE(total_.load(), std::size_t(3));
    }

    void keysAreForgottenInTime_data() {
        QTest::addColumn<int>("more");
        QTest::addColumn<bool>("known");
        QTest::newRow("n-1") << -1 << true;
        QTest::newRow("n") << 0 << false;
        QTest::newRow("n+1") << 1 << false;
    }
    void keysAreForgottenInTime() {
        QFETCH(int, more);
        QFETCH(bool, known);
        const auto when = Seconds(1) + kWindow + Nanoseconds(more);
        Cache cache(total_);
        cache.add("k", {7, "e"}, Seconds(1), kWindow, 2);
        // The first result counts, and its time too.
        cache.add("k", {8, "f"}, Seconds(2), kWindow, 2);
        QVERIFY(cache.find("other", when) == nullptr);
        const auto* found = cache.find("k", when);
        QCOMPARE(found != nullptr, known);
        if (known) {
            QCOMPARE(found->offset, std::uint64_t(7));
            QCOMPARE(found->epoch, std::string("e"));
        }
        QCOMPARE(cache.empty(), !known);
        cache.expire(Seconds(1) + kWindow);
        QVERIFY(cache.empty());
    }

    void keysAreBoundedInNumber_data() { aroundTheLimit(); }
    void keysAreBoundedInNumber() {
        QFETCH(int, more);
        constexpr std::size_t kMost = 3;
        const auto count = int(kMost) + more;
        Cache cache(total_);
        for (int i = 1; i <= count; ++i)
            cache.add(std::to_string(i), {std::uint64_t(i), {}}, Seconds(i), kWindow, kMost);
        QCOMPARE(cache.size(), std::min(std::size_t(count), kMost));
        // The oldest has gone.
        QCOMPARE(cache.find("1", Seconds(10)) != nullptr, more <= 0);
        for (int i = 2; i <= count; ++i)
            QCOMPARE(cache.find(std::to_string(i), Seconds(10))->offset, std::uint64_t(i));
        QCOMPARE(cache.bytes(), Cache::kOverhead + cache.size() * (Cache::kKeyOverhead + 1));
    }

    void keysTakeTheSameRoomWhateverTheirLength() {
        Cache cache(total_);
        QCOMPARE(cache.bytes(), std::size_t(0));
        const auto key = [](std::size_t length, char last) { return std::string(length - 1, 'k') + last; };
        const auto ofOne = Cache::kOverhead + Cache::kKeyOverhead;
        for (const auto length :
             {kMaxComparedBytes - 1, kMaxComparedBytes, kMaxComparedBytes + 1, std::size_t(100'000)}) {
            cache.add(key(length, 'a'), {7, ""}, Seconds(0), kWindow, 2);
            QCOMPARE(cache.bytes(), ofOne + std::min(length, kMaxComparedBytes + 1));
            QCOMPARE(total_.load(), cache.bytes());
            QVERIFY(cache.find(key(length, 'b'), Seconds(1)) == nullptr);
            QCOMPARE(cache.find(key(length, 'a'), Seconds(1))->offset, std::uint64_t(7));
            // What stands for a long key is no key of a client's.
            QVERIFY(cache.find(comparedText(key(length, 'a')), Seconds(1)) == nullptr || length <= kMaxComparedBytes);
            cache.expire(kWindow);
            QCOMPARE(cache.bytes(), std::size_t(0));
        }
    }

    void cachesCountInTheirTotal() {
        constexpr auto kOfKey = Cache::kKeyOverhead + 1 + 8;
        Cache one(total_);
        auto other = std::make_unique<Cache>(total_);
        for (const auto* name : {"1", "2", "3"}) {
            one.add(name, {1, "12345678"}, Seconds(0), kWindow, 2);
            other->add(name, {1, "12345678"}, Seconds(10), kWindow, 9);
        }
        QCOMPARE(one.bytes(), Cache::kOverhead + 2 * kOfKey);
        QCOMPARE(other->bytes(), Cache::kOverhead + 3 * kOfKey);
        QCOMPARE(total_.load(), one.bytes() + other->bytes());
        // Looking forgets what is over.
        QVERIFY(one.find("3", kWindow) == nullptr);
        QCOMPARE(total_.load(), other->bytes());
        one.add("1", {1, "12345678"}, kWindow, kWindow, 2);
        QCOMPARE(total_.load(), Cache::kOverhead + kOfKey + other->bytes());
        other.reset();
        QCOMPARE(total_.load(), one.bytes());
        one.clear();
        QVERIFY(one.empty());
        QVERIFY(one.find("1", kWindow) == nullptr);
        QCOMPARE(total_.load(), std::size_t(0));
        one.add("1", {1, ""}, kWindow, kWindow, 2);
        QCOMPARE(one.size(), std::size_t(1));
    }

    void streamsCountInTheirTotal() {
        constexpr StreamOptions kOptions{2, Seconds(60), Seconds(600)};
        constexpr auto kOne = HistoryStream::kPublicationOverhead + 1;
        const auto add = [&kOptions](HistoryStream& stream) {
            auto publication = std::make_shared<StoredPublication>();
            publication->offset = stream.nextOffset();
            publication->data = SharedBytes(std::string("1"));
            stream.add(publication, kOptions, 1 << 20, Seconds(0));
        };
        HistoryStream one(1, Seconds(0), total_);
        auto other = std::make_unique<HistoryStream>(2, Seconds(0), total_);
        for (int i = 0; i < 3; ++i)
            add(one);
        add(*other);
        QCOMPARE(one.bytes(), 2 * kOne);
        QCOMPARE(total_.load(), 3 * kOne);
        one.expire(Seconds(60));
        QCOMPARE(total_.load(), kOne);
        add(one);
        other.reset();
        QCOMPARE(total_.load(), kOne);
        one.clear();
        QCOMPARE(total_.load(), std::size_t(0));
    }

    void evictionFreesAnEighthOnceTheLimitIsPassed_data() { aroundTheLimit(); }
    void evictionFreesAnEighthOnceTheLimitIsPassed() {
        QFETCH(int, more);
        Entries entries;
        Eviction eviction;
        for (int i = 0; i < 16; ++i)
            put(entries, std::to_string(i), 10, 100 - i);
        put(entries, "newest", std::size_t(1 + more), 200);
        // 161 and `more`, where 161 is allowed; 141 are when an eighth is free.
        const auto freed = keep(eviction, entries, 161);
        QCOMPARE(freed, std::string(more > 0 ? "15 14 13" : ""));
        QCOMPARE(total_.load(), std::size_t(more > 0 ? 132 : 161 + more));
    }

    void evictionSparesTheOnesToSpare() {
        Entries entries;
        Eviction eviction;
        put(entries, "spared", 10, 1, true);
        put(entries, "empty", 0, 2);
        put(entries, "old", 10, 3);
        put(entries, "new", 10, 4);
        QCOMPARE(keep(eviction, entries, 29), std::string("old"));
        QCOMPARE(keep(eviction, entries, 19), std::string("new"));
        QCOMPARE(keep(eviction, entries, 0), std::string("spared"));
        QCOMPARE(keep(eviction, entries, 0), std::string());
    }
};

QTEST_APPLESS_MAIN(EngineTotalsTest)
#include "tst_engine_totals.moc"
