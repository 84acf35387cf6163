#include "ui/overview/problem_collector.h"
#include "ui/overview/problems_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

using namespace xshathra;
using namespace xshathra::ui;

namespace {

capture::Event makeEvent(capture::Kind kind, std::uint32_t code, std::uint64_t seq, std::string_view note = {}) {
    capture::Event made;
    made.kind = kind;
    made.code = code;
    made.seq = seq;
    made.note = SharedBytes::copyOf(note);
    made.user = SharedBytes::copyOf("u7");
    made.wall = Seconds{1'800'000'000} + Seconds{seq};
    return made;
}

}  // namespace

class ProblemsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ordinaryEventsAreNoProblems_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<quint32>("code");
        QTest::addColumn<bool>("problem");
        const auto row = [](const char* name, capture::Kind kind, quint32 code, bool problem) {
            QTest::newRow(name) << static_cast<int>(kind) << code << problem;
        };
        row("push", capture::Kind::Push, 0, false);
        row("error 103", capture::Kind::Error, 103, true);
        row("clean close", capture::Kind::Disconnect, 3000, false);
        row("shutdown", capture::Kind::Disconnect, 3004, false);
        row("expired", capture::Kind::Disconnect, 3005, true);
        row("bad request", capture::Kind::Disconnect, 3501, true);
        row("http 200", capture::Kind::Http, 200, false);
        row("http 399", capture::Kind::Http, 399, false);
        row("http 400", capture::Kind::Http, 400, true);
        row("connect", capture::Kind::Connect, 0, false);
        row("connect refused with an error of its own", capture::Kind::Connect, 109, false);
        row("handshake 399", capture::Kind::Connect, 399, false);
        row("handshake 400", capture::Kind::Connect, 400, true);
        row("handshake 599", capture::Kind::Connect, 599, true);
        row("connect refused with a disconnect of its own", capture::Kind::Connect, 3500, false);
    }

    void ordinaryEventsAreNoProblems() {
        QFETCH(int, kind);
        QFETCH(quint32, code);
        QFETCH(bool, problem);
        ProblemCollector collector;
        QCOMPARE(collector.take({makeEvent(static_cast<capture::Kind>(kind), code, 1)}), problem);
        QCOMPARE(collector.problems().size(), problem ? 1 : 0);
    }

    void equalCausesAreOneGroupAndTheNewestComesFirst() {
        ProblemCollector collector;
        collector.take({makeEvent(capture::Kind::Error, 103, 1), makeEvent(capture::Kind::Http, 401, 2),
                        makeEvent(capture::Kind::Error, 103, 3)});
        const auto list = collector.problems();
        QCOMPARE(list.size(), 2);
        QCOMPARE(list.at(0).times, std::uint64_t{2});
        QCOMPARE(list.at(0).seq, std::uint64_t{3});
        QCOMPARE(list.at(1).times, std::uint64_t{1});
        QCOMPARE(collector.total(), std::uint64_t{3});
    }

    void adviceComesFromTheFirstFailedCheck() {
        auto refused = makeEvent(capture::Kind::Error, 109, 1);
        auto decision = std::make_shared<capture::Decision>();
        decision->summary = "The token expired 41 s ago.";
        decision->checks = {{"Signature", capture::Outcome::Pass, "HS256", "", ""},
                            {"Expiry", capture::Outcome::Fail, "exp = 1", "exp > 42", "Mint a new token."},
                            {"Channel", capture::Outcome::NotReached, "", "", ""}};
        refused.decision = decision;
        ProblemCollector collector([](capture::Kind, std::uint32_t) { return QStringLiteral("general"); });
        collector.take({refused});
        QCOMPARE(collector.problems().constFirst().advice, QStringLiteral("Mint a new token."));
        QCOMPARE(collector.problems().constFirst().cause, QStringLiteral("Expiry: exp = 1"));
        collector.take({makeEvent(capture::Kind::Error, 100, 2)});
        QCOMPARE(collector.problems().constFirst().advice, QStringLiteral("general"));
    }

    void groupsAreBoundedAndTheQuietestGoes() {
        ProblemCollector collector;
        for (std::uint32_t i = 0; i <= ProblemCollector::kMaxGroups; ++i)
            collector.take({makeEvent(capture::Kind::Error, 100 + i, i + 1)});
        const auto list = collector.problems();
        QCOMPARE(list.size(), ProblemCollector::kMaxGroups);
        QCOMPARE(list.constLast().seq, std::uint64_t{2});
    }

    void oldGroupsAreForgotten() {
        ProblemCollector collector;
        collector.take({makeEvent(capture::Kind::Error, 103, 0)});
        const auto last = collector.problems().constFirst().last;
        QVERIFY(!collector.forget(last.addSecs(ProblemCollector::kForgetSeconds)));
        QVERIFY(collector.forget(last.addSecs(ProblemCollector::kForgetSeconds + 1)));
        QVERIFY(collector.problems().isEmpty());
    }

    void readsOnlyWhatIsNewInAStore() {
        capture::CaptureStore store;
        ProblemCollector collector;
        store.append(makeEvent(capture::Kind::Error, 103, 1));
        QVERIFY(collector.read(store));
        QVERIFY(!collector.read(store));
        store.append(makeEvent(capture::Kind::Push, 0, 2));
        QVERIFY(!collector.read(store));
        store.append(makeEvent(capture::Kind::Error, 103, 3));
        QVERIFY(collector.read(store));
        QCOMPARE(collector.problems().constFirst().times, std::uint64_t{2});
    }

    void readsALongStoreInParts() {
        capture::StoreLimits limits;
        limits.events = 4 * ProblemCollector::kEventsPerRead;
        capture::CaptureStore store(limits);
        ProblemCollector collector;
        QVERIFY(collector.hasRead(store));
        std::uint64_t seq = 0;
        const auto add = [&](capture::CaptureStore::Position count) {
            for (capture::CaptureStore::Position i = 0; i < count; ++i)
                store.append(makeEvent(capture::Kind::Error, 103, ++seq));
        };
        add(ProblemCollector::kEventsPerRead + 1);
        QVERIFY(collector.read(store));
        QVERIFY(!collector.hasRead(store));
        QCOMPARE(collector.total(), ProblemCollector::kEventsPerRead);
        QVERIFY(collector.read(store));
        QVERIFY(collector.hasRead(store));
        QCOMPARE(collector.total(), ProblemCollector::kEventsPerRead + 1);

        // Those that were evicted unseen cost no turns.
        add(100 * ProblemCollector::kEventsPerRead);
        int turns = 0;
        for (; !collector.hasRead(store); ++turns)
            collector.read(store);
        QVERIFY(turns <= 4);
        QCOMPARE(collector.problems().constFirst().seq, seq);
        store.clear();
        QVERIFY(collector.hasRead(store));
    }

    void modelKeepsTheSelectionOnItsProblem() {
        ProblemsModel model;
        QAbstractItemModelTester tester(&model);
        ProblemCollector collector;
        collector.take({makeEvent(capture::Kind::Error, 103, 1), makeEvent(capture::Kind::Error, 104, 2)});
        model.setProblems(collector.problems());
        const QPersistentModelIndex chosen = model.index(1, 0);
        QCOMPARE(model.at(chosen.row()).seq, std::uint64_t{1});
        collector.take({makeEvent(capture::Kind::Error, 105, 3)});
        model.setProblems(collector.problems());
        QCOMPARE(chosen.row(), 2);
        model.setProblems({});
        QVERIFY(!chosen.isValid());
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_GUILESS_MAIN(ProblemsTest)
#include "tst_problems.moc"
