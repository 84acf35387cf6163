#pragma once

#include <string>
#include <string_view>

/// ASCII text as protocols and options take it, whatever the locale: bytes past 0x7f are no letters.
namespace xshathra {

/// The letters A to Z small, all else as it is.
char toLower(char c);
std::string toLower(std::string_view text);
/// The letters a to z great, all else as it is.
char toUpper(char c);
std::string toUpper(std::string_view text);
bool equalsIgnoringCase(std::string_view a, std::string_view b);

/// 0 to 15, or -1 where it is no hexadecimal digit of either case.
int hexValue(char c);

/// A character of a token of HTTP (RFC 9110 section 5.6.2).
bool isTokenCharacter(char c);
/// Whether the text is such a token, as methods and the names of header fields are.
bool isToken(std::string_view text);

}  // namespace xshathra
