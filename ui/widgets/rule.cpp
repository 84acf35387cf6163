#include "ui/widgets/rule.h"

#include "ui/theme/paint.h"

#include <QPainter>

namespace xshathra::ui {

Rule::Rule(QWidget* parent) : QWidget(parent) {
    setFixedHeight(1);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void Rule::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintHorizontalLine(painter, 0, 0, width(), Token::Line);
}

}  // namespace xshathra::ui
