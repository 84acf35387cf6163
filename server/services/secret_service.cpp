#include "server/services/secret_service.h"

#include "server/auth/jwt.h"
#include "server/services/config_writer.h"
#include "server/storage/tables.h"

namespace xshathra::services {

namespace {

Result<auth::Secret> readEngineSecret(storage::Connection& connection, const Vault& vault) {
    const auto row = storage::SecretTable(connection).find(kEngineSecret);
    if (!row)
        return Unexpected<Error>(row.error());
    if (!*row)
        return fail("not_found", "The database holds no engine secret.");
    return vault.unseal((*row)->sealed, kEngineSecret);
}

Result<void> put(storage::Connection& connection, const Vault& vault, std::string_view name, const auth::Secret& secret,
                 Nanoseconds now, std::optional<Nanoseconds> expiresAt) {
    auto sealed = vault.seal(secret, name);
    if (!sealed)
        return Unexpected<Error>(sealed.error());
    return storage::SecretTable(connection).put({std::string(name), std::move(*sealed), now, expiresAt});
}

}  // namespace

Result<void> insertEngineSecret(storage::Connection& connection, const Vault& vault, const Clock& clock) {
    return put(connection, vault, kEngineSecret, auth::makeHmacSecret(), clock.wall(), std::nullopt);
}

QFuture<Result<auth::Secret>> SecretService::revealEngineSecret() {
    return writer_.database().run(
        [this](storage::Connection& connection) { return readEngineSecret(connection, writer_.vault()); });
}

QFuture<Result<bool>> SecretService::rotateEngineSecret() {
    return writer_.database().run([this](storage::Connection& connection) -> Result<bool> {
        auto done = writer_.apply(connection, [this](storage::Connection& c) -> Result<Touched> {
            auto old = readEngineSecret(c, writer_.vault());
            if (!old)
                return Unexpected<Error>(old.error());
            const auto now = clock_.wall();
            if (auto kept = put(c, writer_.vault(), kPreviousEngineSecret, *old, now, now + kSecretGrace); !kept)
                return Unexpected<Error>(kept.error());
            if (auto made = insertEngineSecret(c, writer_.vault(), clock_); !made)
                return Unexpected<Error>(made.error());
            return Touched{{}, true};
        });
        if (!done)
            return Unexpected<Error>(done.error());
        return true;
    });
}

}  // namespace xshathra::services
