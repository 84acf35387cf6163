#pragma once

#include "app/window/server_binding.h"
#include "server/runtime/server_runtime.h"
#include "ui/models/live_model.h"
#include "ui/overview/server_status.h"
#include "ui/shell/main_window.h"

#include <QObject>
#include <QPointer>

#include <memory>

class QSettings;
class QStackedWidget;

namespace xshathra::ui {
class LiveView;
class ProjectsView;
}  // namespace xshathra::ui

namespace xshathra::app {

/// The window over a server: makes its views and connects them with each other and with the server. GUI thread.
class Console final : public QObject {
    Q_OBJECT

public:
    /// Both must outlive the console; a ui::Theme must exist. The server may be in any state, also not started yet.
    Console(runtime::ServerRuntime& server, QSettings& settings, QObject* parent = nullptr);
    ~Console() override;

    ui::MainWindow& window() { return *window_; }
    ui::ServerStatus& status() { return status_; }
    models::LiveModel& live() { return live_; }
    /// Shows the window, or brings it to the front.
    void show();
    /// Ends the program, whatever is open: QCoreApplication::quit() asks each window, and a dialog with unsaved changes
    /// says no.
    void end();

private:
    QWidget* makeProjects();
    QWidget* makeLive();
    void fillProjects();
    void connectWindow();
    void pushAddress();
    void pushListening();
    void pushShortcuts();
    void pushProjectNames();
    void pushPace();
    void sendTestMessage(const QString& projectId);
    void copyCurl();
    void showConnections();
    void showCaptured(std::uint64_t seq);

    runtime::ServerRuntime& server_;
    QSettings& settings_;
    ui::ServerStatus status_;
    models::LiveModel live_;
    ServerBinding binding_;
    std::unique_ptr<ui::MainWindow> window_;
    QPointer<QStackedWidget> projectsHolder_;
    QPointer<ui::ProjectsView> projects_;
    QPointer<ui::LiveView> liveView_;
    bool exposed_ = false;
};

}  // namespace xshathra::app
