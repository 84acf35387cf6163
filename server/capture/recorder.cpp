#include "server/capture/recorder.h"

#include "server/capture/chunked_queue.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

namespace xshathra::capture {

namespace {

std::uint64_t nextRecorderId() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

struct Recorder::Ring {
    std::mutex mutex;
    // Under the mutex.
    ChunkedQueue<Event> incoming;
    std::size_t incomingBytes = 0;
    bool wakeSent = false;

    // The consumer's alone.
    ChunkedQueue<Event> outgoing;

    std::atomic<std::size_t> leftOver{0};
    std::atomic<bool> threadEnded{false};
    std::atomic<bool> recorderEnded{false};
};

struct Recorder::Shared {
    const std::uint64_t id = nextRecorderId();
    // On a line of its own: every recording thread writes it.
    alignas(64) std::atomic<std::uint64_t> sequence{0};
    alignas(64) std::atomic<std::uint64_t> kept{0};
    std::atomic<std::uint64_t> evicted{0};

    mutable std::mutex registryMutex;
    std::vector<std::shared_ptr<Ring>> registry;

    // The consumer's copy of the registry, refreshed at each drain.
    std::vector<std::shared_ptr<Ring>> rings;
};

/// The rings of one thread, one for each living recorder it has recorded into.
class Recorder::ThreadRings {
public:
    ~ThreadRings() {
        for (const auto& [id, ring] : entries_) {
            ring->threadEnded.store(true, std::memory_order_release);
        }
    }

    Ring* find(std::uint64_t recorderId) const {
        for (const auto& [id, ring] : entries_) {
            if (id == recorderId) {
                return ring.get();
            }
        }
        return nullptr;
    }

