#include "server/services/config_builder.h"

#include "server/services/namespace_json.h"
#include "server/services/option_name.h"
#include "server/services/project_json.h"
#include "server/storage/tables.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace xshathra::services {

namespace {

/// Whether the layout is valid, where faults that `before` has too don't count: a version that took them stored them,
/// and they are not for a change of something else to mend. The option's own name is the field.
Result<void> checkLayout(const engine::ChannelLayout& layout, const Project* before) {
    const auto faults = layout.validate();
    const auto known =
        before == nullptr ? std::vector<engine::OptionError>() : before->engine->channels->layout().validate();
    const auto fault = std::find_if(faults.begin(), faults.end(), [&known](const auto& one) {
        return std::find(known.begin(), known.end(), one) == known.end();
    });
    if (fault == faults.end())
        return {};
    return fail("invalid_argument", fault->option + ": " + fault->message,
                std::string(splitOptionName(fault->option, layout).option));
}

Error damaged(std::string_view what, const Error& cause) {
    return {"storage_corrupt", std::string(what) + " in the database can't be read: " + cause.message, {}};
}

Result<KeyInfo> keyFromRow(const storage::KeyRow& row, Nanoseconds now) {
    const auto hash = auth::digestFromHex(row.hash);
    if (!hash)
        return fail("storage_corrupt", "The key " + row.id + " in the database has no readable hash.");
    KeyInfo key;
    key.id = row.id;
    key.kind = row.kind == "client" ? auth::KeyKind::Client : auth::KeyKind::Server;
    key.hash = *hash;
    key.masked = row.hint;
    key.createdAt = row.createdAt;
    key.expiresAt = row.expiresAt;
    key.ended = row.expiresAt && *row.expiresAt <= now;
    return key;
}

Result<void> loadKeys(storage::Connection& connection, Nanoseconds now, Project& project) {
    const auto rows = storage::KeyTable(connection).list(project.id);
    if (!rows)
        return Unexpected<Error>(rows.error());
    for (const auto& row : *rows) {
        auto key = keyFromRow(row, now);
        if (!key)
            return Unexpected<Error>(key.error());
        project.keys.push_back(std::move(*key));
    }
    if (project.currentKey(auth::KeyKind::Server) == nullptr || project.currentKey(auth::KeyKind::Client) == nullptr)
        return fail("storage_corrupt", "The project " + project.id + " in the database lacks a current key.");
    return {};
}

Result<void> readNamespaces(const std::vector<storage::NamespaceRow>& rows, Project& project) {
    for (const auto& row : rows) {
        auto options = channelOptionsFromJson(row.optionsJson);
        if (!options)
            return Unexpected<Error>(
                damaged("The namespace \"" + row.name + "\" of project " + project.id, options.error()));
        if (row.name.empty())
            project.withoutNamespace = std::move(*options);
        else
            project.namespaces.push_back({row.name, std::move(*options)});
    }
    return {};
}

engine::ChannelLayout layoutOf(const Project& project) {
    engine::ChannelLayout layout;
    layout.withoutNamespace = project.withoutNamespace;
    layout.namespaces = project.namespaces;
    return layout;
}

/// Of projects with one server API key the oldest has it, and a server key that a project was given here goes before.
Result<void> settleApiKeys(Config& config, const Config* old) {
    std::map<auth::Digest, std::size_t> holders;
    for (std::size_t i = 0; i < config.projects.size(); ++i) {
        for (const auto& key : config.projects[i]->keys) {
            if (key.kind == auth::KeyKind::Server && !key.ended)
                holders.emplace(key.hash, i);
        }
    }
    const auto isNew = [old](const Project& project) { return old != nullptr && !old->find(project.id); };
    for (std::size_t i = 0; i < config.projects.size(); ++i) {
        auto& project = config.projects[i];
        if (!project->serverApi.keyHash)
            continue;
        const auto& holder = config.projects[holders.emplace(*project->serverApi.keyHash, i).first->second];
        const bool taken = holder != project;
        if (taken && (isNew(*project) || isNew(*holder)))
            return fail("duplicate",
                        "http_api.key is already the key of the project \"" +
                            (isNew(*project) ? holder : project)->name +
                            "\"; give each project a key of its own, since the key alone tells which one is meant.",
                        "http_api.key");
        const auto name = taken ? holder->name : std::string();
        if (name == project->apiKeyHolder)
            continue;
        auto changed = std::make_shared<Project>(*project);
        changed->apiKeyHolder = name;
        project = std::move(changed);
    }
    return {};
}

std::shared_ptr<engine::ProjectConfig> engineConfigOf(const Project& project, const Config& config) {
    auto result = std::make_shared<engine::ProjectConfig>();
    result->id = project.id;
    result->name = project.name;
    result->tokenVerifier = config.verifier;
    result->client.allowAnonymousConnectWithoutToken = project.options.allowAnonymous;
    for (const auto& key : project.keys) {
        if (key.kind == auth::KeyKind::Client && !key.ended)
            result->clientKeyHashes.push_back(key.hash);
    }
    return result;
}

}  // namespace

