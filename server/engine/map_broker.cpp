#include "server/engine/map_broker.h"

#include "server/engine/compared_text.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace xshathra::engine {

using protocol::ErrorCode;

namespace {

constexpr std::int64_t kDefaultStreamSize = 100;
constexpr Milliseconds kDefaultStreamTtl{60'000};
/// As good as for ever, and far enough from the end of the clock's range to be added to a time.
constexpr Nanoseconds kForever = std::chrono::hours(24 * 365 * 100);
/// Keys of one map that one sweep() removes at most, so that the lock is not held for long.
constexpr std::size_t kExpiredKeysPerSweep = 500;

/// What a key is counted with besides its publication.
constexpr std::size_t kKeyOverhead = 128;

/// A publication that also knows when it was made.
struct MapPublication : StoredPublication {
    std::int64_t changedAt = 0;
};

std::shared_ptr<MapPublication> makePublication(StoredPublication publication, const Clock& clock) {
    auto made = std::make_shared<MapPublication>();
    static_cast<StoredPublication&>(*made) = std::move(publication);
    made->changedAt = std::chrono::duration_cast<Milliseconds>(clock.wall()).count();
    return made;
}

}  // namespace

std::string_view toString(MapKeyMode value) {
    switch (value) {
        case MapKeyMode::Replace: break;
        case MapKeyMode::IfNew: return "if_new";
        case MapKeyMode::IfExists: return "if_exists";
    }
    return "";
}

bool fromString(std::string_view word, MapKeyMode& out) {
    for (const auto mode : {MapKeyMode::Replace, MapKeyMode::IfNew, MapKeyMode::IfExists}) {
        if (word == toString(mode)) {
            out = mode;
            return true;
        }
    }
    return false;
}

std::string_view toString(MapSuppressed value) {
    switch (value) {
        case MapSuppressed::No: break;
        case MapSuppressed::Idempotency: return "idempotency";
        case MapSuppressed::Version: return "version";
        case MapSuppressed::KeyExists: return "key_exists";
        case MapSuppressed::KeyNotFound: return "key_not_found";
        case MapSuppressed::PositionMismatch: return "position_mismatch";
    }
    return "";
}

std::int64_t changedAt(const StoredPublication& publication) {
    return static_cast<const MapPublication&>(publication).changedAt;
}

MapSetup MapSetup::of(const MapOptions& options) {
    MapSetup setup;
    setup.hasStream = options.mode == MapMode::Recoverable || options.mode == MapMode::Persistent;
    setup.keyTtl = options.keyTtl;
    if (!setup.hasStream)
        return setup;
    setup.stream.size = options.streamSize > 0 ? options.streamSize : kDefaultStreamSize;
    setup.stream.ttl = options.streamTtl.count() > 0 ? options.streamTtl : kDefaultStreamTtl;
    if (options.metaTtl.count() > 0)
        setup.stream.metaTtl = options.metaTtl;
    else if (options.mode == MapMode::Recoverable)
        setup.stream.metaTtl = std::max(setup.stream.ttl * 10, setup.keyTtl);
    else
        setup.stream.metaTtl = kForever;
    return setup;
}

struct MapBroker::Value {
    PublicationPtr publication;
    std::size_t bytes = 0;
    /// 0: never.
    Nanoseconds deadline{};
    std::uint64_t version = 0;
    /// As comparedText() keeps it.
    std::string versionEpoch;
};

MapBroker::Afterwards::~Afterwards() {
    for (const auto& loop : loops)
        loop->mailbox().wake();
    broker.enforceTotal();
}

/// Guarded by its stripe's mutex.
struct MapBroker::Map {
    Map(MapBroker& broker, Nanoseconds now)
        : stream(++broker.incarnations_, now, broker.historyBytes_),
          bytes(broker.bytes_),
          idempotency(broker.historyBytes_) {}

    MapUpdateResult position(MapSuppressed why) const { return {stream.top(), stream.epoch(), why}; }