    void add(std::uint64_t recorderId, std::shared_ptr<Ring> ring) {
        std::erase_if(entries_, [](const auto& entry) { return entry.second->recorderEnded.load(); });
        entries_.emplace_back(recorderId, std::move(ring));
    }

private:
    std::vector<std::pair<std::uint64_t, std::shared_ptr<Ring>>> entries_;
};

Recorder::Recorder(const Clock& clock, RecorderLimits limits)
    : clock_(clock),
      limits_{std::max<std::size_t>(limits.eventsPerThread, 1), limits.bytesPerThread},
      shared_(std::make_unique<Shared>()) {}

Recorder::~Recorder() {
    const std::lock_guard lock(shared_->registryMutex);
    for (const auto& ring : shared_->registry) {
        ring->recorderEnded.store(true);
    }
}

void Recorder::setWake(std::function<void()> wake) { wake_ = std::move(wake); }

Recorder::Ring& Recorder::ringOfThisThread() {
    thread_local ThreadRings threadRings;
    if (Ring* known = threadRings.find(shared_->id)) {
        return *known;
    }
    auto ring = std::make_shared<Ring>();
    {
        const std::lock_guard lock(shared_->registryMutex);
        shared_->registry.push_back(ring);
    }
    threadRings.add(shared_->id, ring);
    return *ring;
}

void Recorder::record(Event&& event) {
    if (event.wall == Nanoseconds{}) {
        event.wall = clock_.wall();
    }
    if (event.monotonic == Nanoseconds{}) {
        event.monotonic = clock_.monotonic();
    }
    if (event.size == 0) {
        constexpr std::size_t kLargest = std::numeric_limits<std::uint32_t>::max();
        event.size = static_cast<std::uint32_t>(std::min(event.payload.size(), kLargest));
    }
    const std::size_t bytes = event.payload.size();

    Ring& ring = ringOfThisThread();
    bool wake = false;
    // Evicted events give up their shares after the lock is released: freeing a payload may be slow.
    Event firstEvicted;
    std::vector<Event> moreEvicted;
    std::uint64_t evicted = 0;
    {
        const std::lock_guard lock(ring.mutex);
        event.seq = shared_->sequence.fetch_add(1, std::memory_order_relaxed) + 1;
        while (!ring.incoming.empty() && (ring.incoming.size() >= limits_.eventsPerThread ||
                                          ring.incomingBytes + bytes > limits_.bytesPerThread)) {
            ring.incomingBytes -= ring.incoming.front().payload.size();
            if (evicted == 0) {
                firstEvicted = ring.incoming.pop();
            } else {
                moreEvicted.push_back(ring.incoming.pop());
            }
            ++evicted;
        }
        ring.incoming.push(std::move(event));
        ring.incomingBytes += bytes;
        if (!ring.wakeSent &&
            (ring.incoming.size() * 2 >= limits_.eventsPerThread || ring.incomingBytes >= limits_.bytesPerThread / 2)) {
            ring.wakeSent = true;
            wake = true;
        }
    }
    if (evicted > 0) {
        shared_->evicted.fetch_add(evicted, std::memory_order_relaxed);
    }
    if (wake && wake_) {
        wake_();
    }
}

std::size_t Recorder::drain(std::vector<Event>& out, std::size_t max) {
    const std::uint64_t cut = shared_->sequence.load(std::memory_order_relaxed);
    auto& rings = shared_->rings;
    {
        const std::lock_guard lock(shared_->registryMutex);
        rings = shared_->registry;
    }

    constexpr std::uint64_t kNothing = std::numeric_limits<std::uint64_t>::max();
    // Number of the ring's oldest event below the cut. An empty outgoing buffer is exchanged for the incoming one; what
    // arrives after that exchange is above the cut by the argument in the header.
    const auto head = [cut](Ring& ring) {
        if (ring.outgoing.empty()) {
            const std::lock_guard lock(ring.mutex);
            ring.incoming.swap(ring.outgoing);
            ring.incomingBytes = 0;
            ring.wakeSent = false;
        }
        return ring.outgoing.empty() || ring.outgoing.front().seq > cut ? kNothing : ring.outgoing.front().seq;
    };

    std::vector<std::uint64_t> heads(rings.size());
    std::vector<bool> ended(rings.size());
    for (std::size_t i = 0; i < rings.size(); ++i) {
        ended[i] = rings[i]->threadEnded.load(std::memory_order_acquire);
        heads[i] = head(*rings[i]);
    }

    std::size_t taken = 0;
    while (taken < max) {
        const auto lowest = std::min_element(heads.begin(), heads.end());
        if (lowest == heads.end() || *lowest == kNothing) {
            break;
        }
        Ring& ring = *rings[static_cast<std::size_t>(lowest - heads.begin())];
        std::uint64_t nextOther = kNothing;
        for (auto other = heads.begin(); other != heads.end(); ++other) {
            if (other != lowest) {
                nextOther = std::min(nextOther, *other);
            }
        }
        do {
            out.push_back(ring.outgoing.pop());
            ++taken;
            *lowest = head(ring);
        } while (taken < max && *lowest < nextOther);
    }

    for (std::size_t i = 0; i < rings.size(); ++i) {
        rings[i]->leftOver.store(rings[i]->outgoing.size(), std::memory_order_relaxed);
        if (ended[i] && heads[i] == kNothing && rings[i]->outgoing.empty()) {
            const std::lock_guard lock(shared_->registryMutex);
            std::erase(shared_->registry, rings[i]);
        }
    }
    shared_->kept.fetch_add(taken, std::memory_order_relaxed);
    return taken;
}

RecorderCounters Recorder::counters() const {
    RecorderCounters result;
    result.total = shared_->sequence.load(std::memory_order_relaxed);
    result.kept = shared_->kept.load(std::memory_order_relaxed);
    result.evicted = shared_->evicted.load(std::memory_order_relaxed);
    const std::lock_guard lock(shared_->registryMutex);
    for (const auto& ring : shared_->registry) {
        const std::lock_guard ringLock(ring->mutex);
        result.waiting += ring->incoming.size() + ring->leftOver.load(std::memory_order_relaxed);
    }
    return result;
}

}  // namespace xshathra::capture
