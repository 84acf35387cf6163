#include "server/protocol/fossil_delta.h"

#include <QtTest>

#include <random>
#include <string>

using namespace xshathra::protocol;

namespace {

/// Texts that have much in common, as successive states of one document have.
class Documents {
public:
    explicit Documents(std::uint32_t seed) : random_(seed) {}

    std::size_t upTo(std::size_t max) { return std::uniform_int_distribution<std::size_t>(0, max)(random_); }
    std::string noise(std::size_t size, std::size_t letters) {
        std::string text(size, '\0');
        for (auto& c : text)
            c = char(letters == 256 ? upTo(255) : 32 + upTo(letters - 1));
        return text;
    }
    /// Some pieces of `text` left out, doubled or replaced.
    std::string edited(std::string text, std::size_t letters) {
        for (auto edits = upTo(5); edits > 0; --edits) {
            const auto from = upTo(text.size());
            const auto length = upTo(std::min<std::size_t>(text.size() - from, 60));
            const auto piece = text.substr(from, length);
            text.replace(from, length, noise(upTo(30), letters) + (upTo(3) == 0 ? piece + piece : std::string()));
        }
        return text;
    }

private:
    std::mt19937 random_;
};

}  // namespace

class FossilDeltaTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// What the encoder of the real program makes of the same texts.
    void makesTheDeltasOfCentrifugo_data() {
        QTest::addColumn<QByteArray>("base");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("delta");
        const QByteArray long40(40, 'x');
        QTest::newRow("empty") << QByteArray() << QByteArray() << QByteArray("0\n0:0;");
        QTest::newRow("short base") << QByteArray("{\"a\":1}") << QByteArray("{\"a\":2}")
                                    << QByteArray("7\n7:{\"a\":2}2qLDtY;");
        QTest::newRow("last digit changed")
            << QByteArray("{\"a\": \"" + long40 + " <\xC3\xA9&>\", \"n\":1}")
            << QByteArray("{\"a\": \"" + long40 + " <\xC3\xA9&>\", \"n\":2}") << QByteArray("z\nx@0,2:2}un2yn;");
    }

    void makesTheDeltasOfCentrifugo() {
        QFETCH(QByteArray, base);
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, delta);
        QCOMPARE(QByteArray::fromStdString(makeFossilDelta(base.toStdString(), target.toStdString())), delta);
    }

    void whatWasMadeIsAppliedAgain() {
        Documents documents(1);
        std::size_t shorter = 0;
        for (int i = 0; i < 2000; ++i) {
            const auto letters = i % 7 == 0 ? std::size_t(256) : 2 + documents.upTo(60);
            const auto base = documents.noise(documents.upTo(i % 10 == 0 ? 5000 : 400), letters);
            const auto target =
                i % 50 == 0 ? documents.noise(documents.upTo(300), letters) : documents.edited(base, letters);
            const auto delta = makeFossilDelta(base, target);
            const auto made = applyFossilDelta(base, delta);
            QVERIFY2(made.has_value(), qPrintable(QString::number(i)));
            QVERIFY2(*made == target, qPrintable(QString::number(i)));
            shorter += delta.size() < target.size() ? 1 : 0;
        }
        QVERIFY2(shorter > 1500, qPrintable(QString::number(shorter)));
    }

    void similarTextsMakeShortDeltas() {
        Documents documents(2);
        const auto base = documents.noise(20'000, 90);
        auto target = base;
        target.replace(9'000, 5, "changed");
        QVERIFY(makeFossilDelta(base, target).size() < 60);
        // Repetition all over mustn't make the search slow.
        QCOMPARE(applyFossilDelta(std::string(60'000, 'a'),
                                  makeFossilDelta(std::string(60'000, 'a'), std::string(50'000, 'a') + "b")),
                 std::string(50'000, 'a') + "b");
    }

    void cutDeltasAreRefused() {
        Documents documents(3);
        const auto base = documents.noise(300, 40);
        const auto target = documents.edited(documents.edited(base, 40), 40);
        const auto delta = makeFossilDelta(base, target);
        for (std::size_t length = 0; length < delta.size(); ++length)
            QVERIFY2(!applyFossilDelta(base, std::string_view(delta).substr(0, length)),
                     qPrintable(QString::number(length)));
        QVERIFY(!applyFossilDelta(base, delta + "0"));
    }

    /// Damage is refused or, where it doesn't matter, harmless; it never reads or writes outside.
    void damagedDeltasGiveTheTargetOrNothing() {
        Documents documents(4);
        const auto base = documents.noise(200, 40);
        const auto target = documents.edited(base, 40);
        const auto delta = makeFossilDelta(base, target);
        for (int i = 0; i < 5000; ++i) {
            auto damaged = delta;
            for (auto changes = 1 + documents.upTo(2); changes > 0; --changes)
                damaged[documents.upTo(damaged.size() - 1)] = char(documents.upTo(255));
            const auto made = applyFossilDelta(base, damaged, 100'000);
            if (made)
                QCOMPARE(made->size() <= 100'000, true);
        }
        for (int i = 0; i < 5000; ++i)
            static_cast<void>(applyFossilDelta(base, documents.noise(documents.upTo(40), 64), 100'000));
    }

    void refusals_data() {
        QTest::addColumn<QByteArray>("delta");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("no line break") << QByteArray("3:abc2jn;");
        QTest::newRow("literal beyond the target") << QByteArray("1\n2:ab0;");
        QTest::newRow("literal beyond the delta") << QByteArray("3\n3:a");
        QTest::newRow("copy beyond the base") << QByteArray("3\n3@F,0;");
        QTest::newRow("copy from far outside") << QByteArray("3\n3@3~~~~~,0;");
        QTest::newRow("copy beyond the target") << QByteArray("1\n3@0,0;");
        QTest::newRow("copy without comma") << QByteArray("3\n3@0;0;");
        QTest::newRow("number beyond 32 bits") << QByteArray("4000000\n3@0,0;");
        QTest::newRow("unknown operator") << QByteArray("3\n3!0,0;");
        QTest::newRow("wrong checksum") << QByteArray("3\n3@0,1;");
        QTest::newRow("shorter than announced") << QByteArray("4\n3@0,lCJ80;");
        QTest::newRow("more than allowed") << QByteArray("~~~~\n");
    }

    void refusals() {
        QFETCH(QByteArray, delta);
        QVERIFY(!applyFossilDelta("0123456789abcdef", delta.toStdString()));
    }

    void theSizeLimitIsExact() {
        const std::string target(100, 'x');
        const auto delta = makeFossilDelta(target, target);
        QVERIFY(!applyFossilDelta(target, delta, 99));
        QVERIFY(applyFossilDelta(target, delta, 100).has_value());
        QVERIFY(applyFossilDelta(target, delta, 101).has_value());
    }
};

QTEST_APPLESS_MAIN(FossilDeltaTest)
#include "tst_fossil_delta.moc"
