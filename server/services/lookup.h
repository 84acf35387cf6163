#pragma once

#include "server/base/result.h"
#include "server/services/config.h"

#include <string_view>

namespace xshathra::services {

/// The error for a project that isn't there: `not_found` on `projectId`.
Unexpected<Error> noProject(std::string_view projectId);

/// The project with that id, which must be in the engine. Errors on `projectId`: `not_found`, and `unavailable` where
/// it is not served, with its Project::fault.
Result<ProjectPtr> servedProject(const Config& config, std::string_view projectId);

}  // namespace xshathra::services
