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
        heading->setFixedHeight(scaledHeight(kTitleRow));
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
      row_(new QHBoxLayout(this)),
      actions_(new QHBoxLayout) {
    row_->setContentsMargins(metrics::kSpace16, metrics::kSpace6, metrics::kSpace12, metrics::kSpace6);
    row_->setSpacing(metrics::kSpace8);
    row_->addWidget(icon_);
    row_->addWidget(word_);
    row_->addWidget(facts_, 1);
    actions_->setSpacing(metrics::kSpace8);
    row_->addLayout(actions_);
    facts_->setElide(Qt::ElideRight);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
}

void StateCard::setState(Tone tone, const QString& word, const QString& facts, bool mono) {
    tone_ = tone;
    const auto tokens = toneTokens(tone);
    icon_->setIcon(toneIcon(tone), tokens.text);
    word_->setText(word);
    facts_->setText(facts);
    facts_->setTextStyle(mono ? TextStyle::Mono : TextStyle::Small);
    setAccessibleName(facts.isEmpty() ? word : word + QStringLiteral(", ") + facts);
    arrange();
    update();
}

void StateCard::setFlush(bool on) {
    flush_ = on;
    update();
}

/// Strong words that don't fit are wrapped; then the facts keep the room that they need beside them.
void StateCard::arrange() {
    const auto margins = row_->contentsMargins();
    const auto facts = facts_->text().isEmpty() ? 0 : facts_->fontMetrics().averageCharWidth() * 8;
    const auto room = width() - margins.left() - margins.right() - icon_->sizeHint().width() -
                      actions_->sizeHint().width() - 3 * row_->spacing() - facts;
    const bool wraps = word_->fontMetrics().horizontalAdvance(word_->text()) > room;
    if (wraps == word_->wordWrap())
        return;
    word_->setWordWrap(wraps);
    row_->setStretchFactor(word_, wraps ? 1 : 0);
    row_->setStretchFactor(facts_, wraps ? 0 : 1);
    if (wraps)
        facts_->setShrinkable();
    else
        facts_->setElide(Qt::ElideRight);
}

void StateCard::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    arrange();
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
    const auto fill = neutral ? Token::Sunken : tokens.fill;
    const auto line = neutral ? Token::Line : tokens.line;
    if (!flush_) {
        paintBox(painter, rect(), metrics::kRadiusCard, fill, line);
        return;
    }
    // Only the lower corners are round: those of the card around.
    painter.setClipRect(rect());
    paintBox(painter, rect().adjusted(0, -metrics::kRadiusCard, 0, 0), metrics::kRadiusCard - 1, fill, fill);
    paintHorizontalLine(painter, 0, 0, width(), line);
}

}  // namespace xshathra::ui
