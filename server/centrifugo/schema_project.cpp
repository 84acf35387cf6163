#include "server/centrifugo/schema_parts.h"

/// The objects that a project consists of: clients, channels, RPC, proxies, the server API.
namespace xshathra::centrifugo::schema {

namespace {

constexpr OptionSpec kTLSConfigFields[] = {
    {"enabled", Kind::Bool},      {"cert_pem", Kind::Pem},      {"key_pem", Kind::Pem},
    {"server_ca_pem", Kind::Pem}, {"client_ca_pem", Kind::Pem}, {"insecure_skip_verify", Kind::Bool},
    {"server_name", Kind::Text},
};

}  // namespace

const ObjectSpec kTLSConfig{"TLSConfig", kTLSConfigFields};

namespace {

constexpr OptionSpec kSharedPollFields[] = {
    {"hmac_secret_key", Kind::Text},
    {"hmac_previous_secret_key", Kind::Text},
    {"hmac_previous_secret_key_valid_until", Kind::Integer},
    {"concurrency_limit", Kind::Integer},
};

}  // namespace

const ObjectSpec kSharedPoll{"SharedPoll", kSharedPollFields};

namespace {

constexpr OptionSpec kTransformErrorFields[] = {
    {"code", Kind::Unsigned},
    {"message", Kind::Text},
    {"temporary", Kind::Bool},
};
const ObjectSpec kTransformError{"TransformError", kTransformErrorFields};

constexpr OptionSpec kTransformDisconnectFields[] = {
    {"code", Kind::Unsigned},
    {"reason", Kind::Text},
};
const ObjectSpec kTransformDisconnect{"TransformDisconnect", kTransformDisconnectFields};

constexpr OptionSpec kHttpStatusToCodeTransformFields[] = {
    {"status_code", Kind::Integer},
    {"to_error", Kind::Object, "", &kTransformError},
    {"to_disconnect", Kind::Object, "", &kTransformDisconnect},
};
const ObjectSpec kHttpStatusToCodeTransform{"HttpStatusToCodeTransform", kHttpStatusToCodeTransformFields};

constexpr OptionSpec kProxyCommonHTTPFields[] = {
    {"tls", Kind::Object, "", &kTLSConfig},
    {"static_headers", Kind::TextMap},
    {"status_to_code_transforms", Kind::ObjectList, "", &kHttpStatusToCodeTransform},
};
const ObjectSpec kProxyCommonHTTP{"ProxyCommonHTTP", kProxyCommonHTTPFields};

constexpr OptionSpec kProxyCommonGRPCFields[] = {
    {"tls", Kind::Object, "", &kTLSConfig}, {"credentials_key", Kind::Text},
    {"credentials_value", Kind::Text},      {"compression", Kind::Bool},
    {"static_metadata", Kind::TextMap},
};
const ObjectSpec kProxyCommonGRPC{"ProxyCommonGRPC", kProxyCommonGRPCFields};

constexpr OptionSpec kConnectProxyFields[] = {
    {"enabled", Kind::Bool},
    {"endpoint", Kind::Text},
    {"timeout", Kind::Duration, "1s"},
    {"http_headers", Kind::TextList},
    {"grpc_metadata", Kind::TextList},
    {"emulated_headers", Kind::TextList},
    {"binary_encoding", Kind::Bool},
    {"include_connection_meta", Kind::Bool},
    {"http", Kind::Object, "", &kProxyCommonHTTP},
    {"grpc", Kind::Object, "", &kProxyCommonGRPC},
};
const ObjectSpec kConnectProxy{"ConnectProxy", kConnectProxyFields};

constexpr OptionSpec kRefreshProxyFields[] = {
    {"enabled", Kind::Bool},
    {"endpoint", Kind::Text},
    {"timeout", Kind::Duration, "1s"},
    {"http_headers", Kind::TextList},
    {"grpc_metadata", Kind::TextList},
    {"emulated_headers", Kind::TextList},
    {"binary_encoding", Kind::Bool},
    {"include_connection_meta", Kind::Bool},
    {"http", Kind::Object, "", &kProxyCommonHTTP},
    {"grpc", Kind::Object, "", &kProxyCommonGRPC},
};
const ObjectSpec kRefreshProxy{"RefreshProxy", kRefreshProxyFields};

constexpr OptionSpec kClientProxyContainerFields[] = {
    {"connect", Kind::Object, "", &kConnectProxy},
    {"refresh", Kind::Object, "", &kRefreshProxy},
};
const ObjectSpec kClientProxyContainer{"ClientProxyContainer", kClientProxyContainerFields};

constexpr OptionSpec kTokenFields[] = {
    {"hmac_secret_key", Kind::Text},
    {"hmac_previous_secret_key", Kind::Text},
    {"hmac_previous_secret_key_valid_until", Kind::Integer},
    {"rsa_public_key", Kind::Text},
    {"ecdsa_public_key", Kind::Text},
    {"jwks_public_endpoint", Kind::Text},
    {"audience", Kind::Text},
    {"audience_regex", Kind::Text},
    {"issuer", Kind::Text},
    {"issuer_regex", Kind::Text},
    {"user_id_claim", Kind::Text},
    {"insecure_skip_jwks_endpoint_safety_check", Kind::Bool},
};
const ObjectSpec kToken{"Token", kTokenFields};

constexpr OptionSpec kSubscriptionTokenFields[] = {
    {"enabled", Kind::Bool},
    {"hmac_secret_key", Kind::Text},
    {"hmac_previous_secret_key", Kind::Text},
    {"hmac_previous_secret_key_valid_until", Kind::Integer},
    {"rsa_public_key", Kind::Text},
    {"ecdsa_public_key", Kind::Text},
    {"jwks_public_endpoint", Kind::Text},
    {"audience", Kind::Text},
    {"audience_regex", Kind::Text},
    {"issuer", Kind::Text},
    {"issuer_regex", Kind::Text},
    {"user_id_claim", Kind::Text},
    {"insecure_skip_jwks_endpoint_safety_check", Kind::Bool},
};
const ObjectSpec kSubscriptionToken{"SubscriptionToken", kSubscriptionTokenFields};

constexpr OptionSpec kSubscribeToUserPersonalChannelFields[] = {
    {"enabled", Kind::Bool},
    {"personal_channel_namespace", Kind::Text},
    {"single_connection", Kind::Bool},
};
const ObjectSpec kSubscribeToUserPersonalChannel{"SubscribeToUserPersonalChannel",
                                                 kSubscribeToUserPersonalChannelFields};

constexpr OptionSpec kUniConnectCodeToDisconnectTransformFields[] = {
    {"code", Kind::Unsigned},
    {"to", Kind::Object, "", &kTransformDisconnect},
};
const ObjectSpec kUniConnectCodeToDisconnectTransform{"UniConnectCodeToDisconnectTransform",
                                                      kUniConnectCodeToDisconnectTransformFields};

constexpr OptionSpec kConnectCodeToUnidirectionalDisconnectFields[] = {
    {"enabled", Kind::Bool},
    {"transforms", Kind::ObjectList, "", &kUniConnectCodeToDisconnectTransform},
};
const ObjectSpec kConnectCodeToUnidirectionalDisconnect{"ConnectCodeToUnidirectionalDisconnect",
                                                        kConnectCodeToUnidirectionalDisconnectFields};

constexpr OptionSpec kClientFields[] = {
    {"proxy", Kind::Object, "", &kClientProxyContainer},
    {"allowed_origins", Kind::TextList},
    {"token", Kind::Object, "", &kToken},
    {"subscription_token", Kind::Object, "", &kSubscriptionToken},
    {"allow_anonymous_connect_without_token", Kind::Bool},
    {"disallow_anonymous_connection_tokens", Kind::Bool},
    {"ping_interval", Kind::Duration, "25s"},
    {"pong_timeout", Kind::Duration, "8s"},
    {"expired_close_delay", Kind::Duration, "25s"},
    {"expired_sub_close_delay", Kind::Duration, "25s"},
    {"stale_close_delay", Kind::Duration, "10s"},
    {"channel_limit", Kind::Integer, "128"},
    {"queue_max_size", Kind::Integer, "1048576"},
    {"presence_update_interval", Kind::Duration, "27s"},
    {"concurrency", Kind::Integer},
    {"channel_position_check_delay", Kind::Duration, "40s"},
    {"channel_position_max_time_lag", Kind::Duration},
    {"connection_limit", Kind::Integer},
    {"user_connection_limit", Kind::Integer},
    {"connection_rate_limit", Kind::Integer},
    {"connect_include_server_time", Kind::Bool},
    {"history_max_publication_limit", Kind::Integer, "300"},
    {"recovery_max_publication_limit", Kind::Integer, "300"},
    {"insecure_skip_token_signature_verify", Kind::Bool},
    {"user_id_http_header", Kind::Text},
    {"insecure", Kind::Bool},
    {"subscribe_to_user_personal_channel", Kind::Object, "", &kSubscribeToUserPersonalChannel},
    {"connect_code_to_unidirectional_disconnect", Kind::Object, "", &kConnectCodeToUnidirectionalDisconnect},
};

}  // namespace

const ObjectSpec kClient{"Client", kClientFields};

namespace {

constexpr OptionSpec kProxyFields[] = {
    {"endpoint", Kind::Text},
    {"timeout", Kind::Duration, "1s"},
    {"http_headers", Kind::TextList},
    {"grpc_metadata", Kind::TextList},
    {"emulated_headers", Kind::TextList},
    {"binary_encoding", Kind::Bool},
    {"include_connection_meta", Kind::Bool},
    {"http", Kind::Object, "", &kProxyCommonHTTP},
    {"grpc", Kind::Object, "", &kProxyCommonGRPC},
};
const ObjectSpec kProxy{"Proxy", kProxyFields};

constexpr OptionSpec kChannelProxyContainerFields[] = {
    {"subscribe", Kind::Object, "", &kProxy},           {"publish", Kind::Object, "", &kProxy},
    {"sub_refresh", Kind::Object, "", &kProxy},         {"subscribe_stream", Kind::Object, "", &kProxy},
    {"map_publish", Kind::Object, "", &kProxy},         {"map_remove", Kind::Object, "", &kProxy},
    {"shared_poll_refresh", Kind::Object, "", &kProxy},
};
const ObjectSpec kChannelProxyContainer{"ChannelProxyContainer", kChannelProxyContainerFields};

constexpr OptionSpec kMapConfigFields[] = {
    {"mode", Kind::Text},
    {"key_ttl", Kind::Duration},
    {"stream_size", Kind::Integer},
    {"stream_ttl", Kind::Duration},
    {"meta_ttl", Kind::Duration},
    {"remove_client_on_unsubscribe", Kind::Bool},
    {"client_key", Kind::Text},
    {"allow_publish_for_client", Kind::Bool},
    {"allow_publish_for_subscriber", Kind::Bool},
    {"allow_publish_for_anonymous", Kind::Bool},
    {"allow_remove_for_client", Kind::Bool},
    {"allow_remove_for_subscriber", Kind::Bool},
    {"allow_remove_for_anonymous", Kind::Bool},
    {"publish_proxy_enabled", Kind::Bool},
    {"publish_proxy_name", Kind::Text, "default"},
    {"remove_proxy_enabled", Kind::Bool},
    {"remove_proxy_name", Kind::Text, "default"},
    {"default_page_size", Kind::Integer},
    {"min_page_size", Kind::Integer},
    {"max_page_size", Kind::Integer},
    {"live_transition_max_publication_limit", Kind::Integer},
    {"subscribe_catch_up_timeout", Kind::Duration},
};
const ObjectSpec kMapConfig{"MapConfig", kMapConfigFields};

constexpr OptionSpec kSharedPollConfigFields[] = {
    {"proxy_name", Kind::Text},
    {"refresh_interval", Kind::Duration},
    {"refresh_batch_size", Kind::Integer},
    {"max_keys_per_connection", Kind::Integer},
    {"mode", Kind::Text},
    {"channel_shutdown_delay", Kind::Duration},
    {"track_expired_extra_delay", Kind::Duration},
    {"publish_enabled", Kind::Bool},
};
const ObjectSpec kSharedPollConfig{"SharedPollConfig", kSharedPollConfigFields};

constexpr OptionSpec kChannelOptionsFields[] = {
    {"presence", Kind::Bool},
    {"join_leave", Kind::Bool},
    {"force_push_join_leave", Kind::Bool},
    {"map_clients_presence_channel_prefix", Kind::Text},
    {"map_users_presence_channel_prefix", Kind::Text},
    {"history_size", Kind::Integer},
    {"history_ttl", Kind::Duration},
    {"history_meta_ttl", Kind::Duration},
    {"force_positioning", Kind::Bool},
    {"allow_positioning", Kind::Bool},
    {"force_recovery", Kind::Bool},
    {"allow_recovery", Kind::Bool},
    {"force_recovery_mode", Kind::Text},
    {"auto_cache_recover", Kind::Bool},
    {"allowed_delta_types", Kind::TextList},
    {"allow_tags_filter", Kind::Bool},
    {"delta_publish", Kind::Bool},
    {"allow_subscribe_for_anonymous", Kind::Bool},
    {"allow_subscribe_for_client", Kind::Bool},
    {"allow_publish_for_anonymous", Kind::Bool},
    {"allow_publish_for_subscriber", Kind::Bool},
    {"allow_publish_for_client", Kind::Bool},
    {"allow_presence_for_anonymous", Kind::Bool},
    {"allow_presence_for_subscriber", Kind::Bool},
    {"allow_presence_for_client", Kind::Bool},
    {"allow_history_for_anonymous", Kind::Bool},
    {"allow_history_for_subscriber", Kind::Bool},
    {"allow_history_for_client", Kind::Bool},
    {"allow_user_limited_channels", Kind::Bool},
    {"channel_regex", Kind::Text},
    {"publication_data_format", Kind::Text},
    {"subscribe_proxy_enabled", Kind::Bool},
    {"subscribe_proxy_name", Kind::Text, "default"},
    {"publish_proxy_enabled", Kind::Bool},
    {"publish_proxy_name", Kind::Text, "default"},
    {"sub_refresh_proxy_enabled", Kind::Bool},
    {"sub_refresh_proxy_name", Kind::Text, "default"},
    {"subscribe_stream_proxy_enabled", Kind::Bool},
    {"subscribe_stream_proxy_name", Kind::Text, "default"},
    {"subscribe_stream_proxy_bidirectional", Kind::Bool},
    {"subscription_type", Kind::Text},
    {"map", Kind::Object, "", &kMapConfig},
    {"shared_poll", Kind::Object, "", &kSharedPollConfig},
};
const ObjectSpec kChannelOptions{"ChannelOptions", kChannelOptionsFields};

constexpr OptionSpec kChannelNamespaceFields[] = {
    {"name", Kind::Text},
    {"presence", Kind::Bool},
    {"join_leave", Kind::Bool},
    {"force_push_join_leave", Kind::Bool},
    {"map_clients_presence_channel_prefix", Kind::Text},
    {"map_users_presence_channel_prefix", Kind::Text},
    {"history_size", Kind::Integer},
    {"history_ttl", Kind::Duration},
    {"history_meta_ttl", Kind::Duration},
    {"force_positioning", Kind::Bool},
    {"allow_positioning", Kind::Bool},
    {"force_recovery", Kind::Bool},
    {"allow_recovery", Kind::Bool},
    {"force_recovery_mode", Kind::Text},
    {"auto_cache_recover", Kind::Bool},
    {"allowed_delta_types", Kind::TextList},
    {"allow_tags_filter", Kind::Bool},
    {"delta_publish", Kind::Bool},
    {"allow_subscribe_for_anonymous", Kind::Bool},
    {"allow_subscribe_for_client", Kind::Bool},
    {"allow_publish_for_anonymous", Kind::Bool},
    {"allow_publish_for_subscriber", Kind::Bool},
    {"allow_publish_for_client", Kind::Bool},
    {"allow_presence_for_anonymous", Kind::Bool},
    {"allow_presence_for_subscriber", Kind::Bool},
    {"allow_presence_for_client", Kind::Bool},
    {"allow_history_for_anonymous", Kind::Bool},
    {"allow_history_for_subscriber", Kind::Bool},
    {"allow_history_for_client", Kind::Bool},
    {"allow_user_limited_channels", Kind::Bool},
    {"channel_regex", Kind::Text},
    {"publication_data_format", Kind::Text},
    {"subscribe_proxy_enabled", Kind::Bool},
    {"subscribe_proxy_name", Kind::Text, "default"},
    {"publish_proxy_enabled", Kind::Bool},
    {"publish_proxy_name", Kind::Text, "default"},
    {"sub_refresh_proxy_enabled", Kind::Bool},
    {"sub_refresh_proxy_name", Kind::Text, "default"},
    {"subscribe_stream_proxy_enabled", Kind::Bool},
    {"subscribe_stream_proxy_name", Kind::Text, "default"},
    {"subscribe_stream_proxy_bidirectional", Kind::Bool},
    {"subscription_type", Kind::Text},
    {"map", Kind::Object, "", &kMapConfig},
    {"shared_poll", Kind::Object, "", &kSharedPollConfig},
};
const ObjectSpec kChannelNamespace{"ChannelNamespace", kChannelNamespaceFields};

constexpr OptionSpec kChannelFields[] = {
    {"proxy", Kind::Object, "", &kChannelProxyContainer},
    {"without_namespace", Kind::Object, "", &kChannelOptions},
    {"namespaces", Kind::NamedList, "", &kChannelNamespace},
    {"history_meta_ttl", Kind::Duration, "720h"},
    {"publication_data_format", Kind::Text},
    {"max_length", Kind::Integer, "255"},
    {"private_prefix", Kind::Text, "$"},
    {"namespace_boundary", Kind::Text, ":"},
    {"user_boundary", Kind::Text, "#"},
    {"user_separator", Kind::Text, ","},
};

}  // namespace

const ObjectSpec kChannel{"Channel", kChannelFields};

namespace {

constexpr OptionSpec kRpcOptionsFields[] = {
    {"proxy_enabled", Kind::Bool},
    {"proxy_name", Kind::Text, "default"},
};
const ObjectSpec kRpcOptions{"RpcOptions", kRpcOptionsFields};

constexpr OptionSpec kRpcNamespaceFields[] = {
    {"name", Kind::Text},
    {"proxy_enabled", Kind::Bool},
    {"proxy_name", Kind::Text, "default"},
};
const ObjectSpec kRpcNamespace{"RpcNamespace", kRpcNamespaceFields};

constexpr OptionSpec kRPCPingFields[] = {
    {"enabled", Kind::Bool},
    {"method", Kind::Text, "ping"},
};
const ObjectSpec kRPCPing{"RPCPing", kRPCPingFields};

constexpr OptionSpec kRPCFields[] = {
    {"proxy", Kind::Object, "", &kProxy},
    {"without_namespace", Kind::Object, "", &kRpcOptions},
    {"namespaces", Kind::NamedList, "", &kRpcNamespace},
    {"ping", Kind::Object, "", &kRPCPing},
    {"namespace_boundary", Kind::Text, ":"},
};

}  // namespace

const ObjectSpec kRPC{"RPC", kRPCFields};

namespace {

constexpr OptionSpec kNamedProxyFields[] = {
    {"name", Kind::Text},
    {"endpoint", Kind::Text},
    {"timeout", Kind::Duration, "1s"},
    {"http_headers", Kind::TextList},
    {"grpc_metadata", Kind::TextList},
    {"emulated_headers", Kind::TextList},
    {"binary_encoding", Kind::Bool},
    {"include_connection_meta", Kind::Bool},
    {"http", Kind::Object, "", &kProxyCommonHTTP},
    {"grpc", Kind::Object, "", &kProxyCommonGRPC},
};

}  // namespace

const ObjectSpec kNamedProxy{"NamedProxy", kNamedProxyFields};

namespace {

constexpr OptionSpec kHttpAPIFields[] = {
    {"disabled", Kind::Bool}, {"handler_prefix", Kind::Text, "/api"},
    {"key", Kind::Text},      {"error_mode", Kind::Text},
    {"external", Kind::Bool}, {"insecure", Kind::Bool},
};

}  // namespace

const ObjectSpec kHttpAPI{"HttpAPI", kHttpAPIFields};

}  // namespace xshathra::centrifugo::schema
