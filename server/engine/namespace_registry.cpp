#include "server/engine/namespace_registry.h"

#include "server/engine/channel_pattern.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace xshathra::engine {

/// The options of a namespace with what is derived from them.
class CompiledNamespace {
public:
    explicit CompiledNamespace(ChannelOptions channelOptions)
        : options(std::move(channelOptions)), pattern(options.channelRegex) {}

    const ChannelOptions options;
    const ChannelPattern pattern;
};

namespace {

void append(std::vector<OptionError>& all, const std::string& prefix, std::vector<OptionError> some) {
    for (auto& error : some)
        all.push_back({prefix + error.option, std::move(error.message)});
}

/// A presence prefix must lead to a namespace of the matching map type, or publishing there would fail at run time
/// only.
void checkPresencePrefix(std::vector<OptionError>& errors, const ChannelLayout& layout, const std::string& option,
                         const std::string& prefix, SubscriptionType type) {
    if (prefix.empty())
        return;
    const auto boundary = layout.namespaceBoundary.empty() ? std::string::npos : prefix.find(layout.namespaceBoundary);
    const ChannelOptions* target = &layout.withoutNamespace;
    std::string name;
    if (boundary != std::string::npos) {
        name = prefix.substr(0, boundary);
        const auto found = std::find_if(layout.namespaces.begin(), layout.namespaces.end(),
                                        [&name](const auto& ns) { return ns.name == name; });
        if (found == layout.namespaces.end()) {
            errors.push_back({option, "\"" + prefix + "\" leads to namespace \"" + name + "\", which does not exist."});
            return;
        }
        target = &found->options;
    }
    if (target->subscriptionType != type)
        errors.push_back({option, "\"" + prefix + "\" must lead to a namespace whose subscription_type is \"" +
                                      std::string(toString(type)) + "\"; it is \"" +
                                      std::string(toString(target->subscriptionType)) + "\"."});
}

}  // namespace

bool isNamespaceName(std::string_view name) {
    return name.size() >= 2 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.');
           });
}

std::vector<OptionError> ChannelLayout::validate() const {
    std::vector<OptionError> errors;
    if (historyMetaTtl.count() <= 0 || historyMetaTtl > ChannelOptions::kMaxDuration)
        errors.push_back({"channel.history_meta_ttl", "must be above 0 and at most ten years."});
    if (maxLength < 1 || maxLength > 255)
        errors.push_back(
            {"channel.max_length", std::to_string(maxLength) + " is out of range; allowed are 1 to 255 bytes."});
    const auto checkAll = [&](const std::string& prefix, const ChannelOptions& options) {
        append(errors, prefix, options.validate(historyMetaTtl));
        checkPresencePrefix(errors, *this, prefix + "map_clients_presence_channel_prefix",
                            options.mapClientsPresenceChannelPrefix, SubscriptionType::MapClients);
        checkPresencePrefix(errors, *this, prefix + "map_users_presence_channel_prefix",
                            options.mapUsersPresenceChannelPrefix, SubscriptionType::MapUsers);
    };
    checkAll("channel.without_namespace.", withoutNamespace);
    for (std::size_t i = 0; i < namespaces.size(); ++i) {
        const auto& ns = namespaces[i];
        if (!isNamespaceName(ns.name))
            errors.push_back(
                {"channel.namespaces.name", "\"" + ns.name +
                                                "\" is not a namespace name; allowed are two or more of A-Z, a-z, 0-9, "
                                                "dash, underscore and dot."});
        for (std::size_t j = 0; j < i; ++j) {
            if (namespaces[j].name == ns.name)
                errors.push_back(
                    {"channel.namespaces.name", "\"" + ns.name + "\" occurs twice; names must be unique."});
        }
        checkAll("channel.namespaces." + ns.name + ".", ns.options);
    }
    return errors;
}

const ChannelOptions& ResolvedChannel::options() const {
    static const ChannelOptions none;
    return ns != nullptr ? ns->options : none;
}

NamespaceRegistry::NamespaceRegistry(ChannelLayout layout)
    : layout_(std::move(layout)), withoutNamespace_(std::make_unique<CompiledNamespace>(layout_.withoutNamespace)) {
    for (const auto& ns : layout_.namespaces)
        namespaces_.emplace(ns.name, std::make_unique<CompiledNamespace>(ns.options));
}

NamespaceRegistry::~NamespaceRegistry() = default;

ResolvedChannel NamespaceRegistry::resolve(std::string_view channel) const {
    ResolvedChannel resolved;
    auto name = channel;
    if (!layout_.privatePrefix.empty() && name.substr(0, layout_.privatePrefix.size()) == layout_.privatePrefix) {
        resolved.isPrivate = true;
        name.remove_prefix(layout_.privatePrefix.size());
    }
    const auto boundary =
        layout_.namespaceBoundary.empty() ? std::string_view::npos : name.find(layout_.namespaceBoundary);
    if (boundary == std::string_view::npos) {
        resolved.ns = withoutNamespace_.get();
        resolved.rest = name;
        return resolved;
    }
    resolved.namespaceName = name.substr(0, boundary);
    resolved.rest = name.substr(boundary + layout_.namespaceBoundary.size());
    // As in Centrifugo, a name that begins with the boundary has no namespace.
    if (resolved.namespaceName.empty()) {
        resolved.ns = withoutNamespace_.get();
        return resolved;
    }
    const auto found = namespaces_.find(resolved.namespaceName);
    if (found != namespaces_.end())
        resolved.ns = found->second.get();
    return resolved;
}

bool NamespaceRegistry::isValidName(std::string_view channel, const ResolvedChannel& resolved) const {
    const auto isControl = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (std::any_of(channel.begin(), channel.end(), isControl))
        return false;
    if (resolved.ns != nullptr && !resolved.ns->options.channelRegex.empty())
        return resolved.ns->pattern.matches(resolved.rest);
    return std::all_of(channel.begin(), channel.end(), [](unsigned char c) { return c < 0x80; });
}

bool NamespaceRegistry::isUserLimited(std::string_view channel, const ResolvedChannel& resolved) const {
    return resolved.options().allowUserLimitedChannels && !layout_.userBoundary.empty() &&
           channel.find(layout_.userBoundary) != std::string_view::npos;
}

bool NamespaceRegistry::isUserAllowed(std::string_view channel, std::string_view user) const {
    const auto boundary = channel.rfind(layout_.userBoundary);
    if (layout_.userBoundary.empty() || boundary == std::string_view::npos)
        return false;
    auto users = channel.substr(boundary + layout_.userBoundary.size());
    if (layout_.userSeparator.empty())
        return users == user;
    for (;;) {
        const auto end = users.find(layout_.userSeparator);
        if (users.substr(0, end) == user)
            return true;
        if (end == std::string_view::npos)
            return false;
        users.remove_prefix(end + layout_.userSeparator.size());
    }
}

std::string NamespaceRegistry::personalChannel(std::string_view nameSpace, std::string_view user) const {
    std::string channel;
    if (!nameSpace.empty())
        channel.append(nameSpace).append(layout_.namespaceBoundary);
    return channel.append(layout_.userBoundary).append(user);
}

Milliseconds NamespaceRegistry::historyMetaTtl(const ChannelOptions& options) const {
    return options.historyMetaTtl.count() > 0 ? options.historyMetaTtl : layout_.historyMetaTtl;
}

}  // namespace xshathra::engine
