#include "ui/widgets/charts.h"

#include "ui/theme/paint.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace xshathra::ui {

namespace {

constexpr int kSparkBars = 22;
constexpr int kSparkPitch = 3;
constexpr int kSparkBar = 2;
constexpr int kSparkHeight = 14;

double largest(const QList<Sample>& samples) {
    double most = 0;
    for (const auto& sample : samples)
        most = std::max(most, sample.value_or(0));
    return most;
}

}  // namespace

void paintSparkline(QPainter& painter, const QRect& rect, const QList<Sample>& samples) {
    const auto count = std::min<qsizetype>(samples.size(), kSparkBars);
    const auto shown = samples.last(count);
    const auto most = largest(shown);
    const auto bottom = rect.top() + (rect.height() + kSparkHeight) / 2;
    auto x = rect.right() + 1 - static_cast<int>(count) * kSparkPitch + 1;
    const auto& theme = Theme::current();
    for (const auto& sample : shown) {
        if (sample) {
            const bool zero = *sample <= 0;
            const auto height = zero ? 1 : std::max(1, static_cast<int>(std::lround(*sample / most * kSparkHeight)));
            painter.fillRect(QRect(x, bottom - height, kSparkBar, height), theme.c(zero ? Token::Line2 : Token::KPush));
        }
        x += kSparkPitch;
    }
}

void paintMeter(QPainter& painter, const QRect& rect, double share, Token token) {
    constexpr int kHeight = 4;
    constexpr qreal kRadius = 2;
    const QRectF trough(rect.left(), rect.top() + (rect.height() - kHeight) / 2, rect.width(), kHeight);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::current().c(Token::Press));
    painter.drawRoundedRect(trough, kRadius, kRadius);
    if (share > 0) {
        auto filled = trough;
        filled.setWidth(std::clamp(share * trough.width(), 3.0, trough.width()));
        painter.setBrush(Theme::current().c(token));
        painter.drawRoundedRect(filled, kRadius, kRadius);
    }
    painter.restore();
}

Sparkline::Sparkline(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed); }

void Sparkline::setSamples(const QList<Sample>& samples) {
    samples_ = samples;
    update();
}

void Sparkline::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintSparkline(painter, rect(), samples_);
}

Meter::Meter(QWidget* parent) : QWidget(parent) { setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed); }

void Meter::setShare(double share, Token token) {
    if (share_ == share && token_ == token)
        return;
    share_ = share;
    token_ = token;
    update();
}

void Meter::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintMeter(painter, rect(), share_, token_);
}

AreaChart::AreaChart(Token token, QWidget* parent) : QWidget(parent), token_(token) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void AreaChart::setSamples(const QList<Sample>& samples, int capacity) {
    samples_ = samples;
    capacity_ = std::max(2, capacity);
    update();
}

void AreaChart::paintEvent(QPaintEvent*) {
    constexpr qreal kDot = 5;
    constexpr qreal kTop = 3;
    QPainter painter(this);
    const auto& theme = Theme::current();
    const auto color = theme.c(token_);
    // Room below, so that the dot of a zero isn't cut.
    const qreal base = height() - std::ceil(kDot / 2);
    const qreal right = width() - kDot / 2 - 1;
    const auto most = std::max(largest(samples_), 1e-9);

    painter.setPen(QPen(theme.c(Token::Line2), 1, Qt::DotLine));
    const auto half = std::floor((base + kTop) / 2) + 0.5;
    painter.drawLine(QPointF(0, half), QPointF(width(), half));
    paintHorizontalLine(painter, 0, base, width(), Token::Line2);

    painter.setRenderHint(QPainter::Antialiasing);
    auto fill = color;
    fill.setAlphaF(0.10F);
    const auto step = right / (capacity_ - 1);
    const auto count = std::min<qsizetype>(samples_.size(), capacity_);
    const auto shown = samples_.last(count);
    const auto x = [&](qsizetype i) { return right - static_cast<qreal>(count - 1 - i) * step; };
    const auto y = [&](double value) { return base - value / most * (base - kTop); };
    for (qsizetype i = 0; i < count;) {
        if (!shown.at(i)) {
            ++i;
            continue;
        }
        QPainterPath line(QPointF(x(i), y(*shown.at(i))));
        const auto first = i;
        while (i < count && shown.at(i)) {
            line.lineTo(x(i), y(*shown.at(i)));
            ++i;
        }
        auto area = line;
        area.lineTo(x(i - 1), base);
        area.lineTo(x(first), base);
        area.closeSubpath();
        painter.fillPath(area, fill);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, 1.5, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
        painter.drawPath(line);
    }
    if (count > 0 && shown.last()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawEllipse(QPointF(x(count - 1), y(*shown.last())), kDot / 2, kDot / 2);
    }
}

}  // namespace xshathra::ui
