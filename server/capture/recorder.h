#pragma once

#include "server/base/clock.h"
#include "server/capture/event.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace xshathra::capture {

/// How much may wait for the consumer, for each recording thread. What comes on top evicts that thread's oldest.
struct RecorderLimits {
    static constexpr std::size_t kDefaultEventsPerThread = 131'072;
    static constexpr std::size_t kDefaultBytesPerThread = std::size_t{64} << 20;

    /// At least 1.
    std::size_t eventsPerThread = kDefaultEventsPerThread;
    /// Payload bytes. A single event larger than this still waits, alone.
    std::size_t bytesPerThread = kDefaultBytesPerThread;
};

/// Figures of a Recorder. Whenever no thread is inside record() or drain(): total == kept + evicted + waiting.
struct RecorderCounters {
    /// Events recorded, which is the highest sequence number given.
    std::uint64_t total = 0;
    /// Events handed to the consumer.
    std::uint64_t kept = 0;
    /// Events dropped because a thread's ring was full.
    std::uint64_t evicted = 0;
    /// Events in the rings.
    std::uint64_t waiting = 0;
};

/// Takes events from any number of threads and hands them to one consumer in the order of their sequence numbers.
///
/// Each recording thread has a ring of its own, registered on first use, with a lock that only the consumer ever
/// contends for, and that for the exchange of two buffers. The sequence number is taken *inside* that lock. This is
/// what keeps the order: drain() first reads the sequence (the cut) and then takes each ring's lock. A thread that got
/// a number below the cut took its lock before that, hence either has finished writing or makes drain() wait for the
/// few instructions left. So everything below the cut is in the rings, a merge by number is complete, and nothing is
/// overtaken; what lies above the cut waits for the next call.
class Recorder {
public:
    explicit Recorder(const Clock& clock, RecorderLimits limits = {});
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Whether events are wanted. One relaxed load: callers ask before they build an Event. Any thread.
    bool active() const { return active_.load(std::memory_order_relaxed); }
    /// Starts or stops capture. What is being recorded at this moment may still arrive. Any thread.
    void setActive(bool active) { active_.store(active, std::memory_order_relaxed); }

    /// Adds an event; sets seq, and the times and the size where they are zero. Never blocks on I/O. Any thread.
    void record(Event&& event);

    /// Appends to `out` up to `max` events in sequence order (gaps are evicted events) and returns their number.
    /// One thread at a time, the consumer.
    std::size_t drain(std::vector<Event>& out, std::size_t max);

    /// Called from a recording thread, once between two drains, when half of its ring is taken: the consumer should
    /// drain soon. Must only post a wake-up. Set it before the first record().
    void setWake(std::function<void()> wake);

    /// See RecorderCounters. Any thread; exact when nothing is being recorded or drained.
    RecorderCounters counters() const;

private:
    struct Ring;
    struct Shared;
    class ThreadRings;

    Ring& ringOfThisThread();

    std::atomic<bool> active_{false};
    const Clock& clock_;
    const RecorderLimits limits_;
    std::function<void()> wake_;
    std::unique_ptr<Shared> shared_;
};

}  // namespace xshathra::capture
