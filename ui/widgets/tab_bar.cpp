#include "ui/widgets/tab_bar.h"

#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"

#include <QFontMetrics>
#include <QMouseEvent>
#include <QPainter>

namespace xshathra::ui {

namespace {

constexpr int kSide = 12;

}  // namespace

TabBar::TabBar(const QString& objectName, const QString& accessibleName, QWidget* parent) : QTabBar(parent) {
    setObjectName(objectName);
    setAccessibleName(accessibleName);
    setDrawBase(false);
    setExpanding(false);
    setUsesScrollButtons(false);
    setMouseTracking(true);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void TabBar::setCounter(int index, int count) {
    if (index < 0 || index >= texts_.size())
        return;
    setTabText(index, count < 0 ? texts_.at(index) : QStringLiteral("%1  %2").arg(texts_.at(index)).arg(count));
}

void TabBar::tabInserted(int index) {
    texts_.insert(index, tabText(index));
    QTabBar::tabInserted(index);
}

QSize TabBar::tabSizeHint(int index) const {
    const QFontMetrics strong(ui::font(TextStyle::BodyStrong));
    return {strong.horizontalAdvance(tabText(index)) + 2 * kSide, scaledHeight(metrics::kTab)};
}

void TabBar::paintEvent(QPaintEvent*) {
    constexpr int kUnderline = 2;
    QPainter painter(this);
    const auto& theme = Theme::current();
    for (int i = 0; i < count(); ++i) {
        const auto box = tabRect(i);
        const bool current = i == currentIndex();
        const bool hovered = isTabEnabled(i) && box.contains(mapFromGlobal(QCursor::pos())) && underMouse();
        painter.setFont(ui::font(current ? TextStyle::BodyStrong : TextStyle::Body));
        painter.setPen(theme.c(!isTabEnabled(i) ? Token::TextOff : current || hovered ? Token::Text : Token::Text2));
        painter.drawText(box, Qt::AlignCenter | Qt::TextSingleLine, tabText(i));
        if (!current)
            continue;
        painter.fillRect(QRect(box.left(), box.bottom() + 1 - kUnderline, box.width(), kUnderline),
                         theme.c(Token::Accent));
        if (hasFocus())
            paintFocusRing(painter, box.adjusted(1, 3, -1, -4), metrics::kRadiusBadge);
    }
}

}  // namespace xshathra::ui
