#include "server/transport/stream_connection.h"

#include "server/http/guard.h"
#include "server/http/response.h"
#include "server/http/target.h"
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

constexpr std::size_t kQueueKept = 64;
constexpr std::string_view kEventStart = "data: ";
constexpr std::string_view kEventEnd = "\n\n";
/// What an EventSource sees first, and takes for its sign to be open.
constexpr std::string_view kPreamble = "\r\n";

bool isUnidirectional(engine::TransportKind kind) {
    return kind == engine::TransportKind::UniSse || kind == engine::TransportKind::UniHttpStream;
}

engine::TransportInfo describeStream(IoContext& context, const StreamStart& start, const http::Head& head,
                                     std::string remote) {
    auto info = describe(context.shared().registry, head, std::move(remote));
    info.kind = start.kind;
    info.encoding = start.encoding;
    info.bidirectional = !isUnidirectional(start.kind);
    // The first frame was bounded as a body or a part of the URL, the others are as emulation requests.
    info.frameLimit = start.commands.size();
    if (info.bidirectional)
        info.frameLimit = std::max(info.frameLimit, context.shared().options.endpoints.emulation.bodyBytes);
    return info;
}

}  // namespace

StreamConnection::StreamConnection(IoContext& context, std::uint64_t id, OwnedSocket socket, StreamStart start,
                                   http::Head head, std::string remote)
    : context_(context),
      id_(id),
      owned_(std::move(socket)),
      info_(describeStream(context, start, head, std::move(remote))),
      tls_(qobject_cast<QSslSocket*>(owned_.socket.get()) != nullptr),
      chunked_(head.minorVersion == 1),
      commands_(std::move(start.commands)),
      start_(http::serializeStreamHead(streamHead(start, head), head)),
      signals_(std::make_unique<QObject>()),
      keepAlive_(head.keepAlive && chunked_) {
    if (events())
        start_ += chunked_ ? http::encodeChunk(kPreamble) : std::string(kPreamble);
    head_ = std::make_unique<http::Head>(std::move(head));
    auto* scope = signals_.get();
    QObject::connect(&this->socket(), &QTcpSocket::readyRead, scope, [this] { onReadable(); });
    QObject::connect(&this->socket(), &QTcpSocket::bytesWritten, scope, [this] { bytesWritten(); });
    QObject::connect(&this->socket(), &QTcpSocket::disconnected, scope, [this] { onDisconnected("peer closed"); });
    if (tls_)
        QObject::connect(static_cast<QSslSocket*>(&this->socket()), &QSslSocket::encryptedBytesWritten, scope,
                         [this] { bytesWritten(); });
}

StreamConnection::~StreamConnection() {
    cancelTimers();
    signals_.reset();
    context_.shared().admission.release(info_.remoteAddress);
    if (client_)
        context_.shared().counters.openStreams.fetch_sub(1, std::memory_order_relaxed);
    client_.reset();
    if (owned_.socket)
        owned_.socket->abort();
}

bool StreamConnection::events() const {
    return info_.kind == engine::TransportKind::Sse || info_.kind == engine::TransportKind::UniSse;
}

void StreamConnection::open() {
    auto& shared = context_.shared();
    shared.counters.openStreams.fetch_add(1, std::memory_order_relaxed);
    client_ = std::make_unique<engine::Client>(shared.registry, context_.loop(), *this);
    if (const auto parameter = http::credentialInQuery(info_.query))
        captureTokenInUrl(shared, client_->id(), *parameter);
    if (socket().state() != QAbstractSocket::ConnectedState) {
        onDisconnected("peer closed");
        return;
    }
    if (shared.stopping.load()) {
        disconnect(protocol::DisconnectCode::Shutdown);
        return;
    }
    // A unidirectional stream begins once it is known that connect hasn't failed.
    startNow_ = info_.kind == engine::TransportKind::Sse;
    if (startNow_)
        wantFlush();
    client_->handleFrame(std::exchange(commands_, {}));
    onReadable();
}

void StreamConnection::disconnect(const protocol::Disconnect& reason) {
    if (client_ && !ending_)
        client_->disconnect(reason);
}

void StreamConnection::wantFlush() {
    if (!dirty() && !finished_ && !retired_ && !blocked())
        context_.markDirty(*this);
}

std::size_t StreamConnection::send(const protocol::Frame& frame) {
    if (!finished_ && !ending_ && !plain_) {
        queue_.push_back(info_.bidirectional ? frame.message() : protocol::barePush(frame));
        queuedBytes_ += queue_.back().size();
        wantFlush();
    }
    return pendingBytes();
}

std::size_t StreamConnection::pendingBytes() const {
    return queuedBytes_ + (owned_.socket ? static_cast<std::size_t>(owned_.socket->bytesToWrite()) : 0);
}

bool StreamConnection::blocked() const {
    if (socket().bytesToWrite() > 0)
        return true;
    return tls_ && static_cast<const QSslSocket&>(socket()).encryptedBytesToWrite() > 0;
}

void StreamConnection::appendMessages(std::string& out) {
    const auto overhead = events() ? kEventStart.size() + kEventEnd.size()
                                   : (info_.encoding == protocol::Encoding::Json ? std::size_t{1} : std::size_t{0});
    std::size_t count = 0;
    std::size_t size = 0;
    for (; count < queue_.size(); ++count) {
        const auto more = queue_[count].size() + overhead;
        if (count > 0 && size + more > Limits::kWriteBatch)
            break;
        size += more;
    }
    if (count == 0)
        return;
    out.reserve(out.size() + size + 32);
    if (chunked_)
        out += http::chunkStart(size);
    for (std::size_t i = 0; i < count; ++i) {
        if (events())
            out.append(kEventStart).append(queue_[i].view()).append(kEventEnd);
        else
            out.append(queue_[i].view()).append(overhead, '\n');
        queuedBytes_ -= queue_[i].size();
    }
    if (chunked_)
        out += "\r\n";
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    if (queue_.empty() && queue_.capacity() > kQueueKept)
        queue_.shrink_to_fit();
}

