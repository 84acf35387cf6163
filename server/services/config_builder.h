#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/services/config.h"
#include "server/services/project_document.h"
#include "server/services/vault.h"
#include "server/storage/connection.h"

#include <string>
#include <vector>

namespace xshathra::services {

/// What a change touched, so that only that is read again.
struct Touched {
    std::vector<std::string> projects;
    /// The engine secret: everything is built anew.
    bool secrets = false;
    /// Nothing that could be wrong was changed: the projects are taken as they are stored, as at the start.
    bool asStored = false;
};

/// Names of stored secrets.
inline constexpr std::string_view kEngineSecret = "engine";
inline constexpr std::string_view kPreviousEngineSecret = "engine.previous";

/// Makes snapshots from stored rows. On the storage thread.
class ConfigBuilder {
public:
    ConfigBuilder(const Vault& vault, const Clock& clock, BuildOptions options = {})
        : vault_(vault), clock_(clock), options_(options) {}

    /// A snapshot of everything. Stored options are taken as they are, also where this version would no longer accept
    /// them. A project that can't be built is in it with its Project::fault.
    Result<ConfigPtr> load(storage::Connection& connection) const;
    /// `old` with what was touched read again and, unless it is as stored, validated; faults that a project or its
    /// options had before they may keep. Errors: `invalid_argument` or `invalid_config` with the option's name as
    /// field; `duplicate` on `http_api.key` where a project that comes into force has the server API key of another.
    Result<ConfigPtr> rebuild(storage::Connection& connection, const Config& old, const Touched& touched) const;

private:
    Result<void> loadSecrets(storage::Connection& connection, Config& config) const;
    struct StoredProject;
    Result<StoredProject> readProject(storage::Connection& connection, std::string_view id) const;
    /// `before`: the project in the old snapshot, or null.
    Result<ProjectPtr> loadProject(storage::Connection& connection, std::string_view id, const Config& config,
                                   bool validate, const Project* before) const;
    Result<void> interpret(const StoredProject& stored, Project& project, engine::ProjectConfig& engine,
                           engine::ChannelLayout& layout) const;
    /// `old` null: at the start, where nothing is refused.
    Result<void> finish(Config& config, const Config* old) const;

    const Vault& vault_;
    const Clock& clock_;
    const BuildOptions options_;
};

}  // namespace xshathra::services
