#include "server/transport/http_connection.h"

#include "server/http/guard.h"
#include "server/http/upgrade.h"
#include "server/transport/captured.h"

#include <QHostAddress>
#include <QSslSocket>

#include <array>
#include <thread>
#include <utility>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace xshathra::transport {

namespace {

constexpr std::size_t kReadStep = 16 * 1024;

http::Response refusal(const http::Refusal& refusal, http::Check failed) {
    auto response = http::Response::refusal(refusal);
    response.failed = std::move(failed);
    return response;
}

}  // namespace

HttpConnection::HttpConnection(IoContext& context, std::uint64_t id, OwnedSocket socket)
    : context_(context),
      id_(id),
      owned_(std::move(socket)),
      signals_(std::make_unique<QObject>()),
      remote_(owned_.socket->peerAddress().toString().toStdString()),
      parser_(context.shared().options.limits.head) {
    this->socket().setReadBufferSize(static_cast<qint64>(Limits::kReadAhead));
    QObject::connect(&this->socket(), &QTcpSocket::readyRead, signals_.get(), [this] { process(); });
    QObject::connect(&this->socket(), &QTcpSocket::bytesWritten, signals_.get(), [this] { bytesWritten(); });
    QObject::connect(&this->socket(), &QTcpSocket::disconnected, signals_.get(), [this] { onDisconnected(); });
}

HttpConnection::~HttpConnection() {
    cancelTimer();
    dropSpare();
}

void HttpConnection::start() {
    setTimer(context_.shared().options.limits.headTimeout);
    if (auto* secure = qobject_cast<QSslSocket*>(&socket())) {
        stage_ = Stage::Handshake;
        QObject::connect(secure, &QSslSocket::encryptedBytesWritten, signals_.get(), [this] { bytesWritten(); });
        QObject::connect(
            secure, &QSslSocket::errorOccurred, signals_.get(), [this, secure](QAbstractSocket::SocketError) {
                if (stage_ != Stage::Handshake)
                    return;
                context_.shared().counters.count(Refused::Tls);
                logRefusal(context_.shared(), "tls",
                           "TLS handshake with " + remote_ + " failed: " + secure->errorString().toStdString());
                finish();
            });
        QObject::connect(secure, &QSslSocket::encrypted, signals_.get(), [this] {
            stage_ = Stage::Head;
            process();
        });
        secure->setSslConfiguration(*context_.shared().tls);
        secure->startServerEncryption();
        return;
    }
    process();
}

void HttpConnection::process() {
    if (processing_ || retired_)
        return;
    processing_ = true;
    bool goOn = true;
    while (goOn && !retired_) {
        switch (stage_) {
            case Stage::Head: goOn = readHead() || stage_ == Stage::Lingering; break;
            case Stage::Body: goOn = readBody() || stage_ == Stage::Lingering; break;
            case Stage::Lingering:
                socket().skip(socket().bytesAvailable());
                goOn = false;
                break;
            default: goOn = false;
        }
    }
    processing_ = false;
}

bool HttpConnection::readHead() {
    const bool wasIdle = parser_.idle();
    std::array<char, kReadStep> buffer;
    if (!inTransaction_) {
        if (socket().bytesAvailable() == 0)
            return false;
        socket().startTransaction();
        inTransaction_ = true;
    }
    const auto count = socket().read(buffer.data(), buffer.size());
    if (count <= 0)
        return false;
    if (wasIdle) {
        requestStart_ = context_.now();
        if (!first_)
            setTimer(context_.shared().options.limits.headTimeout);
    }
    parser_.feed({buffer.data(), static_cast<std::size_t>(count)});
    if (parser_.state() == http::RequestParser::State::Head)
        return true;
    socket().rollbackTransaction();
    inTransaction_ = false;
    if (parser_.state() == http::RequestParser::State::Failed) {
        refuseMalformed();
        return false;
    }
    return onHead();
}

bool HttpConnection::onHead() {
    auto& shared = context_.shared();
    const http::Head head = parser_.head();
    if (const auto guard = shared.guard.check(head); !guard.allowed) {
        const bool host = guard.check == "host";
        logRefusal(shared, host ? "host" : "origin",
                   std::string(host ? "Host " : "Origin ") + guard.found + " refused; expected " + guard.expected);
        auto response = guard.response(head.path);
        response.failed = http::Check{host ? "Host" : "Origin", guard.found, guard.expected, guard.advice};
        refuse(&head, std::move(response), host ? Refused::Host : Refused::Origin);
        return false;
    }
    endpoint_ = shared.endpoints.find(head.path);
    if (endpoint_)
        return onEndpoint(*endpoint_, head);
    auto match = shared.router.match(head);
    if (match.route == nullptr) {
        // What would follow the head of a request that isn't served is not worth reading.
        match.refusal.close = match.refusal.close || head.hasBody();
        const auto reason = match.refusal.status == 400 ? Refused::Credential : Refused::NotFound;
        refuse(&head, std::move(match.refusal), reason);
        return stage_ == Stage::Head;
    }
    return takeBody(match.route->bodyLimit, head);
}

