#pragma once

#include <QWidget>

namespace xshathra::ui {

class Button;
class IconLabel;
class Label;

/// The line under the list while it does not follow: why, how much is newer, and the way back.
class FollowStrip final : public QWidget {
    Q_OBJECT

public:
    explicit FollowStrip(QWidget* parent = nullptr);

    /// Following stopped for `reason`, with so many newer rows below the screen.
    void showStopped(const QString& reason, std::uint64_t newerRows);
    /// The view is paused, with so many events kept meanwhile.
    void showPaused(std::uint64_t heldBack);

    QSize sizeHint() const override;

Q_SIGNALS:
    /// The link: jump to the newest row, or resume.
    void activated();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    IconLabel* icon_;
    Label* text_;
    Button* link_;
    Label* key_;
};

}  // namespace xshathra::ui
