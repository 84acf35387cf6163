#include "ui/models/decision_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

using namespace xshathra;
using namespace xshathra::models;
using namespace Qt::StringLiterals;

class DecisionModelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void showsTheChecksInTheirOrder() {
        DecisionModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(model.tally().isEmpty());

        auto decision = std::make_shared<capture::Decision>();
        decision->verdict = capture::Verdict::Refused;
        decision->code = 103;
        decision->summary = "The token is for another channel.";
        decision->took = Nanoseconds(80'000);
        decision->checks = {
            {"Signature", capture::Outcome::Pass, "HS256", "", ""},
            {"Channel", capture::Outcome::Fail, "channel = \"vip\"", "channel = \"$vip\"", "Mint a token for $vip."},
            {"Namespace", capture::Outcome::NotReached, "", "", ""},
        };
        model.setDecision(decision);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.tally(), u"1 passed, 1 failed, 1 not reached   0.08 ms"_s);
        QCOMPARE(model.summary(), u"The token is for another channel."_s);
        const QModelIndex failed = model.index(1);
        QCOMPARE(failed.data().toString(), u"Channel"_s);
        QCOMPARE(failed.data(DecisionModel::OutcomeRole).toInt(), static_cast<int>(capture::Outcome::Fail));
        QCOMPARE(failed.data(DecisionModel::FoundRole).toString(), u"channel = \"vip\""_s);
        QCOMPARE(failed.data(DecisionModel::ExpectedRole).toString(), u"channel = \"$vip\""_s);
        QCOMPARE(failed.data(DecisionModel::AdviceRole).toString(), u"Mint a token for $vip."_s);
        QCOMPARE(failed.data(Qt::AccessibleTextRole).toString(), u"Channel: failed"_s);

        model.setDecision(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    void escapesUntrustedText() {
        auto decision = std::make_shared<capture::Decision>();
        decision->checks = {{"Origin", capture::Outcome::Fail, "http://a\nb\xE2\x80\xAE", "", ""}};
        DecisionModel model;
        model.setDecision(decision);
        QCOMPARE(model.index(0).data(DecisionModel::FoundRole).toString(), u"http://a\\nb\\u202e"_s);
    }
};

QTEST_APPLESS_MAIN(DecisionModelTest)
#include "tst_decision_model.moc"
