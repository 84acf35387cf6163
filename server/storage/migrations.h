#pragma once

#include "server/base/result.h"
#include "server/storage/connection.h"

#include <QString>

#include <functional>
#include <span>
#include <vector>

namespace xshathra::storage {

/// One step from schema version `to - 1` to `to`. It runs inside a transaction.
struct Migration {
    int to = 0;
    std::function<Result<void>(Connection&)> apply;
};

/// The steps of this program, in order.
std::span<const Migration> migrations();
/// The version that migrations() lead to.
int schemaVersion();

/// Backups of older schema versions kept beside the database.
inline constexpr int kKeptBackups = 3;

/// Brings the file to the last version of `steps`: a backup first (unless the file is new or in memory), each step in
/// its own transaction together with its version number, so that a killed run goes on where it stopped. Errors:
/// `storage_newer` for a file from a newer program (it is not touched), and those of Connection.
Result<void> migrate(Connection& connection, std::span<const Migration> steps = migrations());

/// The backups beside `databasePath`, newest first.
std::vector<QString> backupsOf(const QString& databasePath);

}  // namespace xshathra::storage
