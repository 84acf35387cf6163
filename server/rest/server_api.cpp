#include "server/rest/server_api.h"

#include "server/rest/authorization.h"
#include "server/rest/server_api_encoder.h"
#include "server/services/command_service.h"
#include "server/services/key_service.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace xshathra::rest {

namespace {

namespace command = services::command;
using protocol::ClientError;
using protocol::ErrorCode;
using Outcome = engine::ClientResult<command::Result>;

/// The answers that Centrifugo gives as text.
http::Response badRequest(std::string reason) {
    auto response = http::Response::text(400, "Bad Request\n");
    response.failed = http::Check{"Body", "not what the method takes", "a JSON object with fields of the right types",
                                  std::move(reason)};
    return response;
}

http::Response cannotEncode() {
    auto response = http::Response::text(500, "Internal Server Error\n");
    response.failed = http::Check{"Answer", "bytes that are no JSON", "JSON payloads",
                                  "Ask over a Protobuf connection, or publish JSON into this channel."};
    return response;
}

void wrongHttpMethod(const http::Request& request, const http::Responder& responder) {
    http::Response response;
    response.status = 405;
    response.headers.set("Allow", "POST");
    response.failed = http::Check{"Method", request.method() + " " + request.path(), "POST", "Use POST here."};
    responder.send(std::move(response));
}

/// What the console says of an error that went out with status 200.
http::Check checkOf(const ClientError& error) {
    const auto* text = protocol::findError(error.code);
    return {"Command", std::to_string(error.code) + " " + error.message, "a command that can be run",
            text == nullptr ? std::string() : std::string(text->advice)};
}

/// Channel and user of a command, for the console.
void annotate(http::Annotation& annotation, const command::Command& command) {
    std::visit(
        [&](const auto& c) {
            if constexpr (requires { c.channel; })
                annotation.channel = c.channel;
            if constexpr (requires { c.target; })
                annotation.user = c.target.user;
        },
        command);
}

}  // namespace

/// One request on its way through what all routes have in common.
class ServerApi::Call {
public:
    Call(const ServerApi& api, const http::Request& request, const http::Responder& responder)
        : api_(api), request_(request), responder_(responder) {}

    /// False where the key was refused, which has been answered then.
    bool open() {
        auto identity = authorizeServerApi(request_, api_.keys_, responder_.watched() ? &annotation_ : nullptr);
        if (!identity) {
            answer(std::move(identity).error());
            return false;
        }
        projectId_ = std::move(identity->key.projectId);
        transportErrors_ =
            identity->access.transportErrors || request_.header("X-Centrifugo-Error-Mode") == "transport";
        return true;
    }

    Outcome run(const DecodedCommand& decoded) const {
        if (!decoded)
            return Unexpected<ClientError>(ClientError(decoded.error()));
        return api_.commands_.run(projectId_, *decoded);
    }

    bool transportErrors() const { return transportErrors_; }
    http::Annotation& annotation() { return annotation_; }

    void answer(http::Response response) {
        if (responder_.watched())
            responder_.annotate(std::move(annotation_));
        responder_.send(std::move(response));
    }

private:
    const ServerApi& api_;
    const http::Request& request_;
    const http::Responder& responder_;
    std::string projectId_;
    bool transportErrors_ = false;
    http::Annotation annotation_;
};

static_assert(services::kServerApiSegments.size() == kApiMethods.size() + 1 &&
                  std::equal(kApiMethods.begin(), kApiMethods.end(), services::kServerApiSegments.begin(),
                             [](const ApiMethodName& one, std::string_view segment) { return one.name == segment; }),
              "whoever looks for paths that clash must know those of the API");

void ServerApi::addTo(http::Router& router, const services::ServerApiRoutes& routes) const {
    if (routes.disabled)
        return;
    auto prefix = routes.prefix;
    while (prefix.ends_with('/'))
        prefix.pop_back();
    const auto add = [&](const std::string& path, auto handler) {
        router.add({"POST", path, http::kRestBodyLimit, std::move(handler)});
        // HEAD goes to the route of GET.
        for (const auto* other : {"GET", "PUT", "PATCH", "DELETE", "OPTIONS"})
            router.add({other, path, http::kRestBodyLimit, wrongHttpMethod});
    };
    for (const auto& one : kApiMethods)
        add(prefix + "/" + std::string(one.name),
            [this, which = one.method](const http::Request& request, const http::Responder& responder) {
                method(which, request, responder);
            });
    add(prefix + "/batch",
        [this](const http::Request& request, const http::Responder& responder) { batch(request, responder); });
    add(prefix.empty() ? "/" : prefix,
        [this](const http::Request& request, const http::Responder& responder) { commandForm(request, responder); });
}

void ServerApi::method(ApiMethod method, const http::Request& request, const http::Responder& responder) const {
    Call call(*this, request, responder);
    if (!call.open())
        return;
    const auto decoded = decodeCommand(method, request.body.view());
    if (!decoded)
        return call.answer(badRequest(decoded.error().reason));
    if (responder.watched() && *decoded)
        annotate(call.annotation(), **decoded);
    const auto outcome = call.run(*decoded);
    if (outcome) {
        std::string body = "{\"result\":";
        return call.answer(appendResult(body, *outcome) ? http::Response::json(200, body + "}") : cannotEncode());
    }
    std::string body;
    appendApiError(body, outcome.error());
    auto response = call.transportErrors() ? http::Response::json(statusOf(outcome.error()), std::move(body))
                                           : http::Response::json(200, "{\"error\":" + body + "}");
    response.failed = checkOf(outcome.error());
    call.answer(std::move(response));
}

void ServerApi::batch(const http::Request& request, const http::Responder& responder) const {
    Call call(*this, request, responder);
    if (!call.open())
        return;
    const auto batch = decodeBatch(request.body.view());
    if (!batch)
        return call.answer(badRequest(batch.error().reason));
    if (batch->entries.empty())
        return call.answer(http::Response::json(200, "{}"));
    std::string body = "{\"replies\":[";
    for (const auto& entry : batch->entries) {
        if (&entry != batch->entries.data())
            body += ',';
        const auto outcome = body.size() < answerLimit_
                                 ? call.run(entry.command)
                                 : Outcome(Unexpected<ClientError>(ClientError(ErrorCode::LimitExceeded)));
        if (!outcome) {
            body += "{\"error\":";
            appendApiError(body, outcome.error());
        } else {
            body.append("{\"").append(nameOf(entry.method)).append("\":");
            if (!appendResult(body, *outcome))
                return call.answer(cannotEncode());
        }
        body += '}';
    }
    call.answer(http::Response::json(200, body + "]}"));
}

void ServerApi::commandForm(const http::Request& request, const http::Responder& responder) const {
    Call call(*this, request, responder);
    if (!call.open())
        return;
    const auto commands = decodeCommandForm(request.body.view());
    if (!commands)
        return call.answer(badRequest(commands.error().reason));
    std::string body;
    for (const auto& one : *commands) {
        if (!body.empty())
            body += '\n';
        body += one.id == 0 ? "{" : "{\"id\":" + std::to_string(one.id) + ",";
        const auto outcome = body.size() < answerLimit_
                                 ? call.run(one.command)
                                 : Outcome(Unexpected<ClientError>(ClientError(ErrorCode::LimitExceeded)));
        if (outcome) {
            body += "\"result\":";
            if (!appendResult(body, *outcome))
                return call.answer(cannotEncode());
        } else {
            body += "\"error\":";
            appendApiError(body, outcome.error());
        }
        body += '}';
    }
    call.answer(http::Response::json(200, std::move(body)));
}

}  // namespace xshathra::rest
