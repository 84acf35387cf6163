#include "app/window/server_binding.h"

#include "app/window/code_texts.h"
#include "server/engine/node.h"
#include "server/services/config_store.h"
#include "server/services/project_service.h"
#include "ui/projects/snippets.h"

#include <QFuture>
#include <QSettings>

#include <algorithm>
#include <chrono>
#include <utility>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

constexpr int kGatherMs = 500;
/// Newest events that the latency is taken from: more than half a second brings.
constexpr capture::CaptureStore::Position kLatencyEvents = 16'384;

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

ui::ServerState stateOf(runtime::State state) {
    switch (state) {
        case runtime::State::Starting: return ui::ServerState::Starting;
        case runtime::State::Running: return ui::ServerState::Running;
        case runtime::State::PortInUse: return ui::ServerState::PortInUse;
        case runtime::State::Stopping: return ui::ServerState::Stopping;
        case runtime::State::Failed: return ui::ServerState::Failed;
        case runtime::State::Stopped: break;
    }
    return ui::ServerState::Stopped;
}

ui::TrailStepView::Outcome outcomeOf(runtime::TrailStep::Outcome outcome) {
    switch (outcome) {
        case runtime::TrailStep::Outcome::Done: return ui::TrailStepView::Outcome::Done;
        case runtime::TrailStep::Outcome::Failed: return ui::TrailStepView::Outcome::Failed;
        case runtime::TrailStep::Outcome::Waiting: break;
    }
    return ui::TrailStepView::Outcome::Waiting;
}

const QString& firstRunKey() {
    static const auto key = u"window/firstRunDone"_s;
    return key;
}

}  // namespace

ServerBinding::ServerBinding(runtime::ServerRuntime& server, models::LiveModel& live, ui::ServerStatus& status,
                             QSettings& settings)
    : server_(server),
      live_(live),
      status_(status),
      settings_(settings),
      client_(server),
      problems_([](capture::Kind kind, std::uint32_t code) { return codeText(kind, code).advice; }),
      watch_([this](const QString& project, const QString& user, const QString& client) {
          return originOf(project, user, client);
      }) {
    status_.setFirstRun(!settings_.value(firstRunKey(), false).toBool());
    status_.setRecording(server_.recorder().active());
    connect(&server_, &runtime::ServerRuntime::stateChanged, this, &ServerBinding::followState);
    connect(&server_, &runtime::ServerRuntime::servicesReady, this, &ServerBinding::followServices);
    connect(&server_, &runtime::ServerRuntime::endpointsChanged, this, &ServerBinding::showAddress);
    // Steps that somebody has closed, or that are another project's by now, don't come back with the next one.
    const auto shown = [this] { return !status_.trail().isEmpty(); };
    connect(&client_, &runtime::BuiltInClient::stepChanged, this, [this, shown] {
        if (shown())
            showTrail();
    });
    connect(&client_, &runtime::BuiltInClient::finished, this, [this, shown](const runtime::Trail& trail) {
        // What is left of the introduction, connecting an app, needs none at the next start.
        if (trail.done())
            settings_.setValue(firstRunKey(), true);
        if (!shown())
            return;
        showTrail();
        if (trail.done())
            Q_EMIT testMessageArrived(trail.channel);
    });
    timer_.setInterval(kGatherMs);
    connect(&timer_, &QTimer::timeout, this, &ServerBinding::gather);
    readTimer_.setInterval(0);
    connect(&readTimer_, &QTimer::timeout, this, &ServerBinding::readEvents);
    showAddress();
    followState();
    if (server_.hasServices())
        followServices();
}

void ServerBinding::setExposed(bool exposed) {
    if (!exposed) {
        timer_.stop();
        readTimer_.stop();
        return;
    }
    if (timer_.isActive())
        return;
    timer_.start();
    gather();
}

void ServerBinding::followState() {
    const auto state = server_.state();
    if (const auto took = server_.startTime())
        status_.setStartMilliseconds(took->count());
    const auto holder = server_.portHolder();
    status_.setPortConflict(state == runtime::State::PortInUse && holder
                                ? std::optional(ui::PortConflict{holder->description(), server_.suggestedPort()})
                                : std::nullopt);
    showAddress();
    const auto failure = server_.failure();
    status_.setState(stateOf(state), state == runtime::State::Failed && failure ? failure->message : QString());
    if (state == runtime::State::Stopped && std::exchange(restarting_, false))
        server_.start();
}

void ServerBinding::followServices() {
    connect(&server_.config(), &services::ConfigStore::changed, this, &ServerBinding::showProjects,
            Qt::UniqueConnection);
    showProjects();
}

void ServerBinding::showAddress() {
    const auto endpoints = server_.endpoints();
    status_.setAddress({u"%1:%2"_s.arg(endpoints.host).arg(endpoints.port), endpoints.webSocket,
                        endpoints.origin + u"/api/realtime"_s, endpoints.port});
}

void ServerBinding::showProjects() {
    QList<ui::ProjectEntry> entries;
    for (const auto& project : server_.projects().list()) {
        const auto environment = services::toString(project->environment);
        entries.append({text(project->id), text(project->name),
                        QString::fromLatin1(environment.data(), static_cast<qsizetype>(environment.size()))});
    }
    const bool first = status_.projects().isEmpty();
    status_.setProjects(entries);
    if (first && !entries.isEmpty() && status_.currentProject().isEmpty())
        status_.setCurrentProject(entries.constFirst().id);
}

void ServerBinding::showTrail() {
    QList<ui::TrailStepView> steps;
    for (const auto& step : client_.trail().steps) {
        const auto outcome = outcomeOf(step.outcome);
        steps.append(
            {step.name, outcome, outcome == ui::TrailStepView::Outcome::Waiting ? -1 : step.took.count(), step.detail});
    }
    status_.setTrail(steps);
}

