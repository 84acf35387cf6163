#pragma once

#include "server/base/clock.h"

#include <atomic>

namespace xshathra::test {

/// A clock that moves only when told to. Starts at wall time 2026-01-01T00:00:00Z. Thread-safe.
class ManualClock final : public Clock {
public:
    Nanoseconds monotonic() const override { return Nanoseconds(monotonic_.load()); }
    Nanoseconds wall() const override { return Nanoseconds(wall_.load()); }

    /// Moves both clocks, as time passing does.
    void advance(Nanoseconds by) {
        monotonic_ += by.count();
        wall_ += by.count();
    }
    /// Moves the wall clock alone, as an administrator or NTP does.
    void jumpWall(Nanoseconds by) { wall_ += by.count(); }

private:
    std::atomic<Nanoseconds::rep> monotonic_{Nanoseconds(Seconds(1000)).count()};
    std::atomic<Nanoseconds::rep> wall_{Nanoseconds(Seconds(1767225600)).count()};
};

}  // namespace xshathra::test
