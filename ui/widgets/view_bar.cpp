#include "ui/widgets/view_bar.h"

#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/type.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QPainter>

namespace xshathra::ui {

ViewBar::ViewBar(const QString& title, QWidget* parent)
    : QWidget(parent), title_(new Label(title, TextStyle::ViewTitle)), row_(new QHBoxLayout(this)) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    row_->setContentsMargins(metrics::kPageMargin, 0, metrics::kSpace12, 1);
    row_->setSpacing(metrics::kSpace8);
    title_->setShrinkable();
    row_->addWidget(title_);
    row_->addSpacing(metrics::kSpace6);
}

void ViewBar::setTitle(const QString& title) { title_->setText(title); }

QSize ViewBar::sizeHint() const { return {QWidget::sizeHint().width(), scaledHeight(metrics::kViewBar)}; }

QSize ViewBar::minimumSizeHint() const { return {QWidget::minimumSizeHint().width(), scaledHeight(metrics::kViewBar)}; }

void ViewBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintHorizontalLine(painter, 0, height() - hairline(painter), width(), Token::Line);
}

}  // namespace xshathra::ui
