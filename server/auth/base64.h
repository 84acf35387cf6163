#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// Canonical: each value has exactly one text. Lenient, as Go's decoders and so Centrifugo are: line breaks are
/// skipped, and the bits that the last character leaves unused may be anything.
enum class Base64Rules { Canonical, Lenient };

/// base64url without padding (RFC 4648 section 5, as RFC 7515 uses it).
std::string encodeBase64Url(std::string_view bytes);

/// The bytes of a base64url text without padding and other characters. Nothing where it is none.
std::optional<std::string> decodeBase64Url(std::string_view text, Base64Rules rules = Base64Rules::Canonical);

/// base64 with padding (RFC 4648 section 4).
std::string encodeBase64(std::string_view bytes);

/// The bytes of a padded base64 text (claims `b64info`, `b64data`; the Sec-WebSocket-Key). Nothing where it is none.
std::optional<std::string> decodeBase64(std::string_view text, Base64Rules rules = Base64Rules::Canonical);

}  // namespace xshathra::auth
