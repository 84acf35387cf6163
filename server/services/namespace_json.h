#pragma once

#include "server/base/result.h"
#include "server/engine/namespace_options.h"
#include "server/services/duration_text.h"

#include <string>
#include <string_view>
#include <vector>

namespace xshathra::services {

/// The options as a JSON object with Centrifugo's names (protocol reference section 22), those that differ from the
/// default only. Durations are texts such as "10m" or "1h30m".
std::string toJson(const engine::ChannelOptions& options);

/// Reads such an object; what is absent keeps its default. Errors: `invalid_argument` with the option's name for a
/// wrong type, an unknown name, a bad duration or an unknown word. Ranges are left to ChannelOptions::validate().
Result<engine::ChannelOptions> channelOptionsFromJson(std::string_view json);

/// The names of all options in the order of the reference, `map.mode` form for nested ones.
std::vector<std::string> channelOptionNames();

}  // namespace xshathra::services