std::string documentRecord(std::string_view projectId) { return "document:" + std::string(projectId); }

Result<void> ConfigBuilder::loadSecrets(storage::Connection& connection, Config& config) const {
    storage::SecretTable table(connection);
    const auto current = table.find(kEngineSecret);
    if (!current)
        return Unexpected<Error>(current.error());
    if (!*current)
        return fail("storage_corrupt", "The database holds no engine secret.");
    auto secret = vault_.unseal((*current)->sealed, kEngineSecret);
    if (!secret)
        return Unexpected<Error>(secret.error());
    auth::Secret previous;
    std::optional<Nanoseconds> validUntil;
    const auto old = table.find(kPreviousEngineSecret);
    if (!old)
        return Unexpected<Error>(old.error());
    if (*old)
        config.previousSecretEnds = (*old)->expiresAt;
    if (config.previousSecretEnds && *config.previousSecretEnds > clock_.wall()) {
        auto opened = vault_.unseal((*old)->sealed, kPreviousEngineSecret);
        if (!opened)
            return Unexpected<Error>(opened.error());
        previous = std::move(*opened);
        validUntil = config.previousSecretEnds;
    }
    auth::VerifierOptions options;
    options.keys = auth::VerificationKeys::hs256(*secret, std::move(previous), validUntil);
    config.verifier = std::make_shared<const auth::TokenVerifier>(clock_, std::move(options));
    config.signer = std::make_shared<const auth::TokenSigner>(std::move(*secret));
    return {};
}

/// What the database has of a project, not yet understood.
struct ConfigBuilder::StoredProject {
    storage::ProjectRow row;
    std::vector<storage::NamespaceRow> namespaces;
    std::optional<storage::SecretRow> document;
};

Result<ConfigBuilder::StoredProject> ConfigBuilder::readProject(storage::Connection& connection,
                                                                std::string_view id) const {
    auto row = storage::ProjectTable(connection).find(id);
    if (!row)
        return Unexpected<Error>(row.error());
    auto namespaces = storage::NamespaceTable(connection).list(id);
    if (!namespaces)
        return Unexpected<Error>(namespaces.error());
    auto document = storage::SecretTable(connection).find(documentRecord(id));
    if (!document)
        return Unexpected<Error>(document.error());
    return StoredProject{std::move(*row), std::move(*namespaces), std::move(*document)};
}

Result<ProjectPtr> ConfigBuilder::loadProject(storage::Connection& connection, std::string_view id,
                                              const Config& config, bool validate, const Project* before) const {
    const auto stored = readProject(connection, id);
    if (!stored)
        return Unexpected<Error>(stored.error());
    auto project = std::make_shared<Project>();
    project->id = stored->row.id;
    project->name = stored->row.name;
    project->environment = environmentFromString(stored->row.environment).value_or(Environment::Development);
    project->createdAt = stored->row.createdAt;
    if (auto keys = loadKeys(connection, clock_.wall(), *project); !keys)
        return Unexpected<Error>(keys.error());
    auto built = *project;
    engine::ChannelLayout layout;
    // The options are not known yet, which the engine's part must have.
    if (const auto options = projectOptionsFromJson(stored->row.optionsJson))
        built.options = *options;
    auto forEngine = engineConfigOf(built, config);
    const auto done = interpret(*stored, built, *forEngine, layout);
    if (!done && validate && (before == nullptr || before->fault.empty()))
        return Unexpected<Error>(done.error());
    if (validate) {
        if (auto checked = checkLayout(layout, before); !checked)
            return Unexpected<Error>(checked.error());
    }
    if (done) {
        *project = std::move(built);
    } else {
        project->options = built.options;
        project->imported = built.imported;
        project->withoutNamespace = std::move(built.withoutNamespace);
        project->namespaces = std::move(built.namespaces);
        project->fault = done.error().message;
        forEngine = std::make_shared<engine::ProjectConfig>();
        forEngine->id = project->id;
        forEngine->name = project->name;
        layout = layoutOf(*project);
    }
    forEngine->channels = std::make_shared<const engine::NamespaceRegistry>(std::move(layout));
    project->engine = std::move(forEngine);
    return ProjectPtr(std::move(project));
}

