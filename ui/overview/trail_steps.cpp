#include "ui/overview/trail_steps.h"

#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

using Outcome = TrailStepView::Outcome;

QString iconOf(Outcome outcome) {
    switch (outcome) {
        case Outcome::Done: return QStringLiteral("ok");
        case Outcome::Failed: return QStringLiteral("error");
        case Outcome::Waiting: break;
    }
    return QStringLiteral("clock");
}

Token tokenOf(Outcome outcome) {
    switch (outcome) {
        case Outcome::Done: return Token::Ok;
        case Outcome::Failed: return Token::Err;
        case Outcome::Waiting: break;
    }
    return Token::Text3;
}

}  // namespace

TrailSteps::TrailSteps(QWidget* parent)
    : QWidget(parent), row_(new QHBoxLayout), failure_(new Label({}, TextStyle::Small, Token::Err)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::kSpace4);
    row_->setSpacing(metrics::kSpace6);
    column->addLayout(row_);
    failure_->setWordWrap(true);
    failure_->hide();
    column->addWidget(failure_);
}

void TrailSteps::setSteps(const QList<TrailStepView>& steps) {
    while (auto* item = row_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    QString failure;
    QString spoken;
    for (qsizetype i = 0; i < steps.size(); ++i) {
        const auto& step = steps.at(i);
        if (i > 0)
            row_->addWidget(new Label(QString(QChar(0x2192)), TextStyle::Small, Token::Text3));
        row_->addWidget(new IconLabel(iconOf(step.outcome), tokenOf(step.outcome), metrics::kIcon));
        row_->addWidget(
            new Label(step.name, TextStyle::SmallMedium, step.outcome == Outcome::Failed ? Token::Err : Token::Text));
        const auto time = step.outcome == Outcome::Waiting ? QString() : formatDuration(step.nanoseconds);
        if (!time.isEmpty())
            row_->addWidget(new Label(time, TextStyle::Mono, Token::Text2));
        if (step.outcome == Outcome::Failed)
            failure = step.detail;
        spoken += QStringLiteral("%1 %2. ").arg(step.name, time);
    }
    row_->addStretch();
    failure_->setText(failure);
    failure_->setVisible(!failure.isEmpty());
    setAccessibleName(spoken);
}

}  // namespace xshathra::ui
