#pragma once

#include "server/engine/loop.h"
#include "server/http/head.h"
#include "server/http/response.h"
#include "server/transport/shared_state.h"

#include <QObject>
#include <QTcpSocket>
#include <QTimer>
#include <QWebSocketServer>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xshathra::transport {

class HttpConnection;
class Outlet;
class StreamConnection;
class WebSocketConnection;
struct StreamStart;

/// A connection's socket with its place in the count of open sockets.
struct OwnedSocket {
    std::unique_ptr<QTcpSocket> socket;
    SocketToken token;
};

/// Everything of one I/O thread: its engine loop, its connections and their order of work. Made, used and destroyed on
/// that thread.
///
/// The turn (turn(), just before the thread waits for its sockets): due timers, what other threads posted and
/// published, then one write for each connection that has something to send, then the end of connections that are done.
/// So no connection dies inside a signal of its own socket, and everything a turn says to one client leaves in one
/// write.
class IoContext final : public QObject {
    Q_OBJECT

public:
    explicit IoContext(SharedState& shared);
    ~IoContext() override;

    SharedState& shared() { return shared_; }
    engine::Loop& loop() { return *loop_; }
    Nanoseconds now() const { return shared_.clock.monotonic(); }

    /// Takes over a connected descriptor.
    void adopt(qintptr descriptor, SocketToken token);
    /// A handshake was checked and found good: QWebSocketServer answers it. The head is still unread in the socket.
    /// `connect` is a frame that is carried out as if the client had sent it (unidirectional WebSocket); usually empty.
    void upgrade(OwnedSocket socket, const http::Head& head, std::string remote, engine::TransportKind kind,
                 SharedBytes connect);
    /// A request whose answer is a stream was read; what stands behind it is still in the socket.
    void stream(OwnedSocket socket, StreamStart start, http::Head head, std::string remote);
    /// The stream has ended: the socket serves further requests, or is closed in order.
    void resume(OwnedSocket socket, bool keepAlive);
    /// What a handler says of the request that connection `id` waits for; ignored when it has gone.
    void annotate(std::uint64_t id, http::Annotation about);
    /// The answer to the request that connection `id` waits for; ignored when it has gone.
    void answer(std::uint64_t id, http::Response response);
    /// What a Responder may hold: whether this context still exists, asked on its thread.
    std::weak_ptr<IoContext*> handle() const { return self_; }

    void markDirty(Outlet& connection);
    /// The connection is over; destroyed at the end of the turn.
    void retire(HttpConnection& connection);
    void retire(WebSocketConnection& connection);
    void retire(StreamConnection& connection);

    /// Every client is told 3001, idle HTTP connections are closed.
    void beginStop();
    void turn();

    /// Room for one write, shared by all connections of the thread.
    std::string& scratch() { return scratch_; }

private:
    void takePending(QWebSocketServer& server);
    void finishUpgrade(std::uint64_t id);
    void flushDirty();
    void forget(Outlet& connection);
    void armTimer();
    void wake();

    SharedState& shared_;
    const std::shared_ptr<IoContext*> self_;
    /// By the subprotocol they agree to: none, centrifuge-json, centrifuge-protobuf. QWebSocketServer chooses among its
    /// own list, not by the client's order, so each has one.
    std::array<std::unique_ptr<QWebSocketServer>, 3> servers_;
    QTimer timer_;
    std::optional<Nanoseconds> armedFor_;
    std::unique_ptr<engine::Loop> loop_;
    bool woken_ = false;
    std::uint64_t lastId_ = 0;
    std::unordered_map<std::uint64_t, std::unique_ptr<HttpConnection>> http_;
    std::unordered_map<std::uint64_t, std::unique_ptr<WebSocketConnection>> webSockets_;
    std::unordered_map<std::uint64_t, std::unique_ptr<StreamConnection>> streams_;
    std::vector<WebSocketConnection*> upgrading_;
    std::vector<Outlet*> dirty_;
    std::vector<std::unique_ptr<HttpConnection>> retiredHttp_;
    std::vector<std::unique_ptr<WebSocketConnection>> retiredWebSockets_;
    std::vector<std::unique_ptr<StreamConnection>> retiredStreams_;
    std::string scratch_;
};

}  // namespace xshathra::transport
