#pragma once

#include <atomic>
#include <cstddef>

namespace xshathra::engine {

/// What one owner takes of a total that many share: counted there as long as it lives. Not thread-safe; the total may
/// be shared by owners on several threads, and must outlive them.
class CountedBytes {
public:
    explicit CountedBytes(std::atomic<std::size_t>& total) : total_(total) {}
    ~CountedBytes() { set(0); }
    CountedBytes(const CountedBytes&) = delete;
    CountedBytes& operator=(const CountedBytes&) = delete;

    std::size_t value() const { return value_; }
    void set(std::size_t value) {
        // Where the value falls, the difference wraps around, and so the total falls too.
        if (value != value_)
            total_.fetch_add(value - value_, std::memory_order_relaxed);
        value_ = value;
    }

private:
    std::atomic<std::size_t>& total_;
    std::size_t value_ = 0;
};

}  // namespace xshathra::engine
