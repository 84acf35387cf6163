#pragma once

#include "server/auth/secret.h"
#include "server/base/clock.h"
#include "server/engine/namespace_options.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// What a backend can be asked (protocol section 23). Centrifugo OSS has no others over HTTP: `subscribe_stream` speaks
/// gRPC only, and the notices `cache_empty` and `channel state` belong to its PRO edition.
enum class ProxyKind : std::uint8_t {
    Connect,
    Refresh,
    Subscribe,
    SubRefresh,
    Publish,
    Rpc,
    MapPublish,
    MapRemove,
    SharedPollRefresh,
};

/// Centrifugo's word for a kind, as in its options: "connect", "sub_refresh", "map_publish", "shared_poll_refresh".
std::string_view toString(ProxyKind kind);

/// What an HTTP status other than 200 is turned into (`http.status_to_code_transforms`). Of the two the error wins when
/// its code is above 0; when neither code is, the status stays a failure.
struct ProxyStatusTransform {
    int statusCode = 0;
    struct {
        std::uint32_t code = 0;
        std::string message;
        bool temporary = false;
    } toError;
    struct {
        std::uint32_t code = 0;
        std::string reason;
    } toDisconnect;
};

/// The `tls.*` options of something that calls a server. The PEM members hold the text itself: whoever reads a
/// configuration resolves file names and base64.
struct TlsClientOptions {
    /// Off: the system's certificates are trusted and no client certificate is shown.
    bool enabled = false;
    std::string certPem;
    auth::Secret keyPem;
    std::string serverCaPem;
    bool insecureSkipVerify = false;
    /// Name that the certificate must have, and SNI. Empty: the URL's host.
    std::string serverName;
};

/// One proxy: where it is and what it is told. Names and defaults are Centrifugo's; its gRPC options are not acted on.
struct ProxyOptions {
    /// An `http://` or `https://` URL; anything else would mean gRPC and is refused by validate().
    std::string endpoint;
    /// For the whole call.
    Milliseconds timeout{1'000};
    /// Header fields of the client's own request that are passed on. Case doesn't matter.
    std::vector<std::string> httpHeaders;
    /// Names that may be taken from the `headers` map of the connect command, which the client fills as it likes. A
    /// real header field of the same name in httpHeaders wins.
    std::vector<std::string> emulatedHeaders;
    /// Payloads travel as base64 in `b64data` instead of as JSON in `data`.
    bool binaryEncoding = false;
    /// The connection's meta goes along.
    bool includeConnectionMeta = false;
    struct Http {
        TlsClientOptions tls;
        /// Sent with every request; a header of the client's that is passed on wins.
        std::map<std::string, std::string> staticHeaders;
        std::vector<ProxyStatusTransform> statusToCodeTransforms;
    } http;

    /// Faults, each named after `prefix` ("client.proxy.connect.endpoint").
    std::vector<OptionError> validate(std::string_view prefix) const;

    static constexpr Milliseconds kMaxTimeout{600'000};
};

/// `rpc.without_namespace`, or the options of one of `rpc.namespaces`.
struct RpcOptions {
    bool proxyEnabled = false;
    std::string proxyName = "default";

    friend bool operator==(const RpcOptions&, const RpcOptions&) = default;
};

struct RpcNamespace {
    std::string name;
    RpcOptions options;

    friend bool operator==(const RpcNamespace&, const RpcNamespace&) = default;
};

/// All proxies of a project. A default-constructed value has none. Channel namespaces and RPC namespaces refer to the
/// proxies by name: "default" means the one of the kind in `channel` or `rpc`, any other name one of `named`.
struct ProxiesConfig {
    /// `client.proxy.connect` and `client.proxy.refresh`, when enabled.
    std::optional<ProxyOptions> connect;
    std::optional<ProxyOptions> refresh;
    /// `channel.proxy.*`: what "default" means in a channel namespace. One without endpoint doesn't exist.
    struct Channel {
        ProxyOptions subscribe;
        ProxyOptions publish;
        ProxyOptions subRefresh;
        ProxyOptions mapPublish;
        ProxyOptions mapRemove;
        ProxyOptions sharedPollRefresh;
    } channel;
    /// `proxies[]` by their names.
    std::map<std::string, ProxyOptions, std::less<>> named;
    struct Rpc {
        /// `rpc.proxy`: what "default" means in an RPC namespace.
        ProxyOptions proxy;
        RpcOptions withoutNamespace;
        std::vector<RpcNamespace> namespaces;
        std::string namespaceBoundary = ":";
        /// `rpc.ping`: a method that answers with empty data, without any backend.
        struct Ping {
            bool enabled = false;
            std::string method = "ping";
        } ping;
    } rpc;

    /// The proxy of that kind and name (the name means nothing for Connect and Refresh); null when there is none or it
    /// has no endpoint. Lives as long as this object.
    const ProxyOptions* find(ProxyKind kind, std::string_view name) const;
    /// The options for an RPC method by the namespace in its name; null when that namespace isn't configured.
    const RpcOptions* rpcOptions(std::string_view method) const;
    /// Whether any RPC namespace has its proxy enabled.
    bool hasRpcProxy() const;
    /// The names of header fields (lower case, sorted, each once) that any proxy passes on from the client's request.
    std::vector<std::string> forwardedHeaders() const;
    /// Whether any proxy takes names from the connect command's headers.
    bool usesEmulatedHeaders() const;
    /// Every fault of the proxies, and every namespace that refers to one that doesn't exist, by Centrifugo's option
    /// names.
    std::vector<OptionError> validate() const;
};

/// Adds what is wrong with a channel namespace's references to proxies (`subscribe_proxy_name` and the like), each
/// option named after `prefix`.
void validateProxyReferences(const ProxiesConfig& proxies, const ChannelOptions& options, std::string_view prefix,
                             std::vector<OptionError>& errors);

}  // namespace xshathra::engine
