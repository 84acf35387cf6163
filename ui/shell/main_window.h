#pragma once

#include "ui/overview/server_status.h"
#include "ui/theme/theme.h"

#include <QHash>
#include <QList>
#include <QMainWindow>

#include <functional>
#include <memory>

class QAction;
class QMenu;
class QSettings;
class QStackedWidget;

namespace xshathra::ui {

class Actions;
class Banner;
class Button;
class CommandPalette;
class Navigation;
class NavigationItem;
class OverviewPage;
class ServerCommands;
class StatusLine;
class Toast;
class ToolBar;
class TrailSteps;

/// A view as the window needs to know it.
struct ViewSpec {
    /// Fixed word: "overview", "projects", "live".
    QString id;
    QString title;
    /// A name of resources/icons.
    QString icon;
    /// Entries of one group stand together; 9 is at the bottom.
    int group = 0;
    /// Makes the widget when the view is first shown.
    std::function<QWidget*()> make;
    /// Puts the keyboard where work starts; without it the first control gets it.
    std::function<void(QWidget*)> focus;
};

/// The window: menus, tool bar, navigation, the views, status bar, notices. Knows the server only by ServerStatus and
/// ServerCommands, so that it can be tested without one.
class MainWindow final : public QMainWindow {
    Q_OBJECT
public:
    /// Restores geometry, theme and navigation from `settings`, which like the others must outlive the window.
    MainWindow(ServerStatus& status, ServerCommands& commands, QSettings& settings);
    ~MainWindow() override;

    /// Adds a view and its entry in the navigation; the order gives Ctrl+1 to Ctrl+9.
    void addView(ViewSpec spec);
    /// Shows a view, making it if it is the first time. Unknown ids do nothing.
    void showView(const QString& id);
    bool hasView(const QString& id) const { return views_.contains(id); }
    /// The widget of a view; null before it was first shown.
    QWidget* viewWidget(const QString& id) const;
    const QString& currentView() const { return current_; }

    OverviewPage* overview() const { return overview_; }
    Actions& actions() const { return *actions_; }
    NavigationItem* navigationItem(const QString& id) const;
    Toast* toast() const { return toast_; }
    CommandPalette* palette() const { return palette_; }
    /// Whether the view is paused; the pause action follows.
    void setPaused(bool on);
    void setTheme(ThemeChoice choice);

Q_SIGNALS:
    /// A view is on the screen.
    void viewShown(const QString& id);
    /// Pause view was switched.
    void pauseChanged(bool on);
    void clearRequested();
    void newProjectRequested();
    /// Find in the traffic, go on in this direction (1 or -1), or go to a sequence number.
    void findRequested();
    void findNextRequested(int step);
    void goToRequested();
    /// *Show in Live* of a problem.
    void problemShowRequested(const xshathra::ui::Problem& problem);
    /// The window is now visible, or hidden or minimised.
    void exposedChanged(bool exposed);

protected:
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct View {
        ViewSpec spec;
        QWidget* widget = nullptr;
        QAction* action = nullptr;
    };

    void buildActions();
    void buildMenus();
    void buildCentre();
    void buildNotices();
    void showServerState();
    void showTrail();
    void openPalette();
    void changePort();
    void focusFilter();
    void cyclePane(int step);
    void restore();

    ServerStatus& status_;
    ServerCommands& commands_;
    QSettings& settings_;
    Actions* actions_;
    QMenu* viewMenu_ = nullptr;
    QMenu* serverMenu_ = nullptr;
    QAction* firstThemeSeparator_ = nullptr;
    ToolBar* toolBar_ = nullptr;
    Navigation* navigation_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    StatusLine* statusLine_ = nullptr;
    Banner* serverBanner_ = nullptr;
    Button* bannerPort_ = nullptr;
    Button* bannerRetry_ = nullptr;
    QWidget* trailBar_ = nullptr;
    TrailSteps* trailSteps_ = nullptr;
    Toast* toast_ = nullptr;
    CommandPalette* palette_ = nullptr;
    OverviewPage* overview_ = nullptr;
    QHash<QString, View> views_;
    QList<QString> order_;
    QString current_;
};

}  // namespace xshathra::ui
