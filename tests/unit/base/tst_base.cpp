#include "server/base/expected.h"
#include "server/base/ids.h"
#include "server/base/inbox.h"
#include "server/base/log.h"
#include "server/base/result.h"
#include "server/base/shared_bytes.h"
#include "tests/support/manual_clock.h"

#include <QtTest>

#include <algorithm>
#include <set>

using namespace xshathra;

class BaseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void expectedHoldsAValueOrAnError() {
        const Result<int> good = 5;
        QVERIFY(good.has_value());
        QCOMPARE(*good, 5);
        const Result<int> bad = fail("not_found", "There is no such thing.", "id");
        QVERIFY(!bad);
        QCOMPARE(bad.error().code, std::string("not_found"));
        QCOMPARE(bad.error().field, std::string("id"));
        QCOMPARE(bad.value_or(7), 7);
        const Result<void> nothing;
        QVERIFY(nothing.has_value());
    }

    void sharedBytesSliceSharesTheSameMemory() {
        const SharedBytes whole(std::string("hello, world"));
        const SharedBytes part = whole.slice(7);
        QCOMPARE(part.view(), std::string_view("world"));
        QCOMPARE(static_cast<const void*>(part.data()), static_cast<const void*>(whole.data() + 7));
        QVERIFY(whole.slice(12).empty());
        QVERIFY(whole.slice(99).empty());
    }

    void sharedBytesSliceOutlivesTheWhole() {
        SharedBytes part;
        {
            const SharedBytes whole(std::string(1000, 'x') + "tail");
            part = whole.slice(1000);
        }
        QCOMPARE(part.view(), std::string_view("tail"));
    }

    void uuidsAreVersion4AndDistinct() {
        std::set<std::string> seen;
        for (int i = 0; i < 1000; ++i) {
            const auto id = makeUuid();
            QCOMPARE(id.size(), std::size_t(36));
            QCOMPARE(id[14], '4');
            QVERIFY(std::string_view("89ab").find(id[19]) != std::string_view::npos);
            seen.insert(id);
        }
        QCOMPARE(seen.size(), std::size_t(1000));
    }

    void ulidsSortByTimeAndRoundTripTheirForm() {
        const auto early = makeUlid(Milliseconds(1'767'225'600'000));
        const auto late = makeUlid(Milliseconds(1'767'225'600'001));
        QVERIFY(isUlid(early));
        QVERIFY(early < late);
        QCOMPARE(early.substr(0, 10), std::string("01KDVDNA00"));
    }

    void isUlidRefusesOtherForms_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("25 characters") << QByteArray(25, '0');
        QTest::newRow("27 characters") << QByteArray(27, '0');
        QTest::newRow("lower case") << QByteArray("01j9z3t8qhw4r6m2n0c7bvkxef");
        QTest::newRow("letter I") << QByteArray("01J9Z3T8QHW4R6M2N0C7BVKXEI");
        QTest::newRow("past 48 bits of time") << QByteArray("8ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    }
    void isUlidRefusesOtherForms() {
        QFETCH(QByteArray, text);
        QVERIFY(!isUlid(text.toStdString()));
    }

    void randomLettersAreLetters() {
        const auto text = makeRandomLetters(64);
        QCOMPARE(text.size(), std::size_t(64));
        QVERIFY(std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c) != 0; }));
    }

    void inboxWakesOncePerBatch() {
        Inbox<int> inbox;
        QVERIFY(inbox.put(1));
        QVERIFY(!inbox.put(2));
        std::vector<int> taken;
        inbox.takeInto(taken);
        QCOMPARE(taken, (std::vector<int>{1, 2}));
        QVERIFY(inbox.empty());
        QVERIFY(inbox.put(3));
    }

    void logEscapesAndRedacts_data() {
        QTest::addColumn<QByteArray>("in");
        QTest::addColumn<QByteArray>("out");
        QTest::newRow("line break") << QByteArray("a\nb") << QByteArray("a\\x0ab");
        QTest::newRow("escape sequence") << QByteArray("\x1b[31m") << QByteArray("\\x1b[31m");
        QTest::newRow("server key") << QByteArray("key xsk_live_abc123 used") << QByteArray("key [redacted] used");
        QTest::newRow("client key in a URL") << QByteArray("?k=xck_test_1&x") << QByteArray("?k=[redacted]&x");
        QTest::newRow("jwt") << QByteArray("token=eyJhbGciOiJI.eyJz.c2ln") << QByteArray("token=[redacted]");
        QTest::newRow("plain") << QByteArray("taxi_sk_1 axsk_") << QByteArray("taxi_sk_1 axsk_");
    }
    void logEscapesAndRedacts() {
        QFETCH(QByteArray, in);
        QFETCH(QByteArray, out);
        QCOMPARE(QByteArray::fromStdString(Log::sanitize(in.toStdString())), out);
    }

    void limitedLogSaysWhatItLeftOut() {
        test::ManualClock clock;
        Log log(clock);
        std::vector<std::string> lines;
        log.addSink([&](const LogRecord& record) { lines.push_back(record.text); });
        for (int i = 0; i < 5; ++i)
            log.writeLimited(LogLevel::Warn, "http", "origin", "origin refused");
        QCOMPARE(lines.size(), std::size_t(1));
        clock.advance(Seconds(60));
        log.writeLimited(LogLevel::Warn, "http", "origin", "origin refused");
        QCOMPARE(lines.size(), std::size_t(2));
        QCOMPARE(lines[1], std::string("origin refused (and 4 more since the last such line)"));
    }

    void logBelowItsLevelIsDropped() {
        test::ManualClock clock;
        Log log(clock);
        int lines = 0;
        log.addSink([&](const LogRecord&) { ++lines; });
        log.debug("ws", "detail");
        QCOMPARE(lines, 0);
        log.setLevel(LogLevel::Debug);
        log.debug("ws", "detail");
        QCOMPARE(lines, 1);
    }
};

QTEST_APPLESS_MAIN(BaseTest)
#include "tst_base.moc"
