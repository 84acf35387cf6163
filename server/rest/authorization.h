#pragma once

#include "server/base/expected.h"
#include "server/http/annotation.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/services/key_service.h"

namespace xshathra::rest {

/// Whose request it is, by `Authorization: apikey KEY` or `Authorization: Bearer KEY` (the scheme without regard to
/// case). Otherwise the answer, with the check that failed: 400 for several Authorization headers, 401, or 403 for a
/// client key. Any thread.
///
/// `annotation`, where one is wanted, gets the project and the checks that were passed; nothing of the key itself.
Expected<services::KeyIdentity, http::Response> authorize(const http::Request& request,
                                                          const services::KeyService& keys,
                                                          http::Annotation* annotation);

/// Whose request to the server API it is: the key in `X-API-Key`, else in an Authorization header with the scheme
/// `apikey` or `Bearer`. Otherwise the answer, 401 or 403 with an empty body as Centrifugo sends it (403, for a client
/// key, is ours). Any thread.
Expected<services::ServerApiIdentity, http::Response> authorizeServerApi(const http::Request& request,
                                                                         const services::KeyService& keys,
                                                                         http::Annotation* annotation);

}  // namespace xshathra::rest
