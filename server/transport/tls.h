#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"

#include <QSslConfiguration>

#include <cstdint>
#include <string>
#include <vector>

namespace xshathra::transport {

/// A certificate with its key, read and checked.
struct TlsIdentity {
    QSslConfiguration configuration;
    /// When the certificate ends (Unix seconds).
    std::int64_t expiresAt = 0;
    /// Sentences for the log: ends within 14 days, key readable by others. Usually empty.
    std::vector<std::string> warnings;
};

/// Reads a PEM certificate (the server's own first, then its chain) and its unencrypted PEM key (RSA or EC), and checks that they are
/// readable, belong together and are valid at `clock`'s wall time (reliability 2.1 #36). Errors: code `tls`, the field
/// `certificateFile` or `privateKeyFile`, and a sentence that names the file and what is wrong with it.
Result<TlsIdentity> loadTlsIdentity(const std::string& certificateFile, const std::string& privateKeyFile, const Clock& clock);

}  // namespace xshathra::transport
