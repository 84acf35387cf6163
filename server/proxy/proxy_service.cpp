#include "server/proxy/proxy_service.h"

#include "server/capture/recorder.h"
#include "server/proxy/proxy_request.h"
#include "server/proxy/proxy_response.h"

#include <limits>
#include <utility>

namespace xshathra::proxy {

namespace {

/// A ticket of a call that was over before it began.
constexpr std::uint64_t kFinishedTicket = std::numeric_limits<std::uint64_t>::max();

std::string channelOf(const engine::ProxyRequest& request) {
    return std::visit(
        [](const auto& one) -> std::string {
            if constexpr (requires { one.channel; })
                return one.channel;
            else
                return {};
        },
        request);
}

std::shared_ptr<const httpclient::TlsOptions> tlsOf(const engine::TlsClientOptions& options) {
    if (!options.enabled)
        return nullptr;
    auto tls = std::make_shared<httpclient::TlsOptions>();
    tls->clientCertificate = options.certPem;
    tls->clientKey = options.keyPem.expose();
    tls->authorities = options.serverCaPem;
    tls->insecure = options.insecureSkipVerify;
    tls->serverName = options.serverName;
    return tls;
}

/// What a call looks like in the capture.
struct Trace {
    capture::Recorder& recorder;
    SharedBytes project;
    SharedBytes channel;
    SharedBytes client;
    SharedBytes user;
    SharedBytes note;

    Trace(capture::Recorder& target, const engine::ProxyCall& call, const std::string& what) : recorder(target) {
        if (!recorder.active())
            return;
        project = SharedBytes::copyOf(call.project ? call.project->id : std::string());
        channel = SharedBytes(channelOf(call.request));
        client = SharedBytes::copyOf(call.caller.client);
        user = SharedBytes::copyOf(call.caller.user);
        note = SharedBytes("POST " + httpclient::displayUrl(call.options->endpoint) + " (" + what + ")");
    }
    void record(capture::Direction direction, const SharedBytes& body, int status, Nanoseconds latency) const {
        if (!recorder.active())
            return;
        capture::Event event;
        event.dir = direction;
        event.kind = capture::Kind::Http;
        event.project = project;
        event.channel = channel;
        event.client = client;
        event.user = user;
        event.payload = body;
        event.code = std::uint32_t(status);
        event.latency = latency;
        event.note = note;
        recorder.record(std::move(event));
    }
};

}  // namespace

ProxyService::ProxyService(httpclient::HttpClient& client, const Clock& clock, capture::Recorder& recorder, Log& log)
    : client_(client), clock_(clock), recorder_(recorder), log_(log) {}

std::uint64_t ProxyService::call(engine::ProxyCall call, Done done) {
    if (call.options == nullptr) {
        const std::string why = "the project has no such proxy with an endpoint";
        const auto which = std::string(engine::toString(engine::kindOf(call.request))) + " proxy \"" + call.name + "\"";
        log_.writeLimited(LogLevel::Warn, "proxy",
                          (call.project ? call.project->id : std::string()) + ' ' + which + " missing",
                          which + ": " + why);
        engine::ProxyAnswer answer;
        answer.outcome = engine::ProxyFailure{why};
        done(std::move(answer));
        return kFinishedTicket;
    }
    const auto kind = engine::kindOf(call.request);
    const auto startedAt = clock_.monotonic();
    auto what = std::string(engine::toString(kind)) + " proxy \"" + call.name + "\"";
    // The texts hold times and what a backend sent, so they can't say which failures are alike.
    const auto fail = [&log = log_, project = call.project ? call.project->id : std::string()](
                          const std::string& proxy, const std::string& endpoint, std::string_view cause,
                          const std::string& why) {
        log.writeLimited(LogLevel::Warn, "proxy", project + ' ' + proxy + ' ' + std::string(cause),
                         proxy + " (" + httpclient::displayUrl(endpoint) + "): " + why);
    };
    auto body = buildBody(call);
    if (!body) {
        fail(what, call.options->endpoint, "request", body.error());
        engine::ProxyAnswer answer;
        answer.outcome = engine::ProxyFailure{std::move(body.error())};
        done(std::move(answer));
        return kFinishedTicket;
    }
    httpclient::Request request;
    request.method = "POST";
    request.url = call.options->endpoint;
    request.headers = buildHeaders(*call.options, call.caller);
    request.body = SharedBytes(std::move(*body));
    request.timeout = call.options->timeout;
    request.maxBodyBytes = kMaxAnswerBytes;
    request.tls = tlsOf(call.options->http.tls);
    Trace trace(recorder_, call, what);
    trace.record(capture::Direction::Out, request.body, 0, {});
    return client_.send(
        std::move(request), [&clock = clock_, kind, startedAt, fail, what = std::move(what), trace = std::move(trace),
                             project = std::move(call.project), options = call.options,
                             done = std::move(done)](Expected<httpclient::Response, httpclient::Failure> outcome) {
            engine::ProxyAnswer answer;
            answer.took = clock.monotonic() - startedAt;
            SharedBytes answered;
            std::string failure = "answer";
            if (outcome) {
                answer.status = outcome->status;
                if (answer.status != 200)
                    failure = "status " + std::to_string(answer.status);
                answered = outcome->body;
                answer.outcome = outcome->status == 200 ? parseAnswer(kind, outcome->body)
                                                        : outcomeOfStatus(*options, kind, outcome->status);
            } else {
                failure = httpclient::toString(outcome.error().kind);
                answered = SharedBytes::copyOf(outcome.error().text);
                answer.outcome = engine::ProxyFailure{std::move(outcome.error().text)};
            }
            trace.record(capture::Direction::In, answered, answer.status, answer.took);
            if (const auto* failed = answer.as<engine::ProxyFailure>())
                fail(what, options->endpoint, failure, failed->text);
            done(std::move(answer));
        });
}

void ProxyService::cancel(std::uint64_t ticket) { client_.cancel(ticket); }

}  // namespace xshathra::proxy
