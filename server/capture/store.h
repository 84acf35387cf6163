#pragma once

#include "server/capture/event.h"
#include "server/capture/string_table.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::capture {

/// How much a CaptureStore keeps; whichever is reached first evicts the oldest block.
struct StoreLimits {
    static constexpr std::size_t kDefaultEvents = 1'000'000;
    static constexpr std::size_t kDefaultBytes = std::size_t{512} << 20;
    static constexpr std::size_t kDefaultBlockEvents = 2048;
    static constexpr std::size_t kDefaultBlockBytes = std::size_t{1} << 20;

    /// At least 1.
    std::size_t events = kDefaultEvents;
    /// Memory of the kept events as bytes() counts it. One event always fits, however large.
    std::size_t bytes = kDefaultBytes;
    /// The unit of eviction; lowered to an eighth of `events` and `bytes` where these are small.
    std::size_t blockEvents = kDefaultBlockEvents;
    std::size_t blockBytes = kDefaultBlockBytes;
};

/// A kept event. Its texts are numbers of CaptureStore::texts().
struct StoredEvent {
    std::uint64_t seq = 0;
    /// Since 1970-01-01 UTC.
    std::int64_t wallNs = 0;
    std::int64_t monotonicNs = 0;
    std::int64_t latencyNs = 0;
    StringTable::Id project = 0;
    StringTable::Id channel = 0;
    StringTable::Id client = 0;
    StringTable::Id user = 0;
    StringTable::Id note = 0;
    StringTable::Id fault = 0;
    std::uint32_t size = 0;
    std::uint32_t recipients = 0;
    std::uint32_t code = 0;
    std::uint32_t commandId = 0;
    /// Where the payload lies in its block; see CaptureStore::payload().
    std::uint32_t payloadOffset = 0;
    std::uint32_t payloadLength = 0;
    Direction dir = Direction::In;
    Kind kind = Kind::Other;
    bool binary = false;
    bool hasDecision = false;
    bool largePayload = false;
};
static_assert(sizeof(StoredEvent) <= 96, "with its payload's bookkeeping a kept event must stay within 128 bytes");

/// The events the window (or a headless tail) keeps: a queue in order of arrival, bounded by count and bytes.
///
/// Events are numbered by position, from 0, and keep their position until they are evicted. They live in blocks; small
/// payloads are copied one behind another into their block, so that an event costs its bytes and no allocation, a
/// search runs over contiguous memory, and evicting or clearing frees whole blocks. A payload above kSharedPayloadBytes
/// stays shared. Not thread-safe: it belongs to the consumer's thread. Views and pointers handed out are valid until
/// the next append() or clear().
class CaptureStore {
public:
    using Position = std::uint64_t;
    /// Payloads above this size are shared with their Event instead of copied.
    static constexpr std::size_t kSharedPayloadBytes = 16 * 1024;

    explicit CaptureStore(StoreLimits limits = {});

    /// Adds an event behind the others and evicts the oldest block where a limit would be passed.
    void append(const Event& event);
    /// Drops everything. Positions go on counting, so that no old position ever means a new event.
    void clear();
    /// Takes effect at once. Limits below what is kept evict.
    void setLimits(StoreLimits limits);
    const StoreLimits& limits() const { return limits_; }

    /// The position of the oldest kept event; equal to end() when there is none.
    Position begin() const { return begin_; }
    /// One past the newest.
    Position end() const { return end_; }
    std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }
    bool empty() const { return begin_ == end_; }

    /// The event at a position, or null if it is not kept (any more).
    const StoredEvent* at(Position position) const;
    /// Its payload; empty if it is not kept.
    std::string_view payload(Position position) const;
    /// Its decision; null if there is none.
    std::shared_ptr<const Decision> decision(Position position) const;
    /// The whole event again, with a payload of its own; seq 0 if it is not kept.
    Event event(Position position) const;
    /// The position of the event with this sequence number, or of the next higher one; end() if there is none.
    Position positionOfSeq(std::uint64_t seq) const;

    /// Gives memory that clear() or evictions have freed back to the operating system, which the C library would keep.
    /// Takes some milliseconds.
    static void returnFreedMemory();

    const StringTable& texts() const { return texts_; }
    std::string_view text(StringTable::Id id) const { return texts_.text(id); }

    /// Memory of the kept events: records, payloads and tables, without the allocator's own.
    std::size_t bytes() const { return bytes_; }
    /// Events evicted to stay within the limits, since the start. Clearing is not evicting.
    std::uint64_t evicted() const { return evicted_; }
    /// Events dropped by clear(), since the start. end() == size() + evicted() + cleared(), always.
    std::uint64_t cleared() const { return cleared_; }

    /// Runs over the events from `from` to before `to` as long as `visit(position, event, payload)` returns true;
    /// faster than at() for each. Returns the position where it stopped.
    template <typename Visit>
    Position forEach(Position from, Position to, Visit&& visit) const;
    /// The same from before `from` downwards to `to`. Returns the position after (above) the last one visited minus
    /// one: everything from the returned position on has been visited.
    template <typename Visit>
    Position forEachBackwards(Position from, Position to, Visit&& visit) const;

private:
    struct Block {
        Position first = 0;
        std::vector<StoredEvent> events;
        std::string payloads;
        std::vector<SharedBytes> largePayloads;
        std::vector<std::pair<std::uint32_t, std::shared_ptr<const Decision>>> decisions;
        std::size_t bytes = 0;
    };

    static std::string_view payloadIn(const Block& block, const StoredEvent& event) {
        return event.largePayload ? block.largePayloads[event.payloadOffset].view()
                                  : std::string_view(block.payloads).substr(event.payloadOffset, event.payloadLength);
    }
    std::size_t blockIndexOf(Position position) const;
    bool blockIsFull(const Block& block) const;
    void seal(Block& block);
    void evictFront();
    void applyLimits(std::size_t incomingBytes);

    StoreLimits limits_;
    std::deque<Block> blocks_;
    StringTable texts_;
    Position begin_ = 0;
    Position end_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t evicted_ = 0;
    std::uint64_t cleared_ = 0;
};

template <typename Visit>
CaptureStore::Position CaptureStore::forEach(Position from, Position to, Visit&& visit) const {
    from = from < begin_ ? begin_ : from;
    to = to > end_ ? end_ : to;
    while (from < to) {
        const Block& block = blocks_[blockIndexOf(from)];
        const Position blockEnd = block.first + block.events.size();
        const Position stop = to < blockEnd ? to : blockEnd;
        for (; from < stop; ++from) {
            const StoredEvent& event = block.events[static_cast<std::size_t>(from - block.first)];
            if (!visit(from, event, payloadIn(block, event))) {
                return from + 1;
            }
        }
    }
    return from;
}

template <typename Visit>
CaptureStore::Position CaptureStore::forEachBackwards(Position from, Position to, Visit&& visit) const {
    to = to < begin_ ? begin_ : to;
    from = from > end_ ? end_ : from;
    while (from > to) {
        const Block& block = blocks_[blockIndexOf(from - 1)];
        const Position stop = to > block.first ? to : block.first;
        while (from > stop) {
            --from;
            const StoredEvent& event = block.events[static_cast<std::size_t>(from - block.first)];
            if (!visit(from, event, payloadIn(block, event))) {
                return from;
            }
        }
    }
    return from;
}

}  // namespace xshathra::capture
