#include "server/transport/frame_scanner.h"

#include <algorithm>

namespace xshathra::transport {

namespace {

constexpr unsigned char kContinuation = 0x0;
constexpr unsigned char kBinary = 0x2;
constexpr unsigned char kClose = 0x8;
constexpr unsigned char kPong = 0xA;
constexpr std::size_t kControlPayload = 125;

constexpr FrameScanner::Fault protocolError(std::string_view reason) { return {1002, reason}; }

}  // namespace

std::optional<FrameScanner::Fault> FrameScanner::feed(std::string_view bytes) {
    while (!bytes.empty() && !fault_ && !closed_) {
        if (payloadLeft_ > 0) {
            const auto skipped = std::min<std::uint64_t>(payloadLeft_, bytes.size());
            bytes.remove_prefix(static_cast<std::size_t>(skipped));
            payloadLeft_ -= skipped;
            closed_ = closing_ && payloadLeft_ == 0;
            continue;
        }
        header_[headerSize_++] = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (headerSize_ == 2) {
            const unsigned length = header_[1] & 0x7fU;
            headerWanted_ = 6 + (length == 126 ? 2 : length == 127 ? 8 : 0);
        }
        // What the first two bytes tell is judged at once; a peer must not be waited for after it has broken the rules.
        if (headerSize_ == 2 && (header_[1] & 0x80U) == 0)
            fault_ = protocolError("frame is not masked");
        else if (headerSize_ == 2 && (header_[0] & 0x70U) != 0)
            fault_ = protocolError("reserved bit is set");
        else if (headerSize_ == headerWanted_)
            fault_ = takeHeader();
    }
    return fault_;
}

std::optional<FrameScanner::Fault> FrameScanner::takeHeader() {
    const bool final = (header_[0] & 0x80U) != 0;
    const auto opcode = static_cast<unsigned char>(header_[0] & 0x0fU);
    std::uint64_t length = header_[1] & 0x7fU;
    if (length >= 126) {
        const std::size_t size = length == 126 ? 2 : 8;
        length = 0;
        for (std::size_t i = 0; i < size; ++i)
            length = (length << 8) | header_[2 + i];
    }
    headerSize_ = 0;
    headerWanted_ = 2;

    if ((opcode > kBinary && opcode < kClose) || opcode > kPong)
        return protocolError("reserved opcode");
    payloadLeft_ = length;
    if (opcode >= kClose) {
        if (!final || length > kControlPayload)
            return protocolError("control frame is fragmented or too long");
        if (opcode == kClose) {
            closing_ = true;
            closed_ = length == 0;
        } else {
            ++controlFrames_;
        }
        return std::nullopt;
    }
    if ((opcode == kContinuation) != inMessage_)
        return protocolError(inMessage_ ? "message is not finished" : "no message to continue");
    ++dataFrames_;
    if (!inMessage_) {
        messageBytes_ = 0;
        fragments_ = 0;
    }
    if (length > limits_.messageBytes || messageBytes_ + length > limits_.messageBytes)
        return Fault{1009, "message size limit"};
    messageBytes_ += length;
    if (++fragments_ > limits_.fragments)
        return Fault{1008, "too many fragments"};
    inMessage_ = !final;
    return std::nullopt;
}

}  // namespace xshathra::transport
