#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// base64url without padding (RFC 4648 section 5, as RFC 7515 uses it).
std::string encodeBase64Url(std::string_view bytes);

/// The bytes of a canonical base64url text: no padding, no other characters, unused bits zero. Nothing otherwise, so
/// that one value has exactly one text.
std::optional<std::string> decodeBase64Url(std::string_view text);

/// base64 with padding (RFC 4648 section 4).
std::string encodeBase64(std::string_view bytes);

/// The bytes of a canonical, padded base64 text (claims `b64info`, `b64data`; the Sec-WebSocket-Key). Nothing
/// otherwise.
std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace xshathra::auth
