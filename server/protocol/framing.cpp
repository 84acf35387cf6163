#include "server/protocol/framing.h"

#include "server/protocol/json.h"

namespace xshathra::protocol {

std::string describe(DecodeError::Kind kind, std::string_view word, std::size_t message, std::string_view field,
                     const DecodeLimits& limits) {
    const auto number = std::to_string(message + 1);
    const auto subject = std::string(word) + ' ' + number + " of the frame";
    switch (kind) {
        case DecodeError::Kind::EmptyFrame: return "The frame is empty; it has to hold at least one message.";
        case DecodeError::Kind::BlankLine:
            return subject + " is a blank line; messages are separated by exactly one line break.";
        case DecodeError::Kind::Malformed:
            return subject +
                   " can't be parsed; it has to be one JSON object on one line, or one Protobuf message nested at "
                   "most " +
                   std::to_string(limits.depth) + " deep.";
        case DecodeError::Kind::WrongType:
            return field.empty() ? subject + " is not a JSON object."
                                 : "Field \"" + std::string(field) + "\" of " + subject +
                                       " has another type than the protocol gives it, or a number out of its range.";
        case DecodeError::Kind::Ambiguous:
            return subject + " holds more than one request or result; exactly one is allowed.";
        case DecodeError::Kind::TooDeep:
            return subject + " is nested too deep; allowed are " + std::to_string(limits.depth) + " levels, and " +
                   std::to_string(kMaxPayloadDepth) + " in a payload.";
        case DecodeError::Kind::TooLong:
            return subject + " is too long; allowed are " + std::to_string(limits.messageBytes) + " bytes.";
        case DecodeError::Kind::TooMany:
            return "The frame holds more than " + std::to_string(limits.messages) +
                   " messages; send the rest in another frame.";
        case DecodeError::Kind::Truncated:
            return subject + " is cut off; its length prefix announces more bytes than the frame has.";
    }
    return {};
}

LengthPrefix readLengthPrefix(std::string_view bytes) {
    constexpr std::size_t kMaxVarintBytes = 10;
    LengthPrefix prefix;
    for (std::size_t i = 0; i < bytes.size() && i < kMaxVarintBytes; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        prefix.length |= std::uint64_t(byte & 0x7FU) << (7 * i);
        if (byte < 0x80) {
            // The tenth byte has room for one bit of 64.
            prefix.malformed = i == kMaxVarintBytes - 1 && byte > 1;
            prefix.prefixSize = prefix.malformed ? 0 : i + 1;
            return prefix;
        }
    }
    prefix.malformed = bytes.size() >= kMaxVarintBytes;
    return prefix;
}

}  // namespace xshathra::protocol
