#include "server/storage/migrations.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <string>

namespace xshathra::storage {

using namespace Qt::StringLiterals;

namespace {

template <std::size_t N>
Result<void> exec(Connection& connection, const char (&sql)[N]) {
    if (auto done = connection.run(sql); !done)
        return Unexpected<Error>(done.error());
    return {};
}

Result<void> createTables(Connection& c) {
    const std::array steps{
        exec(c,
             "CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL, environment TEXT "
             "NOT NULL, "
             "created_at INTEGER NOT NULL, options TEXT NOT NULL, deleted_at INTEGER) STRICT"),
        exec(c, "CREATE UNIQUE INDEX projects_name ON projects (name_key) WHERE deleted_at IS NULL"),
        exec(
            c,
            "CREATE TABLE keys (id TEXT PRIMARY KEY, project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE "
            "CASCADE, "
            "kind TEXT NOT NULL CHECK (kind IN ('server', 'client')), hash TEXT NOT NULL UNIQUE, sealed BLOB NOT NULL, "
            "hint TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER) STRICT"),
        exec(c, "CREATE INDEX keys_project ON keys (project_id)"),
        exec(c,
             "CREATE TABLE namespaces (project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE, name TEXT "
             "NOT NULL, "
             "options TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (project_id, name)) STRICT"),
        exec(c, "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"),
        exec(c,
             "CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed BLOB NOT NULL, created_at INTEGER NOT NULL, "
             "expires_at INTEGER) STRICT"),
    };
    const auto failed = std::find_if(steps.begin(), steps.end(), [](const auto& step) { return !step; });
    return failed == steps.end() ? Result<void>() : *failed;
}

constexpr auto kBackupMark = ".backup-"_L1;

/// A copy of the whole file under a fresh number. The copy is complete before it gets its name.
Result<void> backUp(Connection& connection) {
    const auto& path = connection.path();
    const auto older = backupsOf(path);
    const auto last = older.empty() ? 0 : older.front().section(kBackupMark, -1).toInt();
    const auto target = path + kBackupMark + u"%1"_s.arg(last + 1, 6, 10, QLatin1Char('0'));
    const auto partial = target + ".partial"_L1;
    QFile::remove(partial);
    {
        // SQLite fills an empty file but would make a new one readable for others.
        QFile file(partial);
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, QFileDevice::ReadOwner | QFileDevice::WriteOwner))
            return fail("storage_failed", "The backup " + partial.toStdString() + " can't be made: " +
                                              file.errorString().toStdString() + ". The database was not changed.");
    }
    if (auto done = connection.run("VACUUM INTO ?", {partial}); !done) {
        QFile::remove(partial);
        return Unexpected<Error>(done.error());
    }
    if (!QFile::rename(partial, target))
        return fail("storage_failed",
                    "The backup " + target.toStdString() + " can't be named. The database was not changed.");
    const auto all = backupsOf(path);
    for (std::size_t i = kKeptBackups; i < all.size(); ++i)
        QFile::remove(all[i]);
    return {};
}

}  // namespace

std::span<const Migration> migrations() {
    static const std::vector<Migration> steps{{1, createTables}};
    return steps;
}

int schemaVersion() { return migrations().back().to; }

std::vector<QString> backupsOf(const QString& databasePath) {
    const QFileInfo info(databasePath);
    const auto pattern = info.fileName() + kBackupMark + "??????"_L1;
    auto names = QDir(info.absolutePath()).entryList({pattern}, QDir::Files, QDir::Name | QDir::Reversed);
    std::vector<QString> paths;
    for (const auto& name : names)
        paths.push_back(info.absolutePath() + u'/' + name);
    return paths;
}

Result<void> migrate(Connection& connection, std::span<const Migration> steps) {
    const auto version = connection.schemaVersion();
    if (!version)
        return Unexpected<Error>(version.error());
    const int known = steps.empty() ? 0 : steps.back().to;
    if (*version > known)
        return fail("storage_newer",
                    "The database " + connection.path().toStdString() + " has format " + std::to_string(*version) +
                        ", which a newer version of this program wrote; this one (" XSHATHRA_VERSION
                        ") reads up to format " +
                        std::to_string(known) + ". Install the newer version, or name another data folder.");
    if (*version == known)
        return {};
    if (*version > 0 && !connection.path().isEmpty()) {
        if (auto saved = backUp(connection); !saved)
            return saved;
    }
    for (const auto& step : steps) {
        if (step.to <= *version)
            continue;
        auto done = connection.transact([&step](Connection& c) -> Result<void> {
            if (auto applied = step.apply(c); !applied)
                return applied;
            return c.setSchemaVersion(step.to);
        });
        if (!done)
            return done;
    }
    return {};
}

}  // namespace xshathra::storage
