#include "ui/widgets/badge.h"

#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/tone_tokens.h"

#include <QEvent>
#include <QFontMetrics>
#include <QPainter>

namespace xshathra::ui {

namespace {

constexpr int kHeight = 18;
constexpr int kSide = 7;
constexpr int kDot = 6;
constexpr int kDotGap = 5;

}  // namespace

ToneTokens toneTokens(Tone tone) {
    switch (tone) {
        case Tone::Info: return {Token::Info, Token::InfoBg, Token::InfoLine, Token::Info};
        case Tone::Ok: return {Token::Ok, Token::OkBg, Token::OkLine, Token::OkDot};
        case Tone::Warn: return {Token::Warn, Token::WarnBg, Token::WarnLine, Token::WarnDot};
        case Tone::Err: return {Token::Err, Token::ErrBg, Token::ErrLine, Token::ErrDot};
        case Tone::Neutral: break;
    }
    return {Token::Text2, Token::Press, Token::Press, Token::Text3};
}

QString toneIcon(Tone tone) {
    switch (tone) {
        case Tone::Ok: return QStringLiteral("ok");
        case Tone::Warn: return QStringLiteral("warn");
        case Tone::Err: return QStringLiteral("error");
        default: return QStringLiteral("info");
    }
}

Tone environmentTone(const QString& environment) {
    if (environment == QLatin1String("development"))
        return Tone::Info;
    if (environment == QLatin1String("staging"))
        return Tone::Warn;
    return environment == QLatin1String("production") ? Tone::Err : Tone::Neutral;
}

QString environmentShort(const QString& environment) {
    if (environment == QLatin1String("development"))
        return QStringLiteral("dev");
    return environment == QLatin1String("production") ? QStringLiteral("prod") : environment;
}

QSize badgeSize(const QString& text, bool dot) {
    const QFontMetrics metrics(font(TextStyle::Badge));
    return {metrics.horizontalAdvance(text) + 2 * kSide + (dot ? kDot + kDotGap : 0), scaledHeight(kHeight)};
}

QRect paintBadge(QPainter& painter, const QRect& rect, const QString& text, Tone tone, bool dot) {
    const auto size = badgeSize(text, dot);
    const QRect box(rect.left(), rect.top() + (rect.height() - size.height()) / 2, size.width(), size.height());
    const auto tokens = toneTokens(tone);
    paintBox(painter, box, metrics::kRadiusBadge, tokens.fill, tokens.line);
    auto x = box.left() + kSide;
    painter.save();
    if (dot) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(Theme::current().c(tokens.dot));
        painter.drawEllipse(QRectF(x, box.center().y() + 0.5 - kDot / 2.0, kDot, kDot));
        x += kDot + kDotGap;
    }
    painter.setFont(font(TextStyle::Badge));
    painter.setPen(Theme::current().c(tokens.text));
    painter.drawText(QRect(x, box.top(), box.right() - x, box.height()), Qt::AlignVCenter | Qt::TextSingleLine, text);
    painter.restore();
    return box;
}

Badge::Badge(const QString& text, Tone tone, QWidget* parent) : QWidget(parent), tone_(tone) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setText(text);
}

void Badge::setText(const QString& text) {
    text_ = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void Badge::setTone(Tone tone) {
    tone_ = tone;
    update();
}

void Badge::setDot(bool on) {
    dot_ = on;
    updateGeometry();
    update();
}

QSize Badge::sizeHint() const { return badgeSize(text_, dot_); }

void Badge::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintBadge(painter, rect(), text_, tone_, dot_);
}

void Badge::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange)
        updateGeometry();
}

}  // namespace xshathra::ui
