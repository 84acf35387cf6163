// Any bytes as a frame of a client or of a server. The first byte chooses the encoding and the side, the rest is the
// frame.
#include "server/protocol/command_decoder.h"
#include "server/protocol/command_encoder.h"
#include "server/protocol/json.h"
#include "server/protocol/reply_decoder.h"
#include "server/protocol/reply_encoder.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace xshathra;
using namespace xshathra::protocol;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

/// What was decoded can be encoded, and decodes to itself.
void checkCommands(Encoding encoding, const SharedBytes& frame) {
    const auto decoded = decodeCommands(encoding, frame);
    require(decoded.error || !decoded.commands.empty());
    require(decoded.commands.size() <= DecodeLimits::kMaxMessages);
    for (const auto& command : decoded.commands) {
        const auto wire = encodeCommand(encoding, command);
        const auto again = decodeCommands(encoding, wire, {1, SIZE_MAX, DecodeLimits::kMaxDepth});
        require(!again.error && again.commands.size() == 1);
        require(encodeCommand(encoding, again.commands[0]).size() == wire.size());
    }
}

void checkReplies(Encoding encoding, const SharedBytes& frame) {
    const auto decoded = decodeReplies(encoding, frame);
    require(decoded.error || !decoded.replies.empty());
    for (const auto& reply : decoded.replies) {
        const auto encoded = encodeReply(encoding, reply);
        if (encoding == Encoding::Json)
            require(isValidJson(encoded.messageView(), kMaxJsonDepth));
        const auto again = decodeReplies(encoding, encoded.message());
        require(!again.error && again.replies.size() == 1);
        require(encodeReply(encoding, again.replies[0]).messageSize() == encoded.messageSize());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const auto encoding = (data[0] & 1U) == 0 ? Encoding::Json : Encoding::Protobuf;
    const SharedBytes frame(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
    if ((data[0] & 2U) == 0)
        checkCommands(encoding, frame);
    else
        checkReplies(encoding, frame);
    return 0;
}
