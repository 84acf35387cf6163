#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace xshathra::capture {

/// A queue in one block of memory that doubles as it fills. Not thread-safe.
template <typename T>
class RingBuffer {
public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// The oldest item; there must be one.
    T& front() { return slots_[head_]; }
    const T& front() const { return slots_[head_]; }

    void push(T&& item) {
        if (size_ == slots_.size()) {
            grow();
        }
        slots_[(head_ + size_) & (slots_.size() - 1)] = std::move(item);
        ++size_;
    }

    /// Takes the oldest item out; there must be one.
    T pop() {
        T item = std::exchange(slots_[head_], T{});
        head_ = (head_ + 1) & (slots_.size() - 1);
        --size_;
        return item;
    }

    void swap(RingBuffer& other) noexcept {
        slots_.swap(other.slots_);
        std::swap(head_, other.head_);
        std::swap(size_, other.size_);
    }

    /// Gives the memory back when the queue is empty and holds more than `capacity` slots.
    void shrinkTo(std::size_t capacity) {
        if (size_ == 0 && slots_.size() > capacity) {
            std::vector<T>().swap(slots_);
            head_ = 0;
        }
    }

private:
    void grow() {
        std::vector<T> larger(slots_.empty() ? kFirstCapacity : slots_.size() * 2);
        for (std::size_t i = 0; i < size_; ++i) {
            larger[i] = std::move(slots_[(head_ + i) & (slots_.size() - 1)]);
        }
        slots_.swap(larger);
        head_ = 0;
    }

    static constexpr std::size_t kFirstCapacity = 64;

    std::vector<T> slots_;
    std::size_t head_ = 0;
    std::size_t size_ = 0;
};

}  // namespace xshathra::capture
