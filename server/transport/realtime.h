#pragma once

#include "server/base/shared_bytes.h"
#include "server/engine/transport.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/protocol/encoding.h"
#include "server/transport/endpoints.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace xshathra::engine {
class NodeRegistry;
}

namespace xshathra::transport {

enum class EndpointKind : std::uint8_t {
    WebSocket,
    HttpStream,
    Sse,
    Emulation,
    UniWebSocket,
    UniSse,
    UniHttpStream,
    Init
};

/// The enabled endpoints by path. Immutable.
class EndpointTable {
public:
    /// Slashes at the end of a path are left out, as Centrifugo does.
    explicit EndpointTable(const EndpointOptions& options);
    std::optional<EndpointKind> find(std::string_view path) const;

private:
    std::vector<std::pair<std::string, EndpointKind>> paths_;
};

/// The methods of an endpoint that is no WebSocket, comma-separated, as in `Allow`.
std::string_view methodsOf(EndpointKind kind);
bool allowsMethod(EndpointKind kind, std::string_view method);
/// Bytes of a body that the endpoint takes.
std::size_t bodyLimit(const EndpointOptions& options, EndpointKind kind);

/// The answer is a stream, with a client behind it that has these commands to carry out.
struct StreamStart {
    engine::TransportKind kind = engine::TransportKind::HttpStream;
    protocol::Encoding encoding = protocol::Encoding::Json;
    SharedBytes commands;
};

/// Serves a request to an endpoint that is no WebSocket, whose method is allowed (protocol sections 1.4 to 1.8). An
/// answer has its CORS headers already.
std::variant<http::Response, StreamStart> serveEndpoint(EndpointKind kind, const http::Request& request,
                                                        engine::NodeRegistry& registry);

/// The head of a stream's answer.
http::Response streamHead(const StreamStart& start, const http::Head& request);

/// The request of a unidirectional WebSocket that gives its connect request in the URL: the frame with the command. An
/// empty optional inside where there is none; nothing where it is malformed (400).
std::optional<std::optional<SharedBytes>> connectFromUrl(const http::Head& head);

}  // namespace xshathra::transport
