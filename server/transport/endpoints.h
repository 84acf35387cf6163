#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xshathra::transport {

/// Whether and where something is served. Paths are compared exactly; they start with a slash.
struct Endpoint {
    bool enabled = true;
    std::string path;
};

/// Bounds of a body or message of a client, in bytes (protocol section 18).
inline constexpr std::size_t kDefaultMessageBytes = 65'536;

/// `websocket` of Centrifugo. `writeTimeout` is in Limits, for every kind of connection.
struct WebSocketEndpoint : Endpoint {
    std::size_t messageBytes = kDefaultMessageBytes;
    /// `compression` (permessage-deflate): kept so that it can be named; the server does not negotiate it.
    bool compression = false;
};

/// `http_stream` and `sse` of Centrifugo, and `emulation`, which has no switch of its own there.
struct StreamEndpoint : Endpoint {
    /// More is answered with 413.
    std::size_t bodyBytes = kDefaultMessageBytes;
};

/// An HTTP answer in place of a stream, for a connect that failed.
struct ConnectFailureResponse {
    /// Code of the error or disconnect that connect came to.
    std::uint32_t code = 0;
    int status = 500;
    std::string body;
};

/// `connect_code_to_http_response` of uni_sse and uni_http_stream.
struct ConnectCodeToHttpResponse {
    /// Off: a failed connect is told by a disconnect push in a stream with status 200.
    bool enabled = false;
    /// The first with the code counts; a code that none has is answered with 500 "Internal Server Error".
    std::vector<ConnectFailureResponse> transforms;
};

/// `uni_sse` and `uni_http_stream` of Centrifugo.
struct UniStreamEndpoint : StreamEndpoint {
    ConnectCodeToHttpResponse connectCodeToHttpResponse = {};
};

/// `uni_websocket` of Centrifugo.
struct UniWebSocketEndpoint : WebSocketEndpoint {
    /// `disable_closing_handshake`: the server ends the TCP connection without a close frame.
    bool disableClosingHandshake = false;
    /// `disable_disconnect_push`: the close frame alone tells why.
    bool disableDisconnectPush = false;
    /// `join_push_messages`: pushes that leave together share one frame, with a line break between (JSON).
    bool joinPushMessages = false;
};

/// Which realtime endpoints a server has, and where. The defaults are the product's paths under `/realtime`, all on.
struct EndpointOptions {
    WebSocketEndpoint webSocket{{true, "/realtime/connection/websocket"}};
    StreamEndpoint httpStream{{true, "/realtime/connection/http_stream"}};
    StreamEndpoint sse{{true, "/realtime/connection/sse"}};
    /// Also needs httpStream or sse to be on.
    StreamEndpoint emulation{{true, "/realtime/emulation"}};
    UniWebSocketEndpoint uniWebSocket{{{true, "/realtime/connection/uni_websocket"}}};
    UniStreamEndpoint uniSse{{{true, "/realtime/connection/uni_sse"}}};
    UniStreamEndpoint uniHttpStream{{{true, "/realtime/connection/uni_http_stream"}}};
    /// `init` of Centrifugo: answers GET with `{}`.
    Endpoint init{true, "/realtime/connection/init"};

    /// The paths and switches of a Centrifugo v6 without configuration (protocol section 1.1): only the WebSocket is
    /// on; emulation follows http_stream and sse.
    static EndpointOptions centrifugo();

    /// The first path that is not valid (empty, no leading slash, a query or a control character) or that two enabled
    /// endpoints share: code `invalid_setting`, field as in Centrifugo's configuration, for example
    /// `sse.handler_prefix`.
    Result<void> validate() const;
    /// What is served, as it is called in Centrifugo's configuration (`sse`), and its path.
    std::vector<std::pair<std::string, std::string>> served() const;
};

}  // namespace xshathra::transport
