#include "server/rest/authorization.h"

#include "server/http/fields.h"
#include "server/http/target.h"

#include <string>
#include <string_view>

namespace xshathra::rest {

namespace {

constexpr std::string_view kHowTo = "send the header \"Authorization: apikey YOUR_SERVER_KEY\"";

http::Response unauthorized(std::string message) {
    auto response = http::Response::error(401, {"unauthorized", std::move(message), {}});
    // RFC 9110 section 15.5.2 wants a challenge; Bearer is the registered one of the two schemes.
    response.headers.set("WWW-Authenticate", "Bearer realm=\"xshathra\"");
    return response;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

}  // namespace

Expected<services::KeyIdentity, http::Response> authorize(const http::Request& request, const services::KeyService& keys) {
    if (const auto name = http::credentialInQuery(request.head.query))
        return Unexpected<http::Response>(http::Response::error(
            400, {"credential_in_url",
                  "Take " + *name + " out of the URL, where logs and proxies keep it, and " + std::string(kHowTo) + ".", *name}));
    const auto& fields = request.head.fields;
    if (fields.count("Authorization") > 1)
        return Unexpected<http::Response>(
            http::Response::error(400, {"invalid_request", "The Authorization header stands more than once; send it once.", {}}));

    const auto value = trimmed(request.header("Authorization"));
    if (value.empty()) {
        const bool elsewhere = fields.contains("X-API-Key");
        return Unexpected<http::Response>(unauthorized(
            std::string(elsewhere ? "The key in X-API-Key is not read here; " : "No API key was sent; ") + std::string(kHowTo) + "."));
    }
    const auto space = value.find_first_of(" \t");
    const auto scheme = value.substr(0, space);
    if (!http::equalsIgnoringCase(scheme, "apikey") && !http::equalsIgnoringCase(scheme, "Bearer"))
        return Unexpected<http::Response>(unauthorized("The Authorization header has to start with apikey or Bearer; " +
                                                       std::string(kHowTo) + "."));
    const auto key = space == std::string_view::npos ? std::string_view() : trimmed(value.substr(space));
    auto identity = keys.authenticateServer(key);
    if (identity)
        return std::move(*identity);
    const auto& refusal = identity.error();
    if (refusal.httpStatus() == 401)
        return Unexpected<http::Response>(unauthorized(refusal.message));
    return Unexpected<http::Response>(http::Response::error(refusal.httpStatus(), refusal.error()));
}

}  // namespace xshathra::rest
