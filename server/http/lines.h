#pragma once

#include "server/base/ascii.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::http {

/// A control character other than the tab. The helpers of this file are private to the module.
inline bool isControl(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

/// What two readers might take differently in a header or trailer line that is not empty, or nothing. The line has no
/// control characters; where it is not `complete`, only its start is there.
inline std::optional<std::string> doubtInFieldLine(std::string_view line, bool complete) {
    if (line.front() == ' ' || line.front() == '\t')
        return "A header line begins with white space (folding is not allowed).";
    const auto end = std::find_if_not(line.begin(), line.end(), isTokenCharacter);
    if (end == line.end())
        return complete ? std::optional<std::string>("A header line has no colon.") : std::nullopt;
    if (*end == ' ' || *end == '\t')
        return "White space stands between a header's name and its colon.";
    if (*end != ':' || end == line.begin())
        return "A header's name is not valid.";
    return std::nullopt;
}

}  // namespace xshathra::http
