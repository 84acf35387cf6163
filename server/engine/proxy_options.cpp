#include "server/engine/proxy_options.h"

#include "server/base/ascii.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace xshathra::engine {

namespace {

constexpr std::string_view kDefaultName = "default";

bool isHttpUrl(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (url.substr(0, scheme.size()) == scheme)
            return url.size() > scheme.size();
    }
    return false;
}

/// `^[-a-zA-Z0-9_.]{2,}$`, as names of proxies and namespaces.
bool isName(std::string_view name) {
    return name.size() >= 2 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return std::isalnum(c) || c == '-' || c == '_' || c == '.';
           });
}

template <typename Visit>
void forEachProxy(const ProxiesConfig& config, Visit visit) {
    for (const auto* proxy :
         {config.connect ? &*config.connect : nullptr, config.refresh ? &*config.refresh : nullptr,
          &config.channel.subscribe, &config.channel.publish, &config.channel.subRefresh, &config.channel.mapPublish,
          &config.channel.mapRemove, &config.channel.sharedPollRefresh, &config.rpc.proxy}) {
        if (proxy != nullptr)
            visit(*proxy);
    }
    for (const auto& [name, proxy] : config.named)
        visit(proxy);
}

const ProxyOptions* defaultOf(const ProxiesConfig& config, ProxyKind kind) {
    switch (kind) {
        case ProxyKind::Connect: return config.connect ? &*config.connect : nullptr;
        case ProxyKind::Refresh: return config.refresh ? &*config.refresh : nullptr;
        case ProxyKind::Subscribe: return &config.channel.subscribe;
        case ProxyKind::SubRefresh: return &config.channel.subRefresh;
        case ProxyKind::Publish: return &config.channel.publish;
        case ProxyKind::Rpc: return &config.rpc.proxy;
        case ProxyKind::MapPublish: return &config.channel.mapPublish;
        case ProxyKind::MapRemove: return &config.channel.mapRemove;
        case ProxyKind::SharedPollRefresh: return &config.channel.sharedPollRefresh;
    }
    return nullptr;
}

void checkReference(const ProxiesConfig& proxies, ProxyKind kind, const std::string& name, std::string option,
                    std::vector<OptionError>& errors) {
    if (proxies.find(kind, name) != nullptr)
        return;
    const auto place =
        kind == ProxyKind::Rpc ? std::string("rpc.proxy") : "channel.proxy." + std::string(toString(kind));
    errors.push_back({std::move(option), "\"" + name + "\" names no proxy with an endpoint; allowed are " +
                                             "\"default\" (" + place + ") and the names in proxies."});
}

}  // namespace

std::vector<OptionError> ProxyOptions::validate(std::string_view prefix) const {
    std::vector<OptionError> errors;
    const auto at = [&](const char* option) { return std::string(prefix) + "." + option; };
    if (!isHttpUrl(endpoint))
        errors.push_back({at("endpoint"), endpoint.empty() ? "A proxy needs an endpoint: an http:// or https:// URL."
                                                           : "Allowed is an http:// or https:// URL; proxies over gRPC "
                                                             "are not available."});
    if (timeout.count() <= 0 || timeout > kMaxTimeout)
        errors.push_back(
            {at("timeout"), std::to_string(timeout.count()) + "ms is out of range; allowed are 1ms to ten minutes."});
    const auto checkNames = [&](const std::vector<std::string>& names, const char* option) {
        for (const auto& name : names) {
            if (!isToken(name))
                errors.push_back({at(option), "\"" + name + "\" is not the name of a header field."});
        }
    };
    checkNames(httpHeaders, "http_headers");
    checkNames(emulatedHeaders, "emulated_headers");
    for (const auto& [name, value] : http.staticHeaders) {
        if (!isToken(name))
            errors.push_back({at("http.static_headers"), "\"" + name + "\" is not the name of a header field."});
        else if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
            errors.push_back({at("http.static_headers"), "The value of \"" + name + "\" has a line break in it."});
    }
    for (const auto& transform : http.statusToCodeTransforms) {
        if (transform.statusCode == 0)
            errors.push_back({at("http.status_to_code_transforms"), "status_code is missing."});
        else if (transform.toError.code == 0 && transform.toDisconnect.code == 0)
            errors.push_back(
                {at("http.status_to_code_transforms"), "Status " + std::to_string(transform.statusCode) +
                                                           " needs to_error or to_disconnect with a code above 0."});
        else if (transform.toError.code > 0 && transform.toDisconnect.code > 0)
            errors.push_back({at("http.status_to_code_transforms"),
                              "Status " + std::to_string(transform.statusCode) +
                                  " has both to_error and to_disconnect; allowed is one of them."});
    }
    return errors;
}

const ProxyOptions* ProxiesConfig::find(ProxyKind kind, std::string_view name) const {
    const ProxyOptions* found = nullptr;
    if (kind == ProxyKind::Connect || kind == ProxyKind::Refresh || name.empty() || name == kDefaultName) {
        found = defaultOf(*this, kind);
    } else if (const auto it = named.find(name); it != named.end()) {
        found = &it->second;
    }
    return found != nullptr && !found->endpoint.empty() ? found : nullptr;
}

