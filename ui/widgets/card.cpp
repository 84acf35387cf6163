#include "ui/widgets/card.h"

#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/type.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"
#include "ui/widgets/tone_tokens.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace xshathra::ui {

Card::Card(QWidget* parent) : Card(QString(), parent) {}

Card::Card(const QString& title, QWidget* parent)
    : QFrame(parent), outer_(new QVBoxLayout(this)), body_(new QVBoxLayout) {
    outer_->setContentsMargins(1, 1, 1, 1);
    outer_->setSpacing(0);
    if (!title.isEmpty()) {
        constexpr int kTitleRow = 40;
        auto* heading = new QWidget;
        heading->setMinimumHeight(scaledHeight(kTitleRow));
        auto* row = new QHBoxLayout(heading);
        row->setContentsMargins(metrics::kSpace16, 0, metrics::kSpace8, 0);
        row->setSpacing(metrics::kSpace8);
        row->addWidget(new Label(title, TextStyle::BodyStrong));
        subtitle_ = new Label({}, TextStyle::Small, Token::Text3);
        row->addWidget(subtitle_);
        row->addStretch();
        actions_ = new QHBoxLayout;
        actions_->setSpacing(metrics::kSpace8);
        row->addLayout(actions_);
        outer_->addWidget(heading);
    }
    const auto top = title.isEmpty() ? metrics::kSpace12 : 0;
    body_->setContentsMargins(metrics::kSpace16, top, metrics::kSpace16, metrics::kSpace12);
    body_->setSpacing(metrics::kSpace8);
    outer_->addLayout(body_);
}

void Card::setFlush(bool on) {
    flush_ = on;
    if (on) {
        body_->setContentsMargins(0, 0, 0, metrics::kSpace4);
        body_->setSpacing(0);
    }
    update();
}

void Card::setSubtitle(const QString& text) {
    if (subtitle_ != nullptr)
        subtitle_->setText(text);
}

void Card::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintBox(painter, rect(), metrics::kRadiusCard, flush_ ? Token::Base : Token::Raised, Token::Line);
}

StateCard::StateCard(QWidget* parent)
    : QFrame(parent),
      icon_(new IconLabel(QStringLiteral("info"))),
      word_(new Label({}, TextStyle::BodyStrong)),
      facts_(new Label({}, TextStyle::Small, Token::Text2)),
      actions_(new QHBoxLayout) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::kSpace16, metrics::kSpace6, metrics::kSpace12, metrics::kSpace6);
    row->setSpacing(metrics::kSpace8);
    row->addWidget(icon_);
    row->addWidget(word_);
    row->addWidget(facts_, 1);
    actions_->setSpacing(metrics::kSpace8);
    row->addLayout(actions_);
    facts_->setElide(Qt::ElideRight);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void StateCard::setState(Tone tone, const QString& word, const QString& facts, bool mono) {
    tone_ = tone;
    const auto tokens = toneTokens(tone);
    icon_->setIcon(toneIcon(tone), tokens.text);
    word_->setText(word);
    facts_->setText(facts);
    facts_->setTextStyle(mono ? TextStyle::Mono : TextStyle::Small);
    setAccessibleName(facts.isEmpty() ? word : word + QStringLiteral(", ") + facts);
    update();
}

void StateCard::setFactsAtRight(bool on) {
    facts_->setAlignment(Qt::AlignVCenter | (on ? Qt::AlignRight : Qt::AlignLeft));
}

QSize StateCard::minimumSizeHint() const {
    constexpr int kHeight = 40;
    auto size = QFrame::minimumSizeHint();
    size.setHeight(qMax(size.height(), scaledHeight(kHeight)));
    return size;
}

void StateCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto tokens = toneTokens(tone_);
    const bool neutral = tone_ == Tone::Neutral;
    paintBox(painter, rect(), metrics::kRadiusCard, neutral ? Token::Sunken : tokens.fill,
             neutral ? Token::Line : tokens.line);
}

}  // namespace xshathra::ui
