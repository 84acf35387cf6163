#pragma once

#include <string_view>

namespace xshathra::http {

/// Whether an origin fits a pattern of Centrifugo's `client.allowed_origins`, over the whole text and with the origin in
/// lower case: `*` any characters, `?` one, `[abc]`, `[a-c]` and `[!abc]` one of (not of) them, `{one,two}` alternatives,
/// a backslash takes the next character as it is. Steps are bounded; a text and pattern that need more don't fit.
bool matchesOriginPattern(std::string_view pattern, std::string_view origin);

/// Whether the pattern has an end to each `[`, `{` and backslash.
bool isOriginPattern(std::string_view pattern);

}  // namespace xshathra::http
