#pragma once

#include <QString>

#include <cstdint>
#include <functional>

namespace xshathra::ui {

/// What the window asks of the server. Every function returns at once; results show up in ServerStatus, or come to the
/// callback later on the GUI thread. Implemented by the composition over the runtime.
class ServerCommands {
public:
    virtual ~ServerCommands() = default;

    virtual void start() = 0;
    virtual void stop() = 0;
    virtual void restart() = 0;
    /// After PortInUse or Failed: the same again.
    virtual void retry() = 0;
    /// Serves on another port and remembers it.
    virtual void usePort(std::uint16_t port) = 0;

    /// Starts or stops capture.
    virtual void setRecording(bool on) = 0;

    /// Comes with the project's id, or with a sentence for a person why it failed.
    using ProjectDone = std::function<void(const QString& id, const QString& error)>;
    virtual void createProject(const QString& name, ProjectDone done) = 0;
    virtual void renameProject(const QString& id, const QString& name, ProjectDone done) = 0;

    /// Sends the test message of the first run through the built-in client; its steps appear as ServerStatus::trail().
    virtual void sendTestMessage(const QString& projectId) = 0;
    /// The first-run card is done with, for good.
    virtual void finishFirstRun() = 0;
    /// A ready snippet for an app with this project's keys in place.
    virtual QString snippet(const QString& projectId) = 0;
};

}  // namespace xshathra::ui
