#include "ui/shell/navigation.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/rule.h"

#include <QFontMetrics>
#include <QKeyEvent>
#include <QPainter>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

constexpr int kWidth = 190;
constexpr int kCollapsedWidth = 52;
constexpr int kMaxWidth = 260;
constexpr int kItemHeight = 30;
constexpr int kInset = 8;
constexpr int kIconLeft = 12;
constexpr int kTextLeft = 38;
constexpr int kDot = 7;
constexpr int kBottomGroup = 9;

}  // namespace

NavigationItem::NavigationItem(const QString& id, const QString& title, const QString& icon, QWidget* parent)
    : QAbstractButton(parent), id_(id), icon_(icon) {
    setObjectName(QStringLiteral("nav.") + id);
    setText(title);
    setCheckable(true);
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    describe();
}

void NavigationItem::setCounter(const QString& text) {
    if (counter_ == text)
        return;
    counter_ = text;
    describe();
}

void NavigationItem::setUnseen(bool on) {
    if (unseen_ == on)
        return;
    unseen_ = on;
    describe();
}

void NavigationItem::setCollapsed(bool on) {
    collapsed_ = on;
    describe();
}

void NavigationItem::setKeys(const QString& keys) {
    keys_ = keys;
    describe();
}

void NavigationItem::describe() {
    auto name = text();
    if (!counter_.isEmpty())
        name += QStringLiteral(", ") + counter_;
    if (unseen_)
        name += QStringLiteral(", errors not seen");
    setAccessibleName(name);
    setToolTip(!collapsed_ ? keys_ : keys_.isEmpty() ? text() : QStringLiteral("%1   %2").arg(text(), keys_));
    update();
}

QSize NavigationItem::sizeHint() const {
    const auto words = QFontMetrics(ui::font(TextStyle::BodyStrong)).horizontalAdvance(text());
    return {collapsed_ ? kCollapsedWidth - 2 * kInset : kTextLeft + words + metrics::kSpace16 * 2,
            scaledHeight(kItemHeight)};
}

void NavigationItem::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto& theme = Theme::current();
    const bool on = isChecked();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    if (on || underMouse()) {
        painter.setBrush(theme.c(on ? Token::AccentBg : Token::Press));
        painter.drawRoundedRect(rect(), metrics::kRadiusNavigation, metrics::kRadiusNavigation);
    }
    if (on) {
        constexpr int kBarHeight = 16;
        constexpr int kBarWidth = 3;
        painter.setBrush(theme.c(Token::Accent));
        painter.drawRoundedRect(QRectF(0, (height() - kBarHeight) / 2.0, kBarWidth, kBarHeight), 1.5, 1.5);
    }
    const auto color = on ? Token::AccentText : Token::Text2;
    paintIcon(painter, QRect(kIconLeft, 0, metrics::kIcon, height()), icon_, color);
    constexpr int kRight = 12;
    if (!collapsed_) {
        const auto f = ui::font(on ? TextStyle::BodyStrong : TextStyle::Body);
        painter.setFont(f);
        painter.setPen(theme.c(on ? Token::AccentText : Token::Text));
        painter.drawText(QRect(kTextLeft, 0, width() - kTextLeft, height()), Qt::AlignVCenter | Qt::TextSingleLine,
                         QFontMetrics(f).elidedText(text(), Qt::ElideRight, width() - kTextLeft - kRight));
        if (!counter_.isEmpty() && !unseen_) {
            painter.setFont(ui::font(TextStyle::MonoSmall));
            painter.setPen(theme.c(Token::Text3));
            painter.drawText(rect().adjusted(0, 0, -kRight, 0), Qt::AlignVCenter | Qt::AlignRight, counter_);
        }
    }
    if (unseen_) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.c(Token::ErrDot));
        const QPointF at = collapsed_ ? QPointF(kIconLeft + metrics::kIcon - kDot / 2.0, kDot / 2.0)
                                      : QPointF(width() - kRight - kDot, (height() - kDot) / 2.0);
        painter.drawEllipse(QRectF(at, QSizeF(kDot, kDot)));
    }
    if (hasFocus())
        paintFocusRing(painter, rect(), metrics::kRadiusNavigation);
}

void NavigationItem::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        click();
    else
        QAbstractButton::keyPressEvent(event);
}

void NavigationItem::enterEvent(QEnterEvent* event) {
    QAbstractButton::enterEvent(event);
    update();
}

void NavigationItem::leaveEvent(QEvent* event) {
    QAbstractButton::leaveEvent(event);
    update();
}

Navigation::Navigation(QWidget* parent) : QWidget(parent), upper_(new QVBoxLayout), lower_(new QVBoxLayout) {
    setObjectName(QStringLiteral("nav"));
    setAccessibleName(QStringLiteral("Views"));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
    constexpr int kTop = 10;
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kInset, kTop, kInset + 1, kTop);
    column->setSpacing(0);
    for (auto* part : {upper_, lower_})
        part->setSpacing(1);
    column->addLayout(upper_);
    column->addStretch();
    column->addLayout(lower_);
}

NavigationItem* Navigation::addItem(int group, const QString& id, const QString& title, const QString& icon) {
    const bool bottom = group == kBottomGroup;
    if (!bottom && lastGroup_ >= 0 && group != lastGroup_) {
        constexpr int kAround = 5;
        auto* line = new QVBoxLayout;
        line->setContentsMargins(kInset, kAround, kInset, kAround);
        line->addWidget(new Rule);
        upper_->addLayout(line);
    }
    if (!bottom)
        lastGroup_ = group;
    auto* entry = new NavigationItem(id, title, icon, this);
    entry->setCollapsed(collapsed_);
    entry->installEventFilter(this);
    (bottom ? lower_ : upper_)->addWidget(entry);
    items_.append(entry);
    connect(entry, &QAbstractButton::clicked, this, [this, entry] {
        setCurrent(entry->id());
        Q_EMIT chosen(entry->id());
    });
    return entry;
}

NavigationItem* Navigation::item(const QString& id) const {
    for (auto* entry : items_) {
        if (entry->id() == id)
            return entry;
    }
    return nullptr;
}

void Navigation::setCurrent(const QString& id) {
    for (auto* entry : items_)
        entry->setChecked(entry->id() == id);
}

void Navigation::setCollapsed(bool on) {
    collapsed_ = on;
    for (auto* entry : items_)
        entry->setCollapsed(on);
    updateGeometry();
}

QSize Navigation::sizeHint() const {
    if (collapsed_)
        return {kCollapsedWidth, 0};
    auto width = kWidth;
    for (const auto* entry : items_)
        width = qMax(width, entry->sizeHint().width() + 2 * kInset);
    return {qMin(width, kMaxWidth), 0};
}

bool Navigation::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        const auto key = static_cast<QKeyEvent*>(event)->key();
        const auto at = items_.indexOf(static_cast<NavigationItem*>(watched));
        const auto next = key == Qt::Key_Down ? at + 1 : key == Qt::Key_Up ? at - 1 : -1;
        if (at >= 0 && next >= 0 && next < items_.size()) {
            items_.at(next)->setFocus(Qt::TabFocusReason);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void Navigation::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), Theme::current().c(Token::Nav));
    paintVerticalLine(painter, width() - hairline(painter), 0, height(), Token::Line);
}

}  // namespace xshathra::ui
