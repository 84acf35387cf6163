#include "server/transport/realtime.h"

#include "server/engine/node_registry.h"
#include "server/http/guard.h"
#include "server/http/target.h"
#include "server/protocol/emulation.h"
#include "server/protocol/unidirectional.h"

#include <algorithm>
#include <array>

namespace xshathra::transport {

namespace {

constexpr std::string_view kConnectParameter = "cf_connect";

http::Response refusal(int status, std::string found, std::string expected) {
    auto response = http::Response::text(status, "Expected " + expected + ".\n");
    response.failed = http::Check{"Request", std::move(found), std::move(expected), {}};
    return response;
}

http::Response init() {
    auto response = http::Response::json(200, "{}");
    response.headers.set("Content-Type", "application/json; charset=utf-8");
    return response;
}

/// Exactly so, as Centrifugo does: with a parameter behind it, it is JSON.
protocol::Encoding encodingOf(const http::Request& request) {
    return request.header("Content-Type") == "application/octet-stream" ? protocol::Encoding::Protobuf
                                                                        : protocol::Encoding::Json;
}

http::Response emulate(const http::Request& request, engine::NodeRegistry& registry) {
    const auto emulation = protocol::decodeEmulation(encodingOf(request), request.body);
    if (!emulation)
        return refusal(400, "a malformed emulation request", "an object with session, node and data");
    if (emulation->node != registry.nodeUid())
        return refusal(404, "a node that is not this one", "the node of the connect result");
    // An unknown session and data that is no text are not told, as Centrifugo does: the client learns it from its
    // stream.
    if (emulation->commands)
        static_cast<void>(registry.handleEmulation(emulation->session, *emulation->commands));
    return http::Response::empty();
}

std::variant<http::Response, StreamStart> startSse(const http::Request& request) {
    StreamStart start{engine::TransportKind::Sse, protocol::Encoding::Json, request.body};
    if (request.method() == "GET") {
        auto command = request.queryValue(kConnectParameter).value_or(std::string());
        if (command.empty())
            return refusal(400, "no cf_connect in the URL", "the connect command in the query parameter cf_connect");
        start.commands = SharedBytes(std::move(command));
    }
    return start;
}

std::variant<http::Response, StreamStart> startUnidirectional(engine::TransportKind kind,
                                                              const http::Request& request) {
    const auto fromUrl =
        request.method() == "GET" ? request.queryValue(kConnectParameter).value_or(std::string()) : std::string();
    const auto text = request.method() == "GET" ? (fromUrl.empty() ? std::string_view("{}") : std::string_view(fromUrl))
                                                : request.body.view();
    const auto frame = protocol::connectFrame(text);
    if (!frame)
        return refusal(400, "a malformed connect request", "a connect request as a JSON object");
    return StreamStart{kind, protocol::Encoding::Json, *frame};
}

}  // namespace

EndpointTable::EndpointTable(const EndpointOptions& options) {
    const auto add = [this](const Endpoint& endpoint, EndpointKind kind) {
        if (!endpoint.enabled)
            return;
        const auto end = endpoint.path.find_last_not_of('/');
        paths_.emplace_back(end == std::string::npos ? "/" : endpoint.path.substr(0, end + 1), kind);
    };
    add(options.webSocket, EndpointKind::WebSocket);
    add(options.httpStream, EndpointKind::HttpStream);
    add(options.sse, EndpointKind::Sse);
    if (options.httpStream.enabled || options.sse.enabled)
        add(options.emulation, EndpointKind::Emulation);
    add(options.uniWebSocket, EndpointKind::UniWebSocket);
    add(options.uniSse, EndpointKind::UniSse);
    add(options.uniHttpStream, EndpointKind::UniHttpStream);
    add(options.init, EndpointKind::Init);
}

std::optional<EndpointKind> EndpointTable::find(std::string_view path) const {
    const auto found =
        std::find_if(paths_.begin(), paths_.end(), [path](const auto& entry) { return entry.first == path; });
    return found == paths_.end() ? std::nullopt : std::optional(found->second);
}

std::string_view methodsOf(EndpointKind kind) {
    switch (kind) {
        case EndpointKind::HttpStream:
        case EndpointKind::UniHttpStream:
        case EndpointKind::Emulation: return "POST, OPTIONS";
        case EndpointKind::Sse:
        case EndpointKind::UniSse: return "GET, POST";
        default: return "GET";
    }
}

bool allowsMethod(EndpointKind kind, std::string_view method) {
    auto methods = methodsOf(kind);
    for (;;) {
        const auto comma = methods.find(", ");
        if (methods.substr(0, comma) == method)
            return true;
        if (comma == std::string_view::npos)
            return false;
        methods.remove_prefix(comma + 2);
    }
}

std::size_t bodyLimit(const EndpointOptions& options, EndpointKind kind) {
    switch (kind) {
        case EndpointKind::HttpStream: return options.httpStream.bodyBytes;
        case EndpointKind::Sse: return options.sse.bodyBytes;
        case EndpointKind::Emulation: return options.emulation.bodyBytes;
        case EndpointKind::UniSse: return options.uniSse.bodyBytes;
        case EndpointKind::UniHttpStream: return options.uniHttpStream.bodyBytes;
        default: return 0;
    }
}

std::variant<http::Response, StreamStart> serveEndpoint(EndpointKind kind, const http::Request& request,
                                                        engine::NodeRegistry& registry) {
    if (request.method() == "OPTIONS")
        return http::corsPreflight(request.head);
    auto answer = [&]() -> std::variant<http::Response, StreamStart> {
        switch (kind) {
            case EndpointKind::HttpStream:
                return StreamStart{engine::TransportKind::HttpStream, encodingOf(request), request.body};
            case EndpointKind::Sse: return startSse(request);
            case EndpointKind::UniSse: return startUnidirectional(engine::TransportKind::UniSse, request);
            case EndpointKind::UniHttpStream: return startUnidirectional(engine::TransportKind::UniHttpStream, request);
            case EndpointKind::Emulation: return emulate(request, registry);
            default: return init();
        }
    }();
    if (auto* response = std::get_if<http::Response>(&answer))
        http::addCorsHeaders(request.head, *response);
    return answer;
}

http::Response streamHead(const StreamStart& start, const http::Head& request) {
    http::Response response;
    const bool events = start.kind == engine::TransportKind::Sse || start.kind == engine::TransportKind::UniSse;
    response.headers.add("Content-Type", events ? "text/event-stream; charset=utf-8"
                                         : start.encoding == protocol::Encoding::Protobuf
                                             ? "application/octet-stream"
                                             : "text/plain; charset=utf-8");
    http::addCorsHeaders(request, response);
    response.headers.add("X-Accel-Buffering", "no");
    response.headers.add("Cache-Control", "private, no-cache, no-store, must-revalidate, max-age=0");
    response.headers.add("Pragma", "no-cache");
    response.headers.add("Expire", "0");
    return response;
}

std::optional<std::optional<SharedBytes>> connectFromUrl(const http::Head& head) {
    const auto text = http::queryValue(head.query, kConnectParameter).value_or(std::string());
    if (text.empty())
        return std::optional<SharedBytes>();
    auto frame = protocol::connectFrame(text);
    if (!frame)
        return std::nullopt;
    return frame;
}

}  // namespace xshathra::transport
