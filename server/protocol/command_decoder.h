#pragma once

#include "server/base/shared_bytes.h"
#include "server/protocol/decode_error.h"
#include "server/protocol/encoding.h"
#include "server/protocol/messages.h"

#include <optional>
#include <vector>

namespace xshathra::protocol {

/// A decoded frame. With an error, `commands` are those before the bad one: they are carried out, then the connection
/// ends.
struct DecodedCommands {
    std::vector<Command> commands;
    std::optional<DecodeError> error;
};

/// Decodes what a client sent in one WebSocket message or HTTP body: one or more commands (section 2). Unknown fields
/// are ignored. In JSON all payloads are slices of `frame`, byte for byte; in Protobuf they are copied once. Any
/// thread.
[[nodiscard]] DecodedCommands decodeCommands(Encoding encoding, const SharedBytes& frame,
                                             const DecodeLimits& limits = {});

}  // namespace xshathra::protocol
