#pragma once

#include "server/protocol/codes.h"
#include "server/protocol/decode_error.h"
#include "server/protocol/encoding.h"
#include "server/protocol/frame.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::engine {

/// How a connection travels. The names of toString() are Centrifugo's and go to proxies, metrics and the console.
enum class TransportKind : std::uint8_t { WebSocket, HttpStream, Sse, UniWebSocket, UniHttpStream, UniSse, Internal };

std::string_view toString(TransportKind kind);

/// Whether the client's commands come by emulation requests (protocol section 1.7).
constexpr bool isEmulated(TransportKind kind) {
    return kind == TransportKind::HttpStream || kind == TransportKind::Sse;
}

/// Header fields of a client's request: names in lower case, each with one value, in their order.
using RequestHeaders = std::vector<std::pair<std::string, std::string>>;

/// What is known of a connection before its first command. Constant for the connection's life.
struct TransportInfo {
    TransportKind kind = TransportKind::WebSocket;
    protocol::Encoding encoding = protocol::Encoding::Json;
    /// WebSocket ping frames instead of application pings (`cf_ws_frame_ping_pong=true`; protocol section 7). A
    /// unidirectional WebSocket has both, and only the frames are answered.
    bool nativePing = false;
    /// The client can send commands after its connect command. If not, the transport sends bare pushes: what it is
    /// given it passes through protocol::barePush().
    bool bidirectional = true;
    /// A closed connection is told so by its close frame alone (`uni_websocket.disable_disconnect_push`).
    bool withoutDisconnectPush = false;
    std::string remoteAddress;
    std::string origin;
    std::string userAgent;
    std::string host;
    /// The raw query of the URL, without the question mark.
    std::string query;
    /// Value of the `client_api_key` query parameter, or empty. Identifies the project of a connection without a token.
    std::string clientApiKey;
    /// Those of the request's header fields that NodeRegistry::keptHeaders() names, for proxies. Null when there are
    /// none, which costs an idle connection nothing.
    std::shared_ptr<const RequestHeaders> headers;
    /// Most bytes of a frame that the transport hands over: its endpoint's bound. No command may be longer.
    std::size_t frameLimit = protocol::DecodeLimits::kMaxMessageBytes;
};

/// The way to one peer, implemented by the I/O side. Every function is called on the thread of the loop that owns the
/// connection. No function may call back into the engine::Client, destroy it or block: what the peer or the socket does
/// is reported later, from the loop.
class Transport {
public:
    virtual ~Transport() = default;

    /// Queues one encoded message behind those sent before. Messages leave at the end of the loop's turn, several in
    /// one write; for a WebSocket, JSON messages may also be joined by a line break into one frame. Never fails: a
    /// broken peer is reported by Client::transportClosed(). After close() it does nothing.
    /// @return bytes that wait to be sent, this message included (what pendingBytes() would say).
    virtual std::size_t send(const protocol::Frame& frame) = 0;

    /// Bytes that were given to send() and not yet to the operating system.
    virtual std::size_t pendingBytes() const = 0;

    /// Flushes what was sent, then closes with this code and reason (protocol section 1.3): a WebSocket close frame, or
    /// the end of an HTTP stream (the client has sent the disconnect push of those transports before). For code 3008
    /// (slow) what waits is dropped instead of flushed. The Client calls it at most once and is done with the
    /// transport; the implementation destroys the Client later, not from within this call.
    virtual void close(const protocol::Disconnect& disconnect) = 0;

    /// The connect command of a unidirectional connection came to this error or disconnect. Where the transport tells
    /// the client in its own way (an HTTP status), send() does nothing from now on. close() comes next.
    virtual void refuseConnect(std::uint32_t code, std::string_view text) {
        static_cast<void>(code);
        static_cast<void>(text);
    }

    /// Sends a WebSocket ping frame (RFC 6455 5.5.2). Only called where info().nativePing.
    virtual void sendNativePing() = 0;

    virtual const TransportInfo& info() const = 0;
};

}  // namespace xshathra::engine
