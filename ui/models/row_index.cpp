#include "ui/models/row_index.h"

#include <algorithm>
#include <limits>

namespace xshathra::models {

void RowIndex::append(Position position) {
    if (empty()) {
        clear();
        // Room below, for what a search towards the oldest will add.
        constexpr Position kRoom = Position{1} << 31;
        base_ = position > kRoom ? position - kRoom : 0;
    } else if (position - base_ > std::numeric_limits<std::uint32_t>::max()) {
        rebase((*this)[0]);
    }
    newer_.push_back(static_cast<std::uint32_t>(position - base_));
}

void RowIndex::prepend(Position position) {
    if (empty()) {
        append(position);
        return;
    }
    if (position < base_) {
        rebase(position);
    }
    older_.push_back(static_cast<std::uint32_t>(position - base_));
}

void RowIndex::dropFront(std::size_t count) {
    const std::size_t fromOlder = std::min(count, older_.size());
    older_.resize(older_.size() - fromOlder);
    newerHead_ += std::min(count - fromOlder, newer_.size() - newerHead_);
    // Moving the rest down only when half is unused keeps the cost of a drop constant on average.
    if (newerHead_ > newer_.size() / 2) {
        newer_.erase(newer_.begin(), newer_.begin() + static_cast<std::ptrdiff_t>(newerHead_));
        newerHead_ = 0;
    }
}

void RowIndex::clear() {
    std::vector<std::uint32_t>().swap(older_);
    std::vector<std::uint32_t>().swap(newer_);
    newerHead_ = 0;
}

std::size_t RowIndex::lowerBound(Position position) const {
    std::size_t low = 0;
    std::size_t high = size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if ((*this)[middle] < position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void RowIndex::rebase(Position base) {
    const Position old = base_;
    for (auto* part : {&older_, &newer_}) {
        for (std::uint32_t& value : *part) {
            value = static_cast<std::uint32_t>(old + value - base);
        }
    }
    base_ = base;
}

}  // namespace xshathra::models
