#include "ui/widgets/secret_row.h"

#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/label.h"

#include <QApplication>
#include <QEvent>
#include <QHBoxLayout>
#include <QTimerEvent>
#include <QVBoxLayout>

#include <utility>

namespace xshathra::ui {

namespace {

constexpr int kShownMs = 60'000;
constexpr int kDots = 26;

}  // namespace

SecretRow::SecretRow(const QString& what, const QString& objectName, QWidget* parent)
    : QWidget(parent),
      text_(new Label({}, TextStyle::MonoBody)),
      below_(new Label({}, TextStyle::MonoBody)),
      reveal_(new Button(QStringLiteral("Reveal"), objectName + QStringLiteral(".reveal"), nullptr,
                         Button::Kind::Standard, Button::Size::Small)),
      copy_(new CopyButton(what, objectName + QStringLiteral(".copy"))),
      actions_(new QHBoxLayout) {
    setObjectName(objectName);
    setAccessibleName(what);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::kSpace4);
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kSpace6);
    column->addLayout(row);
    column->addWidget(below_);
    below_->setElide(Qt::ElideMiddle);
    below_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    below_->hide();
    text_->setElide(Qt::ElideMiddle);
    row->addWidget(text_, 1);
    reveal_->setIconName(QStringLiteral("eye"));
    reveal_->setAccessibleName(QStringLiteral("Reveal %1").arg(what));
    // Both words share one width, so that nothing moves.
    reveal_->setMinimumWidth(reveal_->sizeHint().width());
    row->addWidget(reveal_);
    row->addWidget(copy_);
    actions_->setSpacing(metrics::kSpace6);
    row->addLayout(actions_);
    connect(reveal_, &QPushButton::clicked, this, [this] {
        if (revealed_) {
            conceal();
            return;
        }
        reveal_->setFocus(Qt::OtherFocusReason);
        Q_EMIT revealRequested();
    });
    connect(copy_, &QPushButton::clicked, this, &SecretRow::copyRequested);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
        if (revealed_ && (now == nullptr || !isAncestorOf(now)))
            conceal();
    });
}

void SecretRow::setMasked(const QString& prefix, const QString& lastCharacters) {
    conceal();
    masked_ = prefix + QString(kDots, QChar(0x2022)) + lastCharacters;
    showText();
}

void SecretRow::reveal(const QString& plain) {
    plain_ = plain;
    revealed_ = true;
    if (timer_ != 0)
        killTimer(timer_);
    timer_ = startTimer(kShownMs);
    reveal_->setText(QStringLiteral("Hide"));
    reveal_->setIconName(QStringLiteral("eye-off"));
    showText();
}

void SecretRow::copy(const QString& plain) {
    copyToClipboard(plain, true);
    copy_->showCopied();
}

void SecretRow::conceal() {
    if (!revealed_)
        return;
    revealed_ = false;
    plain_.fill(QLatin1Char(' '));
    plain_.clear();
    if (timer_ != 0)
        killTimer(std::exchange(timer_, 0));
    reveal_->setText(QStringLiteral("Reveal"));
    reveal_->setIconName(QStringLiteral("eye"));
    showText();
}

void SecretRow::showText() {
    const bool fits = text_->fontMetrics().horizontalAdvance(plain_) <= text_->width();
    text_->setText(revealed_ && fits ? plain_ : masked_);
    text_->setTextInteractionFlags(revealed_ && fits ? Qt::TextSelectableByMouse : Qt::NoTextInteraction);
    below_->setText(revealed_ && !fits ? plain_ : QString());
    below_->setVisible(revealed_ && !fits);
}

void SecretRow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (revealed_)
        showText();
}

void SecretRow::hideEvent(QHideEvent* event) {
    conceal();
    QWidget::hideEvent(event);
}

void SecretRow::timerEvent(QTimerEvent* event) {
    if (event->timerId() == timer_)
        conceal();
    else
        QWidget::timerEvent(event);
}

}  // namespace xshathra::ui
