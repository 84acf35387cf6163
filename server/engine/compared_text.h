#pragma once

#include "server/auth/digest.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace xshathra::engine {

/// Longest text that comparedText() keeps as it is.
inline constexpr std::size_t kMaxComparedBytes = 64;

/// What to keep of a text of any length that is only ever compared with others: the text itself, or beyond
/// kMaxComparedBytes its SHA-256. The latter are longer than any of the former, so that no text passes for another.
inline std::string comparedText(std::string_view text) {
    if (text.size() <= kMaxComparedBytes)
        return std::string(text);
    return "#" + auth::toHex(auth::sha256(text));
}

}  // namespace xshathra::engine
