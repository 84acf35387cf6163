#pragma once

#include "server/auth/secret.h"
#include "server/base/clock.h"
#include "server/base/result.h"

#include <QFuture>

namespace xshathra::storage {
class Connection;
}

namespace xshathra::services {

class ConfigWriter;
class Vault;

/// How long tokens of the previous engine secret are accepted after a rotation: the longest life of a token. Only of
/// the one before the current: a second rotation within that time ends the older secret at once, as with keys. Once it
/// is over, the secret is erased.
inline constexpr Seconds kSecretGrace{3600};

/// Writes a fresh engine secret of 32 random bytes: at the first start. On the storage thread, inside a transaction.
Result<void> insertEngineSecret(storage::Connection& connection, const Vault& vault, const Clock& clock);

/// The engine secret, which signs and verifies the tokens of all projects. Any thread.
class SecretService {
public:
    SecretService(ConfigWriter& writer, const Clock& clock) : writer_(writer), clock_(clock) {}

    /// The secret in clear: only for a person who asked for it in the desktop window.
    QFuture<Result<auth::Secret>> revealEngineSecret();
    /// Makes a new secret. Tokens of the old one are accepted for kSecretGrace, those of an even older one no more.
    QFuture<Result<bool>> rotateEngineSecret();

private:
    ConfigWriter& writer_;
    const Clock& clock_;
};

}  // namespace xshathra::services
