#include "server/centrifugo/configuration.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace xshathra::centrifugo {

namespace {

/// Turns the names that the engine's checks use into paths of the file, and finds their places.
class Judge {
public:
    Judge(const Value& options, std::vector<Fault>& faults) : options_(options), faults_(faults) {}

    void add(const std::vector<engine::OptionError>& errors) {
        for (const auto& error : errors)
            add(error.option, error.message);
    }

    void add(const std::string& name, const std::string& message) {
        const auto path = pathOf(name);
        const auto* value = nearest(path);
        faults_.push_back(
            {path, value == nullptr ? 0 : value->line(), value == nullptr ? std::string() : value->origin(), message});
    }

private:
    /// `channel.namespaces.chat.history_ttl` is `channel.namespaces[1].history_ttl` in the file.
    std::string pathOf(const std::string& name) const {
        for (const std::string list : {"channel.namespaces", "rpc.namespaces", "proxies"}) {
            if (!name.starts_with(list + "."))
                continue;
            const auto* items = options_.at(list);
            if (items == nullptr || items->list() == nullptr)
                return name;
            const auto rest = name.substr(list.size() + 1);
            for (std::size_t i = 0; i < items->list()->size(); ++i) {
                const auto* itemName = (*items->list())[i].find("name");
                if (itemName != nullptr && itemName->text() != nullptr && rest.starts_with(*itemName->text() + "."))
                    return list + "[" + std::to_string(i) + "]" + rest.substr(itemName->text()->size());
            }
        }
        return name;
    }

    /// What stands at the path, or at the nearest object around it.
    const Value* nearest(std::string path) const {
        while (true) {
            if (const auto* value = options_.at(path);
                value != nullptr && (value->line() != 0 || !value->origin().empty()))
                return value;
            const auto dot = path.rfind('.');
            if (dot == std::string::npos)
                return nullptr;
            path.resize(dot);
        }
    }

    const Value& options_;
    std::vector<Fault>& faults_;
};

constexpr std::array<std::string_view, 8> kLogLevels{"none", "trace", "debug", "info", "warn", "error", "fatal", ""};

/// Without spaces and what would end a path in a URL.
bool isPath(std::string_view text) {
    return text.starts_with('/') && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '?' || c == '#';
           });
}

/// Paths of the API, of health and of the connections' endpoints: all on one port, so no two may be the same.
void checkPaths(const Configuration& configuration, Judge& judge) {
    auto endpoints = configuration.endpoints;
    endpoints.webSocket.enabled = !configuration.webSocketDisabled;
    bool sound = true;
    const auto refuse = [&](const std::string& option, const std::string& message) {
        judge.add(option, message);
        sound = false;
    };
    if (const auto checked = endpoints.validate(); !checked)
        refuse(checked.error().field, checked.error().message);
    const auto pathOf = [&](const std::string& option, const std::string& path) {
        if (!isPath(path))
            refuse(option,
                   "\"" + path + "\" is no path; it must start with a slash and hold neither spaces nor ? or #.");
    };
    pathOf("health.handler_prefix", configuration.healthPath);
    if (!configuration.apiRoutes.prefix.empty())
        pathOf("http_api.handler_prefix", configuration.apiRoutes.prefix);
    if (!sound)
        return;
    std::map<std::string, std::string> taken;
    const auto take = [&](const std::string& path, const std::string& who, const std::string& option) {
        const auto [other, free] = taken.emplace(path, who);
        if (!free)
            judge.add(option, who + " and " + other->second + " have the same path " + path + ".");
    };
    if (!configuration.apiRoutes.disabled) {
        auto prefix = configuration.apiRoutes.prefix;
        while (prefix.ends_with('/'))
            prefix.pop_back();
        take(prefix.empty() ? "/" : prefix, "http_api", "http_api.handler_prefix");
        for (const auto segment : services::kServerApiSegments)
            take(prefix + "/" + std::string(segment), "http_api", "http_api.handler_prefix");
    }
    for (const auto& [name, path] : endpoints.served())
        take(path, name, name + ".handler_prefix");
    if (configuration.healthEnabled)
        take(configuration.healthPath, "health", "health.handler_prefix");
}

/// What makes no verifier of the tokens' options.
void checkTokens(const auth::TokenOptions& tokens, std::string_view prefix, Judge& judge) {
    const auto made = auth::makeVerifierOptions(tokens, prefix);
    if (made)
        return;
    const auto& error = made.error();
    // The option's name stands before the message of a fault anyway.
    const auto name = error.field + " ";
    judge.add(error.field, error.message.starts_with(name) ? error.message.substr(name.size()) : error.message);
}

}  // namespace

void Configuration::validate(const Value& options, std::vector<Fault>& faults) const {
    Judge judge(options, faults);
    judge.add(client.validate());
    const auto layout = layoutForEngine();
    judge.add(layout.validate());
    const auto allProxies = proxiesForEngine();
    judge.add(allProxies.validate());
    std::vector<engine::OptionError> references;
    engine::validateProxyReferences(allProxies, layout.withoutNamespace, "channel.without_namespace", references);
    for (const auto& ns : layout.namespaces)
        engine::validateProxyReferences(allProxies, ns.options, "channel.namespaces." + ns.name, references);
    judge.add(references);
    std::set<std::string_view> names;
    for (const auto& proxy : namedProxies) {
        if (!names.insert(proxy.name).second)
            judge.add("proxies." + proxy.name + ".name", "\"" + proxy.name + "\" occurs twice; names must be unique.");
    }
    const auto& personal = client.subscribeToUserPersonalChannel;
    if (personal.enabled) {
        const auto* target = personal.nameSpace.empty() ? &layout.withoutNamespace : nullptr;
        for (const auto& ns : layout.namespaces) {
            if (ns.name == personal.nameSpace)
                target = &ns.options;
        }
        if (target == nullptr)
            judge.add("client.subscribe_to_user_personal_channel.personal_channel_namespace",
                      "there is no namespace \"" + personal.nameSpace + "\".");
        else if (personal.singleConnection && !target->presence)
            judge.add("client.subscribe_to_user_personal_channel.single_connection",
                      "needs presence in the namespace of the personal channels.");
    }
    checkPaths(*this, judge);
    checkTokens(tokens.token, "client.token", judge);
    if (tokens.subscriptionTokenEnabled)
        checkTokens(tokens.subscriptionToken, "client.subscription_token", judge);
    if (!apiErrorMode.empty() && apiErrorMode != "transport")
        judge.add("http_api.error_mode",
                  "\"" + apiErrorMode + "\" is not allowed; allowed are \"\" and \"transport\".");
    if (std::find(kLogLevels.begin(), kLogLevels.end(), logLevel) == kLogLevels.end())
        judge.add("log.level",
                  "\"" + logLevel + "\" is not allowed; allowed are none, trace, debug, info, warn and error.");
    if (http.tls.enabled) {
        if (const auto certificate = loadPem(http.tls.certPem); !certificate)
            judge.add("http_server.tls.cert_pem", certificate.error().message);
        if (const auto key = loadPem(http.tls.keyPem.expose()); !key)
            judge.add("http_server.tls.key_pem", key.error().message);
    }
}

}  // namespace xshathra::centrifugo
