#pragma once

#include "server/engine/transport.h"
#include "server/protocol/reply_decoder.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xshathra::test {

/// A connection without a network: keeps what the engine sends. For one thread.
class FakeTransport final : public engine::Transport {
public:
    explicit FakeTransport(engine::TransportInfo info = {}) : info_(std::move(info)) {}

    std::size_t send(const protocol::Frame& frame) override {
        sent.push_back(frame);
        if (frozen)
            pending_ += frame.framed().size();
        return pending_;
    }
    std::size_t pendingBytes() const override { return pending_; }
    void close(const protocol::Disconnect& disconnect) override {
        ++closeCalls;
        closed = disconnect;
    }
    void sendNativePing() override { ++nativePings; }
    const engine::TransportInfo& info() const override { return info_; }

    /// The messages sent since the last call, as text (JSON) or bytes (Protobuf).
    std::vector<std::string> take() {
        std::vector<std::string> messages;
        for (const auto& frame : std::exchange(sent, {}))
            messages.emplace_back(frame.messageView());
        return messages;
    }
    /// The same, decoded.
    std::vector<protocol::Reply> takeReplies() {
        std::vector<protocol::Reply> replies;
        for (const auto& message : take()) {
            auto decoded = protocol::decodeReplies(info_.encoding, SharedBytes(message));
            for (auto& reply : decoded.replies)
                replies.push_back(std::move(reply));
        }
        return replies;
    }

    std::vector<protocol::Frame> sent;
    /// The peer reads nothing: what is sent stays pending.
    bool frozen = false;
    std::optional<protocol::Disconnect> closed;
    int closeCalls = 0;
    int nativePings = 0;

private:
    engine::TransportInfo info_;
    std::size_t pending_ = 0;
};

}  // namespace xshathra::test