Result<void> ConfigBuilder::interpret(const StoredProject& stored, Project& project, engine::ProjectConfig& engine,
                                      engine::ChannelLayout& layout) const {
    project.imported = stored.document.has_value();
    if (const auto options = projectOptionsFromJson(stored.row.optionsJson); !options)
        return Unexpected<Error>(damaged("The options of project " + project.id, options.error()));
    if (auto namespaces = readNamespaces(stored.namespaces, project); !namespaces)
        return namespaces;
    layout = layoutOf(project);
    if (options_.documents == nullptr || !stored.document)
        return {};
    const auto document = vault_.unseal(stored.document->sealed, documentRecord(project.id));
    if (!document)
        return Unexpected<Error>(document.error());
    return options_.documents->apply(document->expose(), project, engine, layout);
}

Result<void> ConfigBuilder::finish(Config& config, const Config* old) const {
    std::sort(config.projects.begin(), config.projects.end(), [](const auto& a, const auto& b) {
        return std::tie(a->createdAt, a->id) < std::tie(b->createdAt, b->id);
    });
    if (auto settled = settleApiKeys(config, old); !settled)
        return settled;
    auto forEngine = std::make_shared<engine::EngineConfig>();
    forEngine->projects.reserve(config.projects.size());
    for (const auto& project : config.projects) {
        if (project->fault.empty())
            forEngine->projects.push_back(project->engine);
    }
    forEngine->staleCloseDelay = options_.staleCloseDelay;
    if (options_.firstIsDefault && !config.projects.empty())
        forEngine->defaultProject = config.projects.front()->id;
    config.engine = std::move(forEngine);
    config.index();
    return {};
}

Result<ConfigPtr> ConfigBuilder::load(storage::Connection& connection) const {
    auto config = std::make_shared<Config>();
    config->revision = 1;
    if (auto secrets = loadSecrets(connection, *config); !secrets)
        return Unexpected<Error>(secrets.error());
    const auto rows = storage::ProjectTable(connection).list(false);
    if (!rows)
        return Unexpected<Error>(rows.error());
    for (const auto& row : *rows) {
        auto project = loadProject(connection, row.id, *config, false, nullptr);
        if (!project)
            return Unexpected<Error>(project.error());
        config->projects.push_back(std::move(*project));
    }
    if (auto finished = finish(*config, nullptr); !finished)
        return Unexpected<Error>(finished.error());
    return ConfigPtr(std::move(config));
}

Result<ConfigPtr> ConfigBuilder::rebuild(storage::Connection& connection, const Config& old,
                                         const Touched& touched) const {
    if (touched.secrets) {
        auto all = load(connection);
        if (!all)
            return all;
        auto copy = std::make_shared<Config>(**all);
        copy->revision = old.revision + 1;
        return ConfigPtr(std::move(copy));
    }
    auto config = std::make_shared<Config>();
    config->revision = old.revision + 1;
    config->signer = old.signer;
    config->verifier = old.verifier;
    config->previousSecretEnds = old.previousSecretEnds;
    const auto isTouched = [&touched](const std::string& id) {
        return std::find(touched.projects.begin(), touched.projects.end(), id) != touched.projects.end();
    };
    std::copy_if(old.projects.begin(), old.projects.end(), std::back_inserter(config->projects),
                 [&isTouched](const auto& project) { return !isTouched(project->id); });
    for (const auto& id : touched.projects) {
        const auto row = storage::ProjectTable(connection).find(id);
        if (!row && row.error().code == "not_found")
            continue;
        if (!row)
            return Unexpected<Error>(row.error());
        if (row->deletedAt)
            continue;
        auto project = loadProject(connection, id, *config, !touched.asStored, old.find(id).get());
        if (!project)
            return Unexpected<Error>(project.error());
        config->projects.push_back(std::move(*project));
    }
    if (auto finished = finish(*config, &old); !finished)
        return Unexpected<Error>(finished.error());
    return ConfigPtr(std::move(config));
}

}  // namespace xshathra::services
