#include "server/services/services.h"

#include "server/base/ids.h"
#include "server/services/config_writer.h"
#include "server/services/project_factory.h"
#include "server/services/vault.h"
#include "server/storage/data_folder.h"
#include "server/storage/database.h"
#include "server/storage/tables.h"

#include <QFileInfo>

#include <initializer_list>
#include <optional>
#include <utility>

namespace xshathra::services {

namespace {

constexpr auto kFirstProjectName = "My project";

/// What an empty database needs: the engine secret and a project. One transaction, so that a killed first start leaves
/// neither.
Result<void> prepareFirstStart(storage::Connection& connection, const Vault& vault, const Clock& clock,
                               const std::optional<NewProject>& first) {
    return connection.transact([&](storage::Connection& c) -> Result<void> {
        if (auto secret = insertEngineSecret(c, vault, clock); !secret)
            return secret;
        auto project = first.value_or(NewProject());
        if (!first)
            project.name = kFirstProjectName;
        return insertProject(c, vault, clock, "proj_" + makeUlid(clock.wall()), project);
    });
}

}  // namespace

// In the order of making; unmade the other way round, so that the database finishes its jobs while everything they use
// is there.
class Services::Parts {
public:
    std::unique_ptr<storage::DataFolder> folder;
    std::unique_ptr<ConfigStore> store;
    std::optional<Vault> vault;
    std::unique_ptr<ConfigWriter> writer;
    std::unique_ptr<ProjectService> projects;
    std::unique_ptr<NamespaceService> namespaces;
    std::unique_ptr<SettingsService> settings;
    std::unique_ptr<KeyService> keys;
    std::unique_ptr<TokenService> tokens;
    std::unique_ptr<CommandService> commands;
    std::unique_ptr<PublishService> publisher;
    std::unique_ptr<SecretService> secrets;
    std::unique_ptr<storage::Database> database;
};

Services::Services(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Services::~Services() = default;

Result<std::unique_ptr<Services>> Services::open(const ServicesOptions& options, const Clock& clock,
                                                 engine::NodeRegistry* registry) {
    auto parts = std::make_unique<Parts>();
    storage::DatabaseOptions databaseOptions;
    if (!options.inMemory) {
        auto folder = storage::DataFolder::open(options.dataFolder);
        if (!folder)
            return Unexpected<Error>(folder.error());
        parts->folder = std::move(*folder);
        databaseOptions.path = parts->folder->databasePath();
        databaseOptions.quickCheck = parts->folder->wasLeftUnclean();
        // SQLite takes an empty file for a new database. With a master key beside it, it is one that was cut.
        const QFileInfo file(databaseOptions.path);
        if (file.exists() && file.size() == 0 && QFileInfo::exists(parts->folder->file(Vault::fileName())))
            return fail(
                "storage_corrupt",
                "The database " + databaseOptions.path.toStdString() +
                    " is empty although it was in use. Put a backup in its place, or remove it to start afresh.");
    }
    auto database = storage::Database::open(databaseOptions);
    if (!database)
        return Unexpected<Error>(database.error());
    parts->database = std::move(*database);
    if (parts->folder)
        parts->folder->noteSound();
    auto& db = *parts->database;

    const auto sealed = db.run([](storage::Connection& c) { return storage::SecretTable(c).anySealed(); }).result();
    if (!sealed)
        return Unexpected<Error>(sealed.error());
    auto vault = parts->folder ? Vault::open(*parts->folder, *sealed) : Result<Vault>(Vault::inMemory());
    if (!vault)
        return Unexpected<Error>(vault.error());
    parts->vault.emplace(std::move(*vault));

    auto settings = SettingsService::open(db, options.flags, options.environment, options.log);
    if (!settings)
        return Unexpected<Error>(settings.error());
    parts->settings = std::move(*settings);

    parts->store = std::make_unique<ConfigStore>(registry);
    parts->writer = std::make_unique<ConfigWriter>(db, *parts->store, *parts->vault, clock, options.build);
    auto loaded =
        db.run([&parts, &clock, &options, first = !*sealed](storage::Connection& c) -> Result<ConfigPtr> {
              if (first) {
                  if (auto prepared = prepareFirstStart(c, *parts->vault, clock, options.firstProject); !prepared)
                      return Unexpected<Error>(prepared.error());
              }
              return parts->writer->builder().load(c);
          }).result();
    if (!loaded)
        return Unexpected<Error>(loaded.error());
    for (const auto& project : (*loaded)->projects) {
        if (options.firstProject && !project->fault.empty())
            return fail("invalid_config", project->fault);
        if (options.log != nullptr && !project->trouble().empty())
            options.log->error("config", "The project \"" + project->name + "\" (" + project->id + ")" +
                                             (project->fault.empty() ? ": " : " is not served: ") + project->trouble());
    }
    parts->store->publish(*loaded);

    parts->projects = std::make_unique<ProjectService>(*parts->store, *parts->writer, clock, options.log);
    // Removals that could still be undone when the last run ended are final now. One that failed is tried again.
    parts->projects->sweep().waitForFinished();
    parts->namespaces = std::make_unique<NamespaceService>(*parts->store, *parts->writer);
    parts->keys = std::make_unique<KeyService>(*parts->store, clock);
    parts->tokens = std::make_unique<TokenService>(*parts->store, clock);
    parts->commands = std::make_unique<CommandService>(registry);
    parts->publisher = std::make_unique<PublishService>(*parts->store, *parts->commands);
    parts->secrets = std::make_unique<SecretService>(*parts->writer, clock);
    return std::unique_ptr<Services>(new Services(std::move(parts)));
}

void Services::moveToThread(QThread* thread) {
    for (QObject* object :
         std::initializer_list<QObject*>{parts_->store.get(), parts_->projects.get(), parts_->settings.get()})
        object->moveToThread(thread);
}

ConfigStore& Services::config() { return *parts_->store; }
ProjectService& Services::projects() { return *parts_->projects; }
NamespaceService& Services::namespaces() { return *parts_->namespaces; }
SettingsService& Services::settings() { return *parts_->settings; }
KeyService& Services::keys() { return *parts_->keys; }
TokenService& Services::tokens() { return *parts_->tokens; }
PublishService& Services::publisher() { return *parts_->publisher; }
CommandService& Services::commands() { return *parts_->commands; }
SecretService& Services::secrets() { return *parts_->secrets; }
QString Services::dataFolder() const { return parts_->folder ? parts_->folder->path() : QString(); }

}  // namespace xshathra::services