bool HttpConnection::onEndpoint(EndpointKind kind, const http::Head& head) {
    if (kind == EndpointKind::WebSocket || kind == EndpointKind::UniWebSocket)
        return onUpgrade(kind, head);
    if (allowsMethod(kind, head.method))
        return takeBody(bodyLimit(context_.shared().options.endpoints, kind), head);
    const std::string allow(methodsOf(kind));
    auto response = http::Response::errorAt(head.path, 405, {"method_not_allowed", "Use " + allow + " here.", {}});
    response.failed = http::Check{"Method", head.method + " " + head.path, allow, "Use " + allow + " here."};
    response.headers.set("Allow", allow);
    response.close = head.hasBody();
    http::addCorsHeaders(head, response);
    refuse(&head, std::move(response), Refused::NotFound);
    return stage_ == Stage::Head;
}

bool HttpConnection::onUpgrade(EndpointKind kind, const http::Head& head) {
    const bool unidirectional = kind == EndpointKind::UniWebSocket;
    const auto check = http::checkUpgrade(head);
    http::Refusal why{check.status, check.reason, head.path};
    SharedBytes connect;
    if (check.ok() && unidirectional) {
        if (const auto fromUrl = connectFromUrl(head))
            connect = fromUrl->value_or(SharedBytes());
        else
            why = {400, "The connect request in the URL is not valid.", head.path};
    }
    if (why.status == 0) {
        if (const auto reason = closedDoor())
            why = {503, *reason, head.path};
    }
    if (why.status == 0) {
        cancelTimer();
        signals_.reset();
        context_.upgrade(std::move(owned_), head, std::move(remote_),
                         unidirectional ? engine::TransportKind::UniWebSocket : engine::TransportKind::WebSocket,
                         std::move(connect));
        retired_ = true;
        context_.retire(*this);
        return false;
    }
    auto response =
        refusal(why, {"Handshake", why.reason, "a WebSocket handshake (RFC 6455)", "Connect with a WebSocket client."});
    if (!check.headerName.empty())
        response.headers.set(check.headerName, check.headerValue);
    refuse(&head, std::move(response), Refused::Handshake);
    return false;
}

/// Nothing of `head` is used after the parser went on.
bool HttpConnection::takeBody(std::uint64_t limit, const http::Head& head) {
    const bool expectsContinue = head.expectsContinue;
    socket().skip(static_cast<qint64>(head.size));
    setTimer(context_.shared().options.limits.requestTimeout);
    parser_.acceptBody(limit);
    if (parser_.state() == http::RequestParser::State::Failed) {
        refuseMalformed();
        return false;
    }
    if (parser_.state() == http::RequestParser::State::Complete) {
        serve();
        return !retired_;
    }
    if (expectsContinue)
        socket().write(http::kContinue.data(), static_cast<qint64>(http::kContinue.size()));
    stage_ = Stage::Body;
    return true;
}

bool HttpConnection::readBody() {
    std::array<char, kReadStep> buffer;
    const auto count = socket().peek(buffer.data(), buffer.size());
    if (count <= 0)
        return false;
    const auto used = parser_.feed({buffer.data(), static_cast<std::size_t>(count)});
    socket().skip(static_cast<qint64>(used));
    switch (parser_.state()) {
        case http::RequestParser::State::Failed: refuseMalformed(); return false;
        case http::RequestParser::State::Complete: serve(); return !retired_;
        default: return used > 0;
    }
}

void HttpConnection::serve() {
    cancelTimer();
    stage_ = Stage::Serving;
    first_ = false;
    request_ = std::make_shared<http::Request>(parser_.takeRequest());
    request_->remoteAddress = remote_;
    const auto count = context_.shared().counters.httpRequests.fetch_add(1, std::memory_order_relaxed) + 1;
    about_ = {};
    requestCaptured_ = false;
    number_ = context_.shared().recorder.active() ? static_cast<std::uint32_t>(count) : 0;
    // A handler may answer here and now, later, or from another thread, also when this connection or its whole thread
    // has ended.
    const auto answerHere = [handle = context_.handle(), id = id_](http::Response response) {
        if (const auto context = handle.lock())
            (*context)->answer(id, std::move(response));
    };
    auto sink = [answerHere, mailbox = context_.loop().mailbox(),
                 thread = std::this_thread::get_id()](http::Response response) {
        if (std::this_thread::get_id() == thread) {
            answerHere(std::move(response));
        } else if (mailbox->put(engine::LoopItem(
                       [answerHere, response = std::move(response)](engine::Loop&) { answerHere(response); }))) {
            mailbox->wake();
        }
    };
    if (endpoint_) {
        serveEndpoint(*endpoint_);
        return;
    }
    const auto request = request_;  // an answer at once lets go of it while the handler still reads it
    http::Responder::Watcher watcher;
    if (number_ != 0) {
        watcher = [handle = context_.handle(), id = id_](http::Annotation about) {
            if (const auto context = handle.lock())
                (*context)->annotate(id, std::move(about));
        };
    }
    context_.shared().router.dispatch(*request, http::Responder(std::move(sink), std::move(watcher)));
    if (stage_ == Stage::Serving && !retired_) {
        keepSpare();
        setTimer(context_.shared().options.limits.answerTimeout);
    }
}

