#pragma once

#include <cstdint>
#include <string>

namespace xshathra::auth {

enum class Outcome : std::uint8_t { Pass, Fail, NotReached };

/// One step of a decision, for the console's Decision view. `found` and `expected` are short texts for people; they
/// hold no token, key or signature.
struct Check {
    /// What was checked: `format`, `algorithm`, `signature`, `expiry`...
    std::string name;
    Outcome outcome = Outcome::NotReached;
    /// What the input had, for example "expired 41 s ago". Empty when not reached.
    std::string found;
    /// What would have passed, for example "HS256".
    std::string expected;

    friend bool operator==(const Check&, const Check&) = default;
};

}  // namespace xshathra::auth
