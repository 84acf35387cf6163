#include "ui/shell/status_line.h"

#include "ui/overview/server_status.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/charts.h"
#include "ui/widgets/figures.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>

namespace xshathra::ui {

namespace {

constexpr int kMargin = 14;
constexpr int kGap = 6;
constexpr int kBetween = 12;
constexpr int kMeterWidth = 54;

/// Draws runs of words and figures from left to right.
class Pen {
public:
    /// Without `reserve` nothing is kept free, for a narrow window.
    Pen(QPainter& painter, int height, bool reserve)
        : painter_(painter),
          height_(height),
          reserves_(reserve),
          words_(font(TextStyle::Small)),
          mono_(font(TextStyle::Mono)) {}

    int x() const { return x_; }

    void figure(const QString& text, const QString& reserve) {
        draw(text, mono_, Token::Text);
        reserved_ += !reserves_ ? 0
                                : std::max(0, QFontMetrics(mono_).horizontalAdvance(reserve) -
                                                  QFontMetrics(mono_).horizontalAdvance(text));
        x_ += kGap;
    }

    void words(const QString& text, Token token = Token::Text2) {
        draw(text, words_, token);
        x_ += kGap;
    }

    void meter(double share, Token token) {
        paintMeter(painter_, QRect(x_, 0, kMeterWidth, height_), share, token);
        x_ += kMeterWidth + kGap;
    }

    void gap() { x_ += kGap; }

    /// Ends a segment: what was reserved and not used stays empty before the line.
    void divide() {
        constexpr int kLine = 12;
        x_ += reserved_ - kGap + kBetween;
        reserved_ = 0;
        paintVerticalLine(painter_, x_, (height_ - kLine) / 2.0, kLine, Token::Line2);
        x_ += kBetween;
    }

private:
    void draw(const QString& text, const QFont& f, Token token) {
        painter_.setFont(f);
        painter_.setPen(Theme::current().c(token));
        painter_.drawText(QRect(x_, 0, QFontMetrics(f).horizontalAdvance(text) + 2, height_),
                          Qt::AlignVCenter | Qt::TextSingleLine, text);
        x_ += QFontMetrics(f).horizontalAdvance(text);
    }

    QPainter& painter_;
    int height_;
    bool reserves_;
    QFont words_;
    QFont mono_;
    int x_ = kMargin;
    int reserved_ = 0;
};

const QString& sevenDigits() {
    static const auto text = QStringLiteral("9,999,999");
    return text;
}

QString megabytes(std::uint64_t bytes) {
    constexpr std::uint64_t kMegabyte = 1024 * 1024;
    return formatCount(bytes / kMegabyte);
}

/// "connection" or "connections".
QString plural(const QString& word, std::uint64_t count) { return count == 1 ? word : word + QLatin1Char('s'); }

QString counted(std::uint64_t count, const QString& word) {
    return formatCount(count) + QLatin1Char(' ') + plural(word, count);
}

}  // namespace

StatusLine::StatusLine(ServerStatus& status, QWidget* parent) : QWidget(parent), status_(status) {
    setObjectName(QStringLiteral("status"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setToolTip(
        QStringLiteral("Kept: in the capture now. Evicted: dropped because the capture was full. Not drawn: kept, "
                       "but passed while the list showed newer rows."));
    connect(&status_, &ServerStatus::figuresChanged, this, &StatusLine::refresh);
    connect(&status_, &ServerStatus::recordingChanged, this, &StatusLine::refresh);
    refresh();
}

void StatusLine::setPaused(bool on) {
    paused_ = on;
    refresh();
}

QSize StatusLine::sizeHint() const { return {0, scaledHeight(metrics::kStatusBar)}; }

QString StatusLine::sentence() const {
    const auto& f = status_.figures();
    return QStringLiteral(
               "%1, %2, in %3 a second, out %4 a second, capture %5 kept, %6 of %7 MB, "
               "evicted %8, not drawn %9, %10%11")
        .arg(counted(f.connections, QStringLiteral("connection")), counted(f.channels, QStringLiteral("channel")),
             formatRate(f.inPerSecond), formatRate(f.outPerSecond), formatCount(f.captureKept),
             megabytes(f.captureBytes), megabytes(f.captureBytesLimit), formatCount(f.captureEvicted),
             formatCount(f.notDrawn))
        .arg(status_.recording() ? QStringLiteral("recording") : QStringLiteral("not recording"),
             paused_ ? QStringLiteral(", view paused") : QString());
}

void StatusLine::refresh() {
    setAccessibleName(sentence());
    update();
}

void StatusLine::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintHorizontalLine(painter, 0, 0, width(), Token::Line);
    const auto& f = status_.figures();
    constexpr int kNarrow = 1'180;
    Pen pen(painter, height(), width() >= kNarrow);
    const auto rateRoom = QStringLiteral("999k/s");
    const auto rate = [](double value) { return formatRate(value) + QStringLiteral("/s"); };
    pen.figure(formatCount(f.connections), sevenDigits());
    pen.words(plural(QStringLiteral("connection"), f.connections));
    pen.divide();
    pen.figure(formatCount(f.channels), sevenDigits());
    pen.words(plural(QStringLiteral("channel"), f.channels));
    pen.divide();
    pen.words(QStringLiteral("in"));
    pen.figure(rate(f.inPerSecond), rateRoom);
    pen.gap();
    pen.words(QStringLiteral("out"));
    pen.figure(rate(f.outPerSecond), rateRoom);
    pen.divide();
    pen.words(QStringLiteral("capture"));
    pen.figure(formatCount(f.captureKept), sevenDigits());
    const auto share =
        f.captureBytesLimit == 0 ? 0.0 : static_cast<double>(f.captureBytes) / static_cast<double>(f.captureBytesLimit);
    constexpr double kNearlyFull = 0.9;
    pen.meter(share, share >= kNearlyFull ? Token::WarnDot : Token::Text3);
    pen.words(QStringLiteral("%1 MB of %2 MB").arg(megabytes(f.captureBytes), megabytes(f.captureBytesLimit)));
    pen.divide();
    pen.words(QStringLiteral("evicted"));
    pen.figure(formatCount(f.captureEvicted), sevenDigits());
    pen.gap();
    pen.words(QStringLiteral("not drawn"));
    pen.figure(formatCount(f.notDrawn), sevenDigits());

    auto word = status_.recording() ? QStringLiteral("recording") : QStringLiteral("not recording");
    if (paused_)
        word += QStringLiteral(", view paused");
    painter.setFont(ui::font(TextStyle::Small));
    painter.setPen(Theme::current().c(status_.recording() && !paused_ ? Token::Text2 : Token::Warn));
    const auto room = width() - kMargin - QFontMetrics(painter.font()).horizontalAdvance(word);
    if (room > pen.x())
        painter.drawText(QRect(room, 0, width() - room, height()), Qt::AlignVCenter, word);
}

}  // namespace xshathra::ui
