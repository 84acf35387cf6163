#pragma once

#include "server/base/clock.h"
#include "server/base/expected.h"
#include "server/engine/eviction.h"
#include "server/engine/history_stream.h"
#include "server/engine/idempotency_cache.h"
#include "server/engine/map_types.h"
#include "server/engine/memory_broker.h"
#include "server/engine/namespace_options.h"
#include "server/engine/striped_map.h"
#include "server/protocol/codes.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::engine {

/// How a namespace keeps its maps, with the defaults of its mode filled in: a stream of 100 changes for a minute, its
/// place for ten times as long (at least key_ttl), or for ever in persistent maps (Centrifuge's
/// ResolveAndValidateMapChannelOptions()).
struct MapSetup {
    bool hasStream = false;
    /// 0: keys don't expire.
    Nanoseconds keyTtl{};
    StreamOptions stream;

    static MapSetup of(const MapOptions& options);
};

/// The maps of one project in memory: keys with their values, and the stream of changes where the mode has one
/// (protocol section 14.2). A map's lock (one of kStripes, by the hash of the channel) gives its changes their order:
/// under it the offset is assigned, key and stream are changed, and the change is handed to the live subscribers, whom
/// the MemoryBroker keeps. The lock comes before the MemoryBroker's. Thread-safe.
class MapBroker {
public:
    struct PublishRequest {
        std::string_view channel;
        MapSetup setup;
        /// Key, data, tags, info and notJson; the place is set by publish().
        StoredPublication publication;
        const MapPublishOptions& options;
    };
    struct StreamResult {
        std::vector<PublicationPtr> publications;
        std::uint64_t offset = 0;
        std::string epoch;
        /// Not read, and why.
        std::optional<protocol::ErrorCode> error;
    };
    struct StateResult : StreamResult {
        std::string cursor;
    };
    struct LiveRequest {
        MapSetup setup;
        /// Where the client's state ends; only for maps with a stream.
        protocol::StreamPosition since;
        /// The epoch must be since's even where that is empty.
        bool epochRequired = false;
        /// More changes than this after `since` are too many.
        std::int64_t limit = 0;
        /// For maps without a stream: read the rest of the state in the same step.
        const MapStateQuery* rest = nullptr;
        /// The subscriber as the MemoryBroker takes it, without position.
        MemoryBroker::SubscribeRequest subscriber;
    };
    struct LiveOutcome {
        /// Not subscribed, and why.
        std::optional<protocol::ErrorCode> error;
        std::shared_ptr<LoopChannel> target;
        std::uint64_t sequence = 0;
        std::uint64_t offset = 0;
        std::string epoch;
        std::uint32_t stream = 0;
        /// Changes after `since`.
        std::vector<PublicationPtr> publications;
        std::vector<PublicationPtr> rest;
    };

    MapBroker(const Clock& clock, MemoryBroker& live);
    ~MapBroker();
    MapBroker(const MapBroker&) = delete;
    MapBroker& operator=(const MapBroker&) = delete;

    void setLimits(const MapLimits& limits, const HistoryLimits& history);

    /// Errors: 100, 106, 107 as Node::mapPublish().
    Expected<MapUpdateResult, protocol::ErrorCode> publish(PublishRequest request);
    Expected<MapUpdateResult, protocol::ErrorCode> remove(std::string_view channel, std::string_view key,
                                                          const MapSetup& setup, const MapRemoveOptions& options);
    /// Also makes the map's epoch if there is none yet, so that a client can refer to it. Errors of this and the next
    /// two: 106 where that would be one map too many, 112 where the position is another one's or out of reach.
    StateResult readState(std::string_view channel, const MapSetup& setup, const MapStateQuery& query);
    /// With `gapless`, changes that are missing after `since` make the position unrecoverable even where nothing, or
    /// everything from the start, was asked for.
    StreamResult readStream(std::string_view channel, const MapSetup& setup, const MapStreamQuery& query,
                            bool gapless = false);
    /// Reads what a subscriber missed and registers it in one step, so that nothing falls between. The caller then puts
    /// its entry into the target, as for MemoryBroker::subscribe().
    LiveOutcome goLive(const LiveRequest& request);
    std::size_t keyCount(std::string_view channel) const;
    void clear(std::string_view channel);
    /// Where the stream stands, or nothing when there is none (any more). Keeps it for another meta_ttl, by the options
    /// that the map was used with last.
    std::optional<MemoryBroker::StreamTop> top(std::string_view channel);

