#pragma once

#include <QDateTime>
#include <QList>
#include <QObject>
#include <QString>

#include <cstdint>
#include <memory>
#include <optional>

namespace xshathra::capture {
struct Decision;
}

namespace xshathra::ui {

/// Where the server is, in the words of the window.
enum class ServerState { Starting, Running, PortInUse, Stopping, Stopped, Failed };

/// "Running", "Port in use", ...
[[nodiscard]] QString stateWord(ServerState state);

/// Where the server is reached. Whole URLs.
struct ServerAddress {
    QString hostAndPort;
    QString webSocket;
    QString restBase;
    std::uint16_t port = 0;

    friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

/// Who holds the port that was wanted, and which one is free instead (0: none found).
struct PortConflict {
    QString holder;
    std::uint16_t suggestedPort = 0;

    friend bool operator==(const PortConflict&, const PortConflict&) = default;
};

/// A project as the switcher needs it.
struct ProjectEntry {
    QString id;
    QString name;
    QString environment;

    friend bool operator==(const ProjectEntry&, const ProjectEntry&) = default;
};

/// The figures of the status bar and of the cards, as of one moment.
struct ServerFigures {
    std::uint64_t connections = 0;
    std::uint64_t channels = 0;
    double inPerSecond = 0;
    double outPerSecond = 0;
    std::uint64_t captureKept = 0;
    std::uint64_t captureBytes = 0;
    std::uint64_t captureBytesLimit = 0;
    std::uint64_t captureEvicted = 0;
    std::uint64_t notDrawn = 0;
    /// From the acceptance of a publication to its write, 95th percentile of the last seconds, nanoseconds; nothing
    /// when nothing was measured.
    std::optional<std::int64_t> publishP95;
};

/// Refusals and errors of one cause.
struct Problem {
    /// Groups equal problems; never shown.
    QString key;
    QString what;
    QString cause;
    QString who;
    bool warning = false;
    std::uint64_t times = 1;
    QDateTime last;
    /// Sequence number of the newest captured event of the group.
    std::uint64_t seq = 0;
    /// The checks behind the newest refusal; null if there were none.
    std::shared_ptr<const capture::Decision> decision;
    /// What to do next.
    QString advice;
};

/// One of the three steps of the test message.
struct TrailStepView {
    QString name;
    enum class Outcome { Waiting, Done, Failed } outcome = Outcome::Waiting;
    std::int64_t nanoseconds = -1;
    QString detail;
};

/// What the window knows about the server: values with one signal each. Filled by the composition from the runtime (or
/// by a test), read by shell and overview. GUI thread; setters signal only a change.
class ServerStatus final : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    ServerState state() const { return state_; }
    /// What went wrong, in Failed.
    const QString& failure() const { return failure_; }
    void setState(ServerState state, const QString& failure = {});

    const ServerAddress& address() const { return address_; }
    void setAddress(const ServerAddress& address);

    const std::optional<PortConflict>& portConflict() const { return conflict_; }
    void setPortConflict(const std::optional<PortConflict>& conflict);

    /// From start to listening; negative while unknown.
    std::int64_t startMilliseconds() const { return startMs_; }
    void setStartMilliseconds(std::int64_t milliseconds);

    const QList<ProjectEntry>& projects() const { return projects_; }
    /// Replaces the list. A current project that is gone becomes the first one, or all.
    void setProjects(const QList<ProjectEntry>& projects);
    /// The id of the project in scope; empty is all projects.
    const QString& currentProject() const { return currentProject_; }
    std::optional<ProjectEntry> currentEntry() const;
    void setCurrentProject(const QString& id);

    bool recording() const { return recording_; }
    void setRecording(bool on);

    const ServerFigures& figures() const { return figures_; }
    void setFigures(const ServerFigures& figures);

    const QList<Problem>& problems() const { return problems_; }
    void setProblems(const QList<Problem>& problems);

    /// Whether the first-run card still has something to do.
    bool firstRun() const { return firstRun_; }
    void setFirstRun(bool on);

    /// The way of the test message; empty while none was sent.
    const QList<TrailStepView>& trail() const { return trail_; }
    void setTrail(const QList<TrailStepView>& trail);

Q_SIGNALS:
    void stateChanged();
    void addressChanged();
    void projectsChanged();
    void currentProjectChanged();
    void recordingChanged();
    void figuresChanged();
    void problemsChanged();
    void firstRunChanged();
    void trailChanged();

private:
    ServerState state_ = ServerState::Starting;
    QString failure_;
    ServerAddress address_;
    std::optional<PortConflict> conflict_;
    std::int64_t startMs_ = -1;
    QList<ProjectEntry> projects_;
    QString currentProject_;
    bool recording_ = false;
    bool firstRun_ = false;
    ServerFigures figures_;
    QList<Problem> problems_;
    QList<TrailStepView> trail_;
};

}  // namespace xshathra::ui