    /// Gives offset and epoch also where the mode keeps no changes.
    HistoryStream stream;
    std::map<std::string, Value, std::less<>> state;
    /// Of the state.
    CountedBytes bytes;
    /// When which key expires.
    std::set<std::pair<Nanoseconds, std::string>> deadlines;
    IdempotencyCache idempotency;
    /// That it was used with last.
    MapSetup setup;
    Nanoseconds lastUse{};
};

MapBroker::MapBroker(const Clock& clock, MemoryBroker& live) : clock_(clock), live_(live) {
    setLimits(MapLimits{}, HistoryLimits{});
}

MapBroker::~MapBroker() = default;

void MapBroker::setLimits(const MapLimits& limits, const HistoryLimits& history) {
    keysPerChannel_ = limits.keysPerChannel;
    bytesTotal_ = limits.bytesTotal;
    streamBytes_ = limits.streamBytesPerChannel;
    historyBytesTotal_ = limits.historyBytesTotal;
    maxMaps_ = limits.channels;
    keyLength_ = limits.keyLength;
    idleTime_ = Nanoseconds(limits.idleTime).count();
    idempotencyWindow_ = Nanoseconds(history.idempotencyWindow).count();
    idempotencyKeys_ = history.idempotencyKeysPerChannel;
}

MapBroker::Map* MapBroker::find(Stripe& stripe, std::string_view channel, Nanoseconds now, Afterwards& after) {
    const auto found = stripe.entries.find(channel);
    if (found == stripe.entries.end())
        return nullptr;
    auto& map = *found->second;
    // Subscribers are told of keys that end together with the stream's place; that keeps the place.
    if (map.stream.isForgotten(now))
        takeOutDue(map, channel, now, after);
    // As in Centrifugo, keys go with the place of their stream.
    if (map.stream.isForgotten(now)) {
        drop(stripe, channel);
        return nullptr;
    }
    map.stream.expire(now);
    map.lastUse = now;
    return &map;
}

MapBroker::Opened MapBroker::findOrMake(Stripe& stripe, std::string_view channel, Nanoseconds now, Afterwards& after) {
    if (auto* map = find(stripe, channel, now, after))
        return {map, true};
    // Other stripes count at the same time.
    if (maps_.fetch_add(1) >= maxMaps_) {
        --maps_;
        return {};
    }
    auto& map = *stripe.entries.emplace(std::string(channel), std::make_unique<Map>(*this, now)).first->second;
    map.stream.touch(now, kForever);
    map.lastUse = now;
    return {&map, false};
}

MapBroker::Opened MapBroker::openToRead(Stripe& stripe, std::string_view channel, const MapSetup& setup,
                                        Nanoseconds now, Afterwards& after, StreamResult& result) {
    const auto opened = findOrMake(stripe, channel, now, after);
    if (opened.map == nullptr) {
        result.error = ErrorCode::LimitExceeded;
        return opened;
    }
    keepPlace(*opened.map, setup, now);
    result.offset = opened.map->stream.top();
    result.epoch = opened.map->stream.epoch();
    return opened;
}

void MapBroker::drop(Stripe& stripe, std::string_view channel) {
    const auto found = stripe.entries.find(channel);
    if (found == stripe.entries.end())
        return;
    stripe.entries.erase(found);
    --maps_;
}

void MapBroker::setDeadline(Map& map, const std::string& key, Value& value, Nanoseconds deadline) {
    if (value.deadline.count() != 0)
        map.deadlines.erase({value.deadline, key});
    value.deadline = deadline;
    if (deadline.count() != 0)
        map.deadlines.emplace(deadline, key);
}

void MapBroker::setKey(Map& map, std::string_view key, Value value) {
    auto found = map.state.find(key);
    if (found == map.state.end())
        found = map.state.emplace(std::string(key), Value{}).first;
    const auto deadline = value.deadline;
    value.deadline = found->second.deadline;
    map.bytes.set(map.bytes.value() - found->second.bytes + value.bytes);
    found->second = std::move(value);
    setDeadline(map, found->first, found->second, deadline);
}

void MapBroker::keepPlace(Map& map, const MapSetup& setup, Nanoseconds now) {
    map.setup = setup;
    if (setup.hasStream)
        map.stream.touch(now, setup.stream.metaTtl);
}

const IdempotencyCache::Result* MapBroker::earlier(Map& map, std::string_view key, Nanoseconds now) {
    return key.empty() ? nullptr : map.idempotency.find(key, now);
}

void MapBroker::remember(Map& map, std::string_view key, const MapUpdateResult& result, Nanoseconds now) {
    if (!key.empty())
        map.idempotency.add(key, {result.offset, result.epoch}, now, Nanoseconds(idempotencyWindow_.load()),
                            idempotencyKeys_);
}

void MapBroker::append(Map& map, PublicationPtr publication, const MapSetup& setup, Nanoseconds now) {
    map.setup = setup;
    if (setup.hasStream)
        map.stream.add(std::move(publication), setup.stream, streamBytes_, now);
}

Expected<MapUpdateResult, ErrorCode> MapBroker::publish(PublishRequest request) {
    const auto& options = request.options;
    const auto& setup = request.setup;
    const std::string key = request.publication.key;
    if (key.empty() || key.size() > keyLength_)
        return Unexpected<ErrorCode>(ErrorCode::BadRequest);
    if (!setup.hasStream && (options.expected || options.version > 0))
        return Unexpected<ErrorCode>(ErrorCode::Internal);
    const auto now = clock_.monotonic();
    Afterwards after{*this};
    auto& stripe = channels_.of(request.channel);
    const std::lock_guard lock(stripe.mutex);
    const auto opened = findOrMake(stripe, request.channel, now, after);
    if (opened.map == nullptr)
        return Unexpected<ErrorCode>(ErrorCode::LimitExceeded);
    auto& map = *opened.map;
    if (const auto* first = earlier(map, options.idempotencyKey, now))
        return MapUpdateResult{first->offset, first->epoch, MapSuppressed::Idempotency};
    const auto at = map.state.find(key);
    auto* existing = at == map.state.end() ? nullptr : &at->second;
    // The order of the checks is Centrifuge's: version, key mode, expected position.
    if (options.version > 0 && existing != nullptr && options.version <= existing->version &&
        (options.versionEpoch.empty() || comparedText(options.versionEpoch) == existing->versionEpoch))
        return map.position(MapSuppressed::Version);
    if (options.keyMode == MapKeyMode::IfNew && existing != nullptr) {
        if (options.refreshTtl && setup.keyTtl.count() > 0) {
            setDeadline(map, key, *existing, now + setup.keyTtl);
            if (setup.hasStream)
                map.stream.touch(now, setup.stream.metaTtl);
        }
        return map.position(MapSuppressed::KeyExists);
    }
    if (options.keyMode == MapKeyMode::IfExists && existing == nullptr)
        return map.position(MapSuppressed::KeyNotFound);
    if (options.expected && (existing == nullptr || existing->publication->offset != options.expected->offset ||
                             options.expected->epoch != map.stream.epoch()))
        return map.position(MapSuppressed::PositionMismatch);
    Value value;
    const bool keepsVersion = options.version == 0 && existing != nullptr;
    value.version = keepsVersion ? existing->version : options.version;
    value.versionEpoch = keepsVersion ? existing->versionEpoch : comparedText(options.versionEpoch);
    const auto bytes =
        kKeyOverhead + key.size() + value.versionEpoch.size() + HistoryStream::bytesOf(request.publication);
    if ((existing == nullptr && map.state.size() >= keysPerChannel_) ||
        bytes_.load() + bytes > bytesTotal_ + (existing != nullptr ? existing->bytes : 0))
        return Unexpected<ErrorCode>(ErrorCode::LimitExceeded);

    const PublicationPtr previous = options.delta && existing != nullptr ? existing->publication : nullptr;
    auto publication = makePublication(std::move(request.publication), clock_);
    if (setup.hasStream)
        publication->offset = map.stream.nextOffset();
    if (publication->offset == 1)
        publication->epoch = map.stream.epoch();
    value.publication = publication;
    value.bytes = bytes;
    if (setup.keyTtl.count() > 0)
        value.deadline = now + setup.keyTtl;
    append(map, publication, setup, now);
    setKey(map, key, std::move(value));
    auto result = map.position(MapSuppressed::No);
    remember(map, options.idempotencyKey, result, now);
    live_.relay({request.channel, *publication, setup.hasStream ? previous.get() : nullptr, map.stream.incarnation()},
                after.loops);
    return result;
}

void MapBroker::takeOut(Map& map, std::string_view channel, std::string_view key,
                        std::optional<std::map<std::string, std::string>> tags, const MapSetup& setup, Nanoseconds now,
                        Afterwards& after) {
    const auto found = map.state.find(key);
    StoredPublication removal;
    removal.key = found->first;
    removal.removed = true;
    removal.tags = tags ? std::move(*tags) : found->second.publication->tags;
    auto publication = makePublication(std::move(removal), clock_);
    if (setup.hasStream)
        publication->offset = map.stream.nextOffset();
    setDeadline(map, found->first, found->second, Nanoseconds{});
    map.bytes.set(map.bytes.value() - found->second.bytes);
    map.state.erase(found);
    append(map, publication, setup, now);
    live_.relay({channel, *publication, nullptr, map.stream.incarnation()}, after.loops);
}

void MapBroker::takeOutDue(Map& map, std::string_view channel, Nanoseconds now, Afterwards& after) {
    for (std::size_t i = 0; i < kExpiredKeysPerSweep && !map.deadlines.empty(); ++i) {
        if (map.deadlines.begin()->first > now)
            return;
        const auto key = map.deadlines.begin()->second;
        takeOut(map, channel, key, std::nullopt, map.setup, now, after);
    }
}

Expected<MapUpdateResult, ErrorCode> MapBroker::remove(std::string_view channel, std::string_view key,
                                                       const MapSetup& setup, const MapRemoveOptions& options) {
    if (key.empty() || key.size() > keyLength_)
        return Unexpected<ErrorCode>(ErrorCode::BadRequest);
    if (!setup.hasStream && options.expected)
        return Unexpected<ErrorCode>(ErrorCode::Internal);
    const auto now = clock_.monotonic();
    Afterwards after{*this};
    auto& stripe = channels_.of(channel);
    const std::lock_guard lock(stripe.mutex);
    auto* map = find(stripe, channel, now, after);
    if (map == nullptr)
        return MapUpdateResult{0, {}, options.expected ? MapSuppressed::PositionMismatch : MapSuppressed::KeyNotFound};
    if (const auto* first = earlier(*map, options.idempotencyKey, now))
        return MapUpdateResult{first->offset, first->epoch, MapSuppressed::Idempotency};
    const auto found = map->state.find(key);
    if (options.expected &&
        (found == map->state.end() || found->second.publication->offset != options.expected->offset ||
         options.expected->epoch != map->stream.epoch()))
        return map->position(MapSuppressed::PositionMismatch);
    if (found == map->state.end())
        return map->position(MapSuppressed::KeyNotFound);
    takeOut(*map, channel, key, options.tags, setup, now, after);
    auto result = map->position(MapSuppressed::No);
    remember(*map, options.idempotencyKey, result, now);
    return result;
}

namespace {

template <typename State>
void readPage(const State& state, const MapStateQuery& query, std::vector<PublicationPtr>& page, std::string& cursor) {
    if (!query.key.empty()) {
        if (const auto found = state.find(query.key); found != state.end())
            page.push_back(found->second.publication);
        return;
    }
    if (query.limit == 0)
        return;
    // The cursor is the last key of the page before, so that what comes and goes meanwhile shifts nothing.
    auto at = query.cursor.empty() ? state.begin() : state.upper_bound(query.cursor);
    const auto max = query.limit < 0 ? std::numeric_limits<std::size_t>::max() : std::size_t(query.limit);
    for (; at != state.end() && page.size() < max; ++at)
        page.push_back(at->second.publication);
    if (at != state.end())
        cursor = page.back()->key;
}

}  // namespace

MapBroker::StateResult MapBroker::readState(std::string_view channel, const MapSetup& setup,
                                            const MapStateQuery& query) {
    const auto now = clock_.monotonic();
    StateResult result;
    Afterwards after{*this};
    auto& stripe = channels_.of(channel);
    const std::lock_guard lock(stripe.mutex);
    const auto [map, known] = openToRead(stripe, channel, setup, now, after, result);
    if (map == nullptr)
        return result;
    if (query.revision && query.revision->epoch != map->stream.epoch() && (known || !query.revision->epoch.empty())) {
        result.error = ErrorCode::UnrecoverablePosition;
        return result;
    }
    readPage(map->state, query, result.publications, result.cursor);
    return result;
}

namespace {

/// Reads the changes after (or before) a place; false when they can't be had.
bool readChanges(const HistoryStream& stream, const MapStreamQuery& query, bool gapless,
                 std::vector<PublicationPtr>& publications) {
    const auto& since = query.since;
    if (!since) {
        publications = stream.read(0, query.limit, query.reverse);
        return true;
    }
    if (!since->epoch.empty() && since->epoch != stream.epoch())
        return false;
    if (query.reverse) {
        if (since->offset > 0 && since->offset <= stream.top() + 1)
            publications = stream.read(since->offset, query.limit, true);
        return true;
    }
    if (since->offset >= stream.top() || query.limit == 0)
        return true;
    publications = stream.read(since->offset, query.limit, false);
    if (publications.empty())
        return !gapless;
    return publications.front()->offset == since->offset + 1 || (since->offset == 0 && !gapless);
}

}  // namespace

MapBroker::StreamResult MapBroker::readStream(std::string_view channel, const MapSetup& setup,
                                              const MapStreamQuery& query, bool gapless) {
    const auto now = clock_.monotonic();
    StreamResult result;
    Afterwards after{*this};
    auto& stripe = channels_.of(channel);
    const std::lock_guard lock(stripe.mutex);
    const auto [map, known] = openToRead(stripe, channel, setup, now, after, result);
    if (map == nullptr)
        return result;
    if ((known || gapless) && !readChanges(map->stream, query, gapless, result.publications))
        result.error = ErrorCode::UnrecoverablePosition;
    return result;
}

MapBroker::LiveOutcome MapBroker::goLive(const LiveRequest& request) {
    const auto now = clock_.monotonic();
    const auto channel = request.subscriber.channel;
    LiveOutcome outcome;
    Afterwards after{*this};
    auto& stripe = channels_.of(channel);
    const std::lock_guard lock(stripe.mutex);
    auto* const found = findOrMake(stripe, channel, now, after).map;
    if (found == nullptr) {
        outcome.error = ErrorCode::LimitExceeded;
        return outcome;
    }
    auto& map = *found;
    outcome.epoch = map.stream.epoch();
    outcome.stream = map.stream.incarnation();
    keepPlace(map, request.setup, now);
    if (request.setup.hasStream) {
        outcome.offset = map.stream.top();
        const bool otherEpoch = request.epochRequired && request.since.epoch != outcome.epoch;
        // One more than allowed tells "just at the limit" from "too far behind".
        const MapStreamQuery query{request.since, request.limit + 1, false};
        if (otherEpoch || !readChanges(map.stream, query, true, outcome.publications) ||
            outcome.publications.size() > std::size_t(request.limit)) {
            outcome.error = ErrorCode::UnrecoverablePosition;
            return outcome;
        }
    } else if (request.rest != nullptr) {
        auto query = *request.rest;
        query.limit = -1;
        std::string cursor;
        readPage(map.state, query, outcome.rest, cursor);
    }
    const auto subscribed = live_.subscribe(request.subscriber);
    outcome.target = subscribed.target;
    outcome.sequence = subscribed.sequence;
    return outcome;
}

std::size_t MapBroker::keyCount(std::string_view channel) const {
    const auto& stripe = channels_.of(channel);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(channel);
    return found == stripe.entries.end() ? 0 : found->second->state.size();
}

void MapBroker::clear(std::string_view channel) {
    auto& stripe = channels_.of(channel);
    const std::lock_guard lock(stripe.mutex);
    drop(stripe, channel);
}

std::optional<MemoryBroker::StreamTop> MapBroker::top(std::string_view channel) {
    const auto now = clock_.monotonic();
    Afterwards after{*this};
    auto& stripe = channels_.of(channel);
    const std::lock_guard lock(stripe.mutex);
    auto* map = find(stripe, channel, now, after);
    if (map == nullptr)
        return std::nullopt;
    keepPlace(*map, map->setup, now);
    return MemoryBroker::StreamTop{map->stream.top(), map->stream.epoch(), map->stream.incarnation()};
}

void MapBroker::sweepMap(Stripe& stripe, const std::string& channel, Map& map, Nanoseconds now, Afterwards& after) {
    takeOutDue(map, channel, now, after);
    map.stream.expire(now);
    map.idempotency.expire(now);
    const bool holdsNothing = map.state.empty() && map.stream.top() == 0 && map.idempotency.empty();
    if (map.stream.isForgotten(now) || (holdsNothing && now - map.lastUse >= Nanoseconds(idleTime_.load())))
        drop(stripe, std::string(channel));
}

void MapBroker::enforceTotal() {
    eviction_.keep(
        historyBytes_, historyBytesTotal_, channels_,
        [](const auto& map) -> Eviction::Rank {
            if (map->stream.bytes() > 0 || !map->idempotency.empty())
                return std::pair(false, map->lastUse);
            return std::nullopt;
        },
        [](Stripe&, auto at) {
            at->second->stream.clear();
            at->second->idempotency.clear();
        });
}

void MapBroker::sweep() {
    constexpr auto kPerCall = kStripes / kSweepCalls;
    const auto first = nextSweep_.fetch_add(1) % kSweepCalls * kPerCall;
    const auto now = clock_.monotonic();
    for (auto index = first; index < first + kPerCall; ++index) {
        Afterwards after{*this};
        auto& stripe = channels_.at(index);
        const std::lock_guard lock(stripe.mutex);
        for (auto at = stripe.entries.begin(); at != stripe.entries.end();) {
            const auto current = at++;
            sweepMap(stripe, current->first, *current->second, now, after);
        }
    }
}

}  // namespace xshathra::engine
