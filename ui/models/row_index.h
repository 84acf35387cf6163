#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xshathra::models {

/// The positions of the rows a filter lets pass, in ascending order, four bytes a row. Grows at both ends: new events
/// at the back, while a search that runs from the newest to the oldest adds at the front. Loses rows at the front.
class RowIndex {
public:
    using Position = std::uint64_t;

    std::size_t size() const { return older_.size() + newer_.size() - newerHead_; }
    bool empty() const { return size() == 0; }
    Position operator[](std::size_t row) const {
        return base_ +
               (row < older_.size() ? older_[older_.size() - 1 - row] : newer_[newerHead_ + row - older_.size()]);
    }

    /// Adds a position above all others.
    void append(Position position);
    /// Adds a position below all others.
    void prepend(Position position);
    /// Drops the first `count` rows.
    void dropFront(std::size_t count);
    /// Forgets all rows and gives back the memory.
    void clear();
    /// The first row whose position is `position` or higher; size() if there is none.
    std::size_t lowerBound(Position position) const;

private:
    void rebase(Position base);

    /// Stored positions are relative to this.
    Position base_ = 0;
    std::vector<std::uint32_t> older_;
    std::vector<std::uint32_t> newer_;
    std::size_t newerHead_ = 0;
};

}  // namespace xshathra::models
