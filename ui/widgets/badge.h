#pragma once

#include <QWidget>

class QPainter;

namespace xshathra::ui {

/// Which tint a badge has. Neutral has no border.
enum class Tone { Neutral, Info, Ok, Warn, Err };

/// The tone of an environment: development Info, staging Warn, production Err, anything else Neutral.
[[nodiscard]] Tone environmentTone(const QString& environment);
/// The short word of an environment for lists: dev, staging, prod; other words unchanged.
[[nodiscard]] QString environmentShort(const QString& environment);

/// Size of a badge with this text.
[[nodiscard]] QSize badgeSize(const QString& text, bool dot = false);
/// Draws a badge whose left edge is `rect`'s, centred vertically. Returns the rectangle it filled. For delegates.
QRect paintBadge(QPainter& painter, const QRect& rect, const QString& text, Tone tone, bool dot = false);

/// A word in a small tinted box. Text for the screen reader too.
class Badge : public QWidget {
    Q_OBJECT
public:
    explicit Badge(const QString& text = {}, Tone tone = Tone::Neutral, QWidget* parent = nullptr);

    void setText(const QString& text);
    QString text() const { return text_; }
    void setTone(Tone tone);
    /// A 6 px dot before the word.
    void setDot(bool on);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QString text_;
    Tone tone_;
    bool dot_ = false;
};

}  // namespace xshathra::ui
