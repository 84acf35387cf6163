#include "ui/live/live_delegate.h"

#include "ui/live/kind_token.h"
#include "ui/live/preview_runs.h"
#include "ui/models/display_text.h"
#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/badge.h"

#include <QFontMetrics>
#include <QHeaderView>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace xshathra::ui {

namespace {

using capture::StoredEvent;
using models::LiveModel;

constexpr int kPadding = metrics::kCellPadding;
constexpr int kBarWidth = 2;
constexpr std::int64_t kSlowNs = 50'000'000;
constexpr std::int64_t kSecondNs = 1'000'000'000;
/// Character advance the column widths of columnWidth() were chosen for.
constexpr qreal kReferenceAdvance = 7.2;

QString middleDots() { return QString(QChar(0x2026)); }

}  // namespace

/// What painting a cell needs to know.
struct LiveDelegate::Cell {
    QRect rect;
    /// Everything in Text3 (filter mode Dim).
    bool dimmed = false;

    QColor color(Token token) const { return Theme::current().c(dimmed ? Token::Text3 : token); }
    qreal left() const { return rect.left() + kPadding; }
    qreal right() const { return rect.right() + 1 - kPadding; }
};

LiveDelegate::LiveDelegate(const LiveModel& model) : model_(model) { refresh(); }

void LiveDelegate::refresh() {
    mono_ = std::make_unique<MonoText>(font(TextStyle::Mono));
    listFont_ = font(TextStyle::List);
    listMedium_ = listFont_;
    listMedium_.setWeight(QFont::Medium);
    rowHeight_ = scaledHeight(metrics::kLiveRow);
    for (std::size_t i = 0; i < kindWords_.size(); ++i) {
        const auto kind = static_cast<capture::Kind>(i);
        kindWords_[i] = QStaticText(QString::fromLatin1(capture::name(kind)));
        kindWords_[i].setTextFormat(Qt::PlainText);
        kindWords_[i].prepare({}, kind == capture::Kind::Error ? listMedium_ : listFont_);
    }
    clockSecond_ = -1;
}

int LiveDelegate::columnWidth(int column) const {
    constexpr std::array<int, LiveModel::ColumnCount> kWidths = {kSeqWidth, 136, 80, 30, 94, 96, 128, 118, 56, 80, 300};
    const qreal factor = std::max(1.0, mono_->advance() / kReferenceAdvance);
    return static_cast<int>(std::ceil(kWidths[static_cast<std::size_t>(column)] * factor));
}

