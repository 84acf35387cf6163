#pragma once

#include <string>
#include <string_view>

/// ASCII text as protocols and options take it, whatever the locale: bytes past 0x7f are no letters.
namespace xshathra {

/// The letters A to Z small, all else as it is.
char toLower(char c);
std::string toLower(std::string_view text);
bool equalsIgnoringCase(std::string_view a, std::string_view b);

/// A character of a token of HTTP (RFC 9110 section 5.6.2).
bool isTokenCharacter(char c);
/// Whether the text is such a token, as methods and the names of header fields are.
bool isToken(std::string_view text);

}  // namespace xshathra
