#pragma once

#include <chrono>
#include <cstdint>

namespace xshathra {

using Nanoseconds = std::chrono::nanoseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// Where every part of the server reads the time from, so that tests can set it. Implementations are thread-safe.
class Clock {
public:
    virtual ~Clock() = default;

    /// Time since an arbitrary start; never jumps. For durations, timers, TTLs, pings.
    virtual Nanoseconds monotonic() const = 0;
    /// Time since 1970-01-01 UTC; may jump. For token claims and for display only.
    virtual Nanoseconds wall() const = 0;

    /// wall() in whole seconds, the unit of JWT claims.
    std::int64_t wallSeconds() const { return std::chrono::duration_cast<Seconds>(wall()).count(); }
};

/// The machine's own clocks.
class SystemClock final : public Clock {
public:
    Nanoseconds monotonic() const override;
    Nanoseconds wall() const override;
};

}  // namespace xshathra