void LiveDelegate::paintRow(QPainter& painter, const QRect& rect, int row, const QHeaderView& header,
                            const RowState& state) {
    const StoredEvent* event = model_.eventAt(row);
    if (event == nullptr) {
        return;
    }
    const Theme& theme = Theme::current();
    const bool error = isErrorEvent(*event);

    Token ground = Token::Base;
    if (state.selected) {
        ground = state.focused ? Token::Sel : Token::SelOff;
    } else if (state.marked) {
        ground = Token::Mark;
    } else if (error) {
        ground = Token::ErrBg;
    } else if (state.hovered) {
        ground = Token::Hover;
    }
    if (ground != Token::Base) {
        painter.fillRect(rect, theme.c(ground));
    }
    if (error || state.selected) {
        const Token bar = error ? Token::ErrDot : state.focused ? Token::Accent : Token::Ctl;
        painter.fillRect(QRect(rect.left(), rect.top(), kBarWidth, rect.height()), theme.c(bar));
    }
    if (state.current && !state.selected && state.focused) {
        painter.setPen(theme.c(Token::Focus));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect.adjusted(0, 0, -1, -1));
    }

    const auto cellAt = [&](int column) {
        return Cell{QRect(rect.left() + header.sectionViewportPosition(column), rect.top(), header.sectionSize(column),
                          rect.height()),
                    state.dimmed};
    };
    const qreal baseline = rect.top() + mono_->baseline(rect.height());
    const auto right = [&](int column, const QString& text, Token token) {
        if (header.isSectionHidden(column)) {
            return;
        }
        const Cell cell = cellAt(column);
        mono_->draw(painter, {cell.right() - mono_->width(text), baseline}, text, cell.color(token));
    };

    if (state.marked) {
        paintIcon(painter, QRect(rect.left() + 2, rect.top(), metrics::kIconSmall, rect.height()),
                  QStringLiteral("flag"), Token::Text2, metrics::kIconSmall);
    }
    right(LiveModel::Seq, QString::number(event->seq), Token::Text3);

    const StoredEvent* before = model_.eventAt(row - 1);
    paintTime(painter, cellAt(LiveModel::Time), event->wallNs, before == nullptr ? -kSecondNs : before->wallNs);
    right(LiveModel::Delta,
          before == nullptr ? models::noValue() : models::signedDuration(event->monotonicNs - before->monotonicNs),
          Token::Text3);

    const bool in = event->dir == capture::Direction::In;
    const Cell dir = cellAt(LiveModel::Dir);
    paintIcon(painter, QRect(dir.rect.left() + kPadding, rect.top(), metrics::kIcon, rect.height()),
              in ? QStringLiteral("dir-in") : QStringLiteral("dir-out"),
              state.dimmed ? Token::Text3
              : in         ? Token::DirIn
                           : Token::DirOut,
              metrics::kIcon);

    paintKind(painter, cellAt(LiveModel::Kind), *event);
    if (!header.isSectionHidden(LiveModel::Project)) {
        paintProject(painter, cellAt(LiveModel::Project), *event);
    }
    paintChannel(painter, cellAt(LiveModel::Channel), *event);
    if (!header.isSectionHidden(LiveModel::FromTo)) {
        paintFromTo(painter, cellAt(LiveModel::FromTo), *event);
    }
    right(LiveModel::Size, models::listSize(event->size), Token::Text2);

    const bool slow = event->latencyNs > kSlowNs || (event->fault != 0 && event->latencyNs > 0);
    right(LiveModel::Latency, event->latencyNs == 0 ? models::noValue() : models::duration(event->latencyNs),
          slow ? Token::Warn : Token::Text3);
    paintPreview(painter, cellAt(LiveModel::Preview), *event, model_.payloadAt(row));
}

const QString& LiveDelegate::clockTime(std::int64_t wallNs) {
    const std::int64_t second = wallNs / kSecondNs;
    if (second != clockSecond_) {
        clockSecond_ = second;
        clockText_ = models::timeOfDay(second * kSecondNs).left(8);
    }
    return clockText_;
}

void LiveDelegate::paintTime(QPainter& painter, const Cell& cell, std::int64_t wallNs, std::int64_t previousNs) {
    const bool sameSecond = wallNs / kSecondNs == previousNs / kSecondNs;
    const qreal y = cell.rect.top() + mono_->baseline(cell.rect.height());
    const std::int64_t micros = (wallNs / 1000) % 1'000'000;
    qreal x = cell.left();
    MonoText::Line line(*mono_);
    line.add(clockTime(wallNs), cell.color(sameSecond ? Token::Text3 : Token::Text2));
    line.add(QStringLiteral(".%1").arg(micros / 1000, 3, 10, QLatin1Char('0')), cell.color(Token::Text));
    line.draw(painter, {x, y});
    x += line.width() + 2;
    mono_->draw(painter, {x, y}, QStringLiteral("%1").arg(micros % 1000 / 10, 2, 10, QLatin1Char('0')),
                cell.color(Token::Text3));
}

void LiveDelegate::paintKind(QPainter& painter, const Cell& cell, const StoredEvent& event) {
    const Token token = kindToken(event.kind, event.code);
    QColor tick = Theme::current().c(token);
    if (cell.dimmed) {
        tick.setAlphaF(0.4F);
    }
    const QRectF tickRect(cell.left(), cell.rect.top() + (cell.rect.height() - 12) / 2.0, 3, 12);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tick);
    painter.drawRoundedRect(tickRect, 1.5, 1.5);
    painter.restore();

    const bool medium = event.kind == capture::Kind::Error;
    const QStaticText& word = kindWords_[static_cast<std::size_t>(event.kind)];
    painter.setFont(medium ? listMedium_ : listFont_);
    painter.setPen(cell.color(token));
    const qreal top = cell.rect.top() + std::round((cell.rect.height() - word.size().height()) / 2);
    painter.drawStaticText(QPointF(tickRect.right() + 6, top), word);
}

