#include "server/engine/idempotency_cache.h"

#include "server/engine/compared_text.h"

namespace xshathra::engine {

std::size_t IdempotencyCache::bytesOf(const Results::value_type& entry) {
    return kKeyOverhead + entry.first.size() + entry.second.epoch.size();
}

const IdempotencyCache::Result* IdempotencyCache::find(std::string_view key, Nanoseconds now) {
    expire(now);
    const auto found = results_.find(comparedText(key));
    return found == results_.end() ? nullptr : &found->second;
}

void IdempotencyCache::add(std::string_view key, Result result, Nanoseconds now, Nanoseconds window,
                           std::size_t maxKeys) {
    const auto [added, isNew] = results_.emplace(comparedText(key), std::move(result));
    if (!isNew)
        return;
    keyBytes_ += bytesOf(*added);
    order_.emplace_back(now + window, &added->first);
    while (order_.size() > maxKeys)
        dropOldest();
    count();
}

void IdempotencyCache::expire(Nanoseconds now) {
    while (!order_.empty() && order_.front().first <= now)
        dropOldest();
    count();
}

void IdempotencyCache::clear() {
    order_.clear();
    results_.clear();
    keyBytes_ = 0;
    count();
}

void IdempotencyCache::dropOldest() {
    const auto oldest = results_.find(*order_.front().second);
    keyBytes_ -= bytesOf(*oldest);
    results_.erase(oldest);
    order_.pop_front();
}

}  // namespace xshathra::engine
