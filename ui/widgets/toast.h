#pragma once

#include <QWidget>

#include <functional>

namespace xshathra::ui {

class Button;

/// The short message at the bottom right of the central area, with an optional undo. One at a time: a new one replaces
/// the old, whose undo is then no longer offered. Stays while hovered or focused; announced as an alert.
class Toast : public QWidget {
    Q_OBJECT
public:
    /// `area` is the widget in whose lower right corner toasts appear.
    explicit Toast(QWidget* area);

    /// Shows a message for 4 s.
    void showMessage(const QString& text, const QString& icon = QString());
    /// Shows a message with *Undo* for `milliseconds` and a line of the time left. `undo` runs on click; `expired` when
    /// the time is over, when the toast is closed or replaced. Exactly one of them runs.
    void showUndo(const QString& text, std::function<void()> undo, std::function<void()> expired = {},
                  int milliseconds = 10'000, const QString& icon = QString());
    /// Hides it now; counts as expired.
    void dismiss();
    QString text() const { return text_; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void timerEvent(QTimerEvent* event) override;

private:
    void present(const QString& text, const QString& icon, int milliseconds);
    void place();
    void finish(bool undone);
    bool held() const;

    QWidget* area_;
    Button* undo_;
    Button* close_;
    QString text_;
    QString icon_;
    std::function<void()> onUndo_;
    std::function<void()> onExpired_;
    int total_ = 0;
    int left_ = 0;
    int timer_ = 0;
    bool hovered_ = false;
};

}  // namespace xshathra::ui
