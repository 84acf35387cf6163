#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/engine/project_config.h"
#include "server/services/config.h"

#include <string>
#include <string_view>

namespace xshathra::services {

/// Reads the document that a project was imported from. The services keep it sealed and don't know what stands in it.
/// Thread-safe.
class ProjectDocuments {
public:
    virtual ~ProjectDocuments() = default;

    /// Applies a document to a project that is being built: everything but the namespaces, which have rows of their own
    /// and already stand in `layout`. Errors: `invalid_config`; what has been changed by then is not used.
    virtual Result<void> apply(std::string_view document, Project& project, engine::ProjectConfig& engine,
                               engine::ChannelLayout& layout) const = 0;
};

/// How snapshots are built.
struct BuildOptions {
    /// Must outlive the services. Null: documents are passed over.
    const ProjectDocuments* documents = nullptr;
    /// The oldest project is the one of connections that name none, see engine::EngineConfig::defaultProject.
    bool firstIsDefault = false;
    /// See engine::EngineConfig.
    Milliseconds staleCloseDelay{10'000};
};

/// What a document's sealed bytes are bound to, and the name of the stored secret.
std::string documentRecord(std::string_view projectId);

}  // namespace xshathra::services
