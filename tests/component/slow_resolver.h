#pragma once

namespace xshathra::test {

/// A name whose lookup in this program hangs for as long as one of these exists. Lookups of other names are the
/// system's.
class SlowResolver {
public:
    static constexpr const char* kHost = "slow.test";

    SlowResolver();
    /// Ends the lookups, as failed ones, and waits for them.
    ~SlowResolver();
    SlowResolver(const SlowResolver&) = delete;
    SlowResolver& operator=(const SlowResolver&) = delete;

    /// Waits until a lookup hangs, at most ten seconds. False when none does.
    bool waitForLookup();
};

}  // namespace xshathra::test
