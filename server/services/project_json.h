#pragma once

#include "server/base/result.h"
#include "server/services/config.h"

#include <string>
#include <string_view>

namespace xshathra::services {

/// A project's options as they are stored: a JSON object with Centrifugo's names of the `client` section.
std::string toJson(const ProjectOptions& options);
/// Names that this version doesn't know are passed over. Errors: `invalid_argument`.
Result<ProjectOptions> projectOptionsFromJson(std::string_view json);

}  // namespace xshathra::services
