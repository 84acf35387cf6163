#pragma once

#include <QColor>
#include <QFont>
#include <QGlyphRun>
#include <QRawFont>
#include <QString>
#include <QVector>

#include <array>

class QPainter;

namespace xshathra::ui {

/// Draws wire text in a monospaced font from a table of glyphs, without laying it out again each time: a list repaints
/// hundreds of short texts a frame. Characters outside the table go the usual way through the painter. GUI thread.
class MonoText {
public:
    explicit MonoText(const QFont& font);

    /// Width of one character of the table.
    qreal advance() const { return advance_; }
    /// Distance from the top of a row of this height to the baseline.
    qreal baseline(int rowHeight) const;
    qreal width(QStringView text) const;
    /// As many characters as fit, with "…" for the rest.
    QString elided(const QString& text, qreal width) const;
    /// With "…" in the middle.
    QString elidedMiddle(const QString& text, qreal width) const;

    /// Draws from the baseline point; returns the width.
    qreal draw(QPainter& painter, QPointF at, QStringView text, const QColor& color) const;

    /// Collects pieces of one line and draws all pieces of one colour in one go.
    class Line {
    public:
        explicit Line(const MonoText& mono) : mono_(mono) {}
        void add(QStringView text, const QColor& color);
        qreal width() const { return x_; }
        void draw(QPainter& painter, QPointF at) const;

    private:
        struct Piece {
            QColor color;
            QVector<quint32> glyphs;
            QVector<QPointF> positions;
        };
        struct Other {
            QString text;
            QColor color;
            qreal x;
        };
        const MonoText& mono_;
        qreal x_ = 0;
        QVector<Piece> pieces_;
        QVector<Other> others_;
    };

private:
    quint32 glyphOf(char16_t character) const;

    QFont font_;
    QRawFont raw_;
    qreal advance_ = 0;
    qreal ascent_ = 0;
    qreal height_ = 0;
    std::array<quint32, 128> ascii_{};
    std::array<quint32, 4> others_{};
};

}  // namespace xshathra::ui
