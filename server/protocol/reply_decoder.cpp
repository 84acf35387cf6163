#include "server/protocol/reply_decoder.h"

#include "server/protocol/framing.h"

#include <utility>

namespace xshathra::protocol {

DecodedReplies decodeReplies(Encoding encoding, const SharedBytes& frame, const DecodeLimits& limits) {
    FrameDecoder<Reply> decoder(frame, limits, "Reply");
    decoder.run(encoding);
    return {std::move(decoder.messages), std::move(decoder.error)};
}

}  // namespace xshathra::protocol
