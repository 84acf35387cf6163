#include "ui/models/row_index.h"

#include <QtTest>

#include <deque>
#include <random>

using xshathra::models::RowIndex;

class RowIndexTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void growsAtBothEndsAndLosesAtTheFront() {
        // Against a deque that does the same, from a start beyond 32 bits.
        std::mt19937 random(11);
        RowIndex index;
        std::deque<std::uint64_t> expected;
        std::uint64_t low = 6'000'000'000;
        std::uint64_t high = low;
        for (int step = 0; step < 5000; ++step) {
            switch (random() % 4) {
                case 0:
                case 1:
                    high += 1 + random() % 3;
                    index.append(high);
                    expected.push_back(high);
                    break;
                case 2:
                    low -= 1 + random() % 3;
                    index.prepend(low);
                    expected.push_front(low);
                    break;
                default: {
                    const std::size_t count = std::min<std::size_t>(random() % 4, expected.size());
                    index.dropFront(count);
                    expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(count));
                    if (!expected.empty()) {
                        low = expected.front();
                    } else {
                        low = high;
                    }
                }
            }
            QCOMPARE(index.size(), expected.size());
            if (!expected.empty()) {
                const std::size_t at = random() % expected.size();
                QCOMPARE(index[at], expected[at]);
                QCOMPARE(index.lowerBound(expected[at]), at);
                QCOMPARE(index[0], expected.front());
                QCOMPARE(index[expected.size() - 1], expected.back());
            }
        }
        QVERIFY(expected.size() > 100);
    }

    void survivesMorePositionsThan32BitsHold() {
        RowIndex index;
        index.append(5);
        index.append(4'000'000'000);
        index.dropFront(1);
        index.append(5'000'000'000);
        index.append(8'000'000'000);
        QCOMPARE(index.size(), std::size_t{3});
        QCOMPARE(index[0], std::uint64_t{4'000'000'000});
        QCOMPARE(index[1], std::uint64_t{5'000'000'000});
        QCOMPARE(index[2], std::uint64_t{8'000'000'000});
    }

    void lowerBoundOfNothingIsTheEnd() {
        RowIndex index;
        QCOMPARE(index.lowerBound(3), std::size_t{0});
        index.append(2);
        QCOMPARE(index.lowerBound(3), std::size_t{1});
        QCOMPARE(index.lowerBound(2), std::size_t{0});
        index.clear();
        QVERIFY(index.empty());
    }
};

QTEST_APPLESS_MAIN(RowIndexTest)
#include "tst_row_index.moc"
