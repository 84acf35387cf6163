#pragma once

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/result.h"
#include "server/services/command_service.h"
#include "server/services/config_store.h"
#include "server/services/key_service.h"
#include "server/services/namespace_service.h"
#include "server/services/project_document.h"
#include "server/services/project_service.h"
#include "server/services/publish_service.h"
#include "server/services/secret_service.h"
#include "server/services/settings_service.h"
#include "server/services/token_service.h"

#include <QMap>
#include <QString>

#include <memory>
#include <optional>

class QThread;

namespace xshathra::engine {
class NodeRegistry;
}
namespace xshathra::storage {
class DataFolder;
class Database;
}  // namespace xshathra::storage

namespace xshathra::services {

struct ServicesOptions {
    /// Empty: the user's own data folder. See storage::DataFolder.
    QString dataFolder;
    /// Everything in memory and nothing on disk; dataFolder is ignored.
    bool inMemory = false;
    QMap<QString, QString> flags;
    QMap<QString, QString> environment;
    BuildOptions build;
    /// The project of an empty database, in place of "My project". A fault of it ends the start.
    std::optional<NewProject> firstProject;
    /// Told of what is wrong and doesn't end the start: projects that can't be served, stored settings that aren't
    /// allowed, a sweep that failed. Must outlive the services; may be null.
    Log* log = nullptr;
};

/// All services of one data folder, made in the right order. The object, and the services in it that are QObjects, live
/// on the thread that opened it, or that moveToThread() names.
class Services {
public:
    /// Takes the data folder, opens the database, makes what a first start needs (engine secret, the project "My
    /// project"), and puts the snapshot in force. Blocks for as long as that takes: milliseconds, longer after a crash
    /// or for a migration. `clock` and `registry` must outlive the services; `registry` may be null. Errors:
    /// `data_folder`, `data_folder_in_use`, `invalid_setting`, `storage_...`, `master_key` (the key file is missing or
    /// doesn't fit the database), and those of `firstProject`. A stored project that can't be built ends no start, see
    /// Project::fault.
    static Result<std::unique_ptr<Services>> open(const ServicesOptions& options, const Clock& clock,
                                                  engine::NodeRegistry* registry);
    /// Gives the services that are QObjects to another thread, so that open() can be waited for off the thread that
    /// uses them. To be called on the thread that opened them, before anybody else knows them.
    void moveToThread(QThread* thread);
    /// Finishes the storage jobs under way and closes the database.
    ~Services();

    ConfigStore& config();
    ProjectService& projects();
    NamespaceService& namespaces();
    SettingsService& settings();
    KeyService& keys();
    TokenService& tokens();
    PublishService& publisher();
    /// Everything that can be done with a project's channels and connections.
    CommandService& commands();
    SecretService& secrets();
    /// Empty in memory.
    QString dataFolder() const;

private:
    class Parts;
    explicit Services(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace xshathra::services
