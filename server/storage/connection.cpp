#include "server/storage/connection.h"

#include <QFile>
#include <QFileInfo>
#include <QSqlError>
#include <QStorageInfo>

#include <algorithm>
#include <array>
#include <atomic>

namespace xshathra::storage {

using namespace Qt::StringLiterals;

namespace {

// Primary result codes (sqlite.org/rescode.html); the extended ones have them in their low byte.
constexpr int kBusy = 5;
constexpr int kLocked = 6;
constexpr int kReadOnly = 8;
constexpr int kCorrupt = 11;
constexpr int kFull = 13;
constexpr int kConstraint = 19;
constexpr int kNotADatabase = 26;

/// WAL needs shared memory between processes, which these don't have (sqlite.org/wal.html).
bool isNetworkFileSystem(const QString& path) {
    static constexpr std::array<QByteArrayView, 8> kNames{"nfs",   "nfs4",       "cifs", "smb3",
                                                          "smbfs", "fuse.sshfs", "afs",  "ceph"};
    const auto type = QStorageInfo(QFileInfo(path).absolutePath()).fileSystemType();
    return std::any_of(kNames.begin(), kNames.end(), [&type](QByteArrayView name) { return type == name; });
}

/// Makes the file private before SQLite opens it; the files beside it get the same mode.
Result<void> prepareFile(const QString& path) {
    const QFileInfo info(path);
    if (info.isSymLink())
        return fail("storage_failed",
                    "The database " + path.toStdString() + " is a symbolic link; it must be a plain file.");
    if (isNetworkFileSystem(path))
        return fail(
            "storage_failed",
            "The database " + path.toStdString() +
                " would lie on a network file system, where it can't be kept safely; choose a folder on a local disk.");
    QFile file(path);
    constexpr auto kPrivate = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
    if (!info.exists()) {
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly, kPrivate))
            return fail("storage_failed", "The database " + path.toStdString() +
                                              " can't be made: " + file.errorString().toStdString() + ".");
        return {};
    }
    if ((info.permissions() &
         (QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther | QFileDevice::WriteOther)) != 0)
        file.setPermissions(kPrivate);
    return {};
}

}  // namespace

