#pragma once

#include "server/base/result.h"
#include "server/services/config.h"

#include <QFuture>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::services {

class ConfigStore;
class ConfigWriter;

/// Namespaces that one project may have.
inline constexpr std::size_t kMaxNamespaces = 200;
/// Bytes of a namespace's name.
inline constexpr std::size_t kMaxNamespaceNameLength = 64;

/// The namespaces of a new project: `public` and `lobby` for anybody, `chat` and `match` with a subscription token,
/// history and recovery.
std::vector<engine::NamespaceOptions> defaultNamespaces();

/// The namespaces of projects. Futures as in ProjectService. Errors: `not_found` on `projectId` or `name`, `duplicate`
/// on `name`, `invalid_argument` on the option's Centrifugo name (`history_ttl`) with what was found and what is
/// allowed. Any thread.
class NamespaceService {
public:
    NamespaceService(ConfigStore& store, ConfigWriter& writer) : store_(store), writer_(writer) {}

    /// In the order of the console's list. Empty for an unknown project.
    std::vector<engine::NamespaceOptions> list(std::string_view projectId) const;
    /// Every fault of the options for the fields of a form, none when they can be stored. `oldName` empty: as a new
    /// namespace.
    std::vector<Error> validate(std::string_view projectId, const engine::NamespaceOptions& options,
                                std::string_view oldName = {}) const;
    QFuture<Result<ProjectPtr>> add(std::string projectId, engine::NamespaceOptions options);
    /// Replaces the options of `name`; another name in `options` renames it.
    QFuture<Result<ProjectPtr>> update(std::string projectId, std::string name, engine::NamespaceOptions options);
    /// Options of channels without a namespace.
    QFuture<Result<ProjectPtr>> updateWithoutNamespace(std::string projectId, engine::ChannelOptions options);
    QFuture<Result<ProjectPtr>> remove(std::string projectId, std::string name);

private:
    ConfigStore& store_;
    ConfigWriter& writer_;
};

}  // namespace xshathra::services
