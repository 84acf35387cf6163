#include "ui/widgets/empty_state.h"

#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/card.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace xshathra::ui {

EmptyState::EmptyState(const QString& title, const QString& sentence, QWidget* parent)
    : QWidget(parent),
      title_(new Label(title, TextStyle::EmptyTitle)),
      sentence_(new Label(sentence, TextStyle::Body, Token::Text2)),
      cards_(new QHBoxLayout),
      buttons_(new QHBoxLayout) {
    constexpr int kAbove = 4;
    constexpr int kBelow = 6;
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::kPageMargin, metrics::kPageMargin, metrics::kPageMargin, metrics::kPageMargin);
    column->setSpacing(metrics::kSpace8);
    column->addStretch(kAbove);
    title_->setAlignment(Qt::AlignCenter);
    sentence_->setAlignment(Qt::AlignCenter);
    sentence_->setWordWrap(true);
    column->addWidget(title_);
    column->addWidget(sentence_);
    column->addSpacing(metrics::kSpace12);
    cards_->setSpacing(metrics::kSpace16);
    cards_->addStretch();
    cards_->addStretch();
    column->addLayout(cards_);
    buttons_->setSpacing(metrics::kSpace8);
    buttons_->addStretch();
    buttons_->addStretch();
    column->addLayout(buttons_);
    column->addStretch(kBelow);
}

void EmptyState::setTexts(const QString& title, const QString& sentence) {
    title_->setText(title);
    sentence_->setText(sentence);
}

Button* EmptyState::addCard(const QString& icon, const QString& title, const QString& text, const QString& action,
                            const QString& objectName, bool primary) {
    constexpr int kWidth = 300;
    constexpr int kHeight = 196;
    auto* card = new Card(this);
    card->setMinimumSize(kWidth * 2 / 3, scaledHeight(kHeight));
    card->setMaximumWidth(kWidth);
    auto* body = card->body();
    body->setContentsMargins(metrics::kSpace20, metrics::kSpace20, metrics::kSpace20, metrics::kSpace16);
    body->addWidget(new IconLabel(icon, Token::AccentText, metrics::kIconLarge));
    body->addSpacing(metrics::kSpace4);
    body->addWidget(new Label(title, TextStyle::BodyStrong));
    auto* words = new Label(text, TextStyle::Small, Token::Text2);
    words->setWordWrap(true);
    body->addWidget(words);
    body->addStretch();
    auto* button = new Button(action, objectName, card, primary ? Button::Kind::Primary : Button::Kind::Standard);
    body->addWidget(button, 0, Qt::AlignLeft);
    cards_->insertWidget(cards_->count() - 1, card, 1);
    return button;
}

Button* EmptyState::addAction(const QString& text, const QString& objectName, bool primary) {
    auto* button = new Button(text, objectName, this, primary ? Button::Kind::Primary : Button::Kind::Standard);
    buttons_->insertWidget(buttons_->count() - 1, button);
    return button;
}

}  // namespace xshathra::ui
