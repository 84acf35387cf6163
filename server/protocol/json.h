#pragma once

#include "server/base/shared_bytes.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace xshathra::protocol {

/// How deep a payload's objects and arrays may nest.
inline constexpr std::size_t kMaxPayloadDepth = 512;
/// How deep nesting can be that isValidJson() is able to follow.
inline constexpr std::size_t kMaxJsonDepth = 1024;

/// Whether `text` is exactly one JSON value (RFC 8259) in valid UTF-8, nested at most `maxDepth` (up to kMaxJsonDepth)
/// deep. Whitespace around it is allowed. Does not recurse, so that hostile nesting costs nothing. Any thread.
bool isValidJson(std::string_view text, std::size_t maxDepth = kMaxPayloadDepth);

/// Whether `text` is valid UTF-8. Any thread.
bool isUtf8(std::string_view text);

/// Whether `json` is `null`, which stands for an absent or empty value.
bool isJsonNull(std::string_view json);

/// `json` without CR and LF; the same memory if it has none. In valid JSON they only stand between tokens, so the value
/// stays the same; needed because a line break ends a message (section 2.1).
SharedBytes stripLineBreaks(const SharedBytes& json);

/// Appends valid JSON as it is, save for CR and LF, which are left out.
void appendWithoutLineBreaks(std::string& out, std::string_view json);

/// Appends `text` as a JSON string with its quotes. Escapes as section 2.3 says: also `<`, `>`, `&`, U+2028 and U+2029;
/// each invalid UTF-8 sequence becomes U+FFFD.
void appendJsonString(std::string& out, std::string_view text);

/// appendJsonString() into a new payload: the form that `data` has in JSON connections with delta compression (section
/// 11).
SharedBytes quoteJson(std::string_view text);

}  // namespace xshathra::protocol
