#include "ui/overview/server_status.h"

#include <algorithm>

namespace xshathra::ui {

QString stateWord(ServerState state) {
    switch (state) {
        case ServerState::Starting: return QStringLiteral("Starting");
        case ServerState::Running: return QStringLiteral("Running");
        case ServerState::PortInUse: return QStringLiteral("Port in use");
        case ServerState::Stopping: return QStringLiteral("Stopping");
        case ServerState::Stopped: return QStringLiteral("Stopped");
        case ServerState::Failed: return QStringLiteral("Failed");
    }
    return {};
}

void ServerStatus::setState(ServerState state, const QString& failure) {
    if (state_ == state && failure_ == failure)
        return;
    state_ = state;
    failure_ = failure;
    Q_EMIT stateChanged();
}

void ServerStatus::setAddress(const ServerAddress& address) {
    if (address_ == address)
        return;
    address_ = address;
    Q_EMIT addressChanged();
}

void ServerStatus::setPortConflict(const std::optional<PortConflict>& conflict) {
    if (conflict_ == conflict)
        return;
    conflict_ = conflict;
    Q_EMIT stateChanged();
}

void ServerStatus::setStartMilliseconds(std::int64_t milliseconds) {
    if (startMs_ == milliseconds)
        return;
    startMs_ = milliseconds;
    Q_EMIT stateChanged();
}

void ServerStatus::setProjects(const QList<ProjectEntry>& projects) {
    if (projects_ == projects)
        return;
    projects_ = projects;
    const bool gone = !currentProject_.isEmpty() && !currentEntry();
    if (gone)
        currentProject_ = projects_.isEmpty() ? QString() : projects_.constFirst().id;
    Q_EMIT projectsChanged();
    if (gone)
        Q_EMIT currentProjectChanged();
}

std::optional<ProjectEntry> ServerStatus::currentEntry() const {
    const auto it = std::find_if(projects_.cbegin(), projects_.cend(),
                                 [this](const ProjectEntry& entry) { return entry.id == currentProject_; });
    return it == projects_.cend() ? std::nullopt : std::optional(*it);
}

void ServerStatus::setCurrentProject(const QString& id) {
    if (currentProject_ == id)
        return;
    currentProject_ = id;
    Q_EMIT currentProjectChanged();
}

void ServerStatus::setRecording(bool on) {
    if (recording_ == on)
        return;
    recording_ = on;
    Q_EMIT recordingChanged();
}

void ServerStatus::setFigures(const ServerFigures& figures) {
    figures_ = figures;
    Q_EMIT figuresChanged();
}

void ServerStatus::setProblems(const QList<Problem>& problems) {
    problems_ = problems;
    Q_EMIT problemsChanged();
}

void ServerStatus::setFirstRun(bool on) {
    if (firstRun_ == on)
        return;
    firstRun_ = on;
    Q_EMIT firstRunChanged();
}

void ServerStatus::setTrail(const QList<TrailStepView>& trail) {
    trail_ = trail;
    Q_EMIT trailChanged();
}

}  // namespace xshathra::ui
