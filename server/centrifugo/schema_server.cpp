#include "server/centrifugo/schema_parts.h"

/// The server as a whole: listeners, transports, endpoints, metrics. And the root.
namespace xshathra::centrifugo::schema {

namespace {

constexpr OptionSpec kTLSAutocertFields[] = {
    {"enabled", Kind::Bool},          {"host_whitelist", Kind::TextList},
    {"cache_dir", Kind::Text},        {"email", Kind::Text},
    {"server_name", Kind::Text},      {"http", Kind::Bool},
    {"http_addr", Kind::Text, ":80"},
};
const ObjectSpec kTLSAutocert{"TLSAutocert", kTLSAutocertFields};

constexpr OptionSpec kHTTP3Fields[] = {
    {"enabled", Kind::Bool},
};
const ObjectSpec kHTTP3{"HTTP3", kHTTP3Fields};

constexpr OptionSpec kHTTPServerFields[] = {
    {"address", Kind::Text},
    {"port", Kind::Integer, "8000"},
    {"internal_address", Kind::Text},
    {"internal_port", Kind::Text},
    {"tls", Kind::Object, "", &kTLSConfig},
    {"tls_autocert", Kind::Object, "", &kTLSAutocert},
    {"tls_external", Kind::Bool},
    {"internal_tls", Kind::Object, "", &kTLSConfig},
    {"http3", Kind::Object, "", &kHTTP3},
    {"h2c_external", Kind::Bool},
};
const ObjectSpec kHTTPServer{"HTTPServer", kHTTPServerFields};

constexpr OptionSpec kLogFields[] = {
    {"level", Kind::Text, "info"},
    {"file", Kind::Text},
};
const ObjectSpec kLog{"Log", kLogFields};

constexpr OptionSpec kGrpcAPIFields[] = {
    {"enabled", Kind::Bool},    {"error_mode", Kind::Text},
    {"address", Kind::Text},    {"port", Kind::Integer, "10000"},
    {"key", Kind::Text},        {"tls", Kind::Object, "", &kTLSConfig},
    {"reflection", Kind::Bool}, {"max_receive_message_size", Kind::Integer},
};
const ObjectSpec kGrpcAPI{"GrpcAPI", kGrpcAPIFields};

constexpr OptionSpec kWebSocketFields[] = {
    {"disabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/websocket"},
    {"compression", Kind::Bool},
    {"compression_min_size", Kind::Integer},
    {"compression_level", Kind::Integer, "1"},
    {"read_buffer_size", Kind::Integer},
    {"use_write_buffer_pool", Kind::Bool},
    {"write_buffer_size", Kind::Integer},
    {"write_timeout", Kind::Duration, "1000ms"},
    {"message_size_limit", Kind::Integer, "65536"},
    {"decompressed_message_size_limit", Kind::Integer},
};
const ObjectSpec kWebSocket{"WebSocket", kWebSocketFields};

constexpr OptionSpec kSSEFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/sse"},
    {"max_request_body_size", Kind::Integer, "65536"},
};
const ObjectSpec kSSE{"SSE", kSSEFields};

constexpr OptionSpec kHTTPStreamFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/http_stream"},
    {"max_request_body_size", Kind::Integer, "65536"},
};
const ObjectSpec kHTTPStream{"HTTPStream", kHTTPStreamFields};

constexpr OptionSpec kWebTransportFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/webtransport"},
    {"message_size_limit", Kind::Integer, "65536"},
};
const ObjectSpec kWebTransport{"WebTransport", kWebTransportFields};

constexpr OptionSpec kTransformedConnectErrorHttpResponseFields[] = {
    {"status_code", Kind::Integer},
    {"body", Kind::Text},
};
const ObjectSpec kTransformedConnectErrorHttpResponse{"TransformedConnectErrorHttpResponse",
                                                      kTransformedConnectErrorHttpResponseFields};

