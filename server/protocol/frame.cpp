#include "server/protocol/frame.h"

#include <utility>

namespace xshathra::protocol {

namespace {

constexpr unsigned char kFinalText = 0x81;
constexpr unsigned char kFinalBinary = 0x82;
constexpr unsigned char kLength16 = 126;
constexpr unsigned char kLength64 = 127;

}  // namespace

Frame Frame::make(std::string&& messageWithRoom, bool binary) {
    const std::uint64_t length = messageWithRoom.size() - kHeaderRoom;
    // Length bytes after the first two, most significant first.
    const std::size_t extra = length < kLength16 ? 0 : length <= 0xFFFF ? 2 : 8;
    const auto headerSize = 2 + extra;
    const auto start = kHeaderRoom - headerSize;
    messageWithRoom[start] = static_cast<char>(binary ? kFinalBinary : kFinalText);
    messageWithRoom[start + 1] = static_cast<char>(extra == 0 ? length : extra == 2 ? kLength16 : kLength64);
    for (std::size_t i = 0; i < extra; ++i)
        messageWithRoom[start + 2 + i] = static_cast<char>(length >> (8 * (extra - 1 - i)));
    Frame frame;
    frame.framed_ = SharedBytes(std::move(messageWithRoom)).slice(start);
    frame.headerSize_ = static_cast<std::uint8_t>(headerSize);
    frame.binary_ = binary;
    return frame;
}

Frame frameText(std::string&& messageWithRoom) { return Frame::make(std::move(messageWithRoom), false); }
Frame frameBinary(std::string&& messageWithRoom) { return Frame::make(std::move(messageWithRoom), true); }

}  // namespace xshathra::protocol
