#include "tests/component/raw_client.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace xshathra::test {

RawClient::RawClient(std::uint16_t port, const char* address, int receiveBuffer) {
    const bool v6 = std::strchr(address, ':') != nullptr;
    socket_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receiveBuffer > 0)
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (v6) {
        auto* peer = reinterpret_cast<sockaddr_in6*>(&storage);
        peer->sin6_family = AF_INET6;
        peer->sin6_port = htons(port);
        ::inet_pton(AF_INET6, address, &peer->sin6_addr);
        size = sizeof *peer;
    } else {
        auto* peer = reinterpret_cast<sockaddr_in*>(&storage);
        peer->sin_family = AF_INET;
        peer->sin_port = htons(port);
        ::inet_pton(AF_INET, address, &peer->sin_addr);
        size = sizeof *peer;
    }
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
        ::close(socket_);
        socket_ = -1;
    }
}

RawClient::~RawClient() {
    if (socket_ >= 0)
        ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::closeHalf() { ::shutdown(socket_, SHUT_WR); }

void RawClient::reset() {
    const linger atOnce{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
    ::close(std::exchange(socket_, -1));
}

bool RawClient::fill(int milliseconds) {
    pollfd wait{socket_, POLLIN, 0};
    if (ended_ || ::poll(&wait, 1, milliseconds) <= 0)
        return false;
    std::vector<char> bytes(65536);
    const auto count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) {
        ended_ = true;
        return false;
    }
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    return true;
}

std::string RawClient::readUntil(std::string_view end) {
    for (;;) {
        if (const auto at = buffer_.find(end); at != std::string::npos) {
            auto taken = buffer_.substr(0, at + end.size());
            buffer_.erase(0, at + end.size());
            return taken;
        }
        if (!fill())
            return {};
    }
}

std::string RawClient::readResponse(bool bodyless) {
    auto head = readUntil("\r\n\r\n");
    const auto field = head.find("Content-Length: ");
    if (bodyless || field == std::string::npos)
        return head;
    const auto length = static_cast<std::size_t>(std::atoi(head.c_str() + field + 16));
    while (buffer_.size() < length && fill()) {
    }
    head += buffer_.substr(0, length);
    buffer_.erase(0, length);
    return head;
}

int RawClient::readStatus() {
    const auto response = readResponse();
    return response.size() > 12 ? std::atoi(response.c_str() + 9) : 0;
}

std::optional<ReceivedFrame> RawClient::readFrame() {
    const auto need = [&](std::size_t count) {
        while (buffer_.size() < count) {
            if (!fill())
                return false;
        }
        return true;
    };
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(buffer_[at]); };
    if (!need(2))
        return std::nullopt;
    ReceivedFrame frame;
    frame.opcode = byte(0) & 0x0f;
    // A server's frames are whole and unmasked, without reserved bits: anything else is torn data.
    if ((byte(0) & 0xf0) != 0x80 || (byte(1) & 0x80) != 0)
        return std::nullopt;
    std::size_t length = byte(1) & 0x7f;
    std::size_t header = 2;
    if (length >= 126) {
        const std::size_t size = length == 126 ? 2 : 8;
        if (!need(2 + size))
            return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < size; ++i)
            length = (length << 8) | byte(2 + i);
        header += size;
    }
    if (!need(header + length))
        return std::nullopt;
    frame.payload = buffer_.substr(header, length);
    buffer_.erase(0, header + length);
    if (frame.opcode == 0x8 && frame.payload.size() >= 2)
        frame.closeCode =
            (static_cast<unsigned char>(frame.payload[0]) << 8) | static_cast<unsigned char>(frame.payload[1]);
    return frame;
}

bool RawClient::closedByPeer() { return !fill() && ended_; }

std::size_t RawClient::drain(std::size_t most, int milliseconds) {
    const auto before = buffer_.size();
    while (buffer_.size() - before < most && fill(milliseconds)) {
    }
    return buffer_.size() - before;
}

std::string RawClient::openWebSocket(std::uint16_t port, const std::string& query, const std::string& headers) {
    send(handshake(port, "/realtime/connection/websocket" + query, headers));
    auto head = readUntil("\r\n\r\n");
    return head.starts_with("HTTP/1.1 101 ") ? head : std::string();
}

std::string handshake(std::uint16_t port, const std::string& target, const std::string& headers) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) +
           "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           headers + "\r\n";
}

std::string maskedFrame(unsigned char first, std::string_view payload) {
    constexpr unsigned char kMask[4]{0x11, 0x22, 0x33, 0x44};
    std::string frame(1, static_cast<char>(first));
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80U | payload.size());
    } else if (payload.size() < 65536) {
        frame += static_cast<char>(0x80U | 126U);
        frame += static_cast<char>(payload.size() >> 8);
        frame += static_cast<char>(payload.size() & 0xff);
    } else {
        frame += static_cast<char>(0x80U | 127U);
        for (int shift = 56; shift >= 0; shift -= 8)
            frame += static_cast<char>((static_cast<std::uint64_t>(payload.size()) >> shift) & 0xff);
    }
    for (const auto byte : kMask)
        frame += static_cast<char>(byte);
    for (std::size_t i = 0; i < payload.size(); ++i)
        frame += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ kMask[i % 4]);
    return frame;
}

std::string textFrame(std::string_view payload) { return maskedFrame(0x81, payload); }

}  // namespace xshathra::test
