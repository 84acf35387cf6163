#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace xshathra {

/// A crossing point between threads: many put, one takes everything at once. Thread-safe.
template <typename T>
class Inbox {
public:
    /// Adds an item. True when the inbox was empty before, so that the owner has to be woken once.
    [[nodiscard]] bool put(T item) {
        const std::lock_guard lock(mutex_);
        items_.push_back(std::move(item));
        return items_.size() == 1;
    }

    /// Exchanges the waiting items for `spare` (which must be empty and keeps its capacity for the next turn).
    void takeInto(std::vector<T>& spare) {
        const std::lock_guard lock(mutex_);
        items_.swap(spare);
    }

    bool empty() const {
        const std::lock_guard lock(mutex_);
        return items_.empty();
    }

private:
    mutable std::mutex mutex_;
    std::vector<T> items_;
};

}  // namespace xshathra
