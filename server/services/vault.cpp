#include "server/services/vault.h"

#include "server/storage/data_folder.h"

namespace xshathra::services {

Result<Vault> Vault::open(const storage::DataFolder& folder, bool sealedExists) {
    const auto path = folder.file(fileName());
    auto bytes = storage::readPrivateFile(path, static_cast<qint64>(auth::kCipherKeyBytes));
    if (bytes) {
        if (bytes->size() != auth::kCipherKeyBytes)
            return fail("master_key", "The master key " + path.toStdString() + " has " + std::to_string(bytes->size()) +
                                          " bytes instead of " + std::to_string(auth::kCipherKeyBytes) +
                                          "; put the right file in its place.");
        return Vault(auth::Secret(std::move(*bytes)));
    }
    if (bytes.error().code != "not_found")
        return fail("master_key", bytes.error().message);
    if (sealedExists)
        return fail(
            "master_key",
            "The master key " + path.toStdString() +
                " is missing, so the keys in the database can't be read. Put the file back, or move the whole folder "
                "away to start afresh.");
    auto key = auth::makeCipherKey();
    if (auto written = storage::writePrivateFile(path, key.expose()); !written)
        return fail("master_key", written.error().message);
    return Vault(std::move(key));
}

Result<std::string> Vault::seal(const auth::Secret& plain, std::string_view record) const {
    auto sealed = auth::seal(key_, plain.expose(), record);
    if (!sealed)
        return fail("master_key", "A key can't be sealed: " + sealed.error().message);
    return sealed;
}

Result<auth::Secret> Vault::unseal(std::string_view sealed, std::string_view record) const {
    auto plain = auth::open(key_, sealed, record);
    if (!plain)
        return fail("master_key",
                    "A stored key can't be opened: the file master.key doesn't belong to this database, or the record "
                    "was changed.");
    return plain;
}

}  // namespace xshathra::services
