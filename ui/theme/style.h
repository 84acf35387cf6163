#pragma once

#include <QProxyStyle>

namespace xshathra::ui {

/// Fusion with what a style sheet can't say: icon and scroll bar sizes, one pixel splitters, chevrons in trees, no
/// dotted focus frames (lists show focus by their selection bar).
class XsStyle final : public QProxyStyle {
    Q_OBJECT
public:
    XsStyle();

    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* returnData) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
};

}  // namespace xshathra::ui
