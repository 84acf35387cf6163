#pragma once

#include "server/base/clock.h"
#include "server/engine/compared_text.h"

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

    IdempotencyCache() = default;
    IdempotencyCache(const IdempotencyCache&) = delete;
    IdempotencyCache& operator=(const IdempotencyCache&) = delete;

    /// The first result of that key, or null.
    const Result* find(std::string_view key, Nanoseconds now) {
        expire(now);
        const auto found = results_.find(comparedText(key));
        return found == results_.end() ? nullptr : &found->second;
    }
    /// Remembers a new key until `now + window`; beyond `maxKeys` the oldest are forgotten.
    void add(std::string_view key, Result result, Nanoseconds now, Nanoseconds window, std::size_t maxKeys) {
        const auto [added, isNew] = results_.emplace(comparedText(key), std::move(result));
        if (!isNew)
            return;
        bytes_ += bytesOf(*added);
        order_.emplace_back(now + window, &added->first);
        while (order_.size() > maxKeys)
            dropOldest();
    }
    void expire(Nanoseconds now) {
        while (!order_.empty() && order_.front().first <= now)
            dropOldest();
    }
    void dropOldest() {
        const auto oldest = results_.find(*order_.front().second);
        bytes_ -= bytesOf(*oldest);
        results_.erase(oldest);
        order_.pop_front();
    }
    bool empty() const { return results_.empty(); }
    std::size_t size() const { return results_.size(); }
    /// What the keys are counted with against the byte limits.
    std::size_t bytes() const { return results_.empty() ? 0 : kOverhead + bytes_; }

    /// Of the cache once it holds a key, and of each key besides its text.
    static constexpr std::size_t kOverhead = 1024;
    static constexpr std::size_t kKeyOverhead = 128;

private:
    using Results = std::unordered_map<std::string, Result>;

    static std::size_t bytesOf(const Results::value_type& entry) {
        return kKeyOverhead + entry.first.size() + entry.second.epoch.size();
    }

    Results results_;
    /// The text is the key in results_.
    std::deque<std::pair<Nanoseconds, const std::string*>> order_;
    std::size_t bytes_ = 0;
};

}  // namespace xshathra::engine
