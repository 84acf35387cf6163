#include "server/engine/transport.h"

namespace xshathra::engine {

std::string_view toString(TransportKind kind) {
    switch (kind) {
        case TransportKind::WebSocket: return "websocket";
        case TransportKind::HttpStream: return "http_stream";
        case TransportKind::Sse: return "sse";
        case TransportKind::UniWebSocket: return "uni_websocket";
        case TransportKind::UniHttpStream: return "uni_http_stream";
        case TransportKind::UniSse: return "uni_sse";
        case TransportKind::Internal: break;
    }
    return "internal";
}

}  // namespace xshathra::engine
