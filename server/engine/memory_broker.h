#pragma once

#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/engine/eviction.h"
#include "server/engine/history_stream.h"
#include "server/engine/loop_channel.h"
#include "server/engine/project_config.h"
#include "server/engine/striped_map.h"
#include "server/protocol/messages.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

class IdempotencyCache;

/// A channel message that has been given its place, seen by the broker's owner under the channel's lock (for the
/// capture).
struct Broadcasted {
    std::string_view channel;
    DeliveryKind kind = DeliveryKind::Publication;
    const Delivery& delivery;
    std::uint32_t recipients = 0;
};

/// The channels of one project in memory: subscribers by loop, streams, idempotency keys. A channel's lock (one of
/// kStripes, by the hash of its name) gives its messages their order: under it the offset is assigned and the encoded
/// message put into the inbox of every loop that has subscribers. Thread-safe.
class MemoryBroker {
public:
    struct PublishRequest {
        std::string_view channel;
        /// Its offset and epoch are set by publish(); notJson is the caller's to say.
        StoredPublication publication;
        StreamOptions stream;
        std::string_view idempotencyKey;
        std::uint64_t version = 0;
        std::string_view versionEpoch;
        /// Subscribers with delta compression may be given a patch.
        bool delta = false;
    };
    struct PublishOutcome {
        std::uint64_t offset = 0;
        std::string epoch;
        /// Nothing was published: a repeated idempotency key, or an outdated version.
        bool suppressed = false;
        std::uint32_t recipients = 0;
    };
    struct SubscribeRequest {
        std::string_view channel;
        std::shared_ptr<LoopMailbox> mailbox;
        SubscriberTraits traits;
        bool positioned = false;
        StreamOptions stream;
        std::optional<RecoverFrom> recover;
        /// With `recover`: stay unsubscribed when the recovery fails.
        bool rejectUnrecovered = false;
    };
    struct SubscribeOutcome {
        /// Null when rejected.
        std::shared_ptr<LoopChannel> target;
        std::uint64_t sequence = 0;
        /// Positioned: the top of the stream.
        std::uint64_t offset = 0;
        std::string epoch;
        std::uint32_t stream = 0;
        Recovery recovery;
    };
    /// A change of a map on its way to the channel's subscribers; it was given its place under the map's lock.
    struct RelayRequest {
        std::string_view channel;
        const StoredPublication& publication;
        /// The key's value before, which deltas are made against; null: none is made.
        const StoredPublication* previous = nullptr;
        /// Incarnation of the map's stream.
        std::uint32_t stream = 0;
    };
    struct StreamTop {
        std::uint64_t offset = 0;
        std::string epoch;
        std::uint32_t stream = 0;
    };
    struct HistoryResult {
        std::vector<PublicationPtr> publications;
        StreamTop top;
        /// `since.epoch` is another epoch.
        bool unrecoverable = false;
    };
    struct ChannelState {
        std::string name;
        std::uint32_t subscribers = 0;
        std::uint32_t historySize = 0;
        std::uint64_t offset = 0;
    };
    using Observer = std::function<void(const Broadcasted&)>;

    /// `observing` says whether `observer` wants to be called; both on any thread, `observer` under a channel's lock.
    MemoryBroker(const Clock& clock, std::function<bool()> observing, Observer observer);
    ~MemoryBroker();
    MemoryBroker(const MemoryBroker&) = delete;
    MemoryBroker& operator=(const MemoryBroker&) = delete;

    void setLimits(const HistoryLimits& limits);

