#include "server/transport/io_context.h"

#include "server/transport/captured.h"
#include "server/transport/http_connection.h"
#include "server/transport/stream_connection.h"
#include "server/transport/websocket_connection.h"

#include <QAbstractEventDispatcher>
#include <QSslSocket>
#include <QThread>

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#ifdef Q_OS_LINUX
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

namespace xshathra::transport {

using namespace Qt::StringLiterals;

namespace {

/// How often a turn goes back to what it has caused itself before it looks at the sockets again.
constexpr int kRoundsPerTurn = 4;

std::size_t serverIndex(std::string_view subprotocol) {
    return subprotocol == "centrifuge-json" ? 1 : subprotocol == "centrifuge-protobuf" ? 2 : 0;
}

void tune(qintptr descriptor, const Limits& limits) {
#ifdef Q_OS_LINUX
    const int socket = static_cast<int>(descriptor);
    const int on = 1;
    const int unsent = Limits::kUnsentInKernel;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    if (limits.sendBuffer > 0)
        ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &limits.sendBuffer, sizeof limits.sendBuffer);
#else
    static_cast<void>(descriptor);
    static_cast<void>(limits);
#endif
}

}  // namespace

IoContext::IoContext(SharedState& shared) : shared_(shared), self_(std::make_shared<IoContext*>(this)) {
    const auto owner = std::this_thread::get_id();
    auto* dispatcher = QThread::currentThread()->eventDispatcher();
    loop_ = std::make_unique<engine::Loop>(shared.clock, [this, owner, dispatcher] {
        if (std::this_thread::get_id() == owner)
            woken_ = true;
        else
            dispatcher->wakeUp();
    });
    shared_.registry.attach(*loop_);
    const std::array<QStringList, 3> protocols{QStringList(), QStringList(u"centrifuge-json"_s),
                                               QStringList(u"centrifuge-protobuf"_s)};
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        servers_[i] = std::make_unique<QWebSocketServer>(QString(), QWebSocketServer::NonSecureMode);
        auto* server = servers_[i].get();
        server->setSupportedSubprotocols(protocols[i]);
        server->setMaxPendingConnections(std::numeric_limits<int>::max() - 1);
        connect(server, &QWebSocketServer::newConnection, this, [this, server] { takePending(*server); });
    }
    timer_.setSingleShot(true);
    timer_.setTimerType(Qt::PreciseTimer);
    connect(&timer_, &QTimer::timeout, this, [this] { armedFor_.reset(); });
    connect(dispatcher, &QAbstractEventDispatcher::aboutToBlock, this, &IoContext::turn, Qt::DirectConnection);
}

IoContext::~IoContext() {
    QObject::disconnect(QThread::currentThread()->eventDispatcher(), nullptr, this, nullptr);
    upgrading_.clear();
    dirty_.clear();
    http_.clear();
    webSockets_.clear();
    streams_.clear();
    retiredHttp_.clear();
    retiredWebSockets_.clear();
    retiredStreams_.clear();
    shared_.registry.detach(*loop_);
    loop_.reset();
}

void IoContext::adopt(qintptr descriptor, SocketToken token) {
    tune(descriptor, shared_.options.limits);
    std::unique_ptr<QTcpSocket> socket;
    if (shared_.tls)
        socket = std::make_unique<QSslSocket>();
    else
        socket = std::make_unique<QTcpSocket>();
    if (!socket->setSocketDescriptor(descriptor)) {
        shared_.counters.count(Refused::Resources);
        return;
    }
    const auto id = ++lastId_;
    auto connection = std::make_unique<HttpConnection>(*this, id, OwnedSocket{std::move(socket), std::move(token)});
    auto& kept = *http_.emplace(id, std::move(connection)).first->second;
    kept.start();
}

void IoContext::stream(OwnedSocket socket, StreamStart start, http::Head head, std::string remote) {
    const auto id = ++lastId_;
    auto created = std::make_unique<StreamConnection>(*this, id, std::move(socket), std::move(start), std::move(head),
                                                      std::move(remote));
    streams_.emplace(id, std::move(created)).first->second->open();
}

void IoContext::resume(OwnedSocket socket, bool keepAlive) {
    const auto id = ++lastId_;
    auto created = std::make_unique<HttpConnection>(*this, id, std::move(socket));
    http_.emplace(id, std::move(created)).first->second->resume(keepAlive);
}

void IoContext::upgrade(OwnedSocket socket, const http::Head& head, std::string remote, engine::TransportKind kind,
                        SharedBytes connect) {
    const auto id = ++lastId_;
    auto created = std::make_unique<WebSocketConnection>(*this, id, std::move(socket), head, std::move(remote), kind,
                                                         std::move(connect));
    auto& connection = *webSockets_.emplace(id, std::move(created)).first->second;
    upgrading_.push_back(&connection);
    auto& server = *servers_[serverIndex(connection.echoedSubprotocol())];
    // The server answers from a queued call. Until open() has connected everything, QWebSocket must not read: it would
    // throw away what came in one piece with the handshake.
    server.handleConnection(&connection.socket());
    connection.socket().blockSignals(true);
    QMetaObject::invokeMethod(
        this, [this, id] { finishUpgrade(id); }, Qt::QueuedConnection);
}

