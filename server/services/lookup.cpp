#include "server/services/lookup.h"

#include "server/services/channel_check.h"

#include <string>

namespace xshathra::services {

Unexpected<Error> noProject(std::string_view projectId) {
    return fail("not_found", "There is no project \"" + shown(projectId) + "\".", "projectId");
}

Result<ProjectPtr> servedProject(const Config& config, std::string_view projectId) {
    auto project = config.find(projectId);
    if (!project)
        return noProject(projectId);
    if (!project->fault.empty())
        return fail("unavailable", "The project is not served: " + project->fault, "projectId");
    return project;
}

}  // namespace xshathra::services
