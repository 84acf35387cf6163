#pragma once

#include "server/protocol/encoding.h"
#include "server/protocol/frame.h"
#include "server/protocol/messages.h"

#include <cstdint>
#include <string_view>

namespace xshathra::protocol {

/// Encode one message of a server, ready to be sent (sections 2.3 and 3). Payloads of JSON connections must be JSON
/// already (isValidJson()); line breaks in them are left out, else they go out byte for byte. Any thread.
[[nodiscard]] Frame encodeReply(Encoding encoding, const Reply& reply);
/// A push of a bidirectional connection: inside a reply.
[[nodiscard]] Frame encodePush(Encoding encoding, const Push& push);
/// A push of a unidirectional connection: without the reply around it (section 1.8).
[[nodiscard]] Frame encodeBarePush(Encoding encoding, const Push& push);
/// Same bytes as encodePush() of the publication, without copying it: the way of every message.
[[nodiscard]] Frame encodePublicationPush(Encoding encoding, std::string_view channel, const Publication& publication);
/// The empty message (section 7). Shared by all; nothing is allocated after the first call.
[[nodiscard]] Frame encodePing(Encoding encoding);

/// An error reply.
[[nodiscard]] Frame encodeError(Encoding encoding, std::uint32_t id, const ClientError& error);

}  // namespace xshathra::protocol
