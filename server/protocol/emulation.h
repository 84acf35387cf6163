#pragma once

#include "server/base/shared_bytes.h"
#include "server/protocol/encoding.h"

#include <optional>
#include <string>

namespace xshathra::protocol {

/// The body of an emulation request (section 1.7): commands of a connection whose other half is an HTTP stream.
struct EmulationRequest {
    /// The process that has the connection; from its connect result.
    std::string node;
    std::string session;
    /// Frame of commands, in the connection's encoding. Absent where the JSON field `data` is not a string, which is no
    /// reason to refuse the request.
    std::optional<SharedBytes> commands;
};

/// Decodes a body, JSON or the Protobuf message without a length prefix. Nothing where it is malformed; absent fields
/// are empty. Any thread.
[[nodiscard]] std::optional<EmulationRequest> decodeEmulation(Encoding encoding, const SharedBytes& body);

/// The other direction, for clients.
[[nodiscard]] std::string encodeEmulation(Encoding encoding, const EmulationRequest& request);

}  // namespace xshathra::protocol
