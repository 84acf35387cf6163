#pragma once

#include <QWidget>

class QAction;
class QMenu;

namespace xshathra::ui {

class Actions;
class Button;
class MenuButton;
class ProjectSwitcher;
class ServerPill;
class ServerStatus;

/// The bar under the menus: server, project, pause, recording, clear, and the command palette. Words give way to icons
/// when the window is narrow. A line marks a production project.
class ToolBar final : public QWidget {
    Q_OBJECT
public:
    ToolBar(ServerStatus& status, Actions& actions, QMenu& serverMenu, QWidget* parent = nullptr);

    ProjectSwitcher* projects() const { return projects_; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    Button* addButton(QAction* action, const QString& objectName);
    void showWords();

    ServerStatus& status_;
    Actions& actions_;
    ServerPill* pill_;
    ProjectSwitcher* projects_;
    Button* pause_ = nullptr;
    Button* recording_ = nullptr;
    Button* clear_ = nullptr;
    MenuButton* goTo_ = nullptr;
};

}  // namespace xshathra::ui