    /// Removes expired keys, with a message to the subscribers, and what is forgotten, in a few stripes; kSweepCalls
    /// calls go round.
    void sweep();

    std::size_t mapCount() const { return maps_.load(std::memory_order_relaxed); }
    std::size_t stateBytes() const { return bytes_.load(std::memory_order_relaxed); }
    /// Of the streams and the idempotency keys.
    std::size_t historyBytes() const { return historyBytes_.load(std::memory_order_relaxed); }

    static constexpr std::size_t kStripes = 64;
    static constexpr std::size_t kSweepCalls = 8;

private:
    struct Value;
    struct Map;
    using Maps = StripedMap<std::unique_ptr<Map>, kStripes>;
    using Stripe = Maps::Stripe;
    /// What is left to do when a call has let go of the lock; to be declared before the lock.
    struct Afterwards {
        ~Afterwards();
        MapBroker& broker;
        /// Those that were given something, to be woken.
        std::vector<std::shared_ptr<LoopChannel>> loops = {};
    };

    /// Null when there is none.
    Map* find(Stripe& stripe, std::string_view channel, Nanoseconds now, Afterwards& after);
    struct Opened {
        /// Null where there may be no more maps.
        Map* map = nullptr;
        /// It was there before.
        bool known = false;
    };
    Opened findOrMake(Stripe& stripe, std::string_view channel, Nanoseconds now, Afterwards& after);
    /// findOrMake() for reading: puts into the result where the stream stands, or why there is no map.
    Opened openToRead(Stripe& stripe, std::string_view channel, const MapSetup& setup, Nanoseconds now,
                      Afterwards& after, StreamResult& result);
    void drop(Stripe& stripe, std::string_view channel);
    void setKey(Map& map, std::string_view key, Value value);
    void setDeadline(Map& map, const std::string& key, Value& value, Nanoseconds deadline);
    /// Takes the key out, appends the removal and tells the subscribers.
    void takeOut(Map& map, std::string_view channel, std::string_view key,
                 std::optional<std::map<std::string, std::string>> tags, const MapSetup& setup, Nanoseconds now,
                 Afterwards& after);
    /// Takes out keys whose time is over, at most so many that the lock is not held for long.
    void takeOutDue(Map& map, std::string_view channel, Nanoseconds now, Afterwards& after);
    static void keepPlace(Map& map, const MapSetup& setup, Nanoseconds now);
    /// The first result of that key, or null.
    static const IdempotencyCache::Result* earlier(Map& map, std::string_view key, Nanoseconds now);
    void remember(Map& map, std::string_view key, const MapUpdateResult& result, Nanoseconds now);
    void append(Map& map, PublicationPtr publication, const MapSetup& setup, Nanoseconds now);
    /// Frees the streams and idempotency keys of the maps that were used least recently; not under a lock.
    void enforceTotal();
    void sweepMap(Stripe& stripe, const std::string& channel, Map& map, Nanoseconds now, Afterwards& after);

    const Clock& clock_;
    MemoryBroker& live_;
    std::atomic<std::size_t> nextSweep_{0};
    std::atomic<std::size_t> keysPerChannel_;
    std::atomic<std::size_t> bytesTotal_;
    std::atomic<std::size_t> streamBytes_;
    std::atomic<std::size_t> maxMaps_;
    std::atomic<std::size_t> keyLength_;
    std::atomic<std::size_t> historyBytesTotal_;
    std::atomic<Nanoseconds::rep> idleTime_;
    std::atomic<Nanoseconds::rep> idempotencyWindow_;
    std::atomic<std::size_t> idempotencyKeys_;
    std::atomic<std::uint32_t> incarnations_{0};
    std::atomic<std::size_t> maps_{0};
    std::atomic<std::size_t> bytes_{0};
    std::atomic<std::size_t> historyBytes_{0};
    Eviction eviction_;
    /// Behind what they count in.
    Maps channels_;
};

/// The time of a change that came from a MapBroker, in milliseconds since 1970.
std::int64_t changedAt(const StoredPublication& publication);

}  // namespace xshathra::engine
