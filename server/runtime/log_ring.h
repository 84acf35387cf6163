#pragma once

#include "server/base/log.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace xshathra::runtime {

/// Keeps the newest log lines for a view. Thread-safe.
class LogRing {
public:
    static constexpr std::size_t kDefaultLines = 10'000;

    explicit LogRing(std::size_t maxLines = kDefaultLines) : maxLines_(maxLines) {}

    void add(const LogRecord& record);

    struct Batch {
        std::vector<LogRecord> records;
        /// Give it to the next since() to get what came after.
        std::uint64_t next = 0;
        /// Lines between the asked position and the first of `records` that are no longer kept.
        std::uint64_t missed = 0;
    };
    /// Everything from position `from` on (0: from the start), oldest first.
    Batch since(std::uint64_t from) const;

    /// Lines ever added.
    std::uint64_t total() const;

private:
    const std::size_t maxLines_;
    mutable std::mutex mutex_;
    std::deque<LogRecord> records_;
    std::uint64_t total_ = 0;
};

}  // namespace xshathra::runtime
