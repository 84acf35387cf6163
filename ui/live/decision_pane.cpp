#include "ui/live/decision_pane.h"

#include "ui/live/pane_heading.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/check_row.h"

#include <QScrollArea>
#include <QVBoxLayout>

#include <utility>

namespace xshathra::ui {

namespace {

CheckRow::Outcome rowOutcome(int outcome) {
    switch (static_cast<capture::Outcome>(outcome)) {
        case capture::Outcome::Pass: return CheckRow::Outcome::Pass;
        case capture::Outcome::Fail: return CheckRow::Outcome::Fail;
        case capture::Outcome::NotReached: break;
    }
    return CheckRow::Outcome::NotReached;
}

}  // namespace

DecisionPane::DecisionPane(QWidget* parent)
    : QWidget(parent), heading_(new PaneHeading(QStringLiteral("shield"), tr("Decision"))), rows_(new QVBoxLayout) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(heading_);

    auto* content = new QWidget;
    content->setBackgroundRole(QPalette::Base);
    rows_->setContentsMargins(metrics::kSpace8, metrics::kSpace8, metrics::kSpace8, metrics::kSpace8);
    rows_->setSpacing(0);
    auto* stretched = new QVBoxLayout(content);
    stretched->setContentsMargins(0, 0, 0, 0);
    stretched->addLayout(rows_);
    stretched->addStretch();

    auto* scroll = new QScrollArea;
    scroll->setObjectName(QStringLiteral("liveInspector.decision"));
    scroll->setAccessibleName(tr("Checks of the decision"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->viewport()->setBackgroundRole(QPalette::Base);
    scroll->setWidget(content);
    column->addWidget(scroll, 1);
}

void DecisionPane::setDecision(std::shared_ptr<const capture::Decision> decision) {
    model_.setDecision(std::move(decision));
    while (QLayoutItem* item = rows_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    heading_->setFigure(model_.tally());
    for (int row = 0; row < model_.rowCount(); ++row) {
        const QModelIndex index = model_.index(row);
        auto* check = new CheckRow;
        check->setObjectName(QStringLiteral("liveInspector.check%1").arg(row));
        check->setCheck(rowOutcome(index.data(models::DecisionModel::OutcomeRole).toInt()), index.data().toString(),
                        index.data(models::DecisionModel::FoundRole).toString(),
                        index.data(models::DecisionModel::ExpectedRole).toString(),
                        index.data(models::DecisionModel::AdviceRole).toString());
        rows_->addWidget(check);
    }
}

}  // namespace xshathra::ui
