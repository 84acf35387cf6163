#include "ui/widgets/banner.h"

#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"
#include "ui/widgets/tone_tokens.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QPainter>

namespace xshathra::ui {

Banner::Banner(const QString& objectName, QWidget* parent)
    : QWidget(parent),
      icon_(new IconLabel(QStringLiteral("warn"), Token::Warn)),
      strong_(new Label({}, TextStyle::BodyStrong)),
      facts_(new Label({}, TextStyle::Small, Token::Text2)),
      actions_(new QHBoxLayout) {
    constexpr int kHeight = 38;
    setObjectName(objectName);
    setFixedHeight(scaledHeight(kHeight));
    close_ = Button::iconOnly(QStringLiteral("close"), QStringLiteral("Close this notice"),
                              objectName + QStringLiteral(".close"), this, Button::Size::Small);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::kPageMargin, 0, metrics::kSpace8, 0);
    row->setSpacing(metrics::kSpace8);
    row->addWidget(icon_);
    row->addWidget(strong_);
    row->addWidget(facts_, 1);
    facts_->setElide(Qt::ElideRight);
    actions_->setSpacing(metrics::kSpace8);
    row->addLayout(actions_);
    row->addWidget(close_);
    hide();
    connect(close_, &QPushButton::clicked, this, [this] {
        hide();
        Q_EMIT closed();
    });
}

void Banner::present(Tone tone, const QString& strong, const QString& facts) {
    const bool news = isHidden() || strong_->text() != strong;
    tone_ = tone;
    icon_->setIcon(toneIcon(tone), toneTokens(tone).text);
    strong_->setText(strong);
    facts_->setText(facts);
    setAccessibleName(facts.isEmpty() ? strong : strong + QStringLiteral(", ") + facts);
    show();
    update();
    if (news) {
        QAccessibleEvent alert(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&alert);
    }
}

Button* Banner::addAction(const QString& text, const QString& objectName) {
    auto* button = new Button(text, objectName, this, Button::Kind::Standard, Button::Size::Small);
    actions_->addWidget(button);
    return button;
}

void Banner::setClosable(bool on) { close_->setVisible(on); }

void Banner::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto tokens = toneTokens(tone_);
    painter.fillRect(rect(), Theme::current().c(tokens.fill));
    paintHorizontalLine(painter, 0, height() - hairline(painter), width(), tokens.line);
}

}  // namespace xshathra::ui
