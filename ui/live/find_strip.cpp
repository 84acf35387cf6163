#include "ui/live/find_strip.h"

#include "server/capture/text_filter.h"
#include "ui/live/live_list.h"
#include "ui/models/display_text.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>

#include <algorithm>

namespace xshathra::ui {

namespace {

constexpr int kHeight = 37;
constexpr int kEditWidth = 320;

}  // namespace

FindStrip::FindStrip(models::LiveModel& model, LiveList& list, QWidget* parent)
    : QWidget(parent),
      model_(model),
      list_(list),
      caption_(new Label({}, TextStyle::Small, Token::Text2)),
      edit_(new QLineEdit),
      previous_(Button::iconOnly(QStringLiteral("chevron-up"), tr("Previous match (Shift+Enter)"),
                                 QStringLiteral("liveFind.previous"), nullptr, Button::Size::Small)),
      next_(Button::iconOnly(QStringLiteral("chevron-down"), tr("Next match (Enter)"), QStringLiteral("liveFind.next"),
                             nullptr, Button::Size::Small)),
      message_(new Label({}, TextStyle::Small, Token::Text2)) {
    setObjectName(QStringLiteral("liveFind"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    edit_->setObjectName(QStringLiteral("liveFind.text"));
    edit_->setFont(ui::font(TextStyle::Mono));
    edit_->setMaximumWidth(kEditWidth);
    message_->setObjectName(QStringLiteral("liveFind.message"));
    message_->setElide(Qt::ElideRight);
    auto* close = Button::iconOnly(QStringLiteral("close"), tr("Close (Esc)"), QStringLiteral("liveFind.close"),
                                   nullptr, Button::Size::Small);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(metrics::kPageMargin, 0, metrics::kSpace8, 0);
    row->setSpacing(metrics::kSpace8);
    row->addWidget(caption_);
    row->addWidget(edit_, 1);
    row->addWidget(previous_);
    row->addWidget(next_);
    row->addWidget(message_, 1);
    row->addWidget(close);
    hide();
    connect(close, &QPushButton::clicked, this, &FindStrip::leave);
    connect(previous_, &QPushButton::clicked, this, [this] { findNext(-1); });
    connect(next_, &QPushButton::clicked, this, [this] { findNext(1); });
    connect(edit_, &QLineEdit::textEdited, this, [this] { message_->setText({}); });
}

void FindStrip::begin(Purpose purpose) {
    purpose_ = purpose;
    const bool find = purpose == Purpose::Find;
    caption_->setText(find ? tr("Find") : tr("Go to"));
    edit_->setAccessibleName(find ? tr("Find in the traffic") : tr("Go to sequence number"));
    edit_->setPlaceholderText(find ? tr("Words in channel, client, user or payload") : tr("Sequence number"));
    edit_->setText(find ? words_ : QString());
    previous_->setVisible(find);
    next_->setVisible(find);
    message_->setText({});
    setVisible(true);
    edit_->setFocus(Qt::ShortcutFocusReason);
    edit_->selectAll();
}

void FindStrip::beginFind() { begin(Purpose::Find); }

void FindStrip::beginGoTo() { begin(Purpose::GoTo); }

void FindStrip::findNext(int step) {
    if (!isHidden() && purpose_ == Purpose::Find)
        words_ = edit_->text();
    const capture::TextFilter filter(words_.toStdString());
    if (filter.empty()) {
        beginFind();
        return;
    }
    const int rows = model_.rowCount();
    const int looks = std::min(rows, kFarthestLook);
    int row = list_.currentRow() >= 0 ? list_.currentRow() : (step > 0 ? rows - 1 : 0);
    for (int looked = 0; looked < looks; ++looked) {
        const bool around = step > 0 ? row + 1 >= rows : row == 0;
        row = around ? (step > 0 ? 0 : rows - 1) : row + step;
        const auto* event = model_.eventAt(row);
        if (event != nullptr && filter.matches(model_.store(), *event, model_.payloadAt(row))) {
            message_->setText(looked + 1 == rows ? tr("The only match") : QString());
            showRow(row);
            return;
        }
    }
    message_->setText(looks < rows
                          ? tr("Not found in %1 rows from here").arg(models::grouped(static_cast<std::uint64_t>(looks)))
                          : tr("Not found"));
}

void FindStrip::goTo() {
    bool number = false;
    const auto wanted = edit_->text().remove(QLatin1Char(',')).remove(QLatin1Char('#')).trimmed().toULongLong(&number);
    if (!number) {
        message_->setText(tr("Not a number; the first column of the list has them"));
        return;
    }
    if (model_.rowCount() == 0) {
        message_->setText(tr("The list is empty"));
        return;
    }
    const int row = std::min(model_.rowAtOrAfter(model_.store().positionOfSeq(wanted)), model_.rowCount() - 1);
    const auto found = model_.eventAt(row)->seq;
    message_->setText(found == wanted ? QString()
                                      : tr("#%1 is not in the list; #%2 is the nearest").arg(wanted).arg(found));
    showRow(row);
    if (found == wanted)
        leave();
}

void FindStrip::showRow(int row) {
    list_.goToRow(row);
    list_.scrollTo(list_.currentIndex(), QAbstractItemView::PositionAtCenter);
}

void FindStrip::leave() {
    hide();
    list_.setFocus(Qt::OtherFocusReason);
}

QSize FindStrip::sizeHint() const { return {QWidget::sizeHint().width(), scaledHeight(kHeight)}; }

void FindStrip::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_Escape: leave(); return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (purpose_ == Purpose::GoTo)
                goTo();
            else
                findNext(event->modifiers().testFlag(Qt::ShiftModifier) ? -1 : 1);
            return;
        default: QWidget::keyPressEvent(event);
    }
}

void FindStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), Theme::current().c(Token::Chrome));
    paintHorizontalLine(painter, 0, height() - hairline(painter), width(), Token::Line);
}

}  // namespace xshathra::ui
