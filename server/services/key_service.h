#pragma once

#include "server/auth/api_key.h"
#include "server/base/clock.h"
#include "server/base/expected.h"
#include "server/base/result.h"
#include "server/services/server_api_access.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace xshathra::services {

class ConfigStore;

/// Who a request comes from.
struct KeyIdentity {
    std::string projectId;
    auth::KeyKind kind = auth::KeyKind::Server;
    /// First digits of the key's hash: names the key in logs.
    std::string fingerprint;
    /// The key was rotated and is in its grace time.
    bool inGrace = false;
};

/// Who a request to the server API comes from, and how its project wants it answered.
struct ServerApiIdentity {
    KeyIdentity key;
    ServerApiAccess access;
};

enum class KeyRefusalKind : std::uint8_t {
    /// No key was given.
    Missing,
    /// Its form or checksum is wrong: cut or mistyped. Nothing was looked up.
    Mistyped,
    /// Well-formed, but no project has it (never had, or it was rotated away).
    Unknown,
    /// A client key where a server key is needed.
    ClientKey,
    /// A rotated key whose grace time is over.
    Expired,
    /// Its project can't be served, see Project::fault.
    NotServed,
};

struct KeyRefusal {
    KeyRefusalKind kind = KeyRefusalKind::Missing;
    /// One sentence: what is wrong and what to do. Holds nothing of the key.
    std::string message;
    /// The project whose key it is, where there is one: ClientKey, Expired and NotServed.
    std::string projectId = {};

    /// 403 for a client key, 503 where the project isn't served, else 401.
    int httpStatus() const {
        return kind == KeyRefusalKind::ClientKey ? 403 : kind == KeyRefusalKind::NotServed ? 503 : 401;
    }
    /// In the form of the REST errors: code `forbidden`, `unavailable` or `unauthorized`.
    Error error() const;
};

/// Tells whose key a text is, from the snapshot in force. Any thread, no database.
class KeyService {
public:
    KeyService(const ConfigStore& store, const Clock& clock) : store_(store), clock_(clock) {}

    /// Either kind of key. The checksum is verified before any look-up, the look-up goes by SHA-256, and unknown keys
    /// take the work of known ones.
    Expected<KeyIdentity, KeyRefusal> authenticate(std::string_view key) const;
    /// As authenticate(), refusing client keys, and then keys of projects that are not served.
    Expected<KeyIdentity, KeyRefusal> authenticateServer(std::string_view key) const;
    /// For the server API: also takes a project's own `http_api.key`. Where the default project is insecure, whoever
    /// has no key that counts is let in to it.
    Expected<ServerApiIdentity, KeyRefusal> authenticateServerApi(std::string_view key) const;

private:
    const ConfigStore& store_;
    const Clock& clock_;
};

}  // namespace xshathra::services
