#pragma once

#include "server/base/string_map.h"
#include "server/engine/namespace_options.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// Everything that decides what a channel name means (protocol section 17).
struct ChannelLayout {
    /// Options of channels whose name has no namespace (`channel.without_namespace`).
    ChannelOptions withoutNamespace;
    std::vector<NamespaceOptions> namespaces;
    Milliseconds historyMetaTtl = ChannelOptions::kDefaultHistoryMetaTtl;
    /// Bytes that a client's channel may have.
    std::size_t maxLength = 255;
    /// Prefix of channels that need a subscription token. Empty: there are none.
    std::string privatePrefix = "$";
    std::string namespaceBoundary = ":";
    std::string userBoundary = "#";
    std::string userSeparator = ",";

    /// The faults of all options, each named `channel.without_namespace.history_ttl` or
    /// `channel.namespaces.chat.history_ttl`.
    std::vector<OptionError> validate() const;

    friend bool operator==(const ChannelLayout&, const ChannelLayout&) = default;
};

/// Whether `name` is one that a namespace may have: `^[-a-zA-Z0-9_.]{2,}$`.
bool isNamespaceName(std::string_view name);

class CompiledNamespace;

/// What a channel name resolves to. Views point into the name that was resolved; options live as long as the registry.
struct ResolvedChannel {
    /// Null when the channel's namespace isn't configured (error 102).
    const CompiledNamespace* ns = nullptr;
    std::string_view namespaceName;
    /// The name without private prefix, namespace and boundary.
    std::string_view rest;
    /// Starts with the private prefix: needs a subscription token.
    bool isPrivate = false;

    const ChannelOptions& options() const;
};

/// The channel layout of a project, precompiled for look-ups. Immutable and thread-safe; built once for each
/// configuration.
class NamespaceRegistry {
public:
    /// `layout` should have passed validate(); a channel_regex that doesn't compile matches nothing.
    explicit NamespaceRegistry(ChannelLayout layout);
    ~NamespaceRegistry();
    NamespaceRegistry(const NamespaceRegistry&) = delete;
    NamespaceRegistry& operator=(const NamespaceRegistry&) = delete;

    const ChannelLayout& layout() const { return layout_; }
    ResolvedChannel resolve(std::string_view channel) const;
    /// Whether a client may use that name: the regex of the namespace, else ASCII without control characters.
    bool isValidName(std::string_view channel, const ResolvedChannel& resolved) const;
    /// Whether the channel names the users that may subscribe (`dialog#42,43`).
    bool isUserLimited(std::string_view channel, const ResolvedChannel& resolved) const;
    /// Whether `user` is among them.
    bool isUserAllowed(std::string_view channel, std::string_view user) const;
    /// `#user` or `namespace:#user`.
    std::string personalChannel(std::string_view nameSpace, std::string_view user) const;
    Milliseconds historyMetaTtl(const ChannelOptions& options) const;

private:
    ChannelLayout layout_;
    std::unique_ptr<CompiledNamespace> withoutNamespace_;
    StringMap<std::unique_ptr<CompiledNamespace>> namespaces_;
};

}  // namespace xshathra::engine
