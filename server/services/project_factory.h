#pragma once

#include "server/auth/api_key.h"
#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/services/project_service.h"
#include "server/services/vault.h"
#include "server/storage/connection.h"
#include "server/storage/tables.h"

#include <string>
#include <string_view>

namespace xshathra::services {

/// The form of a name that must be unique: case folded and with compatibility forms made equal (Unicode NFKC), so that
/// names that look the same are the same.
std::string projectNameKey(std::string_view name);

/// `duplicate` on `name` when another project in force has it.
Result<void> checkNameFree(storage::Connection& connection, std::string_view name, std::string_view exceptId);

/// A new sealed key of a project as a row; nothing is written.
Result<storage::KeyRow> makeKeyRow(const Vault& vault, const Clock& clock, std::string_view projectId,
                                   auth::KeyKind kind, Environment environment);

/// What a key's sealed bytes are bound to.
std::string keyRecord(std::string_view keyId);

/// Writes a project with a key pair and the default namespaces. `project.name` must have passed checkProjectName(). On
/// the storage thread, inside a transaction.
Result<void> insertProject(storage::Connection& connection, const Vault& vault, const Clock& clock, std::string_view id,
                           const NewProject& project);

}  // namespace xshathra::services