bool StreamConnection::flush() {
    if (finished_ || retired_ || blocked())
        return false;
    auto& out = context_.scratch();
    out.clear();
    if (!start_.empty() && (startNow_ || ending_ || !queue_.empty())) {
        out += start_;
        start_ = std::string();
        head_.reset();
    }
    appendMessages(out);
    if (ending_ && queue_.empty() && !endWritten_) {
        endWritten_ = true;
        if (chunked_ && !plain_)
            out += http::kLastChunk;
    }
    const bool written = !out.empty();
    if (written)
        write(out);
    if (finished_)
        return written;
    if (blocked())
        watchWrite();
    else if (!queue_.empty())
        context_.markDirty(*this);
    else if (endWritten_)
        handBack();
    return written;
}

void StreamConnection::write(std::string_view bytes) {
#ifdef Q_OS_UNIX
    if (!tls_) {
        const auto sent = ::send(static_cast<int>(socket().socketDescriptor()), bytes.data(), bytes.size(),
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            finished_ = true;
            queue_.clear();
            queuedBytes_ = 0;
            // Usually the read side reports the broken connection, but not when it has stopped reading.
            brokenTimer_ = context_.loop().schedule(Nanoseconds(0), [this] {
                brokenTimer_ = engine::TimerId::None;
                onDisconnected("connection lost");
            });
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<decltype(sent)>(sent, 0)));
    }
#endif
    if (!bytes.empty())
        socket().write(bytes.data(), static_cast<qint64>(bytes.size()));
}

void StreamConnection::bytesWritten() {
    lastProgress_ = context_.now();
    if (retired_ || blocked())
        return;
    if (!queue_.empty() || ending_)
        wantFlush();
}

void StreamConnection::watchWrite() {
    if (writeTimer_ != engine::TimerId::None)
        return;
    lastProgress_ = context_.now();
    writeTimer_ = context_.loop().schedule(context_.shared().options.limits.writeTimeout, [this] { checkWrite(); });
}

void StreamConnection::checkWrite() {
    writeTimer_ = engine::TimerId::None;
    if (finished_ || retired_ || !blocked())
        return;
    const Nanoseconds limit = context_.shared().options.limits.writeTimeout;
    const auto waited = context_.now() - lastProgress_;
    if (waited < limit)
        writeTimer_ = context_.loop().schedule(limit - waited, [this] { checkWrite(); });
    else if (ending_)
        cut();
    else
        disconnect(protocol::DisconnectCode::WriteError);
}

void StreamConnection::close(const protocol::Disconnect& disconnect) {
    if (ending_ || retired_)
        return;
    ending_ = true;
    const auto code = static_cast<protocol::DisconnectCode>(disconnect.code);
    if (code == protocol::DisconnectCode::Slow || code == protocol::DisconnectCode::WriteError) {
        queue_.clear();
        queuedBytes_ = 0;
        // The end would only stand behind what the client does not take.
        finished_ = finished_ || blocked();
    }
    if (finished_)
        cut();
    else
        wantFlush();
}

void StreamConnection::refuseConnect(std::uint32_t code, std::string_view text) {
    const auto& endpoints = context_.shared().options.endpoints;
    const auto& rules = info_.kind == engine::TransportKind::UniSse ? endpoints.uniSse.connectCodeToHttpResponse
                                                                    : endpoints.uniHttpStream.connectCodeToHttpResponse;
    if (!rules.enabled || !head_)
        return;
    const auto rule = std::find_if(rules.transforms.begin(), rules.transforms.end(),
                                   [code](const auto& one) { return one.code == code; });
    auto response = http::Response::text(500, std::string(http::reasonPhrase(500)));
    if (rule != rules.transforms.end())
        response = http::Response::text(rule->status, rule->body.empty() ? std::string(text) : rule->body);
    http::addCorsHeaders(*head_, response);
    plain_ = true;
    start_ = http::serialize(response, head_.get());
    keepAlive_ = head_->keepAlive;
}

void StreamConnection::onReadable() {
    if (retired_ || static_cast<std::size_t>(socket().bytesAvailable()) < Limits::kReadAhead)
        return;
    // Nothing is read on until the stream ends, and then neither would the client's end be noticed.
    context_.shared().counters.count(Refused::Protocol);
    onDisconnected("the client goes on sending behind its request");
}

void StreamConnection::onDisconnected(std::string_view reason) {
    finished_ = true;
    if (retired_)
        return;
    if (client_ && !ending_)
        client_->transportClosed(reason);
    cut();
}

void StreamConnection::handBack() {
    retired_ = true;
    cancelTimers();
    signals_.reset();
    context_.resume(std::move(owned_), keepAlive_ && !context_.shared().stopping.load());
    context_.retire(*this);
}

void StreamConnection::cut() {
    if (retired_)
        return;
    retired_ = true;
    cancelTimers();
    context_.retire(*this);
}

void StreamConnection::cancelTimers() {
    for (auto* timer : {&writeTimer_, &brokenTimer_}) {
        if (*timer != engine::TimerId::None)
            context_.loop().cancel(std::exchange(*timer, engine::TimerId::None));
    }
}

}  // namespace xshathra::transport
