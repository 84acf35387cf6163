#include "ui/widgets/check_row.h"

#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace xshathra::ui {

CheckRow::CheckRow(QWidget* parent)
    : QWidget(parent),
      icon_(new IconLabel(QStringLiteral("skipped"), Token::Text3)),
      name_(new Label({}, TextStyle::SmallMedium)),
      value_(new Label({}, TextStyle::Small, Token::Text2)),
      details_(new QWidget),
      found_(new Label({}, TextStyle::Mono, Token::Err)),
      expected_(new Label({}, TextStyle::Mono, Token::Ok)),
      advice_(new Label({}, TextStyle::Small, Token::Text2)) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::kSpace12, metrics::kSpace6, metrics::kSpace12, metrics::kSpace6);
    column->setSpacing(metrics::kSpace4);
    auto* head = new QHBoxLayout;
    head->setSpacing(metrics::kSpace8);
    head->addWidget(icon_);
    head->addWidget(name_);
    head->addWidget(value_, 1);
    value_->setElide(Qt::ElideRight);
    column->addLayout(head);

    constexpr int kLabelWidth = 64;
    auto* grid = new QGridLayout(details_);
    grid->setContentsMargins(metrics::kIcon + metrics::kSpace8, 0, 0, metrics::kSpace4);
    grid->setHorizontalSpacing(metrics::kSpace8);
    grid->setVerticalSpacing(metrics::kSpace4);
    grid->setColumnMinimumWidth(0, kLabelWidth);
    grid->setColumnStretch(1, 1);
    grid->addWidget(new Label(QStringLiteral("Found"), TextStyle::Small, Token::Text2), 0, 0);
    grid->addWidget(found_, 0, 1);
    grid->addWidget(new Label(QStringLiteral("Expected"), TextStyle::Small, Token::Text2), 1, 0);
    grid->addWidget(expected_, 1, 1);
    grid->addWidget(advice_, 2, 0, 1, 2);
    found_->setWordWrap(true);
    expected_->setWordWrap(true);
    advice_->setWordWrap(true);
    column->addWidget(details_);
    details_->hide();
}

void CheckRow::setCheck(Outcome outcome, const QString& name, const QString& found, const QString& expected,
                        const QString& advice) {
    outcome_ = outcome;
    const bool failed = outcome == Outcome::Fail;
    const auto dash = QString(QChar(0x2013));
    name_->setText(name);
    name_->setColor(outcome == Outcome::NotReached ? Token::Text3 : Token::Text);
    value_->setText(outcome == Outcome::Pass         ? found
                    : outcome == Outcome::NotReached ? QStringLiteral("not reached")
                                                     : QString());
    value_->setColor(outcome == Outcome::NotReached ? Token::Text3 : Token::Text2);
    switch (outcome) {
        case Outcome::Pass: icon_->setIcon(QStringLiteral("ok"), Token::Ok); break;
        case Outcome::Fail: icon_->setIcon(QStringLiteral("error"), Token::Err); break;
        case Outcome::NotReached: icon_->setIcon(QStringLiteral("skipped"), Token::Text3); break;
    }
    found_->setText(found.isEmpty() ? dash : found);
    expected_->setText(expected.isEmpty() ? dash : expected);
    advice_->setText(advice);
    advice_->setVisible(!advice.isEmpty());
    details_->setVisible(failed);
    if (remedy_ != nullptr)
        remedy_->setVisible(failed);
    const auto word = failed                     ? QStringLiteral("failed")
                      : outcome == Outcome::Pass ? QStringLiteral("passed")
                                                 : QStringLiteral("not reached");
    setAccessibleName(
        failed ? QStringLiteral("%1, failed, found %2, expected %3").arg(name, found_->text(), expected_->text())
               : QStringLiteral("%1, %2").arg(name, word));
    update();
}

Button* CheckRow::setRemedy(const QString& text, const QString& objectName) {
    delete remedy_;
    remedy_ = nullptr;
    if (text.isEmpty())
        return nullptr;
    remedy_ = new Button(text, objectName, details_, Button::Kind::Primary, Button::Size::Small);
    static_cast<QGridLayout*>(details_->layout())->addWidget(remedy_, 0, 2, 2, 1, Qt::AlignRight | Qt::AlignVCenter);
    remedy_->setVisible(outcome_ == Outcome::Fail);
    return remedy_;
}

void CheckRow::paintEvent(QPaintEvent*) {
    if (outcome_ != Outcome::Fail)
        return;
    QPainter painter(this);
    paintBox(painter, rect(), metrics::kRadiusNavigation, Token::ErrBg, Token::ErrLine);
}

}  // namespace xshathra::ui
