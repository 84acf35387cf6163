#pragma once

#include "server/protocol/codes.h"
#include "server/rest/server_api_method.h"
#include "server/services/command.h"

#include <string>

/// Answers of the server API (protocol section 21), with the members that Centrifugo writes, in its order; those at
/// their defaults are left out where it leaves them out. Payloads go out as they are.
namespace xshathra::rest {

/// Appends a command's result as a JSON object. False, with `out` in part written, where it holds bytes that are no
/// JSON, which no JSON answer can carry (HTTP 500).
[[nodiscard]] bool appendResult(std::string& out, const services::command::Result& result);

/// Appends `{"code","message"}`, with the server API's text of the code.
void appendApiError(std::string& out, const protocol::ClientError& error);

/// The HTTP status of an error in transport error mode.
int statusOf(const protocol::ClientError& error);

}  // namespace xshathra::rest