/// For a client that closes its half, upon which Qt closes the socket. Nothing but a reset is told of it: the end that
/// a client sends when it leaves is the same as that of its half alone.
void HttpConnection::keepSpare() {
#ifdef Q_OS_UNIX
    if (qobject_cast<QSslSocket*>(&socket()) != nullptr)
        return;
    spare_ = ::fcntl(static_cast<int>(socket().socketDescriptor()), F_DUPFD_CLOEXEC, 0);
    if (spare_ < 0)
        return;
    reset_ = std::make_unique<QSocketNotifier>(spare_, QSocketNotifier::Exception);
    QObject::connect(reset_.get(), &QSocketNotifier::activated, signals_.get(), [this] { finish(); });
#endif
}

void HttpConnection::dropSpare() {
#ifdef Q_OS_UNIX
    reset_.reset();
    if (spare_ >= 0)
        ::close(std::exchange(spare_, -1));
#endif
}

/// A client may close its half and still wait for the answer (RFC 9112 section 9.6).
void HttpConnection::onDisconnected() {
    if (stage_ == Stage::Serving && spare_ >= 0)
        stage_ = Stage::HalfClosed;
    else
        finish();
}

void HttpConnection::serveEndpoint(EndpointKind kind) {
    auto& shared = context_.shared();
    auto served = transport::serveEndpoint(kind, *request_, shared.registry);
    if (auto* response = std::get_if<http::Response>(&served)) {
        answer(std::move(*response));
    } else if (const auto reason = closedDoor()) {
        auto closed = refusal({503, *reason, request_->path()}, {"Server", *reason, "room for one more connection"});
        http::addCorsHeaders(request_->head, closed);
        answer(std::move(closed));
    } else {
        startStream(std::move(std::get<StreamStart>(served)));
    }
}

std::optional<std::string> HttpConnection::closedDoor() {
    auto& shared = context_.shared();
    if (shared.stopping.load())
        return "The server is stopping.";
    auto reason = shared.admission.refuse(remote_);
    if (reason)
        shared.counters.count(Refused::Connections);
    return reason;
}

void HttpConnection::startStream(StreamStart start) {
    if (number_ != 0) {
        annotate({});
        captureAnswer(context_.shared(), *request_, about_, number_, streamHead(start, request_->head),
                      context_.now() - requestStart_);
    }
    cancelTimer();
    signals_.reset();
    retired_ = true;
    context_.stream(std::move(owned_), std::move(start), request_->head, std::move(remote_));
    context_.retire(*this);
}

void HttpConnection::annotate(http::Annotation about) {
    if (retired_ || !isServing() || requestCaptured_)
        return;
    about_ = std::move(about);
    requestCaptured_ = true;
    captureRequest(context_.shared(), *request_, about_, number_);
}

void HttpConnection::answer(http::Response response) {
    if (retired_ || !isServing())
        return;
    if (number_ != 0) {
        annotate({});
        captureAnswer(context_.shared(), *request_, about_, number_, response, context_.now() - requestStart_);
    }
    const auto request = std::exchange(request_, nullptr);
    if (stage_ == Stage::HalfClosed) {
        response.close = true;
        sendLast(http::serialize(response, &request->head));
        finish();
        return;
    }
    dropSpare();
    write(response, &request->head);
    process();
}

