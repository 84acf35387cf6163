#include "server/transport/websocket_connection.h"

#include "server/http/target.h"
#include "server/http/upgrade.h"
#include "server/protocol/unidirectional.h"
#include "server/transport/captured.h"
#include "server/transport/describe.h"

#include <QSslSocket>

#include <algorithm>
#include <cerrno>
#include <utility>

#ifdef Q_OS_UNIX
#include <sys/socket.h>
#endif

namespace xshathra::transport {

namespace {

constexpr std::size_t kReasonBytes = 123;
constexpr std::size_t kQueueKept = 64;
/// A frame at least this long goes out from where it is instead of being gathered with others.
constexpr std::size_t kGatherBelow = 16 * 1024;
constexpr std::string_view kPingFrame("\x89\x00", 2);

engine::TransportInfo describeWebSocket(IoContext& context, const http::Head& head, std::string remote,
                                        engine::TransportKind kind) {
    auto info = describe(context.shared().registry, head, std::move(remote));
    info.kind = kind;
    const auto& options = context.shared().options;
    if (kind == engine::TransportKind::UniWebSocket) {
        info.nativePing = true;
        info.bidirectional = false;
        info.withoutDisconnectPush = options.endpoints.uniWebSocket.disableDisconnectPush;
        // The connect request is the client's message or stands in the URL.
        info.frameLimit = std::max(options.endpoints.uniWebSocket.messageBytes, options.limits.head.headBytes) +
                          protocol::kConnectFrameOverhead;
        return info;
    }
    info.frameLimit = options.endpoints.webSocket.messageBytes;
    const bool protobuf = http::chosenSubprotocol(head) == "centrifuge-protobuf" ||
                          http::queryValue(head.query, "format") == "protobuf" ||
                          http::queryValue(head.query, "cf_protocol") == "protobuf";
    info.encoding = protobuf ? protocol::Encoding::Protobuf : protocol::Encoding::Json;
    info.nativePing = http::queryValue(head.query, "cf_ws_frame_ping_pong") == "true";
    return info;
}

std::string_view confirmedSubprotocol(const http::Head& head, engine::TransportKind kind) {
    if (kind == engine::TransportKind::UniWebSocket || http::subprotocolWasTyped(head))
        return {};
    return http::chosenSubprotocol(head);
}

}  // namespace

std::string closeFrame(std::uint16_t code, std::string_view reason) {
    auto length = std::min(reason.size(), kReasonBytes);
    while (length > 0 && length < reason.size() && (static_cast<unsigned char>(reason[length]) & 0xc0U) == 0x80U)
        --length;
    std::string frame("\x88", 1);
    frame += static_cast<char>(2 + length);
    frame += static_cast<char>(code >> 8);
    frame += static_cast<char>(code & 0xff);
    return frame.append(reason.substr(0, length));
}

WebSocketConnection::WebSocketConnection(IoContext& context, std::uint64_t id, OwnedSocket socket,
                                         const http::Head& head, std::string remote, engine::TransportKind kind,
                                         SharedBytes connect)
    : context_(context),
      id_(id),
      bidirectional_(kind != engine::TransportKind::UniWebSocket),
      owned_(std::move(socket)),
      info_(describeWebSocket(context, head, std::move(remote), kind)),
      echoed_(confirmedSubprotocol(head, kind)),
      tls_(qobject_cast<QSslSocket*>(owned_.socket.get()) != nullptr),
      descriptor_(static_cast<int>(owned_.socket->socketDescriptor())),
      signals_(std::make_unique<QObject>()),
      connect_(connect.empty() ? nullptr : std::make_unique<SharedBytes>(std::move(connect))),
      scanner_({endpoint().messageBytes, context.shared().options.limits.fragments}),
      awaitsConnect_(!bidirectional_ && !connect_) {
    // Before QWebSocket connects its own slot, so that ours runs first. Until open() the socket's signals are blocked.
    QObject::connect(&this->socket(), &QTcpSocket::readyRead, signals_.get(), [this] { beforeRead(); });
}

WebSocketConnection::~WebSocketConnection() {
    cancelTimers();
    signals_.reset();
    context_.shared().admission.release(info_.remoteAddress);
    if (client_)
        context_.shared().counters.openWebSockets.fetch_sub(1, std::memory_order_relaxed);
    client_.reset();
    owned_.socket->setParent(nullptr);
    owned_.socket->abort();
    // QWebSocket wants to say good-bye through its socket, so it goes first.
    webSocket_.reset();
}

const WebSocketEndpoint& WebSocketConnection::endpoint() const {
    const auto& endpoints = context_.shared().options.endpoints;
    return bidirectional_ ? endpoints.webSocket : endpoints.uniWebSocket;
}

bool WebSocketConnection::matches(const QWebSocket& webSocket) const {
    const auto& socket = *owned_.socket;
    return webSocket.peerPort() == socket.peerPort() && webSocket.peerAddress() == socket.peerAddress() &&
           webSocket.localAddress() == socket.localAddress();
}

void WebSocketConnection::open() {
    auto& shared = context_.shared();
    webSocket_->setMaxAllowedIncomingMessageSize(endpoint().messageBytes);
    webSocket_->setMaxAllowedIncomingFrameSize(endpoint().messageBytes);
    socket().setReadBufferSize(0);
    socket().blockSignals(false);

    auto* scope = signals_.get();
    QObject::connect(webSocket_.get(), &QWebSocket::textMessageReceived, scope,
                     [this](const QString& text) { takeMessage(text.toStdString()); });
    QObject::connect(webSocket_.get(), &QWebSocket::binaryMessageReceived, scope,
                     [this](const QByteArray& bytes) { takeMessage(bytes.toStdString()); });
    QObject::connect(webSocket_.get(), &QWebSocket::pong, scope, [this] {
        if (!closing_ && client_)
            client_->handleNativePong();
    });
    QObject::connect(webSocket_.get(), &QWebSocket::aboutToClose, scope, [this] { finished_ = true; });
    QObject::connect(&socket(), &QTcpSocket::readyRead, scope, [this] { afterRead(); });
    QObject::connect(&socket(), &QTcpSocket::bytesWritten, scope, [this] { bytesWritten(); });
    QObject::connect(&socket(), &QTcpSocket::disconnected, scope, [this] { onDisconnected(); });
    if (tls_)
        QObject::connect(static_cast<QSslSocket*>(&socket()), &QSslSocket::encryptedBytesWritten, scope,
                         [this] { bytesWritten(); });

    openedAt_ = context_.now();
    shared.counters.upgraded.fetch_add(1, std::memory_order_relaxed);
    shared.counters.openWebSockets.fetch_add(1, std::memory_order_relaxed);
    client_ = std::make_unique<engine::Client>(shared.registry, context_.loop(), *this);
    if (const auto parameter = http::credentialInQuery(info_.query))
        captureTokenInUrl(shared, client_->id(), *parameter);
    if (shared.stopping.load()) {
        disconnect(protocol::DisconnectCode::Shutdown);
        return;
    }
    if (const auto connect = std::exchange(connect_, nullptr))
        client_->handleFrame(*connect);
    if (socket().state() != QAbstractSocket::ConnectedState)
        onDisconnected();
    else if (socket().bytesAvailable() > 0)
        QMetaObject::invokeMethod(&socket(), "readyRead");  // what came in one piece with the handshake
}

std::string_view WebSocketConnection::freshBytes() {
    const auto fresh = socket().bytesAvailable() - leftover_;
    if (fresh <= 0)
        return {};
    auto& scratch = context_.scratch();
    scratch.resize(static_cast<std::size_t>(fresh));
    qint64 count = 0;
    if (leftover_ == 0) {
        count = socket().peek(scratch.data(), fresh);
    } else {
        socket().startTransaction();
        socket().skip(leftover_);
        count = socket().read(scratch.data(), fresh);
        socket().rollbackTransaction();
    }
    return {scratch.data(), static_cast<std::size_t>(std::max<qint64>(count, 0))};
}

bool WebSocketConnection::overControlBudget() {
    const auto seen = scanner_.controlFrames();
    if (seen == 0)
        return false;
    const auto now = context_.now();
    if (now - controlWindow_ >= Seconds(1)) {
        // The frames of this read belong to the new window.
        controlWindow_ = now;
        controlFramesBefore_ = lastControlFrames_;
    }
    lastControlFrames_ = seen;
    return seen - controlFramesBefore_ > context_.shared().options.limits.controlFramesPerSecond;
}

void WebSocketConnection::beforeRead() {
    if (!webSocket_)
        return;
    const auto fault = scanner_.feed(freshBytes());
    if (closing_) {
        socket().skip(socket().bytesAvailable());
        leftover_ = 0;
        if (scanner_.closed() && !blocked())
            cut();
        return;
    }
    if (fault)
        failWith(*fault);
    else if (overControlBudget())
        failWith({1008, "too many control frames"});
}

void WebSocketConnection::afterRead() {
    leftover_ = socket().bytesAvailable();
    // A peer that sends pings and takes no pongs makes Qt's buffer grow, where no other limit looks.
    if (!closing_ && static_cast<std::size_t>(socket().bytesToWrite()) > Limits::kControlBacklog && queue_.empty())
        failWith({1008, "answers to pings are not taken"});
}

void WebSocketConnection::takeMessage(std::string bytes) {
    received_ = true;
    if (closing_ || !client_)
        return;
    if (bidirectional_) {
        client_->handleFrame(SharedBytes(std::move(bytes)));
        return;
    }
    if (!std::exchange(awaitsConnect_, false))
        return;
    if (const auto connect = protocol::connectFrame(bytes))
        client_->handleFrame(*connect);
    else
        failWith({static_cast<std::uint16_t>(protocol::DisconnectCode::BadRequest), "bad request"});
}

void WebSocketConnection::enqueue(SharedBytes frame) {
    queuedBytes_ += frame.size();
    queue_.push_back(std::move(frame));
    if (!dirty() && !blocked())
        context_.markDirty(*this);
}

std::size_t WebSocketConnection::send(const protocol::Frame& frame) {
    if (!finished_)
        enqueue(bidirectional_ ? frame.framed() : protocol::barePushFrame(frame).framed());
    // It becomes dirty while the socket holds nothing and is flushed in the same turn. Until then only pongs can get
    // into the socket, so that it needn't be asked for every message.
    return dirty() ? queuedBytes_ : pendingBytes();
}

void WebSocketConnection::sendNativePing() {
    if (!finished_)
        enqueue(SharedBytes::fromStatic(kPingFrame));
}

std::size_t WebSocketConnection::pendingBytes() const {
    return queuedBytes_ + static_cast<std::size_t>(owned_.socket->bytesToWrite());
}

bool WebSocketConnection::blocked() const {
    if (owned_.socket->bytesToWrite() > 0)
        return true;
    return tls_ && static_cast<const QSslSocket*>(owned_.socket.get())->encryptedBytesToWrite() > 0;
}

bool WebSocketConnection::flush() {
    if (finished_ || queue_.empty() || blocked())
        return false;
#ifdef Q_OS_UNIX
    const bool waits = tls_ ? writeThroughQt() : writeDirect();
#else
    const bool waits = writeThroughQt();
#endif
    if (waits)
        watchWrite();
    else if (!queue_.empty() && !finished_)
        context_.markDirty(*this);
    return true;
}

bool WebSocketConnection::popSent(std::size_t bytes) {
    std::size_t count = 0;
    while (count < queue_.size() && bytes >= queue_[count].size()) {
        bytes -= queue_[count].size();
        queuedBytes_ -= queue_[count].size();
        ++count;
    }
    const bool begun = bytes > 0;
    if (begun) {
        // The rest of a frame that was begun must be the next thing on the wire: from here on Qt has it.
        const auto rest = queue_[count].view().substr(bytes);
        queuedBytes_ -= queue_[count].size();
        socket().write(rest.data(), static_cast<qint64>(rest.size()));
        ++count;
    }
    if (count == queue_.size()) {
        queue_.clear();
        if (queue_.capacity() > kQueueKept)
            queue_.shrink_to_fit();
    } else {
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return begun;
}

#ifdef Q_OS_UNIX
bool WebSocketConnection::writeDirect() {
    std::string_view batch = queue_.front().view();
    if (queue_.size() > 1 && batch.size() < kGatherBelow) {
        auto& scratch = context_.scratch();
        scratch.clear();
        for (const auto& frame : queue_) {
            if (!scratch.empty() && scratch.size() + frame.size() > Limits::kWriteBatch)
                break;
            scratch.append(frame.view());
        }
        batch = scratch;
    }
    const auto sent = ::send(descriptor_, batch.data(), batch.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        return popSent(static_cast<std::size_t>(sent));
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
        // Qt waits until the socket can be written to, but only with something to write.
        const auto first = std::exchange(queue_.front(), {});
        queue_.erase(queue_.begin());
        queuedBytes_ -= first.size();
        socket().write(first.data(), static_cast<qint64>(first.size()));
        return true;
    }
    // The read side will see the broken connection and report it.
    finished_ = true;
    queue_.clear();
    queuedBytes_ = 0;
    return false;
}
#endif

bool WebSocketConnection::writeThroughQt() {
    auto& scratch = context_.scratch();
    scratch.clear();
    std::size_t count = 0;
    for (const auto& frame : queue_) {
        if (count > 0 && scratch.size() + frame.size() > Limits::kWriteBatch)
            break;
        scratch.append(frame.view());
        ++count;
    }
    queuedBytes_ -= scratch.size();
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    socket().write(scratch.data(), static_cast<qint64>(scratch.size()));
    return blocked();
}

void WebSocketConnection::bytesWritten() {
    lastProgress_ = context_.now();
    if (blocked())
        return;
    if (closing_) {
#ifdef Q_OS_UNIX
        if (halfClose_ && !tls_)
            ::shutdown(descriptor_, SHUT_WR);
#endif
        if (scanner_.closed() || (halfClose_ && tls_))
            cut();
    } else if (!queue_.empty() && !dirty()) {
        context_.markDirty(*this);
    }
}

void WebSocketConnection::watchWrite() {
    if (writeTimer_ != engine::TimerId::None)
        return;
    lastProgress_ = context_.now();
    writeTimer_ = context_.loop().schedule(context_.shared().options.limits.writeTimeout, [this] { checkWrite(); });
}

void WebSocketConnection::checkWrite() {
    writeTimer_ = engine::TimerId::None;
    if (closing_ || finished_ || !blocked())
        return;
    const Nanoseconds limit = context_.shared().options.limits.writeTimeout;
    const auto waited = context_.now() - lastProgress_;
    if (waited >= limit)
        disconnect(protocol::DisconnectCode::WriteError);
    else
        writeTimer_ = context_.loop().schedule(limit - waited, [this] { checkWrite(); });
}

void WebSocketConnection::disconnect(const protocol::Disconnect& reason) {
    if (client_ && !closing_)
        client_->disconnect(reason);
}

void WebSocketConnection::close(const protocol::Disconnect& disconnect) {
    if (closing_)
        return;
    const auto code = static_cast<protocol::DisconnectCode>(disconnect.code);
    if (finished_ || code == protocol::DisconnectCode::ConnectionClosed) {
        closing_ = true;
        cut();
        return;
    }
    std::string bytes;
    // What a slow client has not taken would only stand before the close frame.
    if (code != protocol::DisconnectCode::Slow && code != protocol::DisconnectCode::WriteError) {
        bytes.reserve(queuedBytes_ + kReasonBytes);
        for (const auto& frame : queue_)
            bytes.append(frame.view());
    }
    const bool bare = !bidirectional_ && context_.shared().options.endpoints.uniWebSocket.disableClosingHandshake;
    if (!bare)
        bytes += closeFrame(static_cast<std::uint16_t>(disconnect.code), disconnect.reason);
    startClosing(std::move(bytes), bare);
}

void WebSocketConnection::failWith(const FrameScanner::Fault& fault) {
    context_.shared().counters.count(Refused::Protocol);
    if (client_)
        client_->transportClosed("the client broke the WebSocket protocol: " + std::string(fault.reason));
    std::string bytes;
    for (const auto& frame : queue_)
        bytes.append(frame.view());
    startClosing(bytes + closeFrame(fault.code, fault.reason), true);
    socket().skip(socket().bytesAvailable());
    leftover_ = 0;
}

void WebSocketConnection::startClosing(std::string bytes, bool halfClose) {
    closing_ = true;
    finished_ = true;
    halfClose_ = halfClose;
    queue_.clear();
    queuedBytes_ = 0;
    // From here on QWebSocket would answer the peer's close frame with a second one of its own and close with bytes
    // unread.
    QObject::disconnect(&socket(), &QTcpSocket::readyRead, webSocket_.get(), nullptr);
    closeTimer_ = context_.loop().schedule(context_.shared().options.limits.closeTimeout, [this] { cut(); });
    socket().write(bytes.data(), static_cast<qint64>(bytes.size()));
    bytesWritten();
}

void WebSocketConnection::cut() {
    if (retired_)
        return;
    retired_ = true;
    cancelTimers();
    context_.retire(*this);
}

void WebSocketConnection::onDisconnected() {
    finished_ = true;
    if (retired_)
        return;
    if (!closing_ && client_) {
        const auto code = static_cast<int>(webSocket_->closeCode());
        client_->transportClosed(scanner_.closed() ? "peer closed with " + std::to_string(code)
                                 : code != QWebSocketProtocol::CloseCodeNormal &&
                                         code != QWebSocketProtocol::CloseCodeAbnormalDisconnection
                                     ? "closed with " + std::to_string(code) + " after invalid data"
                                     : std::string("connection lost"));
        const auto after = context_.now() - openedAt_;
        if (!received_ && after <= context_.shared().options.limits.earlyLeave)
            captureEarlyLeave(context_.shared(), client_->id(), echoed_, after);
    }
    cut();
}

void WebSocketConnection::cancelTimers() {
    for (auto* timer : {&writeTimer_, &closeTimer_}) {
        if (*timer != engine::TimerId::None)
            context_.loop().cancel(std::exchange(*timer, engine::TimerId::None));
    }
}

}  // namespace xshathra::transport
