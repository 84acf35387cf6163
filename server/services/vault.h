#pragma once

#include "server/auth/cipher.h"
#include "server/auth/secret.h"
#include "server/base/result.h"

#include <QString>

#include <string>
#include <string_view>
#include <utility>

namespace xshathra::storage {
class DataFolder;
}

namespace xshathra::services {

/// Seals what is stored and must be shown again: API keys and the engine secret. Holds the master key. Immutable,
/// thread-safe.
class Vault {
public:
    /// With the folder's master key, a 0600 file, which is made unless `sealedExists` says that the database already
    /// needs one. Errors: `master_key`.
    static Result<Vault> open(const storage::DataFolder& folder, bool sealedExists);
    /// With a key that ends with the process.
    static Vault inMemory() { return Vault(auth::makeCipherKey()); }

    static QString fileName() { return QStringLiteral("master.key"); }

    /// `record` binds the result to its row. Errors: `master_key`.
    Result<std::string> seal(const auth::Secret& plain, std::string_view record) const;
    Result<auth::Secret> unseal(std::string_view sealed, std::string_view record) const;

private:
    explicit Vault(auth::Secret key) : key_(std::move(key)) {}

    auth::Secret key_;
};

}  // namespace xshathra::services
