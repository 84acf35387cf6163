#pragma once

#include "server/base/result.h"
#include "server/services/config.h"

#include <string>
#include <string_view>

namespace xshathra::services {

/// Whether a project's backend may name this channel: not empty, not longer than a client's channel may be, without
/// control characters, in a namespace that the project has, and not made for another project (`match:{projectId}:...`).
/// Errors: `invalid_argument` or `unknown_namespace` on `field`.
Result<void> checkChannel(const Project& project, std::string_view channel, const std::string& field);

/// A text of a client shown in a message: control characters as `\xNN`, at most 64 bytes.
std::string shown(std::string_view text);

}  // namespace xshathra::services
