#pragma once

#include "server/http/request.h"
#include "server/http/response.h"
#include "server/http/router.h"

#include <string_view>

namespace xshathra::services {
class KeyService;
class PublishService;
class TokenService;
}  // namespace xshathra::services

namespace xshathra::rest {

/// The product's REST API for backends: `POST /api/realtime/token`, `/subscription-token`, `/publish`; and `GET
/// /health`. Handlers run on the connection's I/O thread, read the configuration snapshot, and wait for nothing.
///
/// The router has refused a credential in the URL (400). A request is then checked in this order, and the first fault
/// is answered: a server key in the Authorization header (401, 403), a JSON content type (415), a JSON object (400),
/// then its fields (400).
class RestApi {
public:
    /// All must outlive the API, and the API the router that uses it.
    RestApi(const services::KeyService& keys, const services::TokenService& tokens,
            const services::PublishService& publisher)
        : keys_(keys), tokens_(tokens), publisher_(publisher) {}

    /// Adds the routes and the answer to unknown paths.
    void addTo(http::Router& router) const;

private:
    void token(const http::Request& request, const http::Responder& responder) const;
    void subscriptionToken(const http::Request& request, const http::Responder& responder) const;
    void publish(const http::Request& request, const http::Responder& responder) const;

    const services::KeyService& keys_;
    const services::TokenService& tokens_;
    const services::PublishService& publisher_;
};

/// The answer to a path that nothing is served at: JSON below `/api`, else a text that names what there is.
http::Response notFound(std::string_view path);

}  // namespace xshathra::rest
