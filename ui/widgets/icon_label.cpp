#include "ui/widgets/icon_label.h"

#include "ui/theme/icon.h"

#include <QPainter>

namespace xshathra::ui {

IconLabel::IconLabel(const QString& name, Token token, int size, QWidget* parent)
    : QWidget(parent), name_(name), token_(token), size_(size) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void IconLabel::setIcon(const QString& name, Token token) {
    name_ = name;
    token_ = token;
    update();
}

void IconLabel::paintEvent(QPaintEvent*) {
    if (name_.isEmpty())
        return;
    QPainter painter(this);
    paintIcon(painter, rect(), name_, token_, size_);
}

}  // namespace xshathra::ui
