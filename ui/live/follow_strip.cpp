#include "ui/live/follow_strip.h"

#include "ui/models/display_text.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QPainter>

namespace xshathra::ui {

namespace {

constexpr int kHeight = 29;

}  // namespace

FollowStrip::FollowStrip(QWidget* parent)
    : QWidget(parent),
      icon_(new IconLabel(QStringLiteral("pause"), Token::Text3, metrics::kIconSmall)),
      text_(new Label({}, TextStyle::Small, Token::Text2)),
      link_(new Button({}, QStringLiteral("liveFollowStrip.link"), this, Button::Kind::Link, Button::Size::Tiny)),
      key_(new Label({}, TextStyle::MonoSmall, Token::Text3)) {
    setObjectName(QStringLiteral("liveFollowStrip"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    text_->setElide(Qt::ElideRight);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::kSpace16, 1, metrics::kSpace12, 0);
    row->setSpacing(metrics::kSpace8);
    row->addWidget(icon_);
    row->addWidget(text_, 1);
    row->addWidget(link_);
    row->addWidget(key_);
    connect(link_, &QPushButton::clicked, this, &FollowStrip::activated);
}

void FollowStrip::showStopped(const QString& reason, std::uint64_t newerRows) {
    icon_->setIcon(QStringLiteral("pause"), Token::Text3);
    QString text = tr("Follow is off because %1.").arg(reason);
    if (newerRows > 0) {
        text += QLatin1Char(' ') + (newerRows == 1 ? tr("1 newer row below.")
                                                   : tr("%1 newer rows below.").arg(models::grouped(newerRows)));
    }
    text_->setText(text);
    link_->setText(tr("Jump to newest"));
    link_->setIconName(QStringLiteral("follow"));
    key_->setText(tr("End"));
}

void FollowStrip::showPaused(std::uint64_t heldBack) {
    icon_->setIcon(QStringLiteral("pause"), Token::Text3);
    text_->setText(heldBack == 0 ? tr("The view is paused. Capture goes on.")
                   : heldBack == 1
                       ? tr("The view is paused. 1 message was kept meanwhile.")
                       : tr("The view is paused. %1 messages were kept meanwhile.").arg(models::grouped(heldBack)));
    link_->setText(tr("Resume view"));
    link_->setIconName(QStringLiteral("play"));
    key_->setText(QStringLiteral("P"));
}

QSize FollowStrip::sizeHint() const { return {QWidget::sizeHint().width(), scaledHeight(kHeight)}; }

void FollowStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), Theme::current().c(Token::Sunken));
    paintHorizontalLine(painter, 0, 0, width(), Token::Line);
}

}  // namespace xshathra::ui
