#pragma once

#include "app/window/connection_watch.h"
#include "server/runtime/built_in_client.h"
#include "server/runtime/server_runtime.h"
#include "ui/models/live_model.h"
#include "ui/overview/problem_collector.h"
#include "ui/overview/server_commands.h"
#include "ui/overview/server_status.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <vector>

class QSettings;

namespace xshathra::app {

/// Puts what the runtime knows into the window's ServerStatus, and carries out what the window asks for. GUI thread;
/// waits for nothing.
class ServerBinding final : public QObject, public ui::ServerCommands {
    Q_OBJECT

public:
    /// All must outlive the binding.
    ServerBinding(runtime::ServerRuntime& server, models::LiveModel& live, ui::ServerStatus& status,
                  QSettings& settings);

    /// Figures are only gathered while somebody can see them.
    void setExposed(bool exposed);

    void start() override;
    void stop() override;
    void restart() override;
    void retry() override;
    void usePort(std::uint16_t port) override;
    void setRecording(bool on) override;
    void createProject(const QString& name, ProjectDone done) override;
    void renameProject(const QString& id, const QString& name, ProjectDone done) override;
    void sendTestMessage(const QString& projectId) override;
    void finishFirstRun() override;
    QString snippet(const QString& projectId) override;

    /// Open connections by project id.
    QHash<QString, int> connections() const;
    /// What the newest connection of a project came to.
    ui::ConnectionNews newsOf(const QString& projectId) const;

Q_SIGNALS:
    /// Figures, problems and news are up to date.
    void gathered();
    /// Problems were added since the last time.
    void problemsSeen();
    /// All three steps of the test message are done.
    void testMessageArrived(const QString& channel);

private:
    void followState();
    void followServices();
    void showAddress();
    void showProjects();
    void showTrail();
    void gather();
    void readLatencies();
    void readEvents();
    QString originOf(const QString& projectId, const QString& user, const QString& client) const;

    runtime::ServerRuntime& server_;
    models::LiveModel& live_;
    ui::ServerStatus& status_;
    QSettings& settings_;
    runtime::BuiltInClient client_;
    ui::ProblemCollector problems_;
    ConnectionWatch watch_;
    QTimer timer_;
    /// Runs while there are kept events that problems_ and watch_ have yet to read.
    QTimer readTimer_;
    bool problemsChanged_ = false;
    std::uint64_t problemsShown_ = 0;
    QElapsedTimer sinceGathered_;
    std::uint64_t lastIn_ = 0;
    std::uint64_t lastOut_ = 0;
    capture::CaptureStore::Position nextLatency_ = 0;
    std::vector<std::int64_t> latencies_;
    bool restarting_ = false;
};

}  // namespace xshathra::app
