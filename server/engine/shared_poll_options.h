#pragma once

#include "server/auth/secret.h"

#include <cstddef>
#include <cstdint>

namespace xshathra::engine {

/// Centrifugo's `shared_poll.*` options of the whole project (the namespaces' are in SharedPollOptions).
struct SharedPollProjectOptions {
    /// Verifies the signatures that allow keys to be tracked (protocol section 14.3). Empty: tracking gets error 100.
    auth::Secret hmacSecretKey;
    /// Tried after hmacSecretKey; empty: none.
    auth::Secret hmacPreviousSecretKey;
    /// Wall time in seconds since 1970; signatures made later don't count under the previous key. 0: no such bound.
    std::int64_t hmacPreviousSecretKeyValidUntil = 0;
    /// Refresh calls under way at the same time; 0: kDefaultConcurrency.
    std::int64_t concurrencyLimit = 0;

    static constexpr std::int64_t kDefaultConcurrency = 64;
};

}  // namespace xshathra::engine
