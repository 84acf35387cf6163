#pragma once

#include "server/auth/algorithm.h"
#include "server/auth/public_key.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace xshathra::auth {

/// A public key of a JSON Web Key Set (RFC 7517).
struct JsonWebKey {
    /// `kid`
    std::string id;
    /// `alg`: the one algorithm the key may be used with. Absent: each that the key serves.
    std::optional<Algorithm> algorithm;
    PublicKey key;
};

/// Which key a token was made with.
struct KeyRequest {
    /// URL of the key set.
    std::string url;
    /// `kid` of the token's header.
    std::string keyId;

    friend bool operator==(const KeyRequest&, const KeyRequest&) = default;
};

/// Where keys come from that are not in the configuration. A verification only looks into memory; getting a key from
/// elsewhere is for whoever asked for the verification, which waits for it and then verifies anew.
class KeySource {
public:
    virtual ~KeySource() = default;

    /// The key, if it is in memory. Never blocks on anything but a short lock. Any thread.
    virtual std::shared_ptr<const JsonWebKey> find(const KeyRequest& request) = 0;

    /// Gets the key's set. `done` is called once, on any thread, perhaps from within this call (never, if the source
    /// ends before); after it, find() has the key unless the set couldn't be had or doesn't hold it. Any thread.
    virtual void fetch(const KeyRequest& request, std::function<void()> done) = 0;
};

}  // namespace xshathra::auth
