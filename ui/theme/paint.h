#pragma once

#include "ui/theme/token.h"

#include <QRectF>

class QPainter;

namespace xshathra::ui {

/// Width of a hairline in logical pixels: whole device pixels, at least one.
[[nodiscard]] qreal hairline(const QPainter& painter);

/// Fills a horizontal hairline whose upper edge is at `y`.
void paintHorizontalLine(QPainter& painter, qreal x, qreal y, qreal width, Token token);
/// Fills a vertical hairline whose left edge is at `x`.
void paintVerticalLine(QPainter& painter, qreal x, qreal y, qreal height, Token token);

/// Fills `rect` and draws a one pixel border inside it.
void paintBox(QPainter& painter, const QRectF& rect, qreal radius, Token fill, Token border);

/// Draws the 2 px focus ring inside `rect`.
void paintFocusRing(QPainter& painter, const QRectF& rect, qreal radius);

}  // namespace xshathra::ui
