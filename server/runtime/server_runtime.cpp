#include "server/runtime/server_runtime.h"

#include "server/auth/jwks_store.h"
#include "server/centrifugo/documents.h"
#include "server/http/router.h"
#include "server/httpclient/http_client.h"
#include "server/proxy/key_fetcher.h"
#include "server/proxy/proxy_service.h"
#include "server/rest/rest_api.h"
#include "server/rest/server_api.h"
#include "server/runtime/centrifugo_mode.h"
#include "server/runtime/control_client.h"
#include "server/services/services.h"
#include "server/transport/server.h"

#include <QDeadlineTimer>
#include <QMetaMethod>
#include <QSysInfo>
#include <QThread>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

namespace {

/// How often a stop looks whether the last client has gone, and a capture without a window is handed on.
constexpr int kDrainCheckMs = 10;
constexpr int kCaptureTickMs = 50;
constexpr std::size_t kCaptureBatch = 10'000;
/// Between two tries to get a data folder that somebody holds.
constexpr unsigned long kFolderRetryMs = 50;
/// Part of kStopLimit; the rest is for ending the threads and closing the database.
constexpr Milliseconds kClientsLimit{8'000};

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

std::vector<std::string> texts(const QStringList& list) {
    std::vector<std::string> values;
    for (const auto& value : list)
        values.push_back(value.toStdString());
    return values;
}

transport::ListenOptions listenOptionsFor(const services::Settings& settings, std::uint16_t port) {
    transport::ListenOptions options;
    if (!settings.bind.isEmpty())
        options.addresses = texts(settings.bind);
    options.port = port;
    options.ioThreads = settings.ioThreads;
    options.certificate = settings.tlsCertificate.toStdString();
    options.privateKey = settings.tlsKey.toStdString();
    options.guard.hosts = texts(settings.allowedHosts);
    options.guard.origins = texts(settings.allowedOrigins);
    return options;
}

void writeToStandardError(const LogRecord& record) {
    std::fprintf(stderr, "%-5.*s %-6s %s\n", static_cast<int>(toString(record.level).size()),
                 toString(record.level).data(), record.source.c_str(), record.text.c_str());
}

}  // namespace

/// The server's parts in the order in which they need each other; the last one made goes first.
class ServerRuntime::Parts {
public:
    explicit Parts(const RuntimeOptions& options) : log(clock), recorder(clock), registry(clock, recorder) {
        log.setLevel(options.logLevel);
        log.addSink([this](const LogRecord& record) { ring.add(record); });
        if (options.logToStandardError)
            log.addSink(writeToStandardError);
        recorder.setActive(options.capture);
        if (options.centrifugo)
            centrifugo = std::make_unique<CentrifugoMode>(*options.centrifugo, clock, keySets);
        registry.setProxy(&proxy);
        stopTimer.setInterval(kDrainCheckMs);
        captureTimer.setInterval(kCaptureTickMs);
    }

    /// Into the log's view alone: whoever runs the server says it to the person by itself.
    void remember(LogLevel level, const std::string& line) {
        ring.add({clock.wall(), level, "runtime", Log::sanitize(line)});
    }

    SystemClock clock;
    LogRing ring;
    Log log;
    capture::Recorder recorder;
    engine::NodeRegistry registry;
    /// Calls the projects' own backends.
    httpclient::HttpClient httpClient;
    proxy::ProxyService proxy{httpClient, clock, recorder, log};
    /// Keys of tokens that are published at an address.
    std::shared_ptr<auth::JwksStore> keySets =
        std::make_shared<auth::JwksStore>(clock, proxy::makeKeyFetcher(httpClient, log));
    /// Of projects that were imported.
    centrifugo::Documents documents{
        clock, centrifugo::environmentOfProcess(), {.strictTokens = false, .keys = keySets}};
    /// Null unless a Centrifugo configuration is run.
    std::unique_ptr<CentrifugoMode> centrifugo;
    /// Runs while the data folder is being opened, and fills `opened`, which is nobody else's until it has finished.
    std::unique_ptr<QThread> opener;
    Result<std::unique_ptr<services::Services>> opened{nullptr};
    std::unique_ptr<services::Services> services;
    std::unique_ptr<rest::RestApi> rest;
    std::unique_ptr<rest::ServerApi> serverApi;
    http::Router router;
    std::unique_ptr<transport::Server> server;

