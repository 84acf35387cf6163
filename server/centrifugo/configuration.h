#pragma once

#include "server/auth/token_options.h"
#include "server/centrifugo/document.h"
#include "server/engine/project_config.h"
#include "server/services/server_api_access.h"
#include "server/transport/endpoints.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::centrifugo {

/// A proxy that has a switch of its own: `client.proxy.connect`, `client.proxy.refresh`.
struct SwitchedProxy {
    bool enabled = false;
    engine::ProxyOptions proxy;
};

/// One of `proxies`.
struct NamedProxy {
    std::string name;
    engine::ProxyOptions proxy;
};

/// `http_server`, as far as it is acted on.
struct ListenerOptions {
    /// Empty: this machine alone (Centrifugo: all interfaces).
    std::string address;
    std::uint16_t port = 8000;
    struct Tls {
        bool enabled = false;
        /// PEM text, the same in base64, or a file's path.
        std::string certPem;
        auth::Secret keyPem;
    } tls;
};

/// What a configuration means to this program: every option that is acted on has its member here, with Centrifugo's
/// default. The table that connects both, in both directions, is in fields.h.
struct Configuration {
    // Of the project.
    engine::ClientOptions client;
    /// Switches `client.connectCodeToUnidirectionalDisconnect` on.
    bool unidirectionalDisconnects = false;
    auth::ClientTokenOptions tokens;
    SwitchedProxy connectProxy;
    SwitchedProxy refreshProxy;
    /// Without connect, refresh and named, which are beside it.
    engine::ProxiesConfig proxies;
    std::vector<NamedProxy> namedProxies;
    /// Namespaces have their own publication_data_format only.
    engine::ChannelLayout channels;
    /// `channel.publication_data_format`: of namespaces that have none.
    engine::DataFormat publicationDataFormat = engine::DataFormat::Any;
    engine::SharedPollProjectOptions sharedPoll;
    /// `http_api.key`
    auth::Secret apiKey;
    bool apiInsecure = false;
    /// `http_api.error_mode`: empty or "transport".
    std::string apiErrorMode;

    // Of the server.
    ListenerOptions http;
    std::vector<std::string> allowedOrigins;
    Milliseconds staleCloseDelay{10'000};
    /// New connections a second; 0: no limit.
    std::size_t connectionRateLimit = 0;
    services::ServerApiRoutes apiRoutes;
    /// `websocket.disabled`, the other way round from all others.
    bool webSocketDisabled = false;
    transport::EndpointOptions endpoints = transport::EndpointOptions::centrifugo();
    Milliseconds writeTimeout{1'000};
    bool healthEnabled = false;
    std::string healthPath = "/health";
    std::string logLevel = "info";

    /// The options of clients as the engine takes them.
    engine::ClientOptions clientForEngine() const;
    /// All proxies as the engine takes them, PEM texts read from their files.
    engine::ProxiesConfig proxiesForEngine() const;
    /// The channels as the engine takes them.
    engine::ChannelLayout layoutForEngine() const;

    /// Reads a document's options. What can't be read, and what is out of bounds, is added to `faults`, each with its
    /// place. `${CENTRIFUGO_VAR_...}` in objects of texts is replaced by `variables`.
    static Configuration read(const Value& options, const Environment& variables, std::vector<Fault>& faults);
    /// Adds what is out of bounds or does not fit together, as Centrifugo's own check does; `options` gives the places.
    void validate(const Value& options, std::vector<Fault>& faults) const;
    /// The options that differ from the default, as a document has them.
    Value write() const;
};

/// The paths of all options that a Configuration holds, with `[]` for the elements of lists.
std::vector<std::string> actedOnPaths();
/// Those of them that the server has once, so that they don't act where the configuration is one project among others.
std::vector<std::string> serverPaths();

/// A PEM text from one of Centrifugo's three forms: itself, base64 of it, or a file's path. Errors: `invalid_config`.
Result<std::string> loadPem(std::string_view value);

}  // namespace xshathra::centrifugo
