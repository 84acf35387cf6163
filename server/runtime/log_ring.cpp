#include "server/runtime/log_ring.h"

#include <algorithm>

namespace xshathra::runtime {

void LogRing::add(const LogRecord& record) {
    const std::lock_guard lock(mutex_);
    records_.push_back(record);
    ++total_;
    if (records_.size() > maxLines_)
        records_.pop_front();
}

LogRing::Batch LogRing::since(std::uint64_t from) const {
    const std::lock_guard lock(mutex_);
    const auto first = total_ - records_.size();
    const auto start = std::clamp(from, first, total_);
    Batch batch;
    batch.next = total_;
    batch.missed = from < first ? first - from : 0;
    batch.records.assign(records_.begin() + static_cast<std::ptrdiff_t>(start - first), records_.end());
    return batch;
}

std::uint64_t LogRing::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

}  // namespace xshathra::runtime
