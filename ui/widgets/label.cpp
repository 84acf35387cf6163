#include "ui/widgets/label.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QPainter>

namespace xshathra::ui {

Label::Label(const QString& text, TextStyle style, Token color, QWidget* parent)
    : QLabel(text, parent), style_(style), color_(color) {
    setTextFormat(Qt::PlainText);
    // Otherwise a label on a ground of another role would take that role's text colour.
    setForegroundRole(QPalette::WindowText);
    applyLook();
    connect(&Theme::current(), &Theme::changed, this, &Label::applyLook);
}

void Label::setColor(Token color) {
    if (color_ == color)
        return;
    color_ = color;
    applyLook();
}

void Label::setTextStyle(TextStyle style) {
    style_ = style;
    applyLook();
}

void Label::setElide(Qt::TextElideMode mode) {
    elide_ = mode;
    if (mode != Qt::ElideNone)
        setSizePolicy(QSizePolicy::Ignored, sizePolicy().verticalPolicy());
    updateGeometry();
}

QSize Label::minimumSizeHint() const {
    auto size = QLabel::minimumSizeHint();
    if (elide_ != Qt::ElideNone)
        size.setWidth(fontMetrics().averageCharWidth() * 4);
    return size;
}

void Label::applyLook() {
    applying_ = true;
    auto p = palette();
    p.setColor(QPalette::WindowText, Theme::current().c(color_));
    p.setColor(QPalette::Disabled, QPalette::WindowText, Theme::current().c(Token::TextOff));
    setPalette(p);
    setFont(ui::font(style_));
    applying_ = false;
}

void Label::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange && !applying_)
        applyLook();
}

void Label::paintEvent(QPaintEvent* event) {
    const auto width = contentsRect().width();
    if (elide_ == Qt::ElideNone || fontMetrics().horizontalAdvance(text()) <= width) {
        if (elide_ != Qt::ElideNone && toolTip() == text())
            setToolTip({});
        QLabel::paintEvent(event);
        return;
    }
    if (toolTip().isEmpty())
        setToolTip(text());
    QPainter painter(this);
    painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::WindowText));
    painter.drawText(contentsRect(), static_cast<int>(alignment()) | Qt::TextSingleLine,
                     fontMetrics().elidedText(text(), elide_, width));
}

}  // namespace xshathra::ui
