#include "ui/theme/paint.h"

#include "ui/theme/theme.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>

namespace xshathra::ui {

namespace {

void paintRing(QPainter& painter, const QRectF& rect, qreal radius, qreal width, const QColor& color) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    QPainterPath ring;
    ring.setFillRule(Qt::OddEvenFill);
    ring.addRoundedRect(rect, radius, radius);
    const auto inner = qMax(0.0, radius - width);
    ring.addRoundedRect(rect.adjusted(width, width, -width, -width), inner, inner);
    painter.drawPath(ring);
}

}  // namespace

qreal hairline(const QPainter& painter) {
    const auto ratio = painter.device() != nullptr ? painter.device()->devicePixelRatioF() : 1.0;
    return qMax(1.0, std::round(ratio)) / ratio;
}

void paintHorizontalLine(QPainter& painter, qreal x, qreal y, qreal width, Token token) {
    painter.fillRect(QRectF(x, y, width, hairline(painter)), Theme::current().c(token));
}

void paintVerticalLine(QPainter& painter, qreal x, qreal y, qreal height, Token token) {
    painter.fillRect(QRectF(x, y, hairline(painter), height), Theme::current().c(token));
}

void paintBox(QPainter& painter, const QRectF& rect, qreal radius, Token fill, Token border) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::current().c(fill));
    painter.drawRoundedRect(rect, radius, radius);
    paintRing(painter, rect, radius, hairline(painter), Theme::current().c(border));
    painter.restore();
}

void paintFocusRing(QPainter& painter, const QRectF& rect, qreal radius) {
    constexpr qreal kWidth = 2;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    paintRing(painter, rect, radius, kWidth, Theme::current().c(Token::Focus));
    painter.restore();
}

}  // namespace xshathra::ui