    PublishOutcome publish(PublishRequest request);
    /// publish() for the MapBroker: only delivers. The caller wakes the mailboxes of `woken` once it holds no lock.
    void relay(const RelayRequest& request, std::vector<std::shared_ptr<LoopChannel>>& woken);
    /// Registers the subscriber and reads the stream in one step, so that nothing falls between. The caller then puts
    /// its entry into the target, on the loop of `mailbox`, before that loop's next runPosted().
    SubscribeOutcome subscribe(const SubscribeRequest& request);
    /// Undoes subscribe(), after the entry was taken out of the target.
    void unsubscribe(std::string_view channel, const std::shared_ptr<LoopChannel>& target,
                     const SubscriberTraits& traits);
    /// Tells those subscribers that asked for it.
    void publishJoin(std::string_view channel, const protocol::ClientInfo& info);
    void publishLeave(std::string_view channel, const protocol::ClientInfo& info);

    HistoryResult history(std::string_view channel, const StreamOptions& stream,
                          const std::optional<protocol::StreamPosition>& since, std::int64_t limit, bool reverse);
    void historyRemove(std::string_view channel);
    /// Where the stream stands, or nothing when there is none (any more). Keeps it for `metaTtl` from now.
    std::optional<StreamTop> top(std::string_view channel, Nanoseconds metaTtl);

    /// Channels with subscribers. Not at one instant.
    std::vector<ChannelState> channels(const std::function<bool(std::string_view)>& wanted) const;
    std::size_t channelCount() const { return channelsWithSubscribers_.load(std::memory_order_relaxed); }
    std::size_t subscriptionCount() const { return subscriptions_.load(std::memory_order_relaxed); }
    std::uint64_t publicationCount() const { return publications_.load(std::memory_order_relaxed); }
    /// Of the publications and the idempotency keys.
    std::size_t historyBytes() const { return historyBytes_.load(std::memory_order_relaxed); }
    std::size_t streamCount() const { return streams_.load(std::memory_order_relaxed); }

    /// Frees what has expired in one stripe; kStripes calls go round.
    void sweep();

    static constexpr std::size_t kStripes = 64;

private:
    struct Channel;
    using Channels = StripedMap<std::unique_ptr<Channel>, kStripes>;
    using Stripe = Channels::Stripe;

    Channel& channelIn(Stripe& stripe, std::string_view name);
    HistoryStream& streamOf(Channel& channel, Nanoseconds now);
    HistoryStream* existingStream(Channel& channel, Nanoseconds now);
    void dropStream(Channel& channel);
    static bool isUnused(const Channel& channel);
    void eraseIfUnused(Stripe& stripe, std::string_view name);
    static Delivery prepare(Channel& channel, std::string_view name, const StoredPublication& publication,
                            PublicationPtr shared, PublicationPtr previous, bool watched);
    PublishOutcome store(Channel& channel, PublishRequest& request, Nanoseconds now);
    std::uint32_t fanOut(Channel& channel, std::string_view name, Delivery delivery,
                         std::vector<std::shared_ptr<LoopChannel>>& woken);
    void publishPresenceChange(std::string_view channel, DeliveryKind kind, const protocol::ClientInfo& info);
    /// Without a lock: frees the histories, and then whole streams, of the channels that were used least recently.
    void enforceTotals();

    const Clock& clock_;
    const std::function<bool()> observing_;
    const Observer observer_;
    std::size_t nextSweep_ = 0;
    std::mutex sweepMutex_;
    Eviction eviction_;
    std::atomic<std::size_t> bytesPerChannel_;
    std::atomic<std::size_t> bytesTotal_;
    std::atomic<std::size_t> maxStreams_;
    std::atomic<Nanoseconds::rep> idempotencyWindow_;
    std::atomic<std::size_t> idempotencyKeys_;
    std::atomic<std::uint32_t> incarnations_{0};
    std::atomic<std::size_t> historyBytes_{0};
    std::atomic<std::size_t> streams_{0};
    std::atomic<std::size_t> channelsWithSubscribers_{0};
    std::atomic<std::size_t> subscriptions_{0};
    std::atomic<std::uint64_t> publications_{0};
    /// Behind what they count in.
    Channels channels_;
};

}  // namespace xshathra::engine
