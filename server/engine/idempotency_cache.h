#pragma once

#include "server/base/clock.h"
#include "server/engine/counted_bytes.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace xshathra::engine {

/// The results of a channel's publishes that had an idempotency key, for a while (protocol section 9.3). A key takes
/// the same room whatever its length. Not thread-safe.
class IdempotencyCache {
public:
    struct Result {
        std::uint64_t offset = 0;
        std::string epoch;
    };

    /// Its bytes are counted in `total`, which must outlive it.
    explicit IdempotencyCache(std::atomic<std::size_t>& total) : bytes_(total) {}

    /// The first result of that key, or null. Points into the cache, until its next change.
    const Result* find(std::string_view key, Nanoseconds now);
    /// Remembers a new key until `now + window`; beyond `maxKeys` the oldest are forgotten.
    void add(std::string_view key, Result result, Nanoseconds now, Nanoseconds window, std::size_t maxKeys);
    /// Forgets the keys whose time is over.
    void expire(Nanoseconds now);
    /// Forgets all keys.
    void clear();

    bool empty() const { return results_.empty(); }
    std::size_t size() const { return results_.size(); }
    /// What the keys are counted with against the byte limits.
    std::size_t bytes() const { return bytes_.value(); }

    /// Of the cache once it holds a key, and of each key besides its text and the epoch of its result.
    static constexpr std::size_t kOverhead = 1024;
    static constexpr std::size_t kKeyOverhead = 128;

private:
    using Results = std::unordered_map<std::string, Result>;

    static std::size_t bytesOf(const Results::value_type& entry);
    void dropOldest();
    void count() { bytes_.set(results_.empty() ? 0 : kOverhead + keyBytes_); }

    Results results_;
    /// When which key's time is over. The text is the key in results_.
    std::deque<std::pair<Nanoseconds, const std::string*>> order_;
    std::size_t keyBytes_ = 0;
    CountedBytes bytes_;
};

}  // namespace xshathra::engine
