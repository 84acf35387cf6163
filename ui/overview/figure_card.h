#pragma once

#include "ui/widgets/card.h"
#include "ui/widgets/charts.h"

namespace xshathra::ui {

class Label;

/// One live figure with its course over ten minutes.
class FigureCard final : public Card {
    Q_OBJECT
public:
    /// Samples that fill the chart.
    static constexpr int kCapacity = 120;

    FigureCard(const QString& name, const QString& unit, Token color, QWidget* parent = nullptr);

    /// The figure of the moment, as text.
    void setFigure(const QString& text);
    /// Adds one sample at the right.
    void addSample(Sample sample);

private:
    QString name_;
    QString unit_;
    Label* figure_;
    AreaChart* chart_;
    QList<Sample> samples_;
};

}  // namespace xshathra::ui
