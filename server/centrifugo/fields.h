#pragma once

#include "server/centrifugo/configuration.h"

#include <type_traits>

/// The one table of options and members. `fields(object, visit)` calls `visit(name, member)` for every option of an
/// object, where a member may itself have fields; objects may be const. Names with dots stand for objects that this
/// program's structures don't have.
namespace xshathra::centrifugo {

template <typename T, typename Base>
concept Same = std::is_same_v<std::remove_const_t<T>, Base>;

/// Base, const where T is.
template <typename Base, typename T>
using PartOf = std::conditional_t<std::is_const_v<T>, const Base, Base>;

template <Same<auth::TokenOptions> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("hmac_secret_key", o.hmacSecretKey);
    visit("hmac_previous_secret_key", o.hmacPreviousSecretKey);
    visit("hmac_previous_secret_key_valid_until", o.hmacPreviousSecretKeyValidUntil);
    visit("rsa_public_key", o.rsaPublicKey);
    visit("ecdsa_public_key", o.ecdsaPublicKey);
    visit("jwks_public_endpoint", o.jwksPublicEndpoint);
    visit("audience", o.audience);
    visit("audience_regex", o.audienceRegex);
    visit("issuer", o.issuer);
    visit("issuer_regex", o.issuerRegex);
    visit("user_id_claim", o.userIdClaim);
    visit("insecure_skip_jwks_endpoint_safety_check", o.insecureSkipJwksEndpointSafetyCheck);
}

template <Same<engine::TlsClientOptions> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("enabled", o.enabled);
    visit("cert_pem", o.certPem);
    visit("key_pem", o.keyPem);
    visit("server_ca_pem", o.serverCaPem);
    visit("insecure_skip_verify", o.insecureSkipVerify);
    visit("server_name", o.serverName);
}

template <Same<engine::ProxyStatusTransform> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("status_code", o.statusCode);
    visit("to_error.code", o.toError.code);
    visit("to_error.message", o.toError.message);
    visit("to_error.temporary", o.toError.temporary);
    visit("to_disconnect.code", o.toDisconnect.code);
    visit("to_disconnect.reason", o.toDisconnect.reason);
}

template <Same<engine::ProxyOptions> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("endpoint", o.endpoint);
    visit("timeout", o.timeout);
    visit("http_headers", o.httpHeaders);
    visit("emulated_headers", o.emulatedHeaders);
    visit("binary_encoding", o.binaryEncoding);
    visit("include_connection_meta", o.includeConnectionMeta);
    visit("http.tls", o.http.tls);
    visit("http.static_headers", o.http.staticHeaders);
    visit("http.status_to_code_transforms", o.http.statusToCodeTransforms);
}

template <Same<SwitchedProxy> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("enabled", o.enabled);
    fields(o.proxy, visit);
}

template <Same<NamedProxy> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("name", o.name);
    fields(o.proxy, visit);
}

template <Same<engine::RpcOptions> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("proxy_enabled", o.proxyEnabled);
    visit("proxy_name", o.proxyName);
}

template <Same<engine::RpcNamespace> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("name", o.name);
    fields(o.options, visit);
}

template <Same<ListenerOptions::Tls> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("enabled", o.enabled);
    visit("cert_pem", o.certPem);
    visit("key_pem", o.keyPem);
}

template <Same<transport::StreamEndpoint> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("enabled", o.enabled);
    visit("handler_prefix", o.path);
    visit("max_request_body_size", o.bodyBytes);
}

template <Same<transport::ConnectFailureResponse> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("code", o.code);
    visit("to.status_code", o.status);
    visit("to.body", o.body);
}

template <Same<transport::UniStreamEndpoint> T, typename Visit>
void fields(T& o, Visit&& visit) {
    fields<PartOf<transport::StreamEndpoint, T>>(o, visit);
    visit("connect_code_to_http_response.enabled", o.connectCodeToHttpResponse.enabled);
    visit("connect_code_to_http_response.transforms", o.connectCodeToHttpResponse.transforms);
}

template <Same<transport::UniWebSocketEndpoint> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("enabled", o.enabled);
    visit("handler_prefix", o.path);
    visit("message_size_limit", o.messageBytes);
    visit("disable_closing_handshake", o.disableClosingHandshake);
    visit("disable_disconnect_push", o.disableDisconnectPush);
    visit("join_push_messages", o.joinPushMessages);
}

template <Same<engine::ClientOptions::UnidirectionalDisconnect> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("code", o.code);
    visit("to.code", o.to.code);
    visit("to.reason", o.to.reason);
}

template <Same<engine::ClientOptions> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("allow_anonymous_connect_without_token", o.allowAnonymousConnectWithoutToken);
    visit("disallow_anonymous_connection_tokens", o.disallowAnonymousConnectionTokens);
    visit("ping_interval", o.pingInterval);
    visit("pong_timeout", o.pongTimeout);
    visit("expired_close_delay", o.expiredCloseDelay);
    visit("expired_sub_close_delay", o.expiredSubCloseDelay);
    visit("channel_limit", o.channelLimit);
    visit("queue_max_size", o.queueMaxSize);
    visit("presence_update_interval", o.presenceUpdateInterval);
    visit("channel_position_check_delay", o.channelPositionCheckDelay);
    visit("connection_limit", o.connectionLimit);
    visit("user_connection_limit", o.userConnectionLimit);
    visit("connect_include_server_time", o.connectIncludeServerTime);
    visit("history_max_publication_limit", o.historyMaxPublicationLimit);
    visit("recovery_max_publication_limit", o.recoveryMaxPublicationLimit);
    visit("connect_code_to_unidirectional_disconnect.transforms", o.connectCodeToUnidirectionalDisconnect);
    visit("user_id_http_header", o.userIdHttpHeader);
    visit("insecure", o.insecure);
    visit("subscribe_to_user_personal_channel.enabled", o.subscribeToUserPersonalChannel.enabled);
    visit("subscribe_to_user_personal_channel.personal_channel_namespace", o.subscribeToUserPersonalChannel.nameSpace);
    visit("subscribe_to_user_personal_channel.single_connection", o.subscribeToUserPersonalChannel.singleConnection);
}

