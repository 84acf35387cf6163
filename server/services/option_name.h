#pragma once

#include "server/engine/namespace_registry.h"

#include <string_view>

namespace xshathra::services {

/// An option as engine::ChannelLayout::validate() names it, taken apart.
struct OptionName {
    /// Empty for channels without one, and for options of the layout itself.
    std::string_view nameSpace;
    /// `history_ttl`; whole (`channel.max_length`) where it is the layout's.
    std::string_view option;
};

/// `whole` must outlive the result. Names of namespaces may hold dots; the longest that fits is the one.
OptionName splitOptionName(std::string_view whole, const engine::ChannelLayout& layout);

}  // namespace xshathra::services
