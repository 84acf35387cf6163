#pragma once

#include "ui/shell/menu_button.h"

namespace xshathra::ui {

class ServerStatus;

/// How the server stands, by dot and by word, and its address. Opens the server's menu.
class ServerPill final : public MenuButton {
    Q_OBJECT
public:
    explicit ServerPill(ServerStatus& status, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();

    ServerStatus& status_;
};

}  // namespace xshathra::ui
