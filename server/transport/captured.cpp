#include "server/transport/captured.h"

#include "server/capture/decision.h"
#include "server/http/upgrade.h"

#include <memory>
#include <utility>

namespace xshathra::transport {

namespace {

using capture::Check;
using capture::Decision;
using capture::Outcome;
using capture::Verdict;

SharedBytes text(std::string_view value) { return SharedBytes::copyOf(value); }

/// API calls hold message data; what else is posted may hold a password.
bool mayKeepBody(std::string_view path) { return http::isApiPath(path) && !path.starts_with("/api/console"); }

/// Null where nothing was checked.
std::shared_ptr<const Decision> decisionOf(const http::Annotation& about, const http::Response& response) {
    if (about.passed.empty() && !response.failed)
        return nullptr;
    auto decision = std::make_shared<Decision>();
    for (const auto& check : about.passed)
        decision->checks.push_back(Check{check.name, Outcome::Pass, check.found, {}, {}});
    decision->summary = "The request was served.";
    if (const auto& failed = response.failed) {
        decision->verdict = Verdict::Refused;
        decision->code = static_cast<std::uint32_t>(response.status);
        decision->summary = failed->name + ": " + (failed->advice.empty() ? failed->found : failed->advice);
        decision->checks.push_back(Check{failed->name, Outcome::Fail, failed->found, failed->expected, failed->advice});
    }
    return decision;
}

capture::Event httpEvent(capture::Direction direction, const http::Request& request, const http::Annotation& about,
                         std::uint32_t number) {
    capture::Event event;
    event.dir = direction;
    event.kind = capture::Kind::Http;
    event.project = text(about.project);
    event.channel = text(about.channel);
    event.user = text(about.user);
    event.commandId = number;
    event.note = text(request.method() + " " + request.path());
    return event;
}

}  // namespace

void captureRequest(SharedState& shared, const http::Request& request, const http::Annotation& about,
                    std::uint32_t number) {
    if (!shared.recorder.active())
        return;
    auto event = httpEvent(capture::Direction::In, request, about, number);
    event.size = static_cast<std::uint32_t>(request.head.size + request.body.size());
    if (mayKeepBody(request.path()))
        event.payload = request.body;
    shared.recorder.record(std::move(event));
}

void captureAnswer(SharedState& shared, const http::Request& request, const http::Annotation& about,
                   std::uint32_t number, const http::Response& response, Nanoseconds latency) {
    if (!shared.recorder.active())
        return;
    auto event = httpEvent(capture::Direction::Out, request, about, number);
    event.code = static_cast<std::uint32_t>(response.status);
    event.latency = latency;
    event.size = static_cast<std::uint32_t>(response.body.size());
    if (mayKeepBody(request.path()))
        event.payload = response.body;
    event.decision = decisionOf(about, response);
    shared.recorder.record(std::move(event));
}

void captureRefusal(SharedState& shared, const http::Head* head, std::string_view remote,
                    const http::Response& response) {
    if (!shared.recorder.active())
        return;
    capture::Event event;
    event.kind = head != nullptr && http::wantsWebSocket(*head) ? capture::Kind::Connect : capture::Kind::Http;
    event.code = static_cast<std::uint32_t>(response.status);
    event.size = head != nullptr ? static_cast<std::uint32_t>(head->size) : 0;
    event.decision = decisionOf({}, response);
    event.note = text(head != nullptr ? head->method + " " + head->path + " from " + std::string(remote)
                                      : "request from " + std::string(remote));
    shared.recorder.record(std::move(event));
}

void captureTokenInUrl(SharedState& shared, std::string_view client, const std::string& parameter) {
    if (!shared.recorder.active())
        return;
    auto decision = std::make_shared<Decision>();
    decision->summary = "The credential in the URL is not read; the connection is not authenticated by it.";
    decision->checks.push_back(
        Check{"URL", Outcome::Fail, "a parameter \"" + parameter + "\" in the URL (its value is not kept)",
              "no credential in the URL",
              R"(Not read; send it in the connect command: {"id":1,"connect":{"token":"..."}}.)"});
    capture::Event event;
    event.kind = capture::Kind::Connect;
    event.client = text(client);
    event.decision = std::move(decision);
    event.note = text("token in the URL is not read");
    shared.recorder.record(std::move(event));
}

void captureEarlyLeave(SharedState& shared, std::string_view client, std::string_view echoed, Nanoseconds after) {
    if (!shared.recorder.active())
        return;
    const auto milliseconds = std::to_string(std::chrono::duration_cast<Milliseconds>(after).count());
    auto decision = std::make_shared<Decision>();
    decision->summary = "The client left " + milliseconds + " ms after the handshake without sending a command.";
    decision->checks.push_back(Check{"Handshake", Outcome::Pass, "accepted with status 101", {}, {}});
    Check cause{"First command", Outcome::Fail, "connection closed without a frame", "a connect command", {}};
    if (echoed.empty())
        cause.advice =
            "Most likely the client asked for a subprotocol and drops a server that agrees to none: let it set the "
            "subprotocol through its own option, for example wscat -s centrifuge-json.";
    else
        cause.advice = "Most likely the client does not know that it asked for the subprotocol " + std::string(echoed) +
                       " (a header typed by hand) and drops a server that confirms it: use its own option, for example "
                       "wscat -s centrifuge-json, or leave the header out.";
    decision->checks.push_back(std::move(cause));
    capture::Event event;
    event.kind = capture::Kind::Disconnect;
    event.client = text(client);
    event.decision = std::move(decision);
    event.note = text("left right after the handshake");
    shared.recorder.record(std::move(event));
}

void logRefusal(SharedState& shared, const char* cause, const std::string& line) {
    shared.log.writeLimited(LogLevel::Warn, "http", cause, line);
}

}  // namespace xshathra::transport
