#include "server/storage/database.h"

#include "server/storage/migrations.h"

#include <utility>

namespace xshathra::storage {

namespace {

Error explain(Error error, const QString& path) {
    if (error.code != "storage_corrupt")
        return error;
    const auto backups = backupsOf(path);
    error.message += " It was left as it is. ";
    error.message +=
        backups.empty()
            ? "There is no backup beside it: move it away to start afresh, or put your own copy in its place."
            : "The newest backup is " + backups.front().toStdString() +
                  ": to use it, move the damaged file away and copy the backup to its place.";
    return error;
}

Result<std::unique_ptr<Connection>> openMigrated(const DatabaseOptions& options) {
    auto connection = Connection::open(options.path, options.quickCheck);
    if (connection) {
        if (auto migrated = migrate(**connection); !migrated)
            return Unexpected<Error>(explain(migrated.error(), options.path));
        return connection;
    }
    return Unexpected<Error>(explain(connection.error(), options.path));
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
    std::unique_ptr<Database> database(new Database);
    QPromise<Result<bool>> promise;
    auto opened = promise.future();
    promise.start();
    database->thread_ = std::thread([raw = database.get(), options, promise = std::move(promise)]() mutable {
        raw->work(options, std::move(promise));
    });
    const auto outcome = opened.result();
    if (!outcome)
        return Unexpected<Error>(outcome.error());
    return database;
}

Database::~Database() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

bool Database::enqueue(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (closing_)
            return false;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

Unexpected<Error> Database::closedError() {
    return fail("storage_closed", "The database is being closed; the program is stopping.");
}

void Database::work(const DatabaseOptions& options, QPromise<Result<bool>> opened) {
    auto connection = openMigrated(options);
    const bool usable = connection.has_value();
    opened.addResult(usable ? Result<bool>(true) : Result<bool>(Unexpected<Error>(connection.error())));
    opened.finish();
    if (!usable)
        return;
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
            if (tasks_.empty())
                return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task(**connection);
    }
}

}  // namespace xshathra::storage
