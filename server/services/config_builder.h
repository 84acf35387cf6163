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
    /// them.
    Result<ConfigPtr> load(storage::Connection& connection) const;
    /// `old` with what was touched read again and validated. Errors: `invalid_argument` with the option's name as
    /// field.
    Result<ConfigPtr> rebuild(storage::Connection& connection, const Config& old, const Touched& touched) const;

private:
    Result<void> loadSecrets(storage::Connection& connection, Config& config) const;
    Result<ProjectPtr> loadProject(storage::Connection& connection, std::string_view id, const Config& config,
                                   bool validate) const;
    Result<void> applyDocument(storage::Connection& connection, Project& project, engine::ProjectConfig& engine,
                               engine::ChannelLayout& layout) const;
    void finish(Config& config) const;

    const Vault& vault_;
    const Clock& clock_;
    const BuildOptions options_;
};

}  // namespace xshathra::services
