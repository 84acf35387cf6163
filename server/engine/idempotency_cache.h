#pragma once

#include "server/base/clock.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace xshathra::engine {

/// The results of a channel's publishes that had an idempotency key, for a while (protocol section 9.3). Not
/// thread-safe.
class IdempotencyCache {
public:
    struct Result {
        std::uint64_t offset = 0;
        std::string epoch;
    };

    /// The first result of that key, or null.
    const Result* find(std::string_view key, Nanoseconds now) {
        expire(now);
        const auto found = results_.find(std::string(key));
        return found == results_.end() ? nullptr : &found->second;
    }
    /// Remembers a new key until `now + window`; beyond `maxKeys` the oldest are forgotten.
    void add(std::string_view key, Result result, Nanoseconds now, Nanoseconds window, std::size_t maxKeys) {
        if (!results_.emplace(std::string(key), std::move(result)).second)
            return;
        order_.emplace_back(now + window, std::string(key));
        while (order_.size() > maxKeys)
            dropOldest();
    }
    void expire(Nanoseconds now) {
        while (!order_.empty() && order_.front().first <= now)
            dropOldest();
    }
    bool empty() const { return results_.empty(); }
    std::size_t size() const { return results_.size(); }

private:
    void dropOldest() {
        results_.erase(order_.front().second);
        order_.pop_front();
    }

    std::unordered_map<std::string, Result> results_;
    std::deque<std::pair<Nanoseconds, std::string>> order_;
};

}  // namespace xshathra::engine