void IoContext::takePending(QWebSocketServer& server) {
    while (server.hasPendingConnections()) {
        std::unique_ptr<QWebSocket> webSocket(server.nextPendingConnection());
        const auto found = std::find_if(upgrading_.begin(), upgrading_.end(), [&](auto* waiting) {
            return !waiting->hasWebSocket() && waiting->matches(*webSocket);
        });
        if (found != upgrading_.end())
            (*found)->setWebSocket(std::move(webSocket));
    }
}

void IoContext::finishUpgrade(std::uint64_t id) {
    const auto found = webSockets_.find(id);
    if (found == webSockets_.end())
        return;
    auto& connection = *found->second;
    upgrading_.erase(std::remove(upgrading_.begin(), upgrading_.end(), &connection), upgrading_.end());
    for (const auto& server : servers_)
        QObject::disconnect(&connection.socket(), nullptr, server.get(), nullptr);
    if (connection.hasWebSocket()) {
        connection.open();
    } else {
        shared_.counters.count(Refused::Handshake);
        retire(connection);
    }
}

void IoContext::annotate(std::uint64_t id, http::Annotation about) {
    if (const auto found = http_.find(id); found != http_.end())
        found->second->annotate(std::move(about));
}

void IoContext::answer(std::uint64_t id, http::Response response) {
    if (const auto found = http_.find(id); found != http_.end())
        found->second->answer(std::move(response));
}

void IoContext::markDirty(Outlet& connection) {
    connection.setDirty(true);
    dirty_.push_back(&connection);
}

void IoContext::retire(HttpConnection& connection) {
    const auto found = http_.find(connection.id());
    if (found == http_.end())
        return;
    retiredHttp_.push_back(std::move(found->second));
    http_.erase(found);
    wake();
}

void IoContext::retire(WebSocketConnection& connection) {
    const auto found = webSockets_.find(connection.id());
    if (found == webSockets_.end())
        return;
    forget(connection);
    retiredWebSockets_.push_back(std::move(found->second));
    webSockets_.erase(found);
    wake();
}

void IoContext::retire(StreamConnection& connection) {
    const auto found = streams_.find(connection.id());
    if (found == streams_.end())
        return;
    forget(connection);
    retiredStreams_.push_back(std::move(found->second));
    streams_.erase(found);
    wake();
}

void IoContext::forget(Outlet& connection) {
    if (connection.dirty())
        std::replace(dirty_.begin(), dirty_.end(), &connection, static_cast<Outlet*>(nullptr));
}

void IoContext::wake() { woken_ = true; }

void IoContext::beginStop() {
    std::vector<HttpConnection*> requests;
    requests.reserve(http_.size());
    for (const auto& [id, connection] : http_)
        requests.push_back(connection.get());
    for (auto* connection : requests)
        connection->beginStop();
    std::vector<WebSocketConnection*> clients;
    clients.reserve(webSockets_.size());
    for (const auto& [id, connection] : webSockets_)
        clients.push_back(connection.get());
    for (auto* connection : clients)
        connection->disconnect(protocol::DisconnectCode::Shutdown);
    std::vector<StreamConnection*> streams;
    streams.reserve(streams_.size());
    for (const auto& [id, connection] : streams_)
        streams.push_back(connection.get());
    for (auto* connection : streams)
        connection->disconnect(protocol::DisconnectCode::Shutdown);
}

void IoContext::turn() {
    for (int round = 0; round < kRoundsPerTurn; ++round) {
        woken_ = false;
        loop_->runDueTimers();
        loop_->runPosted();
        if (!woken_)
            break;
    }
    flushDirty();
    while (!retiredHttp_.empty() || !retiredWebSockets_.empty() || !retiredStreams_.empty()) {
        // Ending one may say something to others, never retire them from a destructor's view of these lists.
        auto http = std::exchange(retiredHttp_, {});
        auto webSockets = std::exchange(retiredWebSockets_, {});
        auto streams = std::exchange(retiredStreams_, {});
        http.clear();
        webSockets.clear();
        streams.clear();
    }
    if (woken_ || !dirty_.empty())
        QThread::currentThread()->eventDispatcher()->wakeUp();
    armTimer();
}

void IoContext::flushDirty() {
    if (dirty_.empty())
        return;
    std::vector<Outlet*> batch;
    batch.swap(dirty_);
    std::size_t next = 0;
    std::size_t sends = 0;
    for (; next < batch.size() && sends < Limits::kSendsPerTurn; ++next) {
        auto* connection = batch[next];
        if (connection == nullptr)
            continue;
        connection->setDirty(false);
        sends += connection->flush() ? 1 : 0;
    }
    // Who has not had its write goes first in the next turn, before who has more to write.
    if (next < batch.size()) {
        batch.erase(batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(next));
        batch.insert(batch.end(), dirty_.begin(), dirty_.end());
        dirty_.swap(batch);
    } else if (dirty_.empty()) {
        batch.clear();
        dirty_.swap(batch);
    }
}

void IoContext::armTimer() {
    const auto deadline = loop_->nextDeadline();
    if (deadline == armedFor_)
        return;
    armedFor_ = deadline;
    if (!deadline) {
        timer_.stop();
        return;
    }
    const auto left = std::chrono::ceil<Milliseconds>(*deadline - now());
    timer_.start(std::max(left, Milliseconds(0)));
}

}  // namespace xshathra::transport
