#include "server/services/namespace_service.h"

#include "server/engine/proxy_options.h"
#include "server/services/config_store.h"
#include "server/services/config_writer.h"
#include "server/services/lookup.h"
#include "server/services/namespace_json.h"
#include "server/services/option_name.h"
#include "server/storage/tables.h"

#include <algorithm>
#include <utility>

namespace xshathra::services {

namespace {

Unexpected<Error> noNamespace(std::string_view name) {
    return fail("not_found", "The project has no namespace \"" + std::string(name) + "\".", "name");
}

Error duplicate(std::string_view name) {
    return {"duplicate", "The project already has a namespace \"" + std::string(name) + "\"; choose another name.",
            "name"};
}

std::vector<Error> nameFaults(std::string_view name) {
    if (name.size() > kMaxNamespaceNameLength)
        return {{"invalid_argument",
                 "The namespace's name has " + std::to_string(name.size()) + " characters; allowed are 2 to " +
                     std::to_string(kMaxNamespaceNameLength) + ".",
                 "name"}};
    if (!engine::isNamespaceName(name))
        return {{"invalid_argument",
                 "The namespace's name \"" + std::string(name) +
                     "\" is not allowed; use 2 or more letters A-Z and a-z, digits, '-', '_' or '.'.",
                 "name"}};
    return {};
}

/// Where options refer to proxies that the project doesn't have: they come with a Centrifugo configuration alone.
std::vector<Error> proxyFaults(const Project& project, const engine::ChannelOptions& options) {
    std::vector<engine::OptionError> references;
    engine::validateProxyReferences(project.engine->proxies, options, {}, references);
    std::vector<Error> faults;
    for (const auto& reference : references) {
        // Behind the dot that follows the empty prefix.
        auto field = reference.option.substr(1);
        if (project.imported) {
            faults.push_back({"invalid_argument", field + ": " + reference.message, field});
            continue;
        }
        if (field == "shared_poll.proxy_name")
            field = "subscription_type";
        else
            field.replace(field.rfind("_name"), std::string::npos, "_enabled");
        faults.push_back({"invalid_argument",
                          field + ": needs a proxy to your backend, and this project has none: proxies come with a "
                                  "Centrifugo configuration (xshathra project import FILE). Choose another value.",
                          field});
    }
    return faults;
}

/// The faults that a layout has in the options of one namespace, or of channels without one where `name` is empty.
std::vector<Error> optionFaults(const Project& project, const engine::ChannelLayout& layout, std::string_view name,
                                const engine::ChannelOptions& options) {
    std::vector<Error> faults;
    for (const auto& fault : layout.validate()) {
        const auto [owner, option] = splitOptionName(fault.option, layout);
        if (owner == name && option != fault.option)
            faults.push_back({"invalid_argument", std::string(option) + ": " + fault.message, std::string(option)});
    }
    for (auto& fault : proxyFaults(project, options))
        faults.push_back(std::move(fault));
    return faults;
}

/// The row of a namespace that must exist, in a project in force.
Result<storage::NamespaceRow> rowOf(storage::Connection& connection, const ConfigStore& store,
                                    const std::string& projectId, const std::string& name) {
    if (!store.current()->find(projectId))
        return noProject(projectId);
    auto rows = storage::NamespaceTable(connection).list(projectId);
    if (!rows)
        return Unexpected<Error>(rows.error());
    const auto row =
        std::find_if(rows->begin(), rows->end(), [&name](const auto& candidate) { return candidate.name == name; });
    if (row == rows->end())
        return noNamespace(name);
    return std::move(*row);
}

}  // namespace

std::vector<engine::NamespaceOptions> defaultNamespaces() {
    engine::ChannelOptions open;
    open.presence = true;
    open.joinLeave = true;
    open.allowSubscribeForClient = true;
    open.allowSubscribeForAnonymous = true;
    open.allowPublishForSubscriber = true;
    open.allowPresenceForSubscriber = true;
    open.allowPresenceForAnonymous = true;

    auto lobby = open;
    lobby.allowSubscribeForAnonymous = false;
    lobby.allowPublishForSubscriber = false;
    lobby.allowPresenceForAnonymous = false;

    engine::ChannelOptions room;
    room.presence = true;
    room.joinLeave = true;
    room.historySize = 300;
    room.historyTtl = std::chrono::minutes(10);
    room.forceRecovery = true;
    room.allowPublishForSubscriber = true;
    room.allowPresenceForSubscriber = true;
    room.allowHistoryForSubscriber = true;

    auto match = room;
    match.historySize = 100;
    match.historyTtl = std::chrono::seconds(60);
    return {{"public", open}, {"chat", room}, {"match", match}, {"lobby", lobby}};
}

std::vector<engine::NamespaceOptions> NamespaceService::list(std::string_view projectId) const {
    const auto project = store_.current()->find(projectId);
    return project ? project->namespaces : std::vector<engine::NamespaceOptions>();
}

std::vector<Error> NamespaceService::validate(std::string_view projectId, const engine::NamespaceOptions& options,
                                              std::string_view oldName) const {
    auto faults = nameFaults(options.name);
    const auto project = store_.current()->find(projectId);
    if (!project) {
        faults.push_back(noProject(projectId).error());
        return faults;
    }
    auto layout = project->engine->channels->layout();
    std::erase_if(layout.namespaces, [oldName](const auto& one) { return one.name == oldName; });
    if (std::erase_if(layout.namespaces, [&options](const auto& one) { return one.name == options.name; }) > 0)
        faults.push_back(duplicate(options.name));
    layout.namespaces.push_back(options);
    for (auto& fault : optionFaults(*project, layout, options.name, options.options))
        faults.push_back(std::move(fault));
    return faults;
}

QFuture<Result<ProjectPtr>> NamespaceService::add(std::string projectId, engine::NamespaceOptions options) {
    if (auto faults = validate(projectId, options); !faults.empty())
        return readyFuture<ProjectPtr>(Unexpected<Error>(std::move(faults.front())));
    return writer_.changeProject(
        projectId, [this, projectId, options = std::move(options)](storage::Connection& connection) -> Result<Touched> {
            if (!store_.current()->find(projectId))
                return noProject(projectId);
            storage::NamespaceTable table(connection);
            const auto rows = table.list(projectId);
            if (!rows)
                return Unexpected<Error>(rows.error());
            std::int64_t position = 0;
            for (const auto& row : *rows) {
                if (row.name == options.name)
                    return Unexpected<Error>(duplicate(options.name));
                position = std::max(position, row.position);
            }
            // One of the rows holds the options of channels without a namespace.
            if (rows->size() > kMaxNamespaces)
                return fail("limit_reached",
                            "The project has " + std::to_string(kMaxNamespaces) +
                                " namespaces, which is the most it can have; remove one first.",
                            "name");
            if (auto inserted = table.insert({projectId, options.name, toJson(options.options), position + 1});
                !inserted)
                return Unexpected<Error>(inserted.error());
            return Touched{{projectId}, false};
        });
}

QFuture<Result<ProjectPtr>> NamespaceService::update(std::string projectId, std::string name,
                                                     engine::NamespaceOptions options) {
    if (name.empty())
        return readyFuture<ProjectPtr>(noNamespace(name));
    if (auto faults = validate(projectId, options, name); !faults.empty())
        return readyFuture<ProjectPtr>(Unexpected<Error>(std::move(faults.front())));
    return writer_.changeProject(
        projectId,
        [this, projectId, name, options = std::move(options)](storage::Connection& connection) -> Result<Touched> {
            auto row = rowOf(connection, store_, projectId, name);
            if (!row)
                return Unexpected<Error>(row.error());
            row->name = options.name;
            row->optionsJson = toJson(options.options);
            auto updated = storage::NamespaceTable(connection).update(*row, name);
            if (!updated && updated.error().code == "storage_constraint")
                return Unexpected<Error>(duplicate(options.name));
            if (!updated)
                return Unexpected<Error>(updated.error());
            return Touched{{projectId}, false};
        });
}

QFuture<Result<ProjectPtr>> NamespaceService::updateWithoutNamespace(std::string projectId,
                                                                     engine::ChannelOptions options) {
    return writer_.changeProject(
        projectId, [this, projectId, options = std::move(options)](storage::Connection& connection) -> Result<Touched> {
            auto row = rowOf(connection, store_, projectId, std::string());
            if (!row)
                return Unexpected<Error>(row.error());
            const auto project = store_.current()->find(projectId);
            auto layout = project->engine->channels->layout();
            layout.withoutNamespace = options;
            if (auto faults = optionFaults(*project, layout, {}, options); !faults.empty())
                return Unexpected<Error>(std::move(faults.front()));
            row->optionsJson = toJson(options);
            if (auto updated = storage::NamespaceTable(connection).update(*row, std::string_view()); !updated)
                return Unexpected<Error>(updated.error());
            return Touched{{projectId}, false};
        });
}

QFuture<Result<ProjectPtr>> NamespaceService::remove(std::string projectId, std::string name) {
    if (name.empty())
        return readyFuture<ProjectPtr>(noNamespace(name));
    return writer_.changeProject(
        projectId, [this, projectId, name](storage::Connection& connection) -> Result<Touched> {
            if (auto row = rowOf(connection, store_, projectId, name); !row)
                return Unexpected<Error>(row.error());
            if (auto erased = storage::NamespaceTable(connection).erase(projectId, name); !erased)
                return Unexpected<Error>(erased.error());
            return Touched{{projectId}, false};
        });
}

}  // namespace xshathra::services