const RpcOptions* ProxiesConfig::rpcOptions(std::string_view method) const {
    std::string_view nameSpace;
    if (!rpc.namespaceBoundary.empty()) {
        if (const auto at = method.find(rpc.namespaceBoundary); at != std::string_view::npos)
            nameSpace = method.substr(0, at);
    }
    if (nameSpace.empty())
        return &rpc.withoutNamespace;
    const auto found = std::find_if(rpc.namespaces.begin(), rpc.namespaces.end(),
                                    [nameSpace](const auto& candidate) { return candidate.name == nameSpace; });
    return found == rpc.namespaces.end() ? nullptr : &found->options;
}

bool ProxiesConfig::hasRpcProxy() const {
    return rpc.withoutNamespace.proxyEnabled ||
           std::any_of(rpc.namespaces.begin(), rpc.namespaces.end(),
                       [](const auto& candidate) { return candidate.options.proxyEnabled; });
}

std::vector<std::string> ProxiesConfig::forwardedHeaders() const {
    std::set<std::string> names;
    forEachProxy(*this, [&names](const ProxyOptions& proxy) {
        if (proxy.endpoint.empty())
            return;
        for (const auto& name : proxy.httpHeaders)
            names.insert(toLower(name));
    });
    return {names.begin(), names.end()};
}

bool ProxiesConfig::usesEmulatedHeaders() const {
    bool uses = false;
    forEachProxy(*this, [&uses](const ProxyOptions& proxy) {
        uses = uses || (!proxy.endpoint.empty() && !proxy.emulatedHeaders.empty());
    });
    return uses;
}

std::vector<OptionError> ProxiesConfig::validate() const {
    std::vector<OptionError> errors;
    const auto check = [&errors](const ProxyOptions& proxy, const std::string& prefix) {
        auto found = proxy.validate(prefix);
        errors.insert(errors.end(), found.begin(), found.end());
    };
    if (connect)
        check(*connect, "client.proxy.connect");
    if (refresh)
        check(*refresh, "client.proxy.refresh");
    const std::pair<const ProxyOptions*, const char*> defaults[] = {
        {&channel.subscribe, "channel.proxy.subscribe"},
        {&channel.publish, "channel.proxy.publish"},
        {&channel.subRefresh, "channel.proxy.sub_refresh"},
        {&channel.mapPublish, "channel.proxy.map_publish"},
        {&channel.mapRemove, "channel.proxy.map_remove"},
        {&channel.sharedPollRefresh, "channel.proxy.shared_poll_refresh"},
        {&rpc.proxy, "rpc.proxy"},
    };
    for (const auto& [proxy, prefix] : defaults) {
        if (!proxy->endpoint.empty())
            check(*proxy, prefix);
    }
    for (const auto& [name, proxy] : named) {
        if (name == kDefaultName)
            errors.push_back(
                {"proxies.name", "\"default\" is reserved for the proxies of channel.proxy and rpc.proxy."});
        else if (!isName(name))
            errors.push_back({"proxies.name", "\"" + name +
                                                  "\" is no name for a proxy; allowed are two or more of "
                                                  "letters, digits, '-', '_' and '.'."});
        check(proxy, "proxies." + name);
    }
    if (rpc.withoutNamespace.proxyEnabled)
        checkReference(*this, ProxyKind::Rpc, rpc.withoutNamespace.proxyName, "rpc.without_namespace.proxy_name",
                       errors);
    std::set<std::string_view> seen;
    for (const auto& candidate : rpc.namespaces) {
        const auto prefix = "rpc.namespaces." + candidate.name;
        if (!isName(candidate.name))
            errors.push_back({"rpc.namespaces.name", "\"" + candidate.name +
                                                         "\" is no name for a namespace; allowed are two or more of "
                                                         "letters, digits, '-', '_' and '.'."});
        if (!seen.insert(candidate.name).second)
            errors.push_back({"rpc.namespaces.name", "\"" + candidate.name + "\" is there twice."});
        if (candidate.options.proxyEnabled)
            checkReference(*this, ProxyKind::Rpc, candidate.options.proxyName, prefix + ".proxy_name", errors);
    }
    return errors;
}

void validateProxyReferences(const ProxiesConfig& proxies, const ChannelOptions& options, std::string_view prefix,
                             std::vector<OptionError>& errors) {
    const auto at = [&](const char* option) { return std::string(prefix) + "." + option; };
    if (options.subscribeProxyEnabled)
        checkReference(proxies, ProxyKind::Subscribe, options.subscribeProxyName, at("subscribe_proxy_name"), errors);
    if (options.publishProxyEnabled)
        checkReference(proxies, ProxyKind::Publish, options.publishProxyName, at("publish_proxy_name"), errors);
    if (options.subRefreshProxyEnabled)
        checkReference(proxies, ProxyKind::SubRefresh, options.subRefreshProxyName, at("sub_refresh_proxy_name"),
                       errors);
    if (options.map.publishProxyEnabled)
        checkReference(proxies, ProxyKind::MapPublish, options.map.publishProxyName, at("map.publish_proxy_name"),
                       errors);
    if (options.map.removeProxyEnabled)
        checkReference(proxies, ProxyKind::MapRemove, options.map.removeProxyName, at("map.remove_proxy_name"), errors);
    if (options.subscriptionType == SubscriptionType::SharedPoll)
        checkReference(proxies, ProxyKind::SharedPollRefresh, options.sharedPoll.proxyName,
                       at("shared_poll.proxy_name"), errors);
}

}  // namespace xshathra::engine
