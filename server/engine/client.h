#pragma once

#include "server/base/shared_bytes.h"
#include "server/engine/loop.h"
#include "server/engine/transport.h"

#include <memory>
#include <string>
#include <string_view>

namespace xshathra::engine {

class NodeRegistry;
class ClientSession;

/// One connection's protocol state machine (connecting, connected, closed). Made by the I/O side for each connection
/// once its transport is ready, owned by it, used and destroyed on the thread of its loop. What it has to say goes to
/// the transport.
///
/// After it called Transport::close() it has left all channels and ignores whatever still comes.
class Client {
public:
    /// `transport`, `loop` and `registry` must outlive the client. Starts the timer for the first command (3502).
    Client(NodeRegistry& registry, Loop& loop, Transport& transport);
    /// As transportClosed(), if that was not called. Not to be called from inside a call of the client or its
    /// transport.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// One frame (WebSocket message, request body, emulation data) with one or more commands in the transport's
    /// encoding; an empty one is a protocol error (3501). The bytes are kept as long as payloads refer to them.
    void handleFrame(SharedBytes frame);
    /// The peer answered a native ping.
    void handleNativePong();
    /// The peer or the network ended the connection; `reason` is for the console ("peer closed with 1000", "connection
    /// reset").
    void transportClosed(std::string_view reason);
    /// Ends the connection from the server's side with any code, for example a shutdown (3001). Does nothing when
    /// closed.
    void disconnect(const protocol::Disconnect& disconnect);

    /// The connection id (UUID), also before the connect command.
    const std::string& id() const;
    /// Empty before the connect command was accepted, and for anonymous users.
    const std::string& user() const;
    /// What the connect result names as the session: for HTTP-stream and SSE the secret capability for emulation
    /// requests (protocol section 1.7), for unidirectional connections a name that the server API can select them by.
    /// Else empty.
    const std::string& session() const;
    bool isConnected() const;
    bool isClosed() const;

    /// For the engine.
    ClientSession& impl() { return *session_; }

private:
    std::unique_ptr<ClientSession> session_;
};

}  // namespace xshathra::engine
