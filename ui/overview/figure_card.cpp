#include "ui/overview/figure_card.h"

#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace xshathra::ui {

FigureCard::FigureCard(const QString& name, const QString& unit, Token color, QWidget* parent)
    : Card(parent),
      name_(name),
      unit_(unit),
      figure_(new Label(QString(QChar(0x2013)), TextStyle::Figure)),
      chart_(new AreaChart(color)) {
    constexpr int kSide = 14;
    body()->setContentsMargins(kSide, metrics::kSpace8, kSide, metrics::kSpace12);
    body()->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setSpacing(metrics::kSpace8);
    auto* caption = new Label(name, TextStyle::Small, Token::Text2);
    caption->setElide(Qt::ElideRight);
    head->addWidget(caption, 1);
    head->addWidget(new Label(QStringLiteral("10 min"), TextStyle::Small, Token::Text3));
    body()->addLayout(head);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::kSpace6);
    line->addWidget(figure_);
    line->addWidget(new Label(unit, TextStyle::Small, Token::Text2), 0, Qt::AlignVCenter);
    line->addStretch();
    body()->addLayout(line);
    chart_->setFixedHeight(chart_->sizeHint().height());
    body()->addWidget(chart_);
}

void FigureCard::setFigure(const QString& text) {
    if (figure_->text() == text)
        return;
    figure_->setText(text);
    setAccessibleName(QStringLiteral("%1: %2 %3").arg(name_, text, unit_));
}

void FigureCard::addSample(Sample sample) {
    samples_.append(sample);
    if (samples_.size() > kCapacity)
        samples_.removeFirst();
    chart_->setSamples(samples_, kCapacity);
}

}  // namespace xshathra::ui
