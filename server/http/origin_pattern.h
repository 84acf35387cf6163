#pragma once

#include <string_view>

namespace xshathra::http {

/// Whether an origin, in lower case, fits a pattern of Centrifugo's `client.allowed_origins`: a Glob over the whole
/// text.
bool matchesOriginPattern(std::string_view pattern, std::string_view origin);

/// Whether the pattern is a valid Glob, and not empty.
bool isOriginPattern(std::string_view pattern);

}  // namespace xshathra::http