constexpr OptionSpec kConnectCodeToHTTPResponseTransformFields[] = {
    {"code", Kind::Unsigned},
    {"to", Kind::Object, "", &kTransformedConnectErrorHttpResponse},
};
const ObjectSpec kConnectCodeToHTTPResponseTransform{"ConnectCodeToHTTPResponseTransform",
                                                     kConnectCodeToHTTPResponseTransformFields};

constexpr OptionSpec kConnectCodeToHTTPResponseFields[] = {
    {"enabled", Kind::Bool},
    {"transforms", Kind::ObjectList, "", &kConnectCodeToHTTPResponseTransform},
};
const ObjectSpec kConnectCodeToHTTPResponse{"ConnectCodeToHTTPResponse", kConnectCodeToHTTPResponseFields};

constexpr OptionSpec kUniSSEFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/uni_sse"},
    {"max_request_body_size", Kind::Integer, "65536"},
    {"connect_code_to_http_response", Kind::Object, "", &kConnectCodeToHTTPResponse},
};
const ObjectSpec kUniSSE{"UniSSE", kUniSSEFields};

constexpr OptionSpec kUniHTTPStreamFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/uni_http_stream"},
    {"max_request_body_size", Kind::Integer, "65536"},
    {"connect_code_to_http_response", Kind::Object, "", &kConnectCodeToHTTPResponse},
};
const ObjectSpec kUniHTTPStream{"UniHTTPStream", kUniHTTPStreamFields};

constexpr OptionSpec kUniWebSocketFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/uni_websocket"},
    {"compression", Kind::Bool},
    {"compression_min_size", Kind::Integer},
    {"compression_level", Kind::Integer, "1"},
    {"read_buffer_size", Kind::Integer},
    {"use_write_buffer_pool", Kind::Bool},
    {"write_buffer_size", Kind::Integer},
    {"write_timeout", Kind::Duration, "1000ms"},
    {"message_size_limit", Kind::Integer, "65536"},
    {"decompressed_message_size_limit", Kind::Integer},
    {"disable_closing_handshake", Kind::Bool},
    {"disable_disconnect_push", Kind::Bool},
    {"join_push_messages", Kind::Bool},
};
const ObjectSpec kUniWebSocket{"UniWebSocket", kUniWebSocketFields};

constexpr OptionSpec kUniGRPCFields[] = {
    {"enabled", Kind::Bool},
    {"address", Kind::Text},
    {"port", Kind::Integer, "11000"},
    {"max_receive_message_size", Kind::Integer},
    {"tls", Kind::Object, "", &kTLSConfig},
};
const ObjectSpec kUniGRPC{"UniGRPC", kUniGRPCFields};

constexpr OptionSpec kEmulationFields[] = {
    {"handler_prefix", Kind::Text, "/emulation"},
    {"max_request_body_size", Kind::Integer, "65536"},
};
const ObjectSpec kEmulation{"Emulation", kEmulationFields};

constexpr OptionSpec kAdminFields[] = {
    {"enabled", Kind::Bool},           {"handler_prefix", Kind::Text},
    {"password", Kind::Text},          {"secret", Kind::Text},
    {"insecure", Kind::Bool},          {"web_path", Kind::Text},
    {"web_proxy_address", Kind::Text}, {"external", Kind::Bool},
};
const ObjectSpec kAdmin{"Admin", kAdminFields};

constexpr OptionSpec kPrometheusFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/metrics"},
    {"instrument_http_handlers", Kind::Bool},
    {"recovered_publications_histogram", Kind::Bool},
    {"native_histograms", Kind::Bool},
};
const ObjectSpec kPrometheus{"Prometheus", kPrometheusFields};

constexpr OptionSpec kHealthFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/health"},
};
const ObjectSpec kHealth{"Health", kHealthFields};

constexpr OptionSpec kSwaggerFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/swagger"},
};
const ObjectSpec kSwagger{"Swagger", kSwaggerFields};

constexpr OptionSpec kDebugFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/debug/pprof"},
};
const ObjectSpec kDebug{"Debug", kDebugFields};

