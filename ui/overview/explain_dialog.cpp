#include "ui/overview/explain_dialog.h"

#include "server/capture/decision.h"
#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/check_row.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

namespace xshathra::ui {

namespace {

CheckRow::Outcome outcomeOf(capture::Outcome outcome) {
    switch (outcome) {
        case capture::Outcome::Pass: return CheckRow::Outcome::Pass;
        case capture::Outcome::Fail: return CheckRow::Outcome::Fail;
        case capture::Outcome::NotReached: break;
    }
    return CheckRow::Outcome::NotReached;
}

/// Whether a failed check already shows the advice.
bool saidByCheck(const Problem& problem) {
    return problem.decision && std::any_of(problem.decision->checks.cbegin(), problem.decision->checks.cend(),
                                           [&](const capture::Check& check) {
                                               return check.outcome == capture::Outcome::Fail &&
                                                      QString::fromStdString(check.advice) == problem.advice;
                                           });
}

}  // namespace

ExplainDialog::ExplainDialog(const Problem& problem, QWidget* parent) : QDialog(parent) {
    constexpr int kWidth = 620;
    setObjectName(QStringLiteral("explain"));
    setWindowTitle(QStringLiteral("What happened"));
    setMinimumWidth(kWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::kSpace20, metrics::kSpace20, metrics::kSpace20, metrics::kSpace16);
    column->setSpacing(metrics::kSpace12);

    auto* title = new Label(problem.what, TextStyle::ViewTitle);
    title->setWordWrap(true);
    column->addWidget(title);
    auto* verdict = new StateCard;
    verdict->setState(problem.warning ? Tone::Warn : Tone::Err, problem.cause.isEmpty() ? problem.what : problem.cause,
                      problem.who, true);
    column->addWidget(verdict);

    if (problem.decision && !problem.decision->checks.empty()) {
        auto* rows = new QWidget;
        auto* list = new QVBoxLayout(rows);
        list->setContentsMargins(0, 0, 0, 0);
        list->setSpacing(metrics::kSpace2);
        for (const auto& check : problem.decision->checks) {
            auto* row = new CheckRow;
            row->setCheck(outcomeOf(check.outcome), QString::fromStdString(check.name),
                          QString::fromStdString(check.found), QString::fromStdString(check.expected),
                          QString::fromStdString(check.advice));
            list->addWidget(row);
        }
        list->addStretch();
        auto* area = new QScrollArea;
        area->setObjectName(QStringLiteral("explain.checks"));
        area->setAccessibleName(QStringLiteral("Checks in the order of evaluation"));
        area->setFrameShape(QFrame::NoFrame);
        area->setWidgetResizable(true);
        area->setWidget(rows);
        constexpr int kTallest = 420;
        area->setMinimumHeight(qMin(rows->sizeHint().height() + metrics::kSpace4, kTallest));
        column->addWidget(area, 1);
    }
    if (!problem.advice.isEmpty() && !saidByCheck(problem)) {
        auto* advice = new Label(problem.advice, TextStyle::Body);
        advice->setWordWrap(true);
        column->addWidget(new Label(QStringLiteral("What to do"), TextStyle::SmallMedium, Token::Text2));
        column->addWidget(advice);
    }

    auto* foot = new QHBoxLayout;
    foot->setSpacing(metrics::kSpace8);
    auto* show = new Button(QStringLiteral("Show in Live"), QStringLiteral("explain.show"));
    show->setIconName(QStringLiteral("live"));
    auto* close = new Button(QStringLiteral("Close"), QStringLiteral("explain.close"), nullptr, Button::Kind::Primary);
    close->setDefault(true);
    foot->addStretch();
    foot->addWidget(show);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    connect(show, &QPushButton::clicked, this, [this, problem] {
        Q_EMIT showRequested(problem);
        accept();
    });
    close->setFocus(Qt::OtherFocusReason);
}

}  // namespace xshathra::ui
