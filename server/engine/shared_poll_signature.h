#pragma once

#include "server/engine/shared_poll_options.h"
#include "server/protocol/messages.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace xshathra::engine {

struct TrackSignature {
    /// Wall times in seconds since 1970, as they were signed; 0 where they are no numbers.
    std::int64_t issuedAt = 0;
    /// 0: never.
    std::int64_t expireAt = 0;
};

/// Whether the backend allows the user to track the batch's keys (protocol section 14.3): the signature is
/// `iat:exp:hex`, with the HMAC-SHA256 over iat, exp, user, channel and the hexadecimal SHA-256 of the keys (in their
/// order, with NUL between them), with NUL between the fields. Nothing when it isn't so. Says nothing about time,
/// except that a signature under the previous key must be old enough.
std::optional<TrackSignature> verifyTrackSignature(const SharedPollProjectOptions& options, std::string_view channel,
                                                   std::string_view user, const protocol::TrackBatch& batch);

}  // namespace xshathra::engine
