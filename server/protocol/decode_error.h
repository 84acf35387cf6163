#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace xshathra::protocol {

/// What a frame may hold. Each breach ends the connection with 3501.
struct DecodeLimits {
    static constexpr std::size_t kMaxMessages = 64;
    static constexpr std::size_t kMaxMessageBytes = 65'536;
    static constexpr std::size_t kMaxDepth = 32;

    /// Commands (or, on the client's side, replies) in one frame.
    std::size_t messages = kMaxMessages;
    /// Bytes of one message without its framing.
    std::size_t messageBytes = kMaxMessageBytes;
    /// Nesting of the message's own objects and arrays; payloads are under kMaxPayloadDepth.
    std::size_t depth = kMaxDepth;

    /// For the client's side, which trusts its server: only the depth stays bounded.
    static constexpr DecodeLimits forClient() { return {SIZE_MAX, SIZE_MAX, kMaxDepth}; }
};

/// Why a frame could not be decoded. The wire only sees 3501; this is for the console.
struct DecodeError {
    enum class Kind : std::uint8_t {
        EmptyFrame,
        /// JSON: nothing between two line breaks.
        BlankLine,
        /// Not JSON, or not the Protobuf message.
        Malformed,
        /// JSON: a known field of another type, or a number out of its range.
        WrongType,
        /// A command with two different requests.
        Ambiguous,
        TooDeep,
        TooLong,
        TooMany,
        /// Protobuf: the frame ends inside a message or its length.
        Truncated,
    };

    Kind kind = Kind::Malformed;
    /// Place of the message in the frame, from 0.
    std::size_t message = 0;
    /// Where the message starts in the frame, in bytes.
    std::size_t offset = 0;
    /// One sentence for people: what was wrong, where, and what is allowed. Holds nothing of the payload.
    std::string text;
};

}  // namespace xshathra::protocol
