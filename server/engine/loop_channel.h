#pragma once

#include "server/base/shared_bytes.h"
#include "server/engine/delivery.h"
#include "server/engine/loop_mailbox.h"
#include "server/protocol/encoding.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace xshathra::engine {

class Loop;
class Transport;
struct Subscription;

/// Why a subscriber can't stay as it is; found during a broadcast, acted on after it.
enum class Trouble : std::uint8_t { Slow, InsufficientState, NotJson };

/// All that a broadcast has to know of one subscriber: small and contiguous.
struct Subscriber {
    Transport* transport = nullptr;
    Subscription* subscription = nullptr;
    /// Sequence of the channel's newest message when the subscriber joined: what is older isn't for it.
    std::uint64_t sequence = 0;
    /// Positioned: offset of the last publication that was sent.
    std::uint64_t offset = 0;
    /// Positioned: the incarnation of the stream that `offset` counts in.
    std::uint32_t stream = 0;
    /// Bytes above which the client is slow.
    std::uint32_t queueLimit = 0;
    protocol::Encoding encoding = protocol::Encoding::Json;
    bool positioned = false;
    bool joinLeave = false;
    /// Takes publications in the forms of delta compression.
    bool delta = false;
    /// Delta: the client has the stream's newest publication, so the next one can come as a patch.
    bool hasBase = false;
    /// The subscription has a filter.
    bool filtered = false;
    /// Delta: no patches, since the filter may have held back what they start from (maps, whose keys each have their
    /// own chain).
    bool wholeOnly = false;
    /// `delta` or `filtered`: what the usual subscriber is spared looking at.
    bool special() const { return delta || filtered; }
};

// A broadcast walks over thousands of them, so they must stay within a cache line.
static_assert(sizeof(void*) > 8 || sizeof(Subscriber) <= 48);

/// What a subscriber takes of a channel.
struct SubscriberTraits {
    protocol::Encoding encoding = protocol::Encoding::Json;
    bool joinLeave = false;
    bool delta = false;
    bool filtered = false;
};

/// How many subscribers want what; guarded by the channel's lock in the broker.
struct Interest {
    /// Without delta compression.
    std::uint32_t json = 0;
    std::uint32_t protobuf = 0;
    std::uint32_t delta = 0;
    /// With a filter or with delta compression.
    std::uint32_t special = 0;
    std::uint32_t jsonJoinLeave = 0;
    std::uint32_t protobufJoinLeave = 0;

    std::uint32_t total() const { return json + protobuf + delta; }
    std::uint32_t joinLeave() const { return jsonJoinLeave + protobufJoinLeave; }
    void change(const SubscriberTraits& traits, std::uint32_t by);
};

/// The subscribers that one loop has in one channel.
class LoopChannel {
public:
    explicit LoopChannel(std::shared_ptr<LoopMailbox> mailbox) : mailbox_(std::move(mailbox)) {}

    /// Puts a subscriber in; `subscriber.subscription` remembers its place. Loop's thread.
    void add(const Subscriber& subscriber);
    /// Takes it out. Not during deliver(). Loop's thread.
    void remove(Subscription& subscription);
    Subscriber& entryOf(const Subscription& subscription);
    /// Sends to each subscriber it concerns. Loop's thread.
    void deliver(Loop& loop, const Delivery& delivery);

    LoopMailbox& mailbox() const { return *mailbox_; }
    /// Guarded by the channel's lock in the broker.
    Interest interest;

private:
    const std::shared_ptr<LoopMailbox> mailbox_;
    std::vector<Subscriber> subscribers_;
};

}  // namespace xshathra::engine
