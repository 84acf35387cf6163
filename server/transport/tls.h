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

/// Reads a PEM certificate (the server's own first, then its chain) and its unencrypted PEM key (RSA or EC), each from
/// a file or from the text that is given in its place, and checks that they are readable, belong together and are valid
/// at `clock`'s wall time (reliability 2.1 #36). Errors: code `tls`, the field `certificate` or `privateKey`, and a
/// sentence that names the file and what is wrong with it.
Result<TlsIdentity> loadTlsIdentity(const std::string& certificateSource, const std::string& keySource,
                                    const Clock& clock);

}  // namespace xshathra::transport
