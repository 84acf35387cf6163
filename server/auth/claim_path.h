#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// The claim at `path` of a JSON text, as Centrifugo reads a user id with gjson: names (or, in a list, numbers from 0)
/// separated by dots, a backslash in front of a dot that belongs to a name; names are exact, and of two alike the first
/// counts. A string's characters; for everything else the JSON text, numbers as Go prints them; empty where there is
/// none or `null`.
std::string textAtPath(std::string_view json, std::string_view path);

/// What of gjson's syntax a path uses that textAtPath() doesn't know (wildcards, queries, modifiers), or nothing.
std::optional<std::string> unsupportedInPath(std::string_view path);

}  // namespace xshathra::auth
