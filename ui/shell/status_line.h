#pragma once

#include <QWidget>

namespace xshathra::ui {

class ServerStatus;

/// The bar at the bottom. Says what is really so: connections, channels, messages a second, what is kept, evicted and
/// was not drawn, and whether capture and view run. Room is reserved for seven digits, so that nothing jitters.
class StatusLine final : public QWidget {
    Q_OBJECT
public:
    explicit StatusLine(ServerStatus& status, QWidget* parent = nullptr);

    /// The view is paused.
    void setPaused(bool on);
    QSize sizeHint() const override;
    /// Everything it says, as one sentence.
    QString sentence() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();

    ServerStatus& status_;
    bool paused_ = false;
};

}  // namespace xshathra::ui