void LiveDelegate::paintProject(QPainter& painter, const Cell& cell, const StoredEvent& event) {
    const QString name = model_.projectName(model_.store().text(event.project));
    const int room = static_cast<int>(cell.right() - cell.left());
    painter.setFont(listFont_);
    painter.setPen(cell.color(name.isEmpty() ? Token::Text3 : Token::Text2));
    painter.drawText(
        QRect(static_cast<int>(cell.left()), cell.rect.top(), room, cell.rect.height()),
        Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        name.isEmpty() ? models::noValue() : QFontMetrics(listFont_).elidedText(name, Qt::ElideMiddle, room));
}

void LiveDelegate::paintChannel(QPainter& painter, const Cell& cell, const StoredEvent& event) {
    const QString text = mono_->elidedMiddle(model_.channelText(event), cell.right() - cell.left());
    // The project's id stands as ":…:" in a name; it is the same in all rows and should not draw the eye.
    const QString quiet = QLatin1Char(':') + middleDots() + QLatin1Char(':');
    const qsizetype at = text.indexOf(quiet);
    MonoText::Line line(*mono_);
    if (event.channel == 0) {
        line.add(text, cell.color(Token::Text3));
    } else if (at >= 0) {
        line.add(QStringView(text).left(at), cell.color(Token::Text));
        line.add(quiet, cell.color(Token::Text3));
        line.add(QStringView(text).mid(at + quiet.size()), cell.color(Token::Text));
    } else {
        line.add(text, cell.color(Token::Text));
    }
    line.draw(painter, {cell.left(), cell.rect.top() + mono_->baseline(cell.rect.height())});
}

void LiveDelegate::paintFromTo(QPainter& painter, const Cell& cell, const StoredEvent& event) {
    const QString text = mono_->elidedMiddle(model_.fromTo(event), cell.right() - cell.left());
    MonoText::Line line(*mono_);
    const auto parts = QStringView(text).split(QLatin1Char(' '));
    for (qsizetype i = 0; i < parts.size(); ++i) {
        if (i > 0) {
            line.add(QStringLiteral(" "), cell.color(Token::Text3));
        }
        const bool ours = parts[i] == QLatin1StringView("srv") || parts[i] == QLatin1StringView("api") ||
                          parts[i] == QStringView(u"\u2192") || parts[i] == QStringView(u"\u2013");
        line.add(parts[i], cell.color(ours ? Token::Text3 : Token::Text));
    }
    line.draw(painter, {cell.left(), cell.rect.top() + mono_->baseline(cell.rect.height())});
}

void LiveDelegate::paintPreview(QPainter& painter, const Cell& cell, const StoredEvent& event,
                                std::string_view payload) {
    const qreal y = cell.rect.top() + mono_->baseline(cell.rect.height());
    qreal available = cell.right() - cell.left();
    QString badge;
    int badgeWidth = 0;
    if (event.fault != 0) {
        badge = QStringLiteral("fault ") + models::displayText(model_.store().text(event.fault), 24);
        badgeWidth = badgeSize(badge).width();
        available -= badgeWidth + metrics::kSpace8;
    }
    if (available < mono_->advance()) {
        return;
    }
    const QString text = mono_->elided(model_.previewText(event, payload), available);
    MonoText::Line line(*mono_);
    if (isErrorEvent(event)) {
        line.add(text, cell.color(Token::KError));
    } else {
        for (const PreviewRun& run : previewRuns(text)) {
            line.add(QStringView(text).mid(run.start, run.length), cell.color(run.token));
        }
    }
    line.draw(painter, {cell.left(), y});
    if (!badge.isEmpty()) {
        const int x = static_cast<int>(cell.left() + line.width()) + metrics::kSpace8;
        paintBadge(painter, QRect(x, cell.rect.top(), badgeWidth, cell.rect.height()), badge, Tone::Warn);
    }
}

}  // namespace xshathra::ui
