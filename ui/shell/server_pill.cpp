#include "ui/shell/server_pill.h"

#include "ui/overview/server_status.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"

#include <QFontMetrics>
#include <QPainter>

namespace xshathra::ui {

namespace {

constexpr int kLeft = 12;
constexpr int kDot = 8;
constexpr int kGap = 6;
constexpr int kChevron = 30;
constexpr int kWidth = 234;
/// Widths of parts are rounded; text that just fits must not be elided.
constexpr int kSpare = 4;

struct Dot {
    Token token;
    bool ring;
};

Dot dotOf(ServerState state) {
    switch (state) {
        case ServerState::Running: return {Token::OkDot, false};
        case ServerState::Starting:
        case ServerState::Stopping: return {Token::WarnDot, true};
        case ServerState::PortInUse:
        case ServerState::Failed: return {Token::ErrDot, false};
        case ServerState::Stopped: break;
    }
    return {Token::Text3, true};
}

}  // namespace

ServerPill::ServerPill(ServerStatus& status, QWidget* parent)
    : MenuButton(QStringLiteral("toolbar.server"), kWidth, parent), status_(status) {
    connect(&status_, &ServerStatus::stateChanged, this, &ServerPill::refresh);
    connect(&status_, &ServerStatus::addressChanged, this, &ServerPill::refresh);
    refresh();
}

QSize ServerPill::sizeHint() const {
    // Wide enough for the longest word beside an address of this machine, so that a change of state moves nothing.
    const QFontMetrics words(ui::font(TextStyle::BodyStrong));
    const QFontMetrics mono(ui::font(TextStyle::Mono));
    const auto wanted = kLeft + kDot + kGap + words.horizontalAdvance(stateWord(ServerState::PortInUse)) + kGap +
                        mono.horizontalAdvance(QStringLiteral("127.0.0.1:30001")) + kSpare + kChevron;
    return {qMax(kWidth, wanted), MenuButton::sizeHint().height()};
}

void ServerPill::refresh() {
    setAccessibleName(QStringLiteral("Server: %1, %2").arg(stateWord(status_.state()), status_.address().hostAndPort));
    setToolTip(status_.state() == ServerState::Failed ? status_.failure()
                                                      : QStringLiteral("Server: copy addresses, restart, stop"));
    update();
}

void ServerPill::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto& theme = Theme::current();
    const auto state = status_.state();
    paintFrame(painter, height() / 2.0, state == ServerState::PortInUse || state == ServerState::Failed);
    const auto dot = dotOf(state);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF circle(kLeft, (height() - kDot) / 2.0, kDot, kDot);
    if (dot.ring) {
        painter.setPen(QPen(theme.c(dot.token), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(circle.adjusted(1, 1, -1, -1));
    } else {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.c(dot.token));
        painter.drawEllipse(circle);
    }
    auto x = kLeft + kDot + kGap;
    const auto word = stateWord(state);
    painter.setFont(ui::font(TextStyle::BodyStrong));
    painter.setPen(theme.c(Token::Text));
    painter.drawText(QRect(x, 0, width() - x, height()), Qt::AlignVCenter, word);
    x += QFontMetrics(painter.font()).horizontalAdvance(word) + kGap;
    const auto mono = ui::font(TextStyle::Mono);
    painter.setFont(mono);
    painter.setPen(theme.c(Token::Text2));
    const auto room = width() - x - kChevron;
    painter.drawText(QRect(x, 0, room, height()), Qt::AlignVCenter,
                     QFontMetrics(mono).elidedText(status_.address().hostAndPort, Qt::ElideMiddle, room));
    paintChevron(painter);
}

}  // namespace xshathra::ui