    QTimer stopTimer;
    QTimer captureTimer;
    Nanoseconds startedAt{};
    Nanoseconds stopDeadline{};
    std::map<int, CaptureObserver> observers;
    int lastObserver = 0;
    bool captureWasActive = false;
    /// Counts start() and stop(), so that a start that was overtaken by a stop does nothing.
    int attempt = 0;
};

ServerRuntime::ServerRuntime(RuntimeOptions options, QObject* parent) : QObject(parent), options_(std::move(options)) {
    if (options_.centrifugo)
        options_.serverApi = options_.centrifugo->configuration.apiRoutes;
    if (options_.centrifugo)
        options_.dataFolder.clear();
    else
        options_.dataFolder = options_.dataFolder.isEmpty() ? defaultDataFolder() : absoluteFolder(options_.dataFolder);
    parts_ = std::make_unique<Parts>(options_);
    connect(&parts_->stopTimer, &QTimer::timeout, this, &ServerRuntime::waitForClients);
    connect(&parts_->captureTimer, &QTimer::timeout, this, &ServerRuntime::drainCapture);
}

ServerRuntime::~ServerRuntime() {
    if (parts_->opener) {
        parts_->opener->requestInterruption();
        parts_->opener->wait();
    }
    if (parts_->server)
        parts_->server->stop(state_ == State::Stopping ? Milliseconds(0) : kClientsLimit);
}

void ServerRuntime::start() {
    if (state_ != State::Stopped && state_ != State::Failed)
        return;
    failure_.reset();
    startTime_.reset();
    parts_->startedAt = parts_->clock.monotonic();
    setState(State::Starting);
    const auto attempt = ++parts_->attempt;
    QTimer::singleShot(0, this, [this, attempt] {
        if (attempt == parts_->attempt)
            openServices();
    });
}

void ServerRuntime::openServices() {
    if (parts_->services) {
        goOn();
        return;
    }
    // A start after a stop that overtook the one before takes what that one opens.
    if (parts_->opener)
        return;
    services::ServicesOptions options;
    options.dataFolder = options_.dataFolder;
    options.flags = options_.flags;
    options.environment = options_.environment;
    options.build.documents = &parts_->documents;
    options.log = &parts_->log;
    if (parts_->centrifugo)
        parts_->centrifugo->applyTo(options);
    parts_->opener.reset(QThread::create([parts = parts_.get(), options = std::move(options),
                                          wait = options_.folderWait, home = thread()] {
        const QDeadlineTimer deadline(wait);
        parts->opened = services::Services::open(options, parts->clock, &parts->registry);
        while (!parts->opened && parts->opened.error().code == "data_folder_in_use" && !deadline.hasExpired() &&
               !QThread::currentThread()->isInterruptionRequested() && !ControlClient().connectTo(options.dataFolder)) {
            QThread::msleep(kFolderRetryMs);
            parts->opened = services::Services::open(options, parts->clock, &parts->registry);
        }
        if (parts->opened)
            (*parts->opened)->moveToThread(home);
    }));
    parts_->opener->setObjectName(u"opener"_s);
    connect(parts_->opener.get(), &QThread::finished, this, &ServerRuntime::servicesOpened);
    parts_->opener->start();
}

void ServerRuntime::servicesOpened() {
    parts_->opener->wait();
    parts_->opener.reset();
    auto opened = std::move(parts_->opened);
    if (!opened) {
        if (state_ == State::Starting)
            fail(text(opened.error().code), text(opened.error().message));
        return;
    }
    parts_->services = std::move(*opened);
    auto& made = *parts_->services;
    if (parts_->centrifugo) {
        parts_->centrifugo->addTo(parts_->router);
    } else {
        parts_->rest = std::make_unique<rest::RestApi>(made.keys(), made.tokens(), made.publisher());
        parts_->rest->addTo(parts_->router);
    }
    const auto ownPort =
        parts_->centrifugo ? parts_->centrifugo->port(made.settings()) : made.settings().settings().port;
    const auto port = portOverride_.value_or(ownPort);
    made.commands().setNodeName((QSysInfo::machineHostName() + u'_' + QString::number(port)).toStdString());
    parts_->serverApi = std::make_unique<rest::ServerApi>(made.keys(), made.commands());
    parts_->serverApi->addTo(parts_->router, options_.serverApi);
    Q_EMIT servicesReady();
    goOn();
}

void ServerRuntime::goOn() {
    if (state_ != State::Starting)
        return;
    if (options_.listen) {
        listen();
    } else {
        startTime_ = std::chrono::duration_cast<Milliseconds>(parts_->clock.monotonic() - parts_->startedAt);
        setState(State::Running);
    }
}

void ServerRuntime::listen() {
    const auto settings = parts_->services->settings().settings();
    auto listening = listenOptionsFor(settings, settings.port);
    if (parts_->centrifugo)
        parts_->centrifugo->applyTo(listening, parts_->services->settings());
    const auto port = portOverride_.value_or(listening.port);
    listening.port = port;
    portHolder_.reset();
    suggestedPort_ = 0;
    parts_->server = std::make_unique<transport::Server>(
        transport::ServerParts{parts_->router, parts_->registry, parts_->recorder, parts_->clock, parts_->log});
    const auto started = parts_->server->start(listening);
    if (started) {
        startTime_ = std::chrono::duration_cast<Milliseconds>(parts_->clock.monotonic() - parts_->startedAt);
        parts_->log.info("runtime", "listening on " + endpoints().origin.toStdString());
        setState(State::Running);
        return;
    }
    parts_->server.reset();
    if (started.error().code != "port_in_use") {
        fail(text(started.error().code), text(started.error().message));
        return;
    }
    portHolder_ = findPortHolder(port);
    suggestedPort_ = nextFreePort(port);
    parts_->remember(LogLevel::Warn,
                     "port " + std::to_string(port) + " is taken by " + portHolder_->description().toStdString());
    setState(State::PortInUse);
    Q_EMIT portInUse(*portHolder_);
}

void ServerRuntime::stop() {
    ++parts_->attempt;
    listenAgain_ = false;
    if (state_ == State::Running && parts_->server) {
        parts_->stopDeadline = parts_->clock.monotonic() + kClientsLimit;
        parts_->server->beginStop();
        setState(State::Stopping);
        parts_->stopTimer.start();
    } else if (state_ != State::Stopping) {
        stopped();
    }
}

void ServerRuntime::waitForClients() {
    if (!parts_->server->drained() && parts_->clock.monotonic() < parts_->stopDeadline)
        return;
    parts_->stopTimer.stop();
    parts_->server->stop(Milliseconds(0));
    parts_->server.reset();
    stopped();
}

void ServerRuntime::stopped() {
    portHolder_.reset();
    suggestedPort_ = 0;
    failure_.reset();
    if (std::exchange(listenAgain_, false)) {
        state_ = State::Stopped;
        start();
        return;
    }
    setState(State::Stopped);
}

void ServerRuntime::retry() {
    if (state_ != State::PortInUse && state_ != State::Failed)
        return;
    state_ = State::Stopped;
    start();
}

void ServerRuntime::usePort(std::uint16_t port, bool remember) {
    portOverride_ = port;
    if (remember && parts_->services)
        parts_->services->settings()
            .set(u"server.port"_s, QString::number(port))
            .then(this, [this, port](const Result<services::SettingValue>& stored) {
                if (!stored)
                    parts_->log.warn("runtime", "Port " + std::to_string(port) +
                                                    " is used for this run only: " + stored.error().message);
            });
    if (state_ == State::Running && parts_->server) {
        stop();
        listenAgain_ = true;
    } else {
        retry();
    }
}

Endpoints ServerRuntime::endpoints() const {
    services::Settings settings;
    if (parts_->services)
        settings = parts_->services->settings().settings();
    const auto host = hostForBindAddress(settings.bind.value(0));
    const bool running = parts_->server && parts_->server->running();
    auto port = portOverride_.value_or(settings.port);
    bool tls = !settings.tlsCertificate.isEmpty();
    if (running) {
        port = parts_->server->port();
        tls = parts_->server->tls();
    } else if (parts_->centrifugo && parts_->services && !portOverride_) {
        port = parts_->centrifugo->port(parts_->services->settings());
    }
    auto endpoints = makeEndpoints(host, port, tls);
    if (parts_->centrifugo)
        parts_->centrifugo->applyTo(endpoints);
    return endpoints;
}

QString ServerRuntime::dataFolder() const { return options_.dataFolder; }

RuntimeCounters ServerRuntime::counters() const {
    RuntimeCounters counters;
    counters.engine = parts_->registry.counters();
    counters.capture = parts_->recorder.counters();
    if (parts_->server) {
        const auto transport = parts_->server->counters();
        counters.httpRequests = transport.httpRequests;
        counters.guardRefusals = transport.of(transport::Refused::Host) + transport.of(transport::Refused::Origin);
    }
    return counters;
}

bool ServerRuntime::hasServices() const { return parts_->services != nullptr; }
services::ConfigStore& ServerRuntime::config() { return parts_->services->config(); }
services::ProjectService& ServerRuntime::projects() { return parts_->services->projects(); }
services::NamespaceService& ServerRuntime::namespaces() { return parts_->services->namespaces(); }
services::SettingsService& ServerRuntime::settings() { return parts_->services->settings(); }
services::KeyService& ServerRuntime::keys() { return parts_->services->keys(); }
services::TokenService& ServerRuntime::tokens() { return parts_->services->tokens(); }
services::PublishService& ServerRuntime::publisher() { return parts_->services->publisher(); }
services::CommandService& ServerRuntime::commands() { return parts_->services->commands(); }

const Clock& ServerRuntime::clock() const { return parts_->clock; }
capture::Recorder& ServerRuntime::recorder() { return parts_->recorder; }
engine::NodeRegistry& ServerRuntime::engine() { return parts_->registry; }
Log& ServerRuntime::log() { return parts_->log; }
const LogRing& ServerRuntime::logRing() const { return parts_->ring; }

int ServerRuntime::addCaptureObserver(CaptureObserver observer) {
    if (captureClaimed_ && !parts_->recorder.active())
        return 0;
    const bool first = parts_->observers.empty();
    parts_->observers.emplace(++parts_->lastObserver, std::move(observer));
    if (first && !captureClaimed_) {
        parts_->captureWasActive = parts_->recorder.active();
        parts_->recorder.setActive(true);
        parts_->captureTimer.start();
    }
    const auto id = parts_->lastObserver;
    if (first)
        Q_EMIT captureObserved(true);
    return id;
}

void ServerRuntime::removeCaptureObserver(int id) {
    if (parts_->observers.erase(id) == 0 || !parts_->observers.empty())
        return;
    if (!captureClaimed_) {
        parts_->captureTimer.stop();
        parts_->recorder.setActive(parts_->captureWasActive);
    }
    Q_EMIT captureObserved(false);
}

void ServerRuntime::drainCapture() {
    std::vector<capture::Event> events;
    if (parts_->recorder.drain(events, kCaptureBatch) > 0)
        shareCapture(events);
}

void ServerRuntime::shareCapture(const std::vector<capture::Event>& events) {
    // A copy: an observer may remove itself.
    const auto observers = parts_->observers;
    for (const auto& [id, observer] : observers)
        observer(events);
}

bool ServerRuntime::requestWindow() {
    static const auto kSignal = QMetaMethod::fromSignal(&ServerRuntime::windowRequested);
    if (!isSignalConnected(kSignal))
        return false;
    Q_EMIT windowRequested();
    return true;
}

void ServerRuntime::setState(State state) {
    state_ = state;
    const auto now = endpoints();
    const bool moved = now != lastEndpoints_;
    lastEndpoints_ = now;
    Q_EMIT stateChanged(state);
    if (moved)
        Q_EMIT endpointsChanged();
}

void ServerRuntime::fail(QString code, QString message) {
    failure_ = Failure{std::move(code), std::move(message)};
    parts_->remember(LogLevel::Error, failure_->message.toStdString());
    setState(State::Failed);
    Q_EMIT failed(failure_->code, failure_->message);
}

}  // namespace xshathra::runtime
