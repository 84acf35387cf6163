#include "server/centrifugo/support.h"

#include "server/centrifugo/configuration.h"

#include <array>
#include <functional>
#include <set>

namespace xshathra::centrifugo {

namespace {

constexpr NotActedOn kCluster{"one process",
                              "everything is kept in the memory of this one process, as with the memory engine"};
constexpr NotActedOn kConsumers{"consumers", "nothing is read from queues or databases"};
constexpr NotActedOn kGrpc{"gRPC", "gRPC is not served and not spoken; use HTTP"};
constexpr NotActedOn kAdmin{
    "admin", "Centrifugo's admin interface is not part of this server; its window and REST API take that place"};
constexpr NotActedOn kMetrics{"metrics", "metrics are not exported"};
constexpr NotActedOn kTracing{"metrics", "traces are not exported"};
constexpr NotActedOn kDebug{"debug", "profiles of the Go runtime don't exist here"};
constexpr NotActedOn kSwagger{"swagger", "the API's description is not served"};
constexpr NotActedOn kUsage{"usage", "nothing is ever sent home"};
constexpr NotActedOn kHttp2{"HTTP/2, HTTP/3", "HTTP/1.1 is served"};
constexpr NotActedOn kAutocert{"TLS", "certificates are not fetched; give http_server.tls.cert_pem and key_pem"};
constexpr NotActedOn kTlsOfClient{
    "TLS", "it is not needed to serve TLS, or client certificates would be asked for, which is not done"};
constexpr NotActedOn kServerCa{
    "TLS", "it is for servers that ask their clients for certificates, and a proxy is called as a client"};
constexpr NotActedOn kInternal{"one port", "all endpoints are on the one port"};
constexpr NotActedOn kCompression{"compression",
                                  "messages are not compressed; a client that offers it connects without"};
constexpr NotActedOn kBuffers{"no effect", "it tunes buffers of the Go server and changes nothing that a client sees"};
constexpr NotActedOn kConcurrency{
    "no effect", "commands of one connection are worked off in their order, which clients can't tell apart"};
constexpr NotActedOn kLag{"one process", "publications don't travel between nodes, so they can't lag behind"};
constexpr NotActedOn kNode{"one process", "there are no other nodes to be told"};
constexpr NotActedOn kFiles{"process", "use the shell or the service manager"};
constexpr NotActedOn kShutdown{"process", "clients get up to 10 seconds to leave"};
constexpr NotActedOn kUnreleased{"unreleased", "features without a release are not known"};

constexpr NotActedOn kOneServer{"import", "the server has it once for all its projects; it is kept for the export"};
constexpr NotActedOn kOrigins{
    "import", "origins are judged once for all projects, see --allow-origin; it is kept for the export"};
constexpr NotActedOn kNeedsKey{
    "import", "among several projects the key alone tells which one is meant; it is kept for the export"};

struct Rule {
    /// An option, or an object with everything in it.
    std::string_view path;
    const NotActedOn& why;
};

/// Objects of which some options are acted on are listed option by option.
constexpr std::array kRules{
    Rule{"engine", kCluster},
    Rule{"broker", kCluster},
    Rule{"presence_manager", kCluster},
    Rule{"map_broker", kCluster},
    Rule{"controller", kCluster},
    Rule{"consumers", kConsumers},
    Rule{"grpc_api", kGrpc},
    Rule{"uni_grpc", kGrpc},
    Rule{"admin", kAdmin},
    Rule{"prometheus", kMetrics},
    Rule{"graphite", kMetrics},
    Rule{"opentelemetry", kTracing},
    Rule{"debug", kDebug},
    Rule{"swagger", kSwagger},
    Rule{"usage_stats", kUsage},
    Rule{"webtransport", kHttp2},
    Rule{"http_server.http3", kHttp2},
    Rule{"http_server.h2c_external", kHttp2},
    Rule{"http_server.tls_autocert", kAutocert},
    Rule{"http_server.tls.server_ca_pem", kTlsOfClient},
    Rule{"http_server.tls.client_ca_pem", kTlsOfClient},
    Rule{"http_server.tls.insecure_skip_verify", kTlsOfClient},
    Rule{"http_server.tls.server_name", kTlsOfClient},
    Rule{"http_server.internal_address", kInternal},
    Rule{"http_server.internal_port", kInternal},
    Rule{"http_server.internal_tls", kInternal},
    Rule{"http_server.tls_external", kInternal},
    Rule{"http_api.external", kInternal},
    Rule{"websocket.compression", kCompression},
    Rule{"websocket.compression_min_size", kCompression},
    Rule{"websocket.compression_level", kCompression},
    Rule{"websocket.decompressed_message_size_limit", kCompression},
    Rule{"websocket.read_buffer_size", kBuffers},
    Rule{"websocket.write_buffer_size", kBuffers},
    Rule{"websocket.use_write_buffer_pool", kBuffers},
    Rule{"uni_websocket.compression", kCompression},
    Rule{"uni_websocket.compression_min_size", kCompression},
    Rule{"uni_websocket.compression_level", kCompression},
    Rule{"uni_websocket.decompressed_message_size_limit", kCompression},
    Rule{"uni_websocket.read_buffer_size", kBuffers},
    Rule{"uni_websocket.write_buffer_size", kBuffers},
    Rule{"uni_websocket.use_write_buffer_pool", kBuffers},
    Rule{"uni_websocket.write_timeout", kBuffers},
    Rule{"client.concurrency", kConcurrency},
    Rule{"client.channel_position_max_time_lag", kLag},
    Rule{"node", kNode},
    Rule{"pid_file", kFiles},
    Rule{"log.file", kFiles},
    Rule{"shutdown", kShutdown},
    Rule{"enable_unreleased_features", kUnreleased},
    Rule{"channel.proxy.subscribe_stream", kGrpc},
};

/// Parts of proxies, wherever they are.
constexpr std::string_view kClientCaOfProxy = ".http.tls.client_ca_pem";
constexpr std::array<std::string_view, 2> kGrpcParts{".grpc_metadata", ".grpc."};

bool covers(std::string_view rule, std::string_view path) {
    return path.starts_with(rule) &&
           (path.size() == rule.size() || path[rule.size()] == '.' || path[rule.size()] == '[');
}

}  // namespace

const NotActedOn* notActedOn(std::string_view path) {
    for (const auto& rule : kRules) {
        if (covers(rule.path, path))
            return &rule.why;
    }
    if (path.ends_with(kClientCaOfProxy))
        return &kServerCa;
    for (const auto part : kGrpcParts) {
        if (path.find(part) != std::string_view::npos)
            return &kGrpc;
    }
    return nullptr;
}

const NotActedOn* notActedOnInProjects(std::string_view path) {
    static const auto kServerPaths = [] {
        const auto paths = serverPaths();
        return std::set<std::string, std::less<>>(paths.begin(), paths.end());
    }();
    if (path == "client.allowed_origins")
        return &kOrigins;
    if (path == "http_api.insecure")
        return &kNeedsKey;
    return kServerPaths.contains(path) ? &kOneServer : notActedOn(path);
}

std::string noteFor(std::string_view path, std::string_view place, const NotActedOn& why) {
    return std::string(path) + (place.empty() ? std::string() : " (" + std::string(place) + ")") +
           " is not acted on: " + std::string(why.reason);
}

}  // namespace xshathra::centrifugo
