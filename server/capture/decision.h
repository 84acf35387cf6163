#pragma once

#include "server/base/clock.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::capture {

/// What became of one check of a decision.
enum class Outcome : std::uint8_t { Pass, Fail, NotReached };

/// What a decision came to.
enum class Verdict : std::uint8_t { Allowed, Refused };

/// One step of a decision, such as "Signature" or "Channel". Texts are UTF-8, short, and hold no secret: a token is
/// described, never quoted.
struct Check {
    /// What was looked at, in a word or two, capitalised.
    std::string name;
    Outcome outcome = Outcome::NotReached;
    /// The value met, for example `channel = "vip"`; on a pass a few words that say what was right.
    std::string found;
    /// The value that would have passed; empty when the check passed or was not reached.
    std::string expected;
    /// What to do about a failure, one sentence; empty otherwise.
    std::string advice;

    friend bool operator==(const Check&, const Check&) = default;
};

/// Why a connection, a subscription or a request was let in or refused: the checks in the order of evaluation.
/// Immutable once shared with the capture.
struct Decision {
    Verdict verdict = Verdict::Allowed;
    /// The protocol's error or disconnect code, or the HTTP status; 0 when allowed.
    std::uint32_t code = 0;
    /// One sentence for people.
    std::string summary;
    std::vector<Check> checks;
    /// How long deciding took; zero when not measured.
    Nanoseconds took{};

    friend bool operator==(const Decision&, const Decision&) = default;
};

/// The word for an outcome in our own texts: "passed", "failed", "not reached".
std::string_view name(Outcome outcome);

}  // namespace xshathra::capture
