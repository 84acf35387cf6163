#pragma once

#include "server/base/shared_bytes.h"
#include "server/engine/client.h"
#include "server/engine/transport.h"
#include "server/http/head.h"
#include "server/transport/frame_scanner.h"
#include "server/transport/io_context.h"
#include "server/transport/outlet.h"

#include <QObject>
#include <QWebSocket>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::transport {

/// One WebSocket: reads through QWebSocket, writes whole prepared frames straight to the descriptor. On its I/O thread
/// only.
///
/// Frames never mix, because a direct write happens only while Qt has nothing of its own to write, and what the system
/// did not take of a frame goes through Qt, before which no further frame is sent. What QWebSocket writes by itself
/// (pongs, its close frame) goes through Qt too, hence between whole frames. After the close frame nothing is sent.
///
/// FrameScanner sees the bytes before QWebSocket does. So all limits of reliability 2.1 #15 and #16 hold, also those
/// that QWebSocket has no signal for (incoming pings, unmasked frames).
///
/// A unidirectional one (protocol section 1.8) takes its connect request from the URL or from its first message,
/// ignores all others, and sends bare pushes.
class WebSocketConnection final : public engine::Transport, public Outlet {
public:
    /// `connect` is carried out by open(), if not empty.
    WebSocketConnection(IoContext& context, std::uint64_t id, OwnedSocket socket, const http::Head& head,
                        std::string remote, engine::TransportKind kind, SharedBytes connect);
    ~WebSocketConnection() override;
    WebSocketConnection(const WebSocketConnection&) = delete;
    WebSocketConnection& operator=(const WebSocketConnection&) = delete;

    /// The subprotocol to confirm, or empty: what the client chose, unless it was typed by hand.
    std::string_view echoedSubprotocol() const { return echoed_; }
    QTcpSocket& socket() { return *owned_.socket; }
    std::uint64_t id() const { return id_; }
    /// Whether that WebSocket sits on this socket.
    bool matches(const QWebSocket& webSocket) const;

    /// QWebSocketServer has answered the handshake.
    void setWebSocket(std::unique_ptr<QWebSocket> webSocket) { webSocket_ = std::move(webSocket); }
    bool hasWebSocket() const { return webSocket_ != nullptr; }
    /// Starts the conversation: signals, client, and what came together with the handshake.
    void open();

    std::size_t send(const protocol::Frame& frame) override;
    std::size_t pendingBytes() const override;
    void close(const protocol::Disconnect& disconnect) override;
    void sendNativePing() override;
    const engine::TransportInfo& info() const override { return info_; }

    bool flush() override;
    /// Ends the conversation with a code of the protocol; the client learns it through the close frame.
    void disconnect(const protocol::Disconnect& reason);

private:
    void enqueue(SharedBytes frame);
    void beforeRead();
    void afterRead();
    std::string_view freshBytes();
    bool overControlBudget();
    void takeMessage(std::string bytes);
    const WebSocketEndpoint& endpoint() const;
    void bytesWritten();
    void onDisconnected();

    bool blocked() const;
    /// These three return whether Qt was left with something to write.
    bool writeDirect();
    bool writeThroughQt();
    bool popSent(std::size_t bytes);
    void watchWrite();
    void checkWrite();

    void failWith(const FrameScanner::Fault& fault);
    void startClosing(std::string bytes, bool halfClose);
    void cut();
    void cancelTimers();

    IoContext& context_;
    const std::uint64_t id_;
    /// These are all that a message to send touches, so they stand close together.
    std::vector<SharedBytes> queue_;
    std::size_t queuedBytes_ = 0;
    const bool bidirectional_;
    /// A close frame was written, by us or by QWebSocket, or the connection broke: nothing may follow.
    bool finished_ = false;

    OwnedSocket owned_;
    engine::TransportInfo info_;
    std::string echoed_;
    const bool tls_;
    const int descriptor_;
    /// Context of all our connections to signals: gone before the sockets are.
    std::unique_ptr<QObject> signals_;
    std::unique_ptr<QWebSocket> webSocket_;
    std::unique_ptr<engine::Client> client_;
    /// Gone after open().
    std::unique_ptr<SharedBytes> connect_;
    FrameScanner scanner_;

    /// Unidirectional: the connect request hasn't come yet.
    bool awaitsConnect_;
    /// We closed: input is only looked through for the peer's close frame.
    bool closing_ = false;
    bool halfClose_ = false;
    bool retired_ = false;
    bool received_ = false;

    qint64 leftover_ = 0;
    std::uint64_t controlFramesBefore_ = 0;
    std::uint64_t lastControlFrames_ = 0;
    Nanoseconds controlWindow_{};
    Nanoseconds openedAt_{};
    Nanoseconds lastProgress_{};
    engine::TimerId writeTimer_ = engine::TimerId::None;
    engine::TimerId closeTimer_ = engine::TimerId::None;
};

/// A server's close frame (RFC 6455 section 5.5.1). The reason is cut to 123 bytes at a character's border.
std::string closeFrame(std::uint16_t code, std::string_view reason);

}  // namespace xshathra::transport
