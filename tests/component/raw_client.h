#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::test {

/// One WebSocket frame as a server sends it.
struct ReceivedFrame {
    unsigned char opcode = 0;
    std::string payload;
    /// Of a close frame, else 0.
    int closeCode = 0;
};

/// A blocking TCP client that writes exactly the bytes it is told to. Waits at most kPatienceMs for anything.
class RawClient {
public:
    static constexpr int kPatienceMs = 5000;

    /// `receiveBuffer` > 0 keeps the system's own buffer small, for a reader that is slow.
    explicit RawClient(std::uint16_t port, const char* address = "127.0.0.1", int receiveBuffer = 0);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool connected() const { return socket_ >= 0; }
    bool send(std::string_view bytes);
    /// Says that nothing more will be sent, and goes on reading.
    void closeHalf();
    /// Leaves so that the peer is told at once that nobody reads any more (RST).
    void reset();
    /// Reads until `end` was seen and returns everything up to and with it; what was read behind it stays. Empty on
    /// time-out or end.
    std::string readUntil(std::string_view end);
    /// Head and body (by Content-Length) of one answer; `bodyless` for answers to HEAD.
    std::string readResponse(bool bodyless = false);
    /// Status of the next answer, or 0.
    int readStatus();
    std::optional<ReceivedFrame> readFrame();
    /// Waits for the peer's end; false when bytes came or nothing happened.
    bool closedByPeer();
    /// Takes what is there or comes within `milliseconds`, at most `most` bytes.
    std::size_t drain(std::size_t most, int milliseconds);
    std::string& buffer() { return buffer_; }

    /// Sends a handshake for the default endpoint and reads its answer. Empty when it was not accepted.
    std::string openWebSocket(std::uint16_t port, const std::string& query = {}, const std::string& headers = {});

private:
    bool fill(int milliseconds = kPatienceMs);

    int socket_ = -1;
    bool ended_ = false;
    std::string buffer_;
};

/// A handshake for `target`, with `headers` (each ended by CR LF) after the usual ones.
std::string handshake(std::uint16_t port, const std::string& target = "/realtime/connection/websocket",
                      const std::string& headers = {});
/// A client's frame.
std::string maskedFrame(unsigned char first, std::string_view payload);
std::string textFrame(std::string_view payload);

}  // namespace xshathra::test
