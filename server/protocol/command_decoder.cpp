#include "server/protocol/command_decoder.h"

#include "server/protocol/framing.h"

#include <utility>

namespace xshathra::protocol {

DecodedCommands decodeCommands(Encoding encoding, const SharedBytes& frame, const DecodeLimits& limits) {
    FrameDecoder<Command> decoder(frame, limits, "Command");
    decoder.run(encoding);
    return {std::move(decoder.messages), std::move(decoder.error)};
}

}  // namespace xshathra::protocol
