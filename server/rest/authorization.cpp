#include "server/rest/authorization.h"

#include "server/auth/api_key.h"
#include "server/base/ascii.h"
#include "server/http/target.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::rest {

namespace {

std::string howTo() { return "send the header \"" + std::string(http::kAuthorizationExample) + "\""; }

http::Response refused(int status, Error error, http::Check failed) {
    auto response = http::Response::error(status, error);
    // RFC 9110 section 15.5.2 wants a challenge; Bearer is the registered one of the two schemes.
    if (status == 401)
        response.headers.set("WWW-Authenticate", "Bearer realm=\"xshathra\"");
    failed.advice = std::move(error.message);
    response.failed = std::move(failed);
    return response;
}

http::Response noKey(std::string message, std::string found) {
    return refused(401, {"unauthorized", std::move(message), {}},
                   {"Key sent", std::move(found), "one Authorization header: apikey KEY or Bearer KEY"});
}

/// The checks of a key, in the order in which KeyService makes them.
enum class KeyCheck : std::uint8_t { Sent, Form, Known, InForce, Kind, Served };

KeyCheck checkThatRefused(services::KeyRefusalKind kind) {
    switch (kind) {
        case services::KeyRefusalKind::Mistyped: return KeyCheck::Form;
        case services::KeyRefusalKind::Unknown: return KeyCheck::Known;
        case services::KeyRefusalKind::Expired: return KeyCheck::InForce;
        case services::KeyRefusalKind::ClientKey: return KeyCheck::Kind;
        case services::KeyRefusalKind::NotServed: return KeyCheck::Served;
        case services::KeyRefusalKind::Missing: break;
    }
    return KeyCheck::Sent;
}

http::Check failedCheck(KeyCheck check, std::size_t length) {
    switch (check) {
        case KeyCheck::Sent: return {"Key sent", "a scheme without a key", "apikey KEY or Bearer KEY"};
        case KeyCheck::Form:
            return {"Key form", std::to_string(length) + " characters, not the form of a key",
                    "prefix xsk_live_ or xsk_test_, " + std::to_string(auth::kApiKeyLength) +
                        " characters, a checksum that fits"};
        case KeyCheck::Known: return {"Key known", "a key that no project has", "the key of a project of this server"};
        case KeyCheck::InForce:
            return {"Key in force", "rotated, grace time over", "the current key, or a rotated one in its grace time"};
        case KeyCheck::Kind: return {"Key kind", "client key", "server key"};
        case KeyCheck::Served: break;
    }
    return {"Project served", "a configuration that can't be used", "one that can"};
}

/// The checks before `end`, all passed; `sent` says how the key came. Of a refused key `identity` is null.
std::vector<http::Check> passedBefore(KeyCheck end, std::string_view sent, const services::KeyIdentity* identity) {
    std::vector<http::Check> checks{
        {"Key sent", std::string(sent)},
        {"Key form", "prefix, length and checksum fit"},
        {"Key known", identity == nullptr ? "a project has it" : "fingerprint " + identity->fingerprint},
        {"Key in force", identity != nullptr && identity->inGrace ? "rotated, in its grace time" : "yes"},
        {"Key kind", "server key"},
    };
    checks.resize(static_cast<std::size_t>(end));
    return checks;
}

std::string_view wayOf(std::string_view scheme) {
    return equalsIgnoringCase(scheme, "apikey") ? "with the scheme apikey" : "with the scheme Bearer";
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// A key as a request to the server API brings it; both empty where it brings none.
struct SentKey {
    std::string_view key;
    std::string_view way;
};

SentKey serverApiKey(const http::Request& request) {
    if (const auto key = request.header("X-API-Key"); !key.empty())
        return {key, "in X-API-Key"};
    if (request.head.fields.count("Authorization") > 1)
        return {};
    const auto value = trimmed(request.header("Authorization"));
    const auto space = value.find_first_of(" \t");
    if (space == std::string_view::npos)
        return {};
    const auto scheme = value.substr(0, space);
    const auto key = trimmed(value.substr(space));
    const bool known = equalsIgnoringCase(scheme, "apikey") || equalsIgnoringCase(scheme, "Bearer");
    if (!known || key.find_first_of(" \t") != std::string_view::npos)
        return {};
    return {key, wayOf(scheme)};
}

}  // namespace

Expected<services::KeyIdentity, http::Response> authorize(const http::Request& request,
                                                          const services::KeyService& keys,
                                                          http::Annotation* annotation) {
    const auto& fields = request.head.fields;
    if (const auto count = fields.count("Authorization"); count > 1)
        return Unexpected<http::Response>(
            refused(400, {"invalid_request", "The Authorization header stands more than once; send it once.", {}},
                    {"Key sent", std::to_string(count) + " Authorization headers", "one Authorization header"}));

    const auto value = trimmed(request.header("Authorization"));
    if (value.empty()) {
        const bool elsewhere = fields.contains("X-API-Key");
        return Unexpected<http::Response>(
            noKey((elsewhere ? "The key in X-API-Key is not read here; " : "No API key was sent; ") + howTo() + ".",
                  elsewhere ? "X-API-Key instead of Authorization" : "no Authorization header"));
    }
    const auto space = value.find_first_of(" \t");
    const auto scheme = value.substr(0, space);
    if (!equalsIgnoringCase(scheme, "apikey") && !equalsIgnoringCase(scheme, "Bearer"))
        return Unexpected<http::Response>(
            noKey("The Authorization header has to start with apikey or Bearer; " + howTo() + ".", "another scheme"));
    const auto key = space == std::string_view::npos ? std::string_view() : trimmed(value.substr(space));
    auto identity = keys.authenticateServer(key);
    if (identity) {
        if (annotation != nullptr) {
            annotation->project = identity->projectId;
            annotation->passed = passedBefore(KeyCheck::Served, wayOf(scheme), &*identity);
        }
        return std::move(*identity);
    }
    const auto& refusal = identity.error();
    const auto check = checkThatRefused(refusal.kind);
    if (annotation != nullptr) {
        annotation->project = refusal.projectId;
        annotation->passed = passedBefore(check, wayOf(scheme), nullptr);
    }
    return Unexpected<http::Response>(refused(refusal.httpStatus(), refusal.error(), failedCheck(check, key.size())));
}

Expected<services::ServerApiIdentity, http::Response> authorizeServerApi(const http::Request& request,
                                                                         const services::KeyService& keys,
                                                                         http::Annotation* annotation) {
    const auto sent = serverApiKey(request);
    auto identity = keys.authenticateServerApi(sent.key);
    if (identity) {
        if (annotation != nullptr) {
            annotation->project = identity->key.projectId;
            if (identity->key.fingerprint.empty()) {
                annotation->passed.push_back({"Key", "none is needed: the server API is insecure"});
            } else {
                annotation->passed = passedBefore(KeyCheck::Served, sent.way, &identity->key);
            }
        }
        return std::move(*identity);
    }
    const auto& refusal = identity.error();
    auto response = refused(refusal.httpStatus(), refusal.error(),
                            {"Key sent", "no key", "X-API-Key: KEY or Authorization: apikey KEY"});
    if (!sent.key.empty()) {
        const auto check = checkThatRefused(refusal.kind);
        response.failed = failedCheck(check, sent.key.size());
        response.failed->advice = refusal.message;
        if (annotation != nullptr) {
            annotation->project = refusal.projectId;
            annotation->passed = passedBefore(check, sent.way, nullptr);
        }
    }
    response.headers.remove("Content-Type");
    response.body = {};
    return Unexpected<http::Response>(std::move(response));
}

}  // namespace xshathra::rest
