#pragma once

#include "server/base/string_map.h"

#include <array>
#include <cstddef>
#include <mutex>
#include <string_view>

namespace xshathra::engine {

/// Entries by name, spread over stripes with a lock each, so that threads seldom wait for each other. An entry may be
/// touched only under its stripe's lock.
template <typename T, std::size_t N>
class StripedMap {
public:
    struct Stripe {
        mutable std::mutex mutex;
        StringMap<T> entries;
    };

    static constexpr std::size_t kStripes = N;

    /// Where the entry of that name is, if there is one.
    Stripe& of(std::string_view name) { return stripes_[StringHash{}(name) % N]; }
    const Stripe& of(std::string_view name) const { return stripes_[StringHash{}(name) % N]; }
    Stripe& at(std::size_t index) { return stripes_[index]; }

    auto begin() { return stripes_.begin(); }
    auto end() { return stripes_.end(); }
    auto begin() const { return stripes_.begin(); }
    auto end() const { return stripes_.end(); }

private:
    std::array<Stripe, N> stripes_;
};

}  // namespace xshathra::engine
