#include "ui/live/facts.h"

#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/label.h"

#include <QGridLayout>

namespace xshathra::ui {

namespace {

constexpr int kLabelWidth = 84;

}  // namespace

Facts::Facts(QWidget* parent) : QWidget(parent), grid_(new QGridLayout(this)) {
    grid_->setContentsMargins(0, 0, 0, 0);
    grid_->setHorizontalSpacing(metrics::kSpace12);
    grid_->setVerticalSpacing(metrics::kSpace4);
    grid_->setColumnMinimumWidth(0, kLabelWidth);
    grid_->setColumnStretch(1, 1);
}

void Facts::setFacts(const QList<Fact>& facts) {
    while (QLayoutItem* item = grid_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    for (const Fact& fact : facts) {
        if (fact.value.isEmpty()) {
            continue;
        }
        auto* label = new Label(fact.label, TextStyle::Small, Token::Text3);
        auto* value = new Label(fact.value, fact.wire ? TextStyle::Mono : TextStyle::Small, Token::Text);
        value->setWordWrap(true);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setBuddy(value);
        // Both stand on one line, whatever their fonts.
        label->setContentsMargins(0, qMax(0, value->fontMetrics().ascent() - label->fontMetrics().ascent()), 0, 0);
        grid_->addWidget(label, row, 0, Qt::AlignTop);
        grid_->addWidget(value, row, 1, Qt::AlignTop);
        ++row;
    }
}

}  // namespace xshathra::ui
