#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace xshathra::transport {

/// Follows the frames of one client (RFC 6455 section 5) by their headers alone, beside QWebSocket, which checks
/// neither masking nor the number of fragments, shows no incoming ping, and would close the descriptor with bytes
/// unread, so that the system drops the close frame. Bytes may be cut anywhere. Keeps nothing of the payload.
class FrameScanner {
public:
    struct Limits {
        std::size_t messageBytes;
        std::size_t fragments;
    };
    /// Why the connection must be failed.
    struct Fault {
        /// 1002, 1008 or 1009.
        std::uint16_t code;
        std::string_view reason;
    };

    explicit FrameScanner(Limits limits) : limits_(limits) {}

    /// Follows the next bytes. The fault, once found, stays.
    std::optional<Fault> feed(std::string_view bytes);

    /// Ping and pong frames seen.
    std::uint64_t controlFrames() const { return controlFrames_; }
    /// Data frames whose header was seen.
    std::uint64_t dataFrames() const { return dataFrames_; }
    /// Whether a complete close frame was seen; what follows it is not looked at.
    bool closed() const { return closed_; }

private:
    std::optional<Fault> takeHeader();

    Limits limits_;
    std::optional<Fault> fault_;
    std::array<unsigned char, 14> header_{};
    std::size_t headerSize_ = 0;
    std::size_t headerWanted_ = 2;
    std::uint64_t payloadLeft_ = 0;
    std::uint64_t messageBytes_ = 0;
    std::size_t fragments_ = 0;
    std::uint64_t controlFrames_ = 0;
    std::uint64_t dataFrames_ = 0;
    bool inMessage_ = false;
    bool closing_ = false;
    bool closed_ = false;
};

}  // namespace xshathra::transport
