#include "server/rest/rest_api.h"

#include "server/protocol/json.h"
#include "server/rest/authorization.h"
#include "server/rest/json_body.h"
#include "server/services/key_service.h"
#include "server/services/publish_service.h"
#include "server/services/token_service.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace xshathra::rest {

namespace {

constexpr std::string_view kTtlAllowed = "a whole number of seconds from 30 to 3600";
constexpr std::string_view kUserAllowed = "the user's id, a text such as \"user_123\"";
constexpr std::string_view kChannelAllowed = "a channel's name, a text such as \"public:lobby\"";

constexpr std::array kTokenFields{
    FieldSpec{"userId", kUserAllowed},
    FieldSpec{"ttlSeconds", kTtlAllowed},
    FieldSpec{"channels", "a list of channel names, such as [\"public:lobby\"]"},
    FieldSpec{"info", "a JSON object"},
};
constexpr std::array kSubscriptionTokenFields{
    FieldSpec{"userId", kUserAllowed},
    FieldSpec{"channel", kChannelAllowed},
    FieldSpec{"ttlSeconds", kTtlAllowed},
};
constexpr std::array kPublishFields{
    FieldSpec{"channel", kChannelAllowed},
    FieldSpec{"data", "any JSON value"},
    FieldSpec{"tags", "an object whose values are texts"},
    FieldSpec{"idempotency_key", "a text"},
    FieldSpec{"skip_history", "true or false"},
    FieldSpec{"delta", "true or false"},
};

int statusOf(const Error& error) {
    static constexpr std::array<std::pair<std::string_view, int>, 3> kTable{{
        {"not_found", 404},
        {"cannot_sign", 409},
        {"unavailable", 503},
    }};
    for (const auto& [code, status] : kTable) {
        if (error.code == code)
            return status;
    }
    // Whatever else the services refuse is about what was sent.
    return 400;
}

http::Response answerTo(const Error& error) {
    auto response = http::Response::error(statusOf(error), error);
    response.failed =
        http::Check{error.field.empty() ? "Request" : "Field " + error.field, error.code, {}, error.message};
    return response;
}

http::Response tokenResponse(const Result<services::MintedToken>& minted) {
    if (!minted)
        return answerTo(minted.error());
    std::string body = "{\"token\":";
    protocol::appendJsonString(body, minted->token);
    body += ",\"expiresInSeconds\":" + std::to_string(minted->expiresInSeconds) + "}";
    auto response = http::Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

http::Response publishResponse(const Result<services::PublishResult>& published) {
    if (!published)
        return answerTo(published.error());
    // Zero values are left out, as Centrifugo does.
    std::string body = "{\"result\":{";
    if (published->offset > 0)
        body += "\"offset\":" + std::to_string(published->offset);
    if (!published->epoch.empty()) {
        body += published->offset > 0 ? ",\"epoch\":" : "\"epoch\":";
        protocol::appendJsonString(body, published->epoch);
    }
    return http::Response::json(200, body + "}}");
}

/// Reads one field after the other; after the first fault the others are not looked at.
class FieldReader {
public:
    explicit FieldReader(const JsonBody& body) : body_(body) {}

    const std::optional<Error>& error() const { return error_; }

    void required(std::string_view name, std::string& out) {
        take(name, &JsonBody::requiredText, [&](std::string value) { out = std::move(value); });
    }
    void text(std::string_view name, std::string& out) {
        takeOptional(name, &JsonBody::text, [&](std::string value) { out = std::move(value); });
    }
    void integer(std::string_view name, std::optional<std::int64_t>& out) {
        takeOptional(name, &JsonBody::integer, [&](std::int64_t value) { out = value; });
    }
    void boolean(std::string_view name, bool& out) {
        takeOptional(name, &JsonBody::boolean, [&](bool value) { out = value; });
    }
    void texts(std::string_view name, std::vector<std::string>& out) {
        takeOptional(name, &JsonBody::texts, [&](std::vector<std::string> value) { out = std::move(value); });
    }
    void textMap(std::string_view name, std::map<std::string, std::string>& out) {
        takeOptional(name, &JsonBody::textMap,
                     [&](std::map<std::string, std::string> value) { out = std::move(value); });
    }
    void rawObject(std::string_view name, std::string& out) {
        takeOptional(name, &JsonBody::rawObject, [&](const SharedBytes& value) { out = std::string(value.view()); });
    }
    void requiredValue(std::string_view name, SharedBytes& out) {
        if (error_)
            return;
        if (const auto value = body_.rawValue(name))
            out = *value;
        else
            error_ = body_.missing(name);
    }

private:
    template <typename Read, typename Put>
    void take(std::string_view name, Read read, Put put) {
        if (error_)
            return;
        auto value = (body_.*read)(name);
        if (value)
            put(std::move(*value));
        else
            error_ = value.error();
    }
    template <typename Read, typename Put>
    void takeOptional(std::string_view name, Read read, Put put) {
        take(name, read, [&](auto value) {
            if (value)
                put(std::move(*value));
        });
    }

    const JsonBody& body_;
    std::optional<Error> error_;
};

/// One request on its way through the checks that all calls have in common.
class Call {
public:
    Call(const http::Request& request, const http::Responder& responder) : request_(request), responder_(responder) {}

    /// Key, content type, JSON object. Nothing where a check failed: then the request has been answered.
    std::optional<JsonBody> open(const services::KeyService& keys, std::span<const FieldSpec> fields) {
        auto identity = authorize(request_, keys, responder_.watched() ? &annotation_ : nullptr);
        if (!identity) {
            refuse(std::move(identity).error());
            return std::nullopt;
        }
        projectId_ = std::move(identity->projectId);
        if (!request_.hasContentType("application/json")) {
            refuse(wrongContentType());
            return std::nullopt;
        }
        auto body = JsonBody::parse(request_.body, fields);
        if (!body) {
            refuse(answerTo(body.error()));
            return std::nullopt;
        }
        return std::move(*body);
    }

    const std::string& projectId() const { return projectId_; }

    /// Ends the checks: false where a field was at fault, which has been answered then.
    bool accept(const FieldReader& reader, const std::string& channel, const std::string& user) {
        annotation_.channel = channel;
        annotation_.user = user;
        if (reader.error()) {
            refuse(answerTo(*reader.error()));
            return false;
        }
        responder_.annotate(std::move(annotation_));
        return true;
    }

private:
    void refuse(http::Response response) {
        responder_.annotate(std::move(annotation_));
        responder_.send(std::move(response));
    }

    http::Response wrongContentType() const {
        const auto sent = request_.header("Content-Type");
        const auto found = sent.empty() ? std::string("missing") : excerpt(sent);
        auto response = http::Response::error(
            415, {"unsupported_media_type", "Content-Type is " + found + "; send the body as application/json.",
                  "Content-Type"});
        response.failed = http::Check{"Content-Type", found, "application/json", "Send the body as application/json."};
        return response;
    }

    const http::Request& request_;
    const http::Responder& responder_;
    std::string projectId_;
    http::Annotation annotation_;
};

}  // namespace

void RestApi::addTo(http::Router& router) const {
    const auto add = [&](const char* path,
                         void (RestApi::*handler)(const http::Request&, const http::Responder&) const) {
        router.add({"POST", path, http::kRestBodyLimit,
                    [this, handler](const http::Request& request, const http::Responder& responder) {
                        (this->*handler)(request, responder);
                    }});
    };
    add("/api/realtime/token", &RestApi::token);
    add("/api/realtime/subscription-token", &RestApi::subscriptionToken);
    add("/api/realtime/publish", &RestApi::publish);
    router.add({"GET", "/health", http::kRestBodyLimit, [](const http::Request&, const http::Responder& responder) {
                    responder.send(
                        http::Response::json(200, "{\"status\":\"ok\",\"version\":\"" XSHATHRA_VERSION "\"}"));
                }});
    router.setNotFound(notFound);
}

void RestApi::token(const http::Request& request, const http::Responder& responder) const {
    Call call(request, responder);
    const auto body = call.open(keys_, kTokenFields);
    if (!body)
        return;
    services::ConnectTokenRequest wanted;
    FieldReader reader(*body);
    reader.required("userId", wanted.userId);
    reader.integer("ttlSeconds", wanted.ttlSeconds);
    reader.texts("channels", wanted.channels);
    reader.rawObject("info", wanted.info);
    if (call.accept(reader, {}, wanted.userId))
        responder.send(tokenResponse(tokens_.mintConnection(call.projectId(), wanted)));
}

void RestApi::subscriptionToken(const http::Request& request, const http::Responder& responder) const {
    Call call(request, responder);
    const auto body = call.open(keys_, kSubscriptionTokenFields);
    if (!body)
        return;
    services::SubscribeTokenRequest wanted;
    FieldReader reader(*body);
    reader.required("userId", wanted.userId);
    reader.required("channel", wanted.channel);
    reader.integer("ttlSeconds", wanted.ttlSeconds);
    if (call.accept(reader, wanted.channel, wanted.userId))
        responder.send(tokenResponse(tokens_.mintSubscription(call.projectId(), wanted)));
}

void RestApi::publish(const http::Request& request, const http::Responder& responder) const {
    Call call(request, responder);
    const auto body = call.open(keys_, kPublishFields);
    if (!body)
        return;
    services::PublishRequest wanted;
    FieldReader reader(*body);
    reader.required("channel", wanted.channel);
    reader.requiredValue("data", wanted.data);
    reader.textMap("tags", wanted.tags);
    reader.text("idempotency_key", wanted.idempotencyKey);
    reader.boolean("skip_history", wanted.skipHistory);
    reader.boolean("delta", wanted.delta);
    if (call.accept(reader, wanted.channel, {}))
        responder.send(publishResponse(publisher_.publish(call.projectId(), std::move(wanted))));
}

http::Response notFound(std::string_view path) {
    if (http::isApiPath(path))
        return http::Response::error(404, {"not_found",
                                           "There is nothing at this path; the API has /api/realtime/token, "
                                           "/api/realtime/subscription-token, /api/realtime/publish and the methods of "
                                           "Centrifugo's server API.",
                                           {}});
    return http::Response::text(
        404,
        "There is nothing at this path. This server has:\n\n"
        "  /realtime/connection/websocket           WebSocket, Centrifuge protocol\n"
        "  /realtime/connection/http_stream, /sse   the same over HTTP, with /realtime/emulation\n"
        "  /realtime/connection/uni_http_stream     one-directional, also /uni_sse and /uni_websocket\n"
        "  POST /api/realtime/token                 connection token\n"
        "  POST /api/realtime/subscription-token    token for one channel\n"
        "  POST /api/realtime/publish               publish to a channel\n"
        "  GET /health                              liveness\n");
}

}  // namespace xshathra::rest
