#pragma once

#include "server/base/shared_bytes.h"
#include "server/protocol/decode_error.h"
#include "server/protocol/encoding.h"
#include "server/protocol/messages.h"

#include <optional>
#include <vector>

namespace xshathra::protocol {

/// A decoded frame; with an error, `replies` are those before the bad one.
struct DecodedReplies {
    std::vector<Reply> replies;
    std::optional<DecodeError> error;
};

/// Decodes what a server sent in one WebSocket message: one or more replies, pushes or pings. For the built-in client,
/// the command line, the proxy and tests. Payloads as in decodeCommands(). Any thread.
[[nodiscard]] DecodedReplies decodeReplies(Encoding encoding, const SharedBytes& frame,
                                           const DecodeLimits& limits = DecodeLimits::forClient());

}  // namespace xshathra::protocol
