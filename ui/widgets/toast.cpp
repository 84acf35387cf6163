#include "ui/widgets/toast.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"

#include <QAccessible>
#include <QEvent>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QPainter>
#include <QTimerEvent>

#include <algorithm>
#include <utility>

namespace xshathra::ui {

namespace {

constexpr int kTickMs = 100;
constexpr int kMessageMs = 4'000;
constexpr int kHeight = 44;
constexpr int kMinWidth = 320;
constexpr int kMaxWidth = 440;
constexpr int kTextLeft = 39;
constexpr int kWrapped = Qt::AlignVCenter | Qt::TextWordWrap;

}  // namespace

Toast::Toast(QWidget* area) : QWidget(area), area_(area) {
    setObjectName(QStringLiteral("toast"));
    hide();
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, metrics::kSpace12, 0);
    row->setSpacing(metrics::kSpace8);
    row->addStretch();
    undo_ = new Button(QStringLiteral("Undo"), QStringLiteral("toast.undo"), this, Button::Kind::Inverted,
                       Button::Size::Small);
    close_ = new Button({}, QStringLiteral("toast.close"), this, Button::Kind::Inverted, Button::Size::Tiny);
    close_->setIconName(QStringLiteral("close"));
    close_->setAccessibleName(QStringLiteral("Close the message"));
    close_->setToolTip(QStringLiteral("Close the message"));
    row->addWidget(undo_);
    row->addWidget(close_);
    connect(undo_, &QPushButton::clicked, this, [this] { finish(true); });
    connect(close_, &QPushButton::clicked, this, [this] { finish(false); });
    area_->installEventFilter(this);
}

void Toast::showMessage(const QString& text, const QString& icon) {
    finish(false);
    undo_->hide();
    present(text, icon.isEmpty() ? QStringLiteral("info") : icon, kMessageMs);
}

void Toast::showUndo(const QString& text, std::function<void()> undo, std::function<void()> expired, int milliseconds,
                     const QString& icon) {
    finish(false);
    onUndo_ = std::move(undo);
    onExpired_ = std::move(expired);
    undo_->show();
    present(text, icon.isEmpty() ? QStringLiteral("trash") : icon, milliseconds);
}

void Toast::dismiss() { finish(false); }

void Toast::present(const QString& text, const QString& icon, int milliseconds) {
    text_ = text;
    icon_ = icon;
    total_ = left_ = milliseconds;
    setAccessibleName(text);
    place();
    show();
    raise();
    timer_ = startTimer(kTickMs);
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
    update();
}

void Toast::place() {
    const QFontMetrics bodyMetrics(ui::font(TextStyle::Body));
    const auto around = kTextLeft + metrics::kSpace16 + layout()->sizeHint().width();
    const auto wanted = around + bodyMetrics.horizontalAdvance(text_);
    const auto widest = std::min(kMaxWidth, std::max(0, area_->width() - 2 * metrics::kPageMargin));
    const auto chosen = std::clamp(wanted, std::min(kMinWidth, widest), widest);
    const auto lines =
        bodyMetrics.boundingRect(QRect(0, 0, chosen - around, area_->height()), kWrapped, text_).height();
    resize(chosen, std::max(scaledHeight(kHeight), lines + 2 * metrics::kSpace12));
    move(area_->width() - width() - metrics::kPageMargin, area_->height() - height() - metrics::kPageMargin);
}

void Toast::finish(bool undone) {
    if (timer_ == 0)
        return;
    killTimer(std::exchange(timer_, 0));
    hide();
    // Taken out first: the callbacks may show the next toast.
    const auto undo = std::exchange(onUndo_, {});
    const auto expired = std::exchange(onExpired_, {});
    if (undone && undo)
        undo();
    else if (!undone && expired)
        expired();
}

bool Toast::held() const { return hovered_ || undo_->hasFocus() || close_->hasFocus(); }

void Toast::timerEvent(QTimerEvent* event) {
    if (event->timerId() != timer_) {
        QWidget::timerEvent(event);
        return;
    }
    if (held())
        return;
    left_ -= kTickMs;
    if (left_ <= 0)
        finish(false);
    else
        update();
}

bool Toast::eventFilter(QObject* watched, QEvent* event) {
    if (watched == area_ && event->type() == QEvent::Resize && isVisible())
        place();
    return QWidget::eventFilter(watched, event);
}

void Toast::enterEvent(QEnterEvent* event) {
    hovered_ = true;
    QWidget::enterEvent(event);
}

void Toast::leaveEvent(QEvent* event) {
    hovered_ = false;
    QWidget::leaveEvent(event);
}

void Toast::paintEvent(QPaintEvent*) {
    constexpr int kTimeLine = 2;
    QPainter painter(this);
    const auto& theme = Theme::current();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.c(Token::Text));
    painter.drawRoundedRect(rect(), metrics::kRadiusNavigation, metrics::kRadiusNavigation);
    paintIcon(painter, QRect(metrics::kSpace12 + 2, 0, metrics::kIcon, height()), icon_, Token::Base);
    painter.setFont(ui::font(TextStyle::Body));
    painter.setPen(theme.c(Token::Base));
    const auto right = undo_->isVisibleTo(this) ? undo_->x() : close_->x();
    const QRect box(kTextLeft, 0, right - kTextLeft - metrics::kSpace8, height());
    painter.drawText(box, kWrapped, text_);
    if (onUndo_ && total_ > 0) {
        const auto share = static_cast<qreal>(left_) / total_;
        painter.fillRect(QRectF(metrics::kRadiusNavigation, height() - kTimeLine,
                                (width() - 2 * metrics::kRadiusNavigation) * share, kTimeLine),
                         theme.c(Token::Accent));
    }
}

}  // namespace xshathra::ui
