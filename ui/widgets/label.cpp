#include "ui/widgets/label.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

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

void Label::setShrinkable(Qt::TextElideMode mode) {
    elide_ = mode;
    setSizePolicy(QSizePolicy::Maximum, sizePolicy().verticalPolicy());
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

bool Label::cut() const {
    return elide_ != Qt::ElideNone && fontMetrics().horizontalAdvance(text()) > contentsRect().width();
}

bool Label::event(QEvent* event) {
    // Asked for, not stored: the text may be a secret that is hidden again.
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty() && cut()) {
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                           QStringLiteral("<span>%1</span>").arg(text().toHtmlEscaped()), this);
        return true;
    }
    return QLabel::event(event);
}

void Label::paintEvent(QPaintEvent* event) {
    if (!cut()) {
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    painter.setPen(palette().color(isEnabled() ? QPalette::Active : QPalette::Disabled, QPalette::WindowText));
    painter.drawText(contentsRect(), static_cast<int>(alignment()) | Qt::TextSingleLine,
                     fontMetrics().elidedText(text(), elide_, contentsRect().width()));
}

}  // namespace xshathra::ui
