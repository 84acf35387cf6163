#include "server/engine/timers.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

bool Timers::later(const Entry& a, const Entry& b) {
    return a.deadline != b.deadline ? a.deadline > b.deadline : a.id > b.id;
}

TimerId Timers::schedule(Nanoseconds after, std::function<void()> fn) {
    const auto id = ++lastId_;
    heap_.push_back({clock_.monotonic() + std::max(after, Nanoseconds(0)), id});
    std::push_heap(heap_.begin(), heap_.end(), later);
    callbacks_.emplace(id, std::move(fn));
    return TimerId(id);
}

void Timers::cancel(TimerId id) {
    if (callbacks_.erase(std::uint64_t(id)) == 0)
        return;
    // Cancelled entries stay in the heap until they come up; without this, a stream of short-lived connections would
    // let the heap grow with entries that lie far in the future.
    if (heap_.size() > 64 && heap_.size() > callbacks_.size() * 2) {
        std::erase_if(heap_, [this](const Entry& entry) { return callbacks_.count(entry.id) == 0; });
        std::make_heap(heap_.begin(), heap_.end(), later);
    }
    dropCancelled();
}

void Timers::dropCancelled() {
    while (!heap_.empty() && callbacks_.count(heap_.front().id) == 0) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        heap_.pop_back();
    }
}

std::optional<Nanoseconds> Timers::nextDeadline() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().deadline);
}

void Timers::runDue() {
    const auto now = clock_.monotonic();
    const auto last = lastId_;
    std::vector<Entry> postponed;
    while (!heap_.empty() && heap_.front().deadline <= now) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const auto entry = heap_.back();
        heap_.pop_back();
        if (entry.id > last) {
            postponed.push_back(entry);
            continue;
        }
        const auto found = callbacks_.find(entry.id);
        if (found == callbacks_.end())
            continue;
        const auto fn = std::move(found->second);
        callbacks_.erase(found);
        fn();
    }
    for (const auto& entry : postponed) {
        heap_.push_back(entry);
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    dropCancelled();
}

}  // namespace xshathra::engine
