#pragma once

#include "server/base/clock.h"
#include "server/engine/striped_map.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace xshathra::engine {

/// Keeps what the entries of a StripedMap take within a limit, by freeing those that were used least recently.
/// Thread-safe.
class Eviction {
public:
    /// Whether an entry is spared as long as there are others, and when it was used last: the lowest goes first. None
    /// where there is nothing to free.
    using Rank = std::optional<std::pair<bool, Nanoseconds>>;

    /// Where `figure` is above `limit`, frees until an eighth of the limit is free, so that the walk over all entries
    /// is paid for by many changes. Does nothing while another thread does it. Call it without a lock of the map's.
    ///
    /// `rankOf(entry)` and `free(stripe, iterator)`, which may take the entry out, are called under the stripe's lock.
    template <typename T, std::size_t N, typename RankOf, typename Free>
    void keep(const std::atomic<std::size_t>& figure, std::size_t limit, StripedMap<T, N>& map, const RankOf& rankOf,
              const Free& free) {
        if (figure.load(std::memory_order_relaxed) <= limit)
            return;
        const std::unique_lock running(mutex_, std::try_to_lock);
        if (!running.owns_lock())
            return;
        struct Candidate {
            Rank rank;
            typename StripedMap<T, N>::Stripe* stripe = nullptr;
            std::string name;
        };
        std::vector<Candidate> candidates;
        for (auto& stripe : map) {
            const std::lock_guard lock(stripe.mutex);
            for (const auto& [name, entry] : stripe.entries) {
                if (const Rank rank = rankOf(entry))
                    candidates.push_back({rank, &stripe, name});
            }
        }
        std::sort(candidates.begin(), candidates.end(),
                  [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
        const auto target = limit - limit / 8;
        for (const auto& candidate : candidates) {
            if (figure.load(std::memory_order_relaxed) <= target)
                return;
            const std::lock_guard lock(candidate.stripe->mutex);
            const auto found = candidate.stripe->entries.find(candidate.name);
            if (found != candidate.stripe->entries.end())
                free(*candidate.stripe, found);
        }
    }

private:
    std::mutex mutex_;
};

}  // namespace xshathra::engine
