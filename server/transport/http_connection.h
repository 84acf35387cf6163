#pragma once

#include "server/http/parser.h"
#include "server/http/response.h"
#include "server/transport/counters.h"
#include "server/transport/io_context.h"
#include "server/transport/realtime.h"

#include <QObject>
#include <QSocketNotifier>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace xshathra::transport {

/// A connection from its first byte on: reads requests (keep-alive; pipelined ones one after the other, so answers keep
/// their order), has them served by the router, or gives the socket away when a good WebSocket handshake comes, first
/// or later. On its I/O thread only.
///
/// A head is read in a transaction of the socket and put back: QWebSocketServer wants to read a handshake itself, and
/// what stands behind a head belongs to whoever serves it. Where the answer is a stream, the socket goes to a
/// StreamConnection, and from there to a new HttpConnection.
class HttpConnection {
public:
    HttpConnection(IoContext& context, std::uint64_t id, OwnedSocket socket);
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    std::uint64_t id() const { return id_; }
    /// Starts the TLS handshake or the first request.
    void start();
    /// What the handler of the request in progress says of it.
    void annotate(http::Annotation about);
    /// The answer to the request in progress.
    void answer(http::Response response);
    /// Closes as soon as no request is in progress.
    void beginStop();
    /// Instead of start(): goes on behind an answer that was given elsewhere.
    void resume(bool keepAlive);

private:
    enum class Stage : std::uint8_t {
        Handshake,
        Head,
        Body,
        Serving,
        /// As Serving, but the client has said that it will send no more, upon which Qt closes the socket.
        HalfClosed,
        Sending,
        Lingering,
    };

    QTcpSocket& socket() { return *owned_.socket; }
    void process();
    bool readHead();
    bool readBody();
    bool onHead();
    bool onEndpoint(EndpointKind kind, const http::Head& head);
    bool onUpgrade(EndpointKind kind, const http::Head& head);
    bool takeBody(std::uint64_t limit, const http::Head& head);
    void serve();
    bool isServing() const { return stage_ == Stage::Serving || stage_ == Stage::HalfClosed; }
    void serveEndpoint(EndpointKind kind);
    void startStream(StreamStart start);
    /// Why no further realtime connection is let in now; otherwise counts this one.
    std::optional<std::string> closedDoor();
    /// Answers what isn't served; response.failed says why.
    void refuse(const http::Head* head, http::Response response, Refused reason);
    void refuseMalformed();
    void write(const http::Response& response, const http::Head* head);
    void bytesWritten();
    void onDisconnected();
    void keepSpare();
    void dropSpare();
    void sendLast(const std::string& bytes);
    void nextRequest();
    void linger();
    void finish();
    void answerForHandler();
    void onTimer();
    void setTimer(Milliseconds after);
    void cancelTimer();

    IoContext& context_;
    const std::uint64_t id_;
    OwnedSocket owned_;
    std::unique_ptr<QObject> signals_;
    std::string remote_;
    http::RequestParser parser_;
    Stage stage_ = Stage::Head;
    bool first_ = true;
    bool inTransaction_ = false;
    bool processing_ = false;
    bool retired_ = false;
    bool closeAfter_ = false;
    /// Of the request in progress, where it is one of a realtime endpoint.
    std::optional<EndpointKind> endpoint_;
    /// The request in progress, for its answer and for the capture.
    std::shared_ptr<http::Request> request_;
    http::Annotation about_;
    /// Not 0 while somebody watches: ties the events of the request together.
    std::uint32_t number_ = 0;
    bool requestCaptured_ = false;
    Nanoseconds requestStart_{};
    engine::TimerId timer_ = engine::TimerId::None;
    /// A second descriptor of the socket while a handler takes its time, at most Limits::answerTimeout; -1: none.
    int spare_ = -1;
    /// Fires when the client has reset the connection (or sends urgent data, which HTTP has none of).
    std::unique_ptr<QSocketNotifier> reset_;
};

}  // namespace xshathra::transport
