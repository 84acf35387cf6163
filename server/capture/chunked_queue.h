#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace xshathra::capture {

/// A queue in chunks: adding never moves what is there, so that a recording thread pays the same for each event however
/// many wait. Emptied chunks are kept for the next batch, up to a limit. Not thread-safe.
template <typename T>
class ChunkedQueue {
public:
    static constexpr std::size_t kChunkItems = 256;
    static constexpr std::size_t kSpareChunks = 8;

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// The oldest item; there must be one.
    const T& front() const { return (*chunks_.front())[head_]; }

    void push(T&& item) {
        const std::size_t at = head_ + size_;
        if (at == chunks_.size() * kChunkItems) {
            if (spare_.empty()) {
                chunks_.push_back(std::make_unique<Chunk>());
            } else {
                chunks_.push_back(std::move(spare_.back()));
                spare_.pop_back();
            }
        }
        (*chunks_[at / kChunkItems])[at % kChunkItems] = std::move(item);
        ++size_;
    }

    /// Takes the oldest item out; there must be one.
    T pop() {
        T item = std::exchange((*chunks_.front())[head_], T{});
        --size_;
        if (++head_ == kChunkItems) {
            head_ = 0;
            if (spare_.size() < kSpareChunks) {
                spare_.push_back(std::move(chunks_.front()));
            }
            chunks_.pop_front();
        }
        return item;
    }

    void swap(ChunkedQueue& other) noexcept {
        chunks_.swap(other.chunks_);
        spare_.swap(other.spare_);
        std::swap(head_, other.head_);
        std::swap(size_, other.size_);
    }

private:
    using Chunk = std::array<T, kChunkItems>;

    std::deque<std::unique_ptr<Chunk>> chunks_;
    std::vector<std::unique_ptr<Chunk>> spare_;
    std::size_t head_ = 0;
    std::size_t size_ = 0;
};

}  // namespace xshathra::capture