void ServerBinding::gather() {
    const auto counters = server_.counters();
    const auto kept = live_.counters();
    ui::ServerFigures figures = status_.figures();
    figures.connections = counters.engine.connections;
    figures.channels = counters.engine.channels;
    figures.captureKept = kept.kept;
    figures.captureBytes = kept.bytes;
    figures.captureBytesLimit = kept.byteLimit;
    figures.captureEvicted = kept.evicted;
    figures.notDrawn = kept.notDrawn;
    if (sinceGathered_.isValid() && sinceGathered_.elapsed() > 0) {
        constexpr double kPerSecond = 1000;
        const auto seconds = static_cast<double>(sinceGathered_.elapsed()) / kPerSecond;
        const auto rate = [seconds](std::uint64_t now, std::uint64_t before) {
            // A server that was started anew counts from zero again.
            return now >= before ? static_cast<double>(now - before) / seconds : 0.0;
        };
        figures.inPerSecond = rate(counters.engine.messagesIn, lastIn_);
        figures.outPerSecond = rate(counters.engine.messagesOut, lastOut_);
    }
    lastIn_ = counters.engine.messagesIn;
    lastOut_ = counters.engine.messagesOut;
    sinceGathered_.start();
    readLatencies();
    figures.publishP95.reset();
    if (!latencies_.empty()) {
        constexpr double kShare = 0.95;
        const auto at =
            latencies_.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(latencies_.size() - 1) * kShare);
        std::nth_element(latencies_.begin(), at, latencies_.end());
        figures.publishP95 = *at;
        latencies_.clear();
    }
    status_.setFigures(figures);
    status_.setRecording(server_.recorder().active());
    if (!readTimer_.isActive())
        readEvents();
}

void ServerBinding::readLatencies() {
    const auto& store = live_.store();
    const auto lowest = store.end() > kLatencyEvents ? store.end() - kLatencyEvents : 0;
    nextLatency_ = store.forEach(std::max(nextLatency_, lowest), store.end(),
                                 [this](auto, const capture::StoredEvent& event, std::string_view) {
                                     if (event.kind == capture::Kind::Push && event.latencyNs > 0)
                                         latencies_.push_back(event.latencyNs);
                                     return true;
                                 });
}

/// One turn's share of the kept events; what it found is shown when all have been read.
void ServerBinding::readEvents() {
    const auto& store = live_.store();
    watch_.read(store);
    problemsChanged_ = problems_.read(store) || problemsChanged_;
    if (!watch_.hasRead(store) || !problems_.hasRead(store)) {
        readTimer_.start();
        return;
    }
    readTimer_.stop();
    problemsChanged_ = problems_.forget(QDateTime::currentDateTimeUtc()) || problemsChanged_;
    if (std::exchange(problemsChanged_, false))
        status_.setProblems(problems_.problems());
    if (std::exchange(problemsShown_, problems_.total()) != problems_.total())
        Q_EMIT problemsSeen();
    Q_EMIT gathered();
}

QHash<QString, int> ServerBinding::connections() const {
    QHash<QString, int> open;
    for (const auto& node : server_.engine().nodes())
        open.insert(text(node->projectId()), static_cast<int>(node->info().numClients));
    return open;
}

ui::ConnectionNews ServerBinding::newsOf(const QString& projectId) const {
    return watch_.newsOf(projectId, server_.clock().wall());
}

QString ServerBinding::originOf(const QString& projectId, const QString& user, const QString& client) const {
    const auto node = server_.engine().find(projectId.toStdString());
    if (!node)
        return {};
    for (const auto& connection : node->connections(user.toStdString())) {
        if (connection.client == client.toStdString())
            return text(connection.transport.origin);
    }
    return {};
}

void ServerBinding::start() { server_.start(); }

void ServerBinding::stop() { server_.stop(); }

void ServerBinding::restart() {
    restarting_ = true;
    server_.stop();
}

void ServerBinding::retry() { server_.retry(); }

void ServerBinding::usePort(std::uint16_t port) { server_.usePort(port); }

void ServerBinding::setRecording(bool on) {
    server_.recorder().setActive(on);
    status_.setRecording(on);
}

void ServerBinding::createProject(const QString& name, ProjectDone done) {
    if (!server_.hasServices()) {
        done({}, u"The server is still starting. Try again in a moment."_s);
        return;
    }
    services::NewProject project;
    project.name = name.toStdString();
    server_.projects().create(std::move(project)).then(this, [done](const Result<services::ProjectPtr>& result) {
        if (result)
            done(text((*result)->id), {});
        else
            done({}, text(result.error().message));
    });
}

void ServerBinding::renameProject(const QString& id, const QString& name, ProjectDone done) {
    server_.projects()
        .rename(id.toStdString(), name.toStdString())
        .then(this, [done](const Result<services::ProjectPtr>& result) {
            if (result)
                done(text((*result)->id), {});
            else
                done({}, text(result.error().message));
        });
}

void ServerBinding::sendTestMessage(const QString& projectId) {
    client_.sendTestMessage(projectId);
    showTrail();
}

void ServerBinding::finishFirstRun() {
    settings_.setValue(firstRunKey(), true);
    status_.setFirstRun(false);
}

QString ServerBinding::snippet(const QString& projectId) {
    const auto endpoints = server_.endpoints();
    ui::SnippetFacts facts;
    facts.projectId = projectId;
    facts.webSocketUrl = endpoints.webSocket;
    facts.tokenUrl = endpoints.token;
    facts.publishUrl = endpoints.publish;
    facts.origin = endpoints.origin;
    // The first one is for the browser and holds no key.
    return ui::makeSnippets(facts).constFirst().code;
}

}  // namespace xshathra::app