constexpr OptionSpec kConnInitFields[] = {
    {"enabled", Kind::Bool},
    {"handler_prefix", Kind::Text, "/connection/init"},
};
const ObjectSpec kConnInit{"ConnInit", kConnInitFields};

constexpr OptionSpec kOpenTelemetryFields[] = {
    {"enabled", Kind::Bool},
    {"api", Kind::Bool},
    {"consuming", Kind::Bool},
    {"google_cloud_adc_auth", Kind::Bool},
};
const ObjectSpec kOpenTelemetry{"OpenTelemetry", kOpenTelemetryFields};

constexpr OptionSpec kGraphiteFields[] = {
    {"enabled", Kind::Bool},
    {"host", Kind::Text, "localhost"},
    {"port", Kind::Integer, "2003"},
    {"prefix", Kind::Text, "centrifugo"},
    {"interval", Kind::Duration, "10s"},
    {"tags", Kind::Bool},
};
const ObjectSpec kGraphite{"Graphite", kGraphiteFields};

constexpr OptionSpec kUsageStatsFields[] = {
    {"disabled", Kind::Bool},
};
const ObjectSpec kUsageStats{"UsageStats", kUsageStatsFields};

constexpr OptionSpec kNodeFields[] = {
    {"name", Kind::Text},
    {"info_metrics_aggregate_interval", Kind::Duration, "60s"},
};
const ObjectSpec kNode{"Node", kNodeFields};

constexpr OptionSpec kShutdownFields[] = {
    {"timeout", Kind::Duration, "30s"},
};
const ObjectSpec kShutdown{"Shutdown", kShutdownFields};

constexpr OptionSpec kRootFields[] = {
    {"http_server", Kind::Object, "", &kHTTPServer},
    {"log", Kind::Object, "", &kLog},
    {"engine", Kind::Object, "", &kEngine},
    {"broker", Kind::Object, "", &kBroker},
    {"presence_manager", Kind::Object, "", &kPresenceManager},
    {"map_broker", Kind::Object, "", &kMapBroker},
    {"controller", Kind::Object, "", &kController},
    {"shared_poll", Kind::Object, "", &kSharedPoll},
    {"client", Kind::Object, "", &kClient},
    {"channel", Kind::Object, "", &kChannel},
    {"rpc", Kind::Object, "", &kRPC},
    {"proxies", Kind::NamedList, "", &kNamedProxy},
    {"http_api", Kind::Object, "", &kHttpAPI},
    {"grpc_api", Kind::Object, "", &kGrpcAPI},
    {"consumers", Kind::NamedList, "", &kConsumer},
    {"websocket", Kind::Object, "", &kWebSocket},
    {"sse", Kind::Object, "", &kSSE},
    {"http_stream", Kind::Object, "", &kHTTPStream},
    {"webtransport", Kind::Object, "", &kWebTransport},
    {"uni_sse", Kind::Object, "", &kUniSSE},
    {"uni_http_stream", Kind::Object, "", &kUniHTTPStream},
    {"uni_websocket", Kind::Object, "", &kUniWebSocket},
    {"uni_grpc", Kind::Object, "", &kUniGRPC},
    {"emulation", Kind::Object, "", &kEmulation},
    {"admin", Kind::Object, "", &kAdmin},
    {"prometheus", Kind::Object, "", &kPrometheus},
    {"health", Kind::Object, "", &kHealth},
    {"swagger", Kind::Object, "", &kSwagger},
    {"debug", Kind::Object, "", &kDebug},
    {"init", Kind::Object, "", &kConnInit},
    {"opentelemetry", Kind::Object, "", &kOpenTelemetry},
    {"graphite", Kind::Object, "", &kGraphite},
    {"usage_stats", Kind::Object, "", &kUsageStats},
    {"node", Kind::Object, "", &kNode},
    {"shutdown", Kind::Object, "", &kShutdown},
    {"pid_file", Kind::Text},
    {"enable_unreleased_features", Kind::Bool},
};

}  // namespace

const ObjectSpec kRoot{"Root", kRootFields};

}  // namespace xshathra::centrifugo::schema
