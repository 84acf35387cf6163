#pragma once

#include "server/base/expected.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/services/key_service.h"

namespace xshathra::rest {

/// Whose request it is, by `Authorization: apikey KEY` or `Authorization: Bearer KEY` (the scheme without regard to case). Otherwise the
/// answer: 400 for a credential in the URL or several Authorization headers, 401, or 403 for a client key. Any thread.
Expected<services::KeyIdentity, http::Response> authorize(const http::Request& request, const services::KeyService& keys);

}  // namespace xshathra::rest
