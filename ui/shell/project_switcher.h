#pragma once

#include "ui/shell/menu_button.h"

#include <memory>

namespace xshathra::ui {

class ServerStatus;

/// Which project the views are about. Its menu lists all of them, *All projects*, and *New project*.
class ProjectSwitcher final : public MenuButton {
    Q_OBJECT
public:
    explicit ProjectSwitcher(ServerStatus& status, QWidget* parent = nullptr);
    ~ProjectSwitcher() override;

Q_SIGNALS:
    void newProjectRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();

    ServerStatus& status_;
    std::unique_ptr<QMenu> menu_;
};

}  // namespace xshathra::ui
