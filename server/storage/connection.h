#pragma once

#include "server/base/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QVariant>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

class QSqlError;

namespace xshathra::storage {

/// How long a statement waits for another process's lock before it gives up with `storage_busy`.
inline constexpr int kBusyTimeoutMs = 5000;

/// UTF-8 text as a bound value.
QVariant textValue(std::string_view text);
/// Bytes as a bound value.
QVariant blobValue(std::string_view bytes);
/// A column's text as UTF-8, or its blob's bytes.
std::string columnText(const QSqlQuery& query, int column);
std::string columnBlob(const QSqlQuery& query, int column);

/// One SQLite connection. Belongs to the thread that opened it. Statements are literals of this program with bound
/// values, so no text from outside can become part of one.
///
/// Errors of all functions: `storage_full` (no space), `storage_busy` (locked by another program), `storage_read_only`,
/// `storage_corrupt`, `storage_constraint` (a unique or foreign key rule), `storage_failed` (anything else, also I/O
/// errors).
class Connection {
public:
    /// Opens or creates the file; an empty path gives a database in memory. Applies and checks the settings: foreign
    /// keys on, WAL, synchronous FULL, busy time-out, untrusted schema. `quickCheck` reads the whole file first. A file
    /// that is no database or fails the check gives `storage_corrupt`; the file is left as it is.
    static Result<std::unique_ptr<Connection>> open(const QString& path, bool quickCheck);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Runs one statement; read its rows from the query.
    template <std::size_t N>
    Result<QSqlQuery> run(const char (&sql)[N], const QVariantList& values = {}) {
        return runText(QLatin1StringView(sql, static_cast<qsizetype>(N) - 1), values);
    }

    /// Runs `work` between BEGIN IMMEDIATE and COMMIT. An error of `work` or of the commit rolls everything back. A
    /// value means that COMMIT has returned: the change survives a power cut.
    template <typename Work>
    auto transact(Work&& work) -> std::invoke_result_t<Work&, Connection&> {
        if (auto begun = run("BEGIN IMMEDIATE"); !begun)
            return Unexpected<Error>(begun.error());
        auto result = work(*this);
        if (!result) {
            rollBack();
            return result;
        }
        if (auto committed = run("COMMIT"); !committed) {
            rollBack();
            return Unexpected<Error>(committed.error());
        }
        return result;
    }

    /// Why reading rows from `query` ended before their end; nothing when all were read.
    std::optional<Error> errorOf(const QSqlQuery& query) const;

    /// The version of the schema in the file (`PRAGMA user_version`); 0 for a new one.
    Result<int> schemaVersion();
    Result<void> setSchemaVersion(int version);
    /// `PRAGMA integrity_check`: nothing when sound, else the first complaint.
    Result<void> integrityCheck();
    const QString& path() const { return path_; }

private:
    Connection() = default;
    Result<QSqlQuery> runText(QLatin1StringView sql, const QVariantList& values);
    Result<void> configure();
    Result<void> expectPragma(QLatin1StringView set, QLatin1StringView read, const QString& wanted);
    Result<void> check(QLatin1StringView sql);
    void rollBack();
    Error errorFor(const QSqlError& error, std::string_view doing) const;

    QString path_;
    QString name_;
    QSqlDatabase database_;
};

}  // namespace xshathra::storage
