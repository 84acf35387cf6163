#pragma once

#include "ui/theme/token.h"

#include <QList>
#include <QWidget>

#include <optional>

class QPainter;

namespace xshathra::ui {

/// One sample of a series; empty is a gap (nothing measured), zero is a real zero.
using Sample = std::optional<double>;

/// Draws 22 bars of 2 px in 66 x 14 at the right of `rect`, newest at the right, each relative to the largest. For
/// delegates.
void paintSparkline(QPainter& painter, const QRect& rect, const QList<Sample>& samples);

/// Draws the 44 x 4 meter at the right of `rect`. `share` is 0 to 1; `token` the colour of the filled part.
void paintMeter(QPainter& painter, const QRect& rect, double share, Token token = Token::Text2);

/// A sparkline as a widget.
class Sparkline : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(QWidget* parent = nullptr);
    void setSamples(const QList<Sample>& samples);
    QSize sizeHint() const override { return {66, 14}; }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Sample> samples_;
};

/// A meter as a widget. Its value belongs into a text beside it.
class Meter : public QWidget {
    Q_OBJECT
public:
    explicit Meter(QWidget* parent = nullptr);
    void setShare(double share, Token token = Token::Text2);
    QSize sizeHint() const override { return {54, 4}; }
    QSize minimumSizeHint() const override { return {44, 4}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double share_ = 0;
    Token token_ = Token::Text2;
};

/// Line with a faint fill over a time window: 1.5 px line, dotted line at half, last value as a dot, gaps stay gaps.
class AreaChart : public QWidget {
    Q_OBJECT
public:
    explicit AreaChart(Token token, QWidget* parent = nullptr);
    /// Samples from old to new; `capacity` samples fill the width, fewer stand at the right.
    void setSamples(const QList<Sample>& samples, int capacity);
    QSize sizeHint() const override { return {240, 72}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Sample> samples_;
    int capacity_ = 120;
    Token token_;
};

}  // namespace xshathra::ui
