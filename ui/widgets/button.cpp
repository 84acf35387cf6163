#include "ui/widgets/button.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"

#include <QEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>

namespace xshathra::ui {

namespace {

const char* kindWord(Button::Kind kind) {
    switch (kind) {
        case Button::Kind::Primary: return "primary";
        case Button::Kind::Quiet: return "quiet";
        case Button::Kind::Link: return "link";
        case Button::Kind::Icon: return "icon";
        case Button::Kind::Danger: return "danger";
        case Button::Kind::Inverted: return "inverted";
        case Button::Kind::Standard: break;
    }
    return "standard";
}

const char* sizeWord(Button::Size size) {
    switch (size) {
        case Button::Size::Small: return "s";
        case Button::Size::Tiny: return "xs";
        case Button::Size::Normal: break;
    }
    return "m";
}

Token kindToken(Button::Kind kind, bool active) {
    switch (kind) {
        case Button::Kind::Primary: return Token::OnAccent;
        case Button::Kind::Link: return Token::AccentText;
        case Button::Kind::Danger: return Token::Err;
        case Button::Kind::Inverted: return Token::Base;
        default: return active ? Token::AccentText : Token::Text2;
    }
}

int heightOf(Button::Size size) {
    switch (size) {
        case Button::Size::Small: return metrics::kControlSmall;
        case Button::Size::Tiny: return metrics::kControlTiny;
        case Button::Size::Normal: break;
    }
    return metrics::kControl;
}

constexpr int kChevronInset = 10;

}  // namespace

Button::Button(const QString& text, const QString& objectName, QWidget* parent, Kind kind, Size size)
    : QPushButton(text, parent), kind_(kind), size_(size) {
    setObjectName(objectName);
    setFocusPolicy(Qt::TabFocus);
    setAutoDefault(false);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    applyKind();
    connect(this, &QPushButton::toggled, this, [this] {
        applyFont();
        applyIcon();
    });
}

Button* Button::iconOnly(const QString& icon, const QString& name, const QString& objectName, QWidget* parent,
                         Size size) {
    auto* button = new Button(QString(), objectName, parent, Kind::Icon, size);
    button->setIconName(icon);
    button->setAccessibleName(name);
    button->setToolTip(name);
    return button;
}

void Button::setKind(Kind kind) {
    kind_ = kind;
    applyKind();
}

void Button::setSize(Size size) {
    size_ = size;
    applyKind();
}

void Button::setIconName(const QString& name) {
    iconName_ = name;
    ownToken_ = false;
    applyIcon();
}

void Button::setIconName(const QString& name, Token token) {
    iconName_ = name;
    iconToken_ = token;
    ownToken_ = true;
    applyIcon();
}

void Button::setStrongWhenChecked(bool on) {
    strongWhenChecked_ = on;
    applyFont();
}

void Button::setChevron(bool on) {
    chevron_ = on;
    applyKind();
}

void Button::applyKind() {
    setProperty("kind", QString::fromLatin1(kindWord(kind_)));
    setProperty("sz", QString::fromLatin1(sizeWord(size_)));
    setProperty("chev", chevron_);
    applyFont();
    style()->unpolish(this);
    style()->polish(this);
    applyIcon();
    updateGeometry();
}

void Button::applyFont() {
    const bool strong = kind_ == Kind::Primary || kind_ == Kind::Inverted || (strongWhenChecked_ && isChecked());
    setFont(ui::font(strong                 ? TextStyle::BodyStrong
                     : size_ == Size::Tiny  ? TextStyle::Small
                     : size_ == Size::Small ? TextStyle::List
                                            : TextStyle::Body));
}

void Button::applyIcon() {
    if (iconName_.isEmpty()) {
        setIcon({});
        return;
    }
    const auto token = ownToken_ ? iconToken_ : kindToken(kind_, isChecked());
    const bool alone = text().isEmpty();
    constexpr int kTextGap = 3;
    const auto side = size_ == Size::Tiny ? metrics::kIconSmall : metrics::kIcon;
    setIconSize(alone ? QSize(side, side) : QSize(side + kTextGap, side));
    setIcon(alone ? themedIcon(iconName_, token) : themedButtonIcon(iconName_, token));
}

QSize Button::sizeHint() const {
    auto size = QPushButton::sizeHint();
    size.setHeight(scaledHeight(heightOf(size_)));
    if (kind_ == Kind::Icon)
        size.setWidth(qMax(size.width(), size.height()));
    return size;
}

bool Button::event(QEvent* event) {
    const bool done = QPushButton::event(event);
    // The style sheet takes back a font that was set after it had polished the button for the first time.
    if (event->type() == QEvent::Polish)
        applyFont();
    return done;
}

void Button::changeEvent(QEvent* event) {
    QPushButton::changeEvent(event);
    if (event->type() == QEvent::StyleChange)
        applyFont();
    if (event->type() == QEvent::ApplicationFontChange)
        applyKind();
}

void Button::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && !event->isAutoRepeat())
        click();
    else
        QPushButton::keyPressEvent(event);
}

void Button::paintEvent(QPaintEvent* event) {
    QPushButton::paintEvent(event);
    if (!chevron_ && !(kind_ == Kind::Primary && hasFocus()))
        return;
    QPainter painter(this);
    if (chevron_) {
        const QRect box(width() - kChevronInset - metrics::kIconSmall, 0, metrics::kIconSmall, height());
        paintIcon(painter, box, QStringLiteral("chevron-down"),
                  isEnabled() ? kindToken(kind_, isChecked()) : Token::TextOff, metrics::kIconSmall);
    }
    if (kind_ == Kind::Primary && hasFocus()) {
        constexpr qreal kInset = 2.75;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(Theme::current().c(Token::OnAccent), 1.5));
        painter.drawRoundedRect(QRectF(rect()).adjusted(kInset, kInset, -kInset, -kInset), 3, 3);
    }
}

}  // namespace xshathra::ui
