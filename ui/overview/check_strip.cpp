#include "ui/overview/check_strip.h"

#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"
#include "ui/widgets/tone_tokens.h"

#include <QVBoxLayout>

namespace xshathra::ui {

CheckStrip::CheckStrip(QWidget* parent) : Card(parent), row_(new QHBoxLayout) {
    row_->setSpacing(metrics::kSpace8);
    body()->setContentsMargins(metrics::kSpace16, metrics::kSpace12, metrics::kSpace16, metrics::kSpace12);
    body()->addLayout(row_);
    setObjectName(QStringLiteral("overview.checks"));
}

void CheckStrip::setChecks(const QList<Health>& checks) {
    if (checks_ == checks)
        return;
    checks_ = checks;
    while (auto* item = row_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    QStringList spoken;
    for (qsizetype i = 0; i < checks.size(); ++i) {
        const auto& check = checks.at(i);
        if (i > 0)
            row_->addStretch();
        row_->addWidget(new IconLabel(toneIcon(check.tone), toneTokens(check.tone).text));
        row_->addWidget(new Label(check.name, TextStyle::BodyStrong));
        auto* facts = new Label(check.facts, TextStyle::Small, Token::Text2);
        facts->setShrinkable();
        row_->addWidget(facts);
        spoken.append(check.name + QLatin1Char(' ') + check.facts);
    }
    if (checks.size() < 3)
        row_->addStretch();
    setAccessibleName(spoken.join(QStringLiteral(", ")));
}

}  // namespace xshathra::ui
