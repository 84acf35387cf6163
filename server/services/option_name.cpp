#include "server/services/option_name.h"

namespace xshathra::services {

namespace {

constexpr std::string_view kWithout = "channel.without_namespace.";
constexpr std::string_view kNamespaces = "channel.namespaces.";

}  // namespace

OptionName splitOptionName(std::string_view whole, const engine::ChannelLayout& layout) {
    if (whole.starts_with(kWithout))
        return {{}, whole.substr(kWithout.size())};
    OptionName found{{}, whole};
    if (!whole.starts_with(kNamespaces))
        return found;
    const auto rest = whole.substr(kNamespaces.size());
    for (const auto& ns : layout.namespaces) {
        const auto length = ns.name.size();
        if (length >= found.nameSpace.size() && rest.size() > length && rest.starts_with(ns.name) &&
            rest[length] == '.')
            found = {rest.substr(0, length), rest.substr(length + 1)};
    }
    return found;
}

}  // namespace xshathra::services
