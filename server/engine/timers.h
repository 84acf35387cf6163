#pragma once

#include "server/base/clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace xshathra::engine {

/// Names a timer for cancelling; never reused. Zero names none.
enum class TimerId : std::uint64_t { None = 0 };

/// One-shot timers on the monotonic clock: a binary heap, cancelling in constant time. For one thread.
class Timers {
public:
    explicit Timers(const Clock& clock) : clock_(clock) {}

    TimerId schedule(Nanoseconds after, std::function<void()> fn);
    void cancel(TimerId id);
    std::optional<Nanoseconds> nextDeadline() const;
    /// Runs what is due, in order of deadline, then of scheduling. Timers set by the callbacks wait for the next call.
    void runDue();
    std::size_t size() const { return callbacks_.size(); }

private:
    struct Entry {
        Nanoseconds deadline;
        std::uint64_t id;
    };
    static bool later(const Entry& a, const Entry& b);
    void dropCancelled();

    const Clock& clock_;
    std::uint64_t lastId_ = 0;
    std::vector<Entry> heap_;
    std::unordered_map<std::uint64_t, std::function<void()>> callbacks_;
};

}  // namespace xshathra::engine