// Qt binds a null QString or QByteArray as NULL, and makes one from an empty view without an address.
QVariant textValue(std::string_view text) {
    return text.empty() ? QString(u""_s) : QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QVariant blobValue(std::string_view bytes) {
    return bytes.empty() ? QByteArray("") : QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

std::string columnText(const QSqlQuery& query, int column) { return query.value(column).toString().toStdString(); }

std::string columnBlob(const QSqlQuery& query, int column) { return query.value(column).toByteArray().toStdString(); }

Result<std::unique_ptr<Connection>> Connection::open(const QString& path, bool quickCheck) {
    static std::atomic<unsigned> counter{0};
    if (!path.isEmpty()) {
        if (auto prepared = prepareFile(path); !prepared)
            return Unexpected<Error>(prepared.error());
    }
    std::unique_ptr<Connection> connection(new Connection);
    connection->path_ = path;
    connection->name_ = u"xshathra-%1"_s.arg(counter.fetch_add(1));
    connection->database_ = QSqlDatabase::addDatabase(u"QSQLITE"_s, connection->name_);
    if (!connection->database_.isValid())
        return fail("storage_failed", "Qt's SQLite driver is missing; install the package libqt6sql6-sqlite.");
    connection->database_.setConnectOptions(u"QSQLITE_BUSY_TIMEOUT=%1"_s.arg(kBusyTimeoutMs));
    connection->database_.setDatabaseName(path.isEmpty() ? u":memory:"_s : path);
    if (!connection->database_.open())
        return Unexpected<Error>(connection->errorFor(connection->database_.lastError(), "opened"));
    if (auto configured = connection->configure(); !configured)
        return Unexpected<Error>(configured.error());
    if (quickCheck) {
        if (auto checked = connection->check("PRAGMA quick_check(1)"_L1); !checked)
            return Unexpected<Error>(checked.error());
    }
    return connection;
}

Connection::~Connection() {
    if (database_.isOpen())
        database_.close();
    database_ = QSqlDatabase();
    QSqlDatabase::removeDatabase(name_);
}

Result<void> Connection::expectPragma(QLatin1StringView set, QLatin1StringView read, const QString& wanted) {
    if (auto done = runText(set, {}); !done)
        return Unexpected<Error>(done.error());
    auto answer = runText(read, {});
    if (!answer)
        return Unexpected<Error>(answer.error());
    const auto found = answer->next() ? answer->value(0).toString() : QString();
    if (found.compare(wanted, Qt::CaseInsensitive) != 0)
        return fail("storage_failed", "SQLite doesn't take the setting \"" +
                                          std::string(set.data(), static_cast<std::size_t>(set.size())) +
                                          "\": it stays \"" + found.toStdString() + "\".");
    return {};
}

Result<void> Connection::configure() {
    struct Pragma {
        QLatin1StringView set;
        QLatin1StringView read;
        QLatin1StringView wanted;
    };
    const std::array<Pragma, 5> pragmas{{
        {"PRAGMA journal_mode = WAL"_L1, "PRAGMA journal_mode"_L1, path_.isEmpty() ? "memory"_L1 : "wal"_L1},
        {"PRAGMA synchronous = FULL"_L1, "PRAGMA synchronous"_L1, "2"_L1},
        {"PRAGMA foreign_keys = ON"_L1, "PRAGMA foreign_keys"_L1, "1"_L1},
        {"PRAGMA busy_timeout = 5000"_L1, "PRAGMA busy_timeout"_L1, "5000"_L1},
        {"PRAGMA trusted_schema = OFF"_L1, "PRAGMA trusted_schema"_L1, "0"_L1},
    }};
    static_assert(kBusyTimeoutMs == 5000);
    for (const auto& pragma : pragmas) {
        if (auto set = expectPragma(pragma.set, pragma.read, pragma.wanted); !set)
            return set;
    }
    return {};
}

Result<QSqlQuery> Connection::runText(QLatin1StringView sql, const QVariantList& values) {
    QSqlQuery query(database_);
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return Unexpected<Error>(errorFor(query.lastError(), "read"));
    for (const auto& value : values)
        query.addBindValue(value);
    if (!query.exec())
        return Unexpected<Error>(errorFor(query.lastError(), query.isSelect() ? "read" : "changed"));
    return query;
}

std::optional<Error> Connection::errorOf(const QSqlQuery& query) const {
    if (!query.lastError().isValid())
        return std::nullopt;
    return errorFor(query.lastError(), "read");
}

Result<void> Connection::check(QLatin1StringView sql) {
    auto query = runText(sql, {});
    if (!query)
        return Unexpected<Error>(query.error());
    const auto answer = query->next() ? query->value(0).toString() : u"no answer"_s;
    if (answer != "ok"_L1)
        return fail("storage_corrupt",
                    "The database " + path_.toStdString() + " is damaged: " + answer.toStdString() + ".");
    return {};
}

Result<void> Connection::integrityCheck() { return check("PRAGMA integrity_check(1)"_L1); }

Result<int> Connection::schemaVersion() {
    auto query = run("PRAGMA user_version");
    if (!query)
        return Unexpected<Error>(query.error());
    return query->next() ? query->value(0).toInt() : 0;
}

Result<void> Connection::setSchemaVersion(int version) {
    // A pragma takes no bound value; a number can't carry SQL.
    const auto sql = "PRAGMA user_version = " + QByteArray::number(version);
    if (auto done = runText(QLatin1StringView(sql), {}); !done)
        return Unexpected<Error>(done.error());
    return {};
}

void Connection::rollBack() {
    // SQLite has rolled back by itself after some errors (disk full); then there is nothing left to do.
    QSqlQuery query(database_);
    query.exec(u"ROLLBACK"_s);
}

Error Connection::errorFor(const QSqlError& error, std::string_view doing) const {
    const auto file = path_.isEmpty() ? std::string("in memory") : path_.toStdString();
    const auto subject = "The database " + file + " can't be " + std::string(doing) + ": ";
    const auto reason = error.driverText().isEmpty()     ? error.databaseText()
                        : error.databaseText().isEmpty() ? error.driverText()
                                                         : error.databaseText();
    switch (error.nativeErrorCode().toInt() & 0xff) {
        case kFull:
            return {"storage_full", subject + "the disk is full. Make space and try again; nothing was changed.", {}};
        case kBusy:
        case kLocked:
            return {"storage_busy", subject + "another program holds it. Close that program and try again.", {}};
        case kReadOnly:
            return {"storage_read_only",
                    subject + "it is read-only. Give this user write permission on the file and its folder.",
                    {}};
        case kCorrupt:
        case kNotADatabase:
            return {"storage_corrupt", subject + "it is damaged or not a database (" + reason.toStdString() + ").", {}};
        case kConstraint: return {"storage_constraint", subject + reason.toStdString() + ".", {}};
        default: return {"storage_failed", subject + reason.toStdString() + ".", {}};
    }
}

}  // namespace xshathra::storage
