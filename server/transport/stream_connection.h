#pragma once

#include "server/base/shared_bytes.h"
#include "server/engine/client.h"
#include "server/engine/transport.h"
#include "server/http/head.h"
#include "server/transport/io_context.h"
#include "server/transport/outlet.h"
#include "server/transport/realtime.h"

#include <QObject>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::transport {

/// The answer to one HTTP request that goes on as long as its client is connected: http_stream, sse and their
/// unidirectional forms (protocol sections 1.5 to 1.8). When the client is closed by the server, the answer ends in
/// order and the socket goes back to serve further requests. On its I/O thread only.
///
/// Everything that a turn says to the client leaves as one chunk in one write, the head with the first of it. For sse
/// the head leaves at once with an empty line, so that an EventSource says that it is open.
///
/// Time-outs of requests don't apply: a stream ends by itself only when the client is gone, or takes nothing for
/// Limits::writeTimeout. A client that goes on sending behind its request is read up to Limits::kReadAhead, then cut.
class StreamConnection final : public engine::Transport, public Outlet {
public:
    StreamConnection(IoContext& context, std::uint64_t id, OwnedSocket socket, StreamStart start, http::Head head,
                     std::string remote);
    ~StreamConnection() override;
    StreamConnection(const StreamConnection&) = delete;
    StreamConnection& operator=(const StreamConnection&) = delete;

    std::uint64_t id() const { return id_; }
    /// Makes the client and has its commands carried out.
    void open();
    /// Ends the connection with a code of the protocol.
    void disconnect(const protocol::Disconnect& reason);

    std::size_t send(const protocol::Frame& frame) override;
    std::size_t pendingBytes() const override;
    void close(const protocol::Disconnect& disconnect) override;
    void refuseConnect(std::uint32_t code, std::string_view text) override;
    void sendNativePing() override {}
    const engine::TransportInfo& info() const override { return info_; }

    bool flush() override;

private:
    QTcpSocket& socket() const { return *owned_.socket; }
    bool events() const;
    bool blocked() const;
    void wantFlush();
    void appendMessages(std::string& out);
    void write(std::string_view bytes);
    void bytesWritten();
    void watchWrite();
    void checkWrite();
    void onReadable();
    void onDisconnected(std::string_view reason);
    void handBack();
    void cut();
    void cancelTimers();

    IoContext& context_;
    const std::uint64_t id_;
    OwnedSocket owned_;
    engine::TransportInfo info_;
    const bool tls_;
    /// HTTP/1.1; on 1.0 the answer ends with the connection.
    const bool chunked_;
    /// Carried out by open().
    SharedBytes commands_;
    /// Until its answer's head is written.
    std::unique_ptr<http::Head> head_;
    /// The answer's head with what belongs in front of the first message; empty once written.
    std::string start_;
    std::unique_ptr<QObject> signals_;
    std::unique_ptr<engine::Client> client_;

    std::vector<SharedBytes> queue_;
    std::size_t queuedBytes_ = 0;
    bool keepAlive_;
    /// The head is not to wait for a message.
    bool startNow_ = false;
    /// An ordinary answer took the stream's place.
    bool plain_ = false;
    /// The client is closed; what is queued is still written, and then the end.
    bool ending_ = false;
    bool endWritten_ = false;
    /// The connection broke.
    bool finished_ = false;
    bool retired_ = false;
    Nanoseconds lastProgress_{};
    engine::TimerId writeTimer_ = engine::TimerId::None;
    engine::TimerId brokenTimer_ = engine::TimerId::None;
};

}  // namespace xshathra::transport
