#pragma once

#include "server/auth/jwt.h"
#include "server/engine/policy.h"
#include "server/engine/project_config.h"

#include <optional>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// Who judges the project's subscription tokens; null where it accepts none.
const auth::TokenVerifier* subscriptionVerifier(const ProjectConfig& project);

/// What a refused token comes to (protocol section 20.3): `aboutTime` for one that is over or not yet valid, error 100
/// for a connection's `b64info` that can't be decoded, `invalid` for everything else.
Failure tokenFailure(const auth::TokenError& error, const Failure& aboutTime, const Failure& invalid);

/// The value that the project's user_id_http_header had in the client's request, or empty.
std::string_view userInHeaders(const ProjectConfig& project, const TransportInfo& transport);

/// The channels that a connection token names.
std::vector<std::string> channelsOf(const auth::ConnectClaims& claims);

}  // namespace xshathra::engine
