#pragma once

#include "server/base/expected.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/http/router.h"
#include "server/rest/server_api_decoder.h"
#include "server/services/server_api_access.h"

#include <cstddef>
#include <string_view>

namespace xshathra::services {
class CommandService;
class KeyService;
}  // namespace xshathra::services

namespace xshathra::rest {

/// Bytes of one answer to a batch or to the command form: where they are reached, the commands that are left are not
/// run and get error 106. Ours: a small batch could ask for a large history many times.
inline constexpr std::size_t kServerApiAnswerLimit = std::size_t{32} << 20;

/// Centrifugo's server API for backends (protocol section 21): `POST <prefix>/<method>`, `POST <prefix>/batch`, and
/// `POST <prefix>` with commands in the body; and `connections`, which is ours. Handlers run on the connection's I/O
/// thread and wait for nothing.
///
/// A request is checked in this order: the key (401), the JSON of the body (400). Everything after that is answered
/// with 200, errors too, unless the project or the request (`X-Centrifugo-Error-Mode: transport`) wants a status for
/// them.
class ServerApi {
public:
    /// Both must outlive the API, and the API the router that uses it.
    ServerApi(const services::KeyService& keys, const services::CommandService& commands,
              std::size_t answerLimit = kServerApiAnswerLimit)
        : keys_(keys), commands_(commands), answerLimit_(answerLimit) {}

    /// Adds the routes; none where they are disabled.
    void addTo(http::Router& router, const services::ServerApiRoutes& routes) const;

private:
    class Call;

    void method(ApiMethod method, const http::Request& request, const http::Responder& responder) const;
    void batch(const http::Request& request, const http::Responder& responder) const;
    void commandForm(const http::Request& request, const http::Responder& responder) const;

    const services::KeyService& keys_;
    const services::CommandService& commands_;
    std::size_t answerLimit_;
};

}  // namespace xshathra::rest
