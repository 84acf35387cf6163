#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/capture/recorder.h"
#include "server/engine/node_registry.h"
#include "server/runtime/endpoints.h"
#include "server/runtime/log_ring.h"
#include "server/runtime/options.h"
#include "server/runtime/port_holder.h"

#include <QObject>
#include <QString>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace xshathra::services {
class CommandService;
class ConfigStore;
class KeyService;
class NamespaceService;
class ProjectService;
class PublishService;
class SettingsService;
class TokenService;
}  // namespace xshathra::services

namespace xshathra::runtime {

Q_NAMESPACE

/// Where a server is in its life.
enum class State {
    /// Not started, or stopped in good order.
    Stopped,
    /// Opening the data folder, then the port.
    Starting,
    /// Listening; with RuntimeOptions::listen off: the services are ready.
    Running,
    /// The services are ready but another program listens on the port: see portHolder(), usePort(), retry().
    PortInUse,
    /// Clients are being sent away.
    Stopping,
    /// See failure().
    Failed,
};
Q_ENUM_NS(State)

/// Why a server could not start, for a person.
struct Failure {
    /// For programs: `data_folder_in_use`, `data_folder`, `storage_...`, `master_key`, `invalid_setting`,
    /// `invalid_config`, `tls`, `bind`.
    QString code;
    /// What went wrong and what to do.
    QString message;
};

/// Figures of the moment; each is read by itself, so they needn't add up.
struct RuntimeCounters {
    engine::EngineCounters engine;
    capture::RecorderCounters capture;
    /// HTTP requests answered, upgrades not counted.
    std::uint64_t httpRequests = 0;
    /// Requests and handshakes refused by the Host or Origin guard.
    std::uint64_t guardRefusals = 0;
};

/// The whole server behind one object: makes and connects its parts, starts and stops them. The window and the command
/// line talk to nothing else. All functions and signals: the thread that made it, with an event loop running. Several
/// may live in one process.
class ServerRuntime final : public QObject {
    Q_OBJECT

public:
    explicit ServerRuntime(RuntimeOptions options, QObject* parent = nullptr);
    /// Stops first, waiting up to kStopLimit.
    ~ServerRuntime() override;

    /// Longest time that stop() takes until stopped(): clients are told 3001, queues flushed, the rest cut.
    static constexpr Seconds kStopLimit{10};

    State state() const { return state_; }
    /// Returns at once; the data folder is opened on a thread of its own. Goes to Running, PortInUse or Failed. Does
    /// nothing unless Stopped or Failed.
    void start();
    /// Returns at once; goes to Stopped. Safe in every state.
    void stop();
    /// From PortInUse or Failed: tries the same again.
    void retry();
    /// Serves on another port, from PortInUse or while Running (then connections are closed with 3001 and come back by
    /// themselves only where their URL is changed). `remember` stores it as the port setting; a port given by flag or
    /// environment wins at the next start.
    void usePort(std::uint16_t port, bool remember = true);

    /// Set in PortInUse.
    std::optional<PortHolder> portHolder() const { return portHolder_; }
    /// The port to offer instead, in PortInUse: the next free one, or 0.
    std::uint16_t suggestedPort() const { return suggestedPort_; }
    /// Set in Failed.
    std::optional<Failure> failure() const { return failure_; }

    /// Where the server is reached; before Running: where it is going to be, by the settings.
    Endpoints endpoints() const;
    /// Absolute path; empty where a Centrifugo configuration is run, which has none.
    QString dataFolder() const;
    /// From start() to Running; nothing before.
    std::optional<Milliseconds> startTime() const { return startTime_; }
    RuntimeCounters counters() const;

    /// Whether the services below exist: from servicesReady() to destruction, whatever the state. In Failed with a data
    /// folder that could not be opened they never come.
    bool hasServices() const;
    /// The services; undefined unless hasServices().
    services::ConfigStore& config();
    services::ProjectService& projects();
    services::NamespaceService& namespaces();
    services::SettingsService& settings();
    services::KeyService& keys();
    services::TokenService& tokens();
    services::PublishService& publisher();
    services::CommandService& commands();

    const Clock& clock() const;
    /// Exists from construction on. To read events use drainCapture(), so that several readers can share them.
    capture::Recorder& recorder();
    engine::NodeRegistry& engine();
    Log& log();
    const LogRing& logRing() const;

    /// The recorder has one consumer. A window calls this, once and before start(): from then on the recorder is its
    /// own to drain, and it hands each batch on by shareCapture() while captureObserved() was true. Otherwise the
    /// runtime drains it, while there are observers.
    void claimCapture() { captureClaimed_ = true; }
    /// What the window has drained, for the observers.
    void shareCapture(const std::vector<capture::Event>& events);
    /// Called on this thread with each batch of events. Without a window capture is on while an observer exists; a
    /// window alone decides whether it records. Returns an id for removeCaptureObserver(), or 0 where a window is not
    /// recording.
    using CaptureObserver = std::function<void(const std::vector<capture::Event>& events)>;
    int addCaptureObserver(CaptureObserver observer);
    void removeCaptureObserver(int id);

    /// A second start asks for the window of this process (over the control socket). False where there is none: nobody
    /// has connected to windowRequested().
    bool requestWindow();

Q_SIGNALS:
    void stateChanged(xshathra::runtime::State state);
    /// Once, before the state leaves Starting.
    void servicesReady();
    /// With the state PortInUse.
    void portInUse(const xshathra::runtime::PortHolder& holder);
    void failed(const QString& code, const QString& message);
    /// endpoints() has changed.
    void endpointsChanged();
    /// A second start of the program asks to see the window of this one.
    void windowRequested();
    /// The first capture observer has come, or the last one gone.
    void captureObserved(bool observed);

private:
    class Parts;

    void setState(State state);
    void fail(QString code, QString message);
    void openServices();
    void servicesOpened();
    void goOn();
    void listen();
    void waitForClients();
    void stopped();
    void drainCapture();

    RuntimeOptions options_;
    State state_ = State::Stopped;
    std::optional<PortHolder> portHolder_;
    std::uint16_t suggestedPort_ = 0;
    std::optional<Failure> failure_;
    std::optional<Milliseconds> startTime_;
    std::optional<std::uint16_t> portOverride_;
    Endpoints lastEndpoints_;
    bool captureClaimed_ = false;
    /// After the stop under way, listen again (usePort() while running).
    bool listenAgain_ = false;
    std::unique_ptr<Parts> parts_;
};

}  // namespace xshathra::runtime
