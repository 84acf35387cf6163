#include "ui/theme/style.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

namespace xshathra::ui {

XsStyle::XsStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

int XsStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    constexpr int kScrollBarExtent = 11;
    switch (metric) {
        case PM_SmallIconSize:
        case PM_ButtonIconSize: return metrics::kIcon;
        case PM_ScrollBarExtent: return kScrollBarExtent;
        case PM_SplitterWidth:
        case PM_DockWidgetSeparatorExtent: return 1;
        case PM_DockWidgetFrameWidth:
        case PM_DockWidgetTitleMargin: return 0;
        case PM_ButtonShiftHorizontal:
        case PM_ButtonShiftVertical: return 0;
        default: return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int XsStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                       QStyleHintReturn* returnData) const {
    switch (hint) {
        case SH_EtchDisabledText: return 0;
        case SH_ItemView_ShowDecorationSelected: return 1;
        default: return QProxyStyle::styleHint(hint, option, widget, returnData);
    }
}

void XsStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                            const QWidget* widget) const {
    if (element == PE_FrameFocusRect)
        return;
    if (element == PE_IndicatorBranch && Theme::exists()) {
        if (option->state.testFlag(State_Children)) {
            const auto name =
                option->state.testFlag(State_Open) ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right");
            paintIcon(*painter, option->rect, name, Token::Text3, metrics::kIconSmall);
        }
        return;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

}  // namespace xshathra::ui
