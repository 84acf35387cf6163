#pragma once

#include <string>
#include <string_view>

namespace xshathra::auth {

/// The claim of that name in a JSON text, as Centrifugo reads a user id with gjson: the name is exact, and of two alike
/// the first counts. A string's characters; for everything else the JSON text, numbers as Go prints them; empty where
/// there is none or `null`.
std::string textOfClaim(std::string_view json, std::string_view name);

/// Whether Centrifugo takes `name` as a `user_id_claim`: ASCII letters and underscores.
bool isUserIdClaim(std::string_view name);

}  // namespace xshathra::auth