/// As much as the system takes at once; the client reads it until the end.
void HttpConnection::sendLast(const std::string& bytes) {
#ifdef Q_OS_UNIX
    static_cast<void>(::send(spare_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
#else
    static_cast<void>(bytes);
#endif
}

void HttpConnection::write(const http::Response& response, const http::Head* head) {
    closeAfter_ = response.close || head == nullptr || !head->keepAlive || context_.shared().stopping.load();
    auto bytes = std::string();
    if (closeAfter_ && !response.close) {
        auto closing = response;
        closing.close = true;
        bytes = http::serialize(closing, head);
    } else {
        bytes = http::serialize(response, head);
    }
    stage_ = Stage::Sending;
    setTimer(context_.shared().options.limits.requestTimeout);
    socket().write(bytes.data(), static_cast<qint64>(bytes.size()));
    // At once: a client that has closed its half would have Qt close the socket before.
    socket().flush();
    bytesWritten();
}

void HttpConnection::bytesWritten() {
    if (retired_ || stage_ != Stage::Sending || socket().bytesToWrite() > 0)
        return;
    if (const auto* secure = qobject_cast<QSslSocket*>(&socket());
        secure != nullptr && secure->encryptedBytesToWrite() > 0)
        return;
    if (closeAfter_)
        linger();
    else
        nextRequest();
}

void HttpConnection::nextRequest() {
    stage_ = Stage::Head;
    endpoint_.reset();
    setTimer(context_.shared().options.limits.keepAliveTimeout);
    process();
}

void HttpConnection::linger() {
    stage_ = Stage::Lingering;
    setTimer(context_.shared().options.limits.lingerTimeout);
    if (qobject_cast<QSslSocket*>(&socket()) != nullptr) {
        socket().disconnectFromHost();
        return;
    }
    // The peer sees the end of the answer now; reading on keeps the system from throwing the answer away.
#ifdef Q_OS_UNIX
    ::shutdown(static_cast<int>(socket().socketDescriptor()), SHUT_WR);
#endif
    if (!processing_)
        process();
}

void HttpConnection::resume(bool keepAlive) {
    first_ = false;
    if (socket().state() != QAbstractSocket::ConnectedState)
        finish();
    else if (keepAlive)
        nextRequest();
    else
        linger();
}

void HttpConnection::refuse(const http::Head* head, http::Response response, Refused reason) {
    auto& shared = context_.shared();
    shared.counters.count(reason);
    captureRefusal(shared, head, remote_, response);
    first_ = false;
    if (head == nullptr || response.close || !head->keepAlive) {
        response.close = true;
        write(response, head);
        return;
    }
    const http::Head kept = *head;
    socket().skip(static_cast<qint64>(kept.size));
    parser_ = http::RequestParser(shared.options.limits.head);
    write(response, &kept);
}

void HttpConnection::refuseMalformed() {
    const auto& why = parser_.refusal();
    auto response = refusal(why, {"HTTP", why.reason, "a valid HTTP/1.1 request within the server's bounds"});
    if (endpoint_)
        http::addCorsHeaders(parser_.head(), response);
    refuse(nullptr, std::move(response), Refused::Malformed);
}

void HttpConnection::beginStop() {
    const bool idle =
        stage_ == Stage::Handshake || stage_ == Stage::HalfClosed || (stage_ == Stage::Head && parser_.idle());
    if (idle)
        finish();
}

/// The connection ends with it: what the handler may still send must not pass for the answer to a later request.
void HttpConnection::answerForHandler() {
    const auto limit = std::chrono::duration_cast<Seconds>(context_.shared().options.limits.answerTimeout);
    auto response = http::Response::errorAt(request_->path(), 503,
                                            {"timeout", "The server did not answer this request in time.", {}});
    response.failed =
        http::Check{"Time", "no answer by the handler", "an answer within " + std::to_string(limit.count()) + " s", {}};
    response.close = true;
    logRefusal(context_.shared(), "handler",
               "no answer to " + request_->method() + " " + request_->path() + " in time");
    answer(std::move(response));
}

void HttpConnection::onTimer() {
    timer_ = engine::TimerId::None;
    if (isServing()) {
        answerForHandler();
        return;
    }
    const bool waiting = stage_ == Stage::Body || (stage_ == Stage::Head && !parser_.idle());
    if (!waiting) {
        finish();
        return;
    }
    if (inTransaction_) {
        socket().commitTransaction();
        inTransaction_ = false;
    }
    const bool inBody = stage_ == Stage::Body;
    const http::Refusal why{
        408, inBody ? "The request's body did not arrive in time." : "The request's head did not arrive in time.",
        inBody ? parser_.head().path : std::string()};
    refuse(nullptr, refusal(why, {"Time", "an incomplete request", "a complete request in time"}), Refused::Timeout);
}

void HttpConnection::finish() {
    if (retired_)
        return;
    retired_ = true;
    cancelTimer();
    context_.retire(*this);
}

void HttpConnection::setTimer(Milliseconds after) {
    cancelTimer();
    timer_ = context_.loop().schedule(after, [this] { onTimer(); });
}

void HttpConnection::cancelTimer() {
    if (timer_ != engine::TimerId::None)
        context_.loop().cancel(std::exchange(timer_, engine::TimerId::None));
}

}  // namespace xshathra::transport
