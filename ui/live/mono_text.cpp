#include "ui/live/mono_text.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace xshathra::ui {

namespace {

/// Characters of our own texts beside ASCII: ellipsis, arrow, en dash, minus.
constexpr std::array<char16_t, 4> kOthers = {0x2026, 0x2192, 0x2013, 0x2212};
constexpr QChar kEllipsis(0x2026);

}  // namespace

MonoText::MonoText(const QFont& font) : font_(font), raw_(QRawFont::fromFont(font)) {
    const QFontMetricsF metrics(font);
    advance_ = metrics.horizontalAdvance(QLatin1Char('0'));
    ascent_ = metrics.ascent();
    height_ = metrics.height();
    for (char16_t c = 0x20; c < 0x7F; ++c) {
        const auto glyphs = raw_.glyphIndexesForString(QString(QChar(c)));
        ascii_[c] = glyphs.isEmpty() ? 0 : glyphs.first();
    }
    for (std::size_t i = 0; i < kOthers.size(); ++i) {
        const auto glyphs = raw_.glyphIndexesForString(QString(QChar(kOthers[i])));
        const bool fits = !glyphs.isEmpty() && std::abs(metrics.horizontalAdvance(QChar(kOthers[i])) - advance_) < 0.1;
        others_[i] = fits ? glyphs.first() : 0;
    }
}

qreal MonoText::baseline(int rowHeight) const { return std::round((rowHeight - height_) / 2 + ascent_); }

quint32 MonoText::glyphOf(char16_t character) const {
    if (character < ascii_.size()) {
        return ascii_[character];
    }
    for (std::size_t i = 0; i < kOthers.size(); ++i) {
        if (kOthers[i] == character) {
            return others_[i];
        }
    }
    return 0;
}

qreal MonoText::width(QStringView text) const {
    for (const QChar c : text) {
        if (glyphOf(c.unicode()) == 0) {
            return QFontMetricsF(font_).horizontalAdvance(text.toString());
        }
    }
    return static_cast<qreal>(text.size()) * advance_;
}

QString MonoText::elided(const QString& text, qreal width) const {
    if (static_cast<qreal>(text.size()) * advance_ <= width && this->width(text) <= width) {
        return text;
    }
    for (const QChar c : text) {
        if (glyphOf(c.unicode()) == 0) {
            return QFontMetricsF(font_).elidedText(text, Qt::ElideRight, width);
        }
    }
    const auto fitting = static_cast<qsizetype>(width / advance_);
    return fitting < 1 ? QString() : text.left(fitting - 1) + kEllipsis;
}

QString MonoText::elidedMiddle(const QString& text, qreal width) const {
    if (this->width(text) <= width) {
        return text;
    }
    return QFontMetricsF(font_).elidedText(text, Qt::ElideMiddle, width);
}

qreal MonoText::draw(QPainter& painter, QPointF at, QStringView text, const QColor& color) const {
    Line line(*this);
    line.add(text, color);
    line.draw(painter, at);
    return line.width();
}

void MonoText::Line::add(QStringView text, const QColor& color) {
    auto piece = std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& p) { return p.color == color; });
    if (piece == pieces_.end()) {
        pieces_.append(Piece{color, {}, {}});
        piece = pieces_.end() - 1;
    }
    for (qsizetype i = 0; i < text.size();) {
        const quint32 glyph = mono_.glyphOf(text[i].unicode());
        if (glyph != 0) {
            piece->glyphs.append(glyph);
            piece->positions.append(QPointF(x_, 0));
            x_ += mono_.advance_;
            ++i;
            continue;
        }
        // Foreign characters shape and combine with each other: they stay together.
        const qsizetype start = i;
        while (i < text.size() && mono_.glyphOf(text[i].unicode()) == 0) {
            ++i;
        }
        const QString foreign = text.mid(start, i - start).toString();
        others_.append(Other{foreign, color, x_});
        x_ += QFontMetricsF(mono_.font_).horizontalAdvance(foreign);
    }
}

void MonoText::Line::draw(QPainter& painter, QPointF at) const {
    for (const Piece& piece : pieces_) {
        if (piece.glyphs.isEmpty()) {
            continue;
        }
        QGlyphRun run;
        run.setRawFont(mono_.raw_);
        run.setRawData(piece.glyphs.constData(), piece.positions.constData(), static_cast<int>(piece.glyphs.size()));
        painter.setPen(piece.color);
        painter.drawGlyphRun(at, run);
    }
    if (!others_.isEmpty()) {
        painter.setFont(mono_.font_);
        for (const Other& other : others_) {
            painter.setPen(other.color);
            painter.drawText(at + QPointF(other.x, 0), other.text);
        }
    }
}

}  // namespace xshathra::ui
