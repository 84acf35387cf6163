#include "ui/live/pane_heading.h"

#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QPainter>

namespace xshathra::ui {

PaneHeading::PaneHeading(const QString& icon, const QString& title, QWidget* parent)
    : QWidget(parent),
      icon_(new IconLabel(icon, Token::Text2, metrics::kIconSmall)),
      title_(new Label(title, TextStyle::SmallMedium, Token::Text2)),
      figure_(new Label({}, TextStyle::Small, Token::Text2)) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::kSpace12, 0, metrics::kSpace12, 1);
    row->setSpacing(metrics::kIconGap);
    row->addWidget(icon_);
    row->addWidget(title_);
    row->addStretch();
    row->addWidget(figure_);
}

void PaneHeading::setTitle(const QString& icon, const QString& title) {
    icon_->setIcon(icon, Token::Text2);
    title_->setText(title);
}

void PaneHeading::setFigure(const QString& text) { figure_->setText(text); }

QSize PaneHeading::sizeHint() const { return {QWidget::sizeHint().width(), scaledHeight(metrics::kPaneHeading)}; }

void PaneHeading::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), Theme::current().c(Token::Sunken));
    paintHorizontalLine(painter, 0, height() - hairline(painter), width(), Token::Line);
}

}  // namespace xshathra::ui
