#include "ui/shell/menu_button.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/type.h"

#include <QKeyEvent>
#include <QMenu>
#include <QPainter>

namespace xshathra::ui {

MenuButton::MenuButton(const QString& objectName, int width, QWidget* parent) : QAbstractButton(parent), width_(width) {
    setObjectName(objectName);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void MenuButton::setMenu(QMenu* menu) {
    menu_ = menu;
    connect(this, &QAbstractButton::clicked, this, &MenuButton::openMenu, Qt::UniqueConnection);
}

void MenuButton::openMenu() {
    if (menu_ != nullptr)
        menu_->popup(mapToGlobal(QPoint(0, height() + metrics::kSpace2)));
}

QSize MenuButton::sizeHint() const { return {width_, scaledHeight(metrics::kControl)}; }

void MenuButton::paintFrame(QPainter& painter, qreal radius, bool alarmed) {
    const auto fill = isDown() ? Token::Press : underMouse() && isEnabled() ? Token::Hover : Token::Raised;
    paintBox(painter, rect(), radius, fill, alarmed ? Token::ErrLine : Token::Line2);
    if (hasFocus())
        paintFocusRing(painter, rect(), radius);
}

void MenuButton::paintChevron(QPainter& painter) {
    constexpr int kInset = 8;
    const QRect box(width() - kInset - metrics::kIconSmall, 0, metrics::kIconSmall, height());
    paintIcon(painter, box, QStringLiteral("chevron-down"), Token::Text2, metrics::kIconSmall);
}

void MenuButton::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter: click(); break;
        case Qt::Key_Down:
            if (menu_ != nullptr)
                openMenu();
            break;
        default: QAbstractButton::keyPressEvent(event);
    }
}

void MenuButton::enterEvent(QEnterEvent* event) {
    QAbstractButton::enterEvent(event);
    update();
}

void MenuButton::leaveEvent(QEvent* event) {
    QAbstractButton::leaveEvent(event);
    update();
}

}  // namespace xshathra::ui
