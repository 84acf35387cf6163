#pragma once

#include "server/base/shared_bytes.h"
#include "server/protocol/encoding.h"
#include "server/protocol/messages.h"

#include <span>

namespace xshathra::protocol {

/// Encodes commands into one frame, as a client sends it: JSON joined by line breaks, Protobuf length-prefixed (section
/// 2). For the built-in client, the command line and tests. JSON payloads must be JSON. Any thread.
[[nodiscard]] SharedBytes encodeCommands(Encoding encoding, std::span<const Command> commands);
[[nodiscard]] SharedBytes encodeCommand(Encoding encoding, const Command& command);

/// The answer to a ping.
[[nodiscard]] SharedBytes encodePong(Encoding encoding);

}  // namespace xshathra::protocol
