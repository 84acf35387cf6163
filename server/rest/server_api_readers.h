#pragma once

#include "server/rest/json_field.h"
#include "server/rest/server_api_decoder.h"

namespace xshathra::rest {

using DecodedOrMalformed = Expected<DecodedCommand, Malformed>;

/// Reads the parameters of one command. A `null` gives the command with all its fields at their defaults.
DecodedOrMalformed readMethod(ApiMethod method, JsonField parameters);

}  // namespace xshathra::rest
