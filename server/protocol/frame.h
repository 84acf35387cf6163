#pragma once

#include "server/base/shared_bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace xshathra::protocol {

/// One encoded server message with its WebSocket header (RFC 6455 5.2: unmasked, final) already in front of it, in one
/// piece of shared memory: made once and handed to every subscriber. Copying is cheap and thread-safe. In Protobuf the
/// message includes its length prefix; in JSON it has no line break at the end.
class Frame {
public:
    /// Bytes that a message's string needs in front of the message for frameText() and frameBinary().
    static constexpr std::size_t kHeaderRoom = 10;

    /// No message.
    Frame() = default;

    bool empty() const { return framed_.empty(); }
    /// Header and message: what a WebSocket sends.
    const SharedBytes& framed() const { return framed_; }
    /// The message alone: what stream transports send and the capture keeps.
    SharedBytes message() const { return framed_.slice(headerSize_); }
    std::string_view messageView() const { return framed_.view().substr(headerSize_); }
    std::size_t messageSize() const { return framed_.size() - headerSize_; }
    /// Whether it goes out as a binary frame (Protobuf) instead of a text frame.
    bool binary() const { return binary_; }

    friend bool operator==(const Frame& a, const Frame& b) { return a.framed_ == b.framed_; }

private:
    friend Frame frameText(std::string&& messageWithRoom);
    friend Frame frameBinary(std::string&& messageWithRoom);
    static Frame make(std::string&& messageWithRoom, bool binary);

    SharedBytes framed_;
    std::uint8_t headerSize_ = 0;
    bool binary_ = false;
};

/// Frames a message that stands behind Frame::kHeaderRoom bytes of any content. Nothing is copied.
Frame frameText(std::string&& messageWithRoom);
Frame frameBinary(std::string&& messageWithRoom);

}  // namespace xshathra::protocol
