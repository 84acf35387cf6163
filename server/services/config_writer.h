#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/services/config_builder.h"
#include "server/services/config_store.h"
#include "server/services/vault.h"
#include "server/storage/connection.h"
#include "server/storage/database.h"

#include <QFuture>
#include <QPromise>

#include <functional>
#include <string>
#include <utility>

namespace xshathra::services {

/// A future that is finished already: for refusals that need no storage job.
template <typename T>
QFuture<Result<T>> readyFuture(Result<T> outcome) {
    QPromise<Result<T>> promise;
    promise.start();
    promise.addResult(std::move(outcome));
    promise.finish();
    return promise.future();
}

/// The one way in which stored configuration changes, so that rows and running engine can't disagree: one storage job
/// begins, edits, builds and validates the candidate snapshot, commits, and then puts the snapshot in force. Any
/// thread.
class ConfigWriter {
public:
    /// All must outlive the writer.
    ConfigWriter(storage::Database& database, ConfigStore& store, const Vault& vault, const Clock& clock,
                 BuildOptions options = {})
        : database_(database), store_(store), vault_(vault), builder_(vault, clock, options) {}

    /// Changes rows and says what it touched. An error undoes all of it.
    using Edit = std::function<Result<Touched>(storage::Connection&)>;

    /// Gives the snapshot that is in force after the change.
    QFuture<Result<ConfigPtr>> change(Edit edit);
    /// The same for one project, and gives that project. The edit's own list of touched projects is taken as it is.
    QFuture<Result<ProjectPtr>> changeProject(std::string projectId, Edit edit);
    /// change() for callers on the storage thread.
    Result<ConfigPtr> apply(storage::Connection& connection, const Edit& edit);

    storage::Database& database() { return database_; }
    const Vault& vault() const { return vault_; }
    const ConfigBuilder& builder() const { return builder_; }
    ConfigStore& store() { return store_; }

private:
    storage::Database& database_;
    ConfigStore& store_;
    const Vault& vault_;
    ConfigBuilder builder_;
};

}  // namespace xshathra::services