template <Same<engine::SharedPollProjectOptions> T, typename Visit>
void fields(T& o, Visit&& visit) {
    visit("hmac_secret_key", o.hmacSecretKey);
    visit("hmac_previous_secret_key", o.hmacPreviousSecretKey);
    visit("hmac_previous_secret_key_valid_until", o.hmacPreviousSecretKeyValidUntil);
    visit("concurrency_limit", o.concurrencyLimit);
}

/// Which options belong to a project; the others to the server as a whole.
template <Same<Configuration> T, typename Visit>
void projectFields(T& o, Visit&& visit) {
    visit("client", o.client);
    visit("client.connect_code_to_unidirectional_disconnect.enabled", o.unidirectionalDisconnects);
    visit("client.token", o.tokens.token);
    visit("client.subscription_token.enabled", o.tokens.subscriptionTokenEnabled);
    visit("client.subscription_token", o.tokens.subscriptionToken);
    visit("client.insecure_skip_token_signature_verify", o.tokens.insecureSkipTokenSignatureVerify);
    visit("client.proxy.connect", o.connectProxy);
    visit("client.proxy.refresh", o.refreshProxy);
    visit("channel.proxy.subscribe", o.proxies.channel.subscribe);
    visit("channel.proxy.publish", o.proxies.channel.publish);
    visit("channel.proxy.sub_refresh", o.proxies.channel.subRefresh);
    visit("channel.proxy.map_publish", o.proxies.channel.mapPublish);
    visit("channel.proxy.map_remove", o.proxies.channel.mapRemove);
    visit("channel.proxy.shared_poll_refresh", o.proxies.channel.sharedPollRefresh);
    visit("channel.without_namespace", o.channels.withoutNamespace);
    visit("channel.namespaces", o.channels.namespaces);
    visit("channel.history_meta_ttl", o.channels.historyMetaTtl);
    visit("channel.publication_data_format", o.publicationDataFormat);
    visit("channel.max_length", o.channels.maxLength);
    visit("channel.private_prefix", o.channels.privatePrefix);
    visit("channel.namespace_boundary", o.channels.namespaceBoundary);
    visit("channel.user_boundary", o.channels.userBoundary);
    visit("channel.user_separator", o.channels.userSeparator);
    visit("rpc.proxy", o.proxies.rpc.proxy);
    visit("rpc.without_namespace", o.proxies.rpc.withoutNamespace);
    visit("rpc.namespaces", o.proxies.rpc.namespaces);
    visit("rpc.namespace_boundary", o.proxies.rpc.namespaceBoundary);
    visit("rpc.ping.enabled", o.proxies.rpc.ping.enabled);
    visit("rpc.ping.method", o.proxies.rpc.ping.method);
    visit("proxies", o.namedProxies);
    visit("shared_poll", o.sharedPoll);
    visit("http_api.key", o.apiKey);
    visit("http_api.insecure", o.apiInsecure);
    visit("http_api.error_mode", o.apiErrorMode);
}

template <Same<Configuration> T, typename Visit>
void serverFields(T& o, Visit&& visit) {
    visit("http_server.address", o.http.address);
    visit("http_server.port", o.http.port);
    visit("http_server.tls", o.http.tls);
    visit("client.allowed_origins", o.allowedOrigins);
    visit("client.stale_close_delay", o.staleCloseDelay);
    visit("client.connection_rate_limit", o.connectionRateLimit);
    visit("http_api.disabled", o.apiRoutes.disabled);
    visit("http_api.handler_prefix", o.apiRoutes.prefix);
    visit("websocket.disabled", o.webSocketDisabled);
    visit("websocket.handler_prefix", o.endpoints.webSocket.path);
    visit("websocket.message_size_limit", o.endpoints.webSocket.messageBytes);
    visit("websocket.write_timeout", o.writeTimeout);
    visit("http_stream", o.endpoints.httpStream);
    visit("sse", o.endpoints.sse);
    visit("emulation.handler_prefix", o.endpoints.emulation.path);
    visit("emulation.max_request_body_size", o.endpoints.emulation.bodyBytes);
    visit("uni_websocket", o.endpoints.uniWebSocket);
    visit("uni_sse", o.endpoints.uniSse);
    visit("uni_http_stream", o.endpoints.uniHttpStream);
    visit("init.enabled", o.endpoints.init.enabled);
    visit("init.handler_prefix", o.endpoints.init.path);
    visit("health.enabled", o.healthEnabled);
    visit("health.handler_prefix", o.healthPath);
    visit("log.level", o.logLevel);
}

template <Same<Configuration> T, typename Visit>
void fields(T& o, Visit&& visit) {
    projectFields(o, visit);
    serverFields(o, visit);
}

}  // namespace xshathra::centrifugo
