#include "server/http/router.h"

#include "server/http/target.h"

#include <atomic>
#include <exception>
#include <utility>

namespace xshathra::http {

namespace {

/// The one answer to a credential in a URL.
Router::Match credentialRefusal(const Head& head, const std::string& name) {
    const std::string advice = "Take " + name +
                               " out of the URL, where logs and proxies keep it, and send the header \"" +
                               std::string(kAuthorizationExample) + "\".";
    Router::Match result;
    result.refusal = Response::errorAt(head.path, 400, {"credential_in_url", advice, name});
    result.refusal.failed =
        Check{"URL", "a parameter \"" + name + "\" (its value is not kept)", "no credential in the URL", advice};
    return result;
}

}  // namespace

struct Responder::Shared {
    Shared(Sink taken, Watcher watching) : sink(std::move(taken)), watcher(std::move(watching)) {}
    ~Shared() {
        if (!answered.exchange(true))
            sink(Response::error(500, {"internal", "The server gave no answer to this request.", {}}));
    }

    Sink sink;
    Watcher watcher;
    std::atomic<bool> answered{false};
};

Responder::Responder(Sink sink, Watcher watcher)
    : shared_(std::make_shared<Shared>(std::move(sink), std::move(watcher))) {}

bool Responder::watched() const { return shared_->watcher != nullptr; }

void Responder::annotate(Annotation annotation) const {
    if (shared_->watcher)
        shared_->watcher(std::move(annotation));
}

bool Responder::send(Response response) const {
    if (shared_->answered.exchange(true))
        return false;
    shared_->sink(std::move(response));
    return true;
}

bool Responder::answered() const { return shared_->answered.load(); }

void Router::add(Route route) {
    auto& methods = paths_[route.path];
    auto method = route.method;
    methods.insert_or_assign(std::move(method), std::move(route));
}

Router::Match Router::match(const Head& head) const {
    if (const auto credential = credentialInQuery(head.query))
        return credentialRefusal(head, *credential);
    Match result;
    const auto methods = paths_.find(head.path);
    if (methods == paths_.end()) {
        result.refusal = notFound_
                             ? notFound_(head.path)
                             : Response::errorAt(head.path, 404, {"not_found", "There is nothing at this path.", {}});
        result.refusal.failed = Check{"Path", head.method + " " + head.path, "a path of this server", {}};
        return result;
    }
    auto route = methods->second.find(head.method);
    if (route == methods->second.end() && head.method == "HEAD")
        route = methods->second.find(std::string_view("GET"));
    if (route != methods->second.end()) {
        result.route = &route->second;
        return result;
    }
    std::string allow;
    for (const auto& [name, unused] : methods->second) {
        allow += (allow.empty() ? "" : ", ") + name;
        if (name == "GET" && methods->second.find(std::string_view("HEAD")) == methods->second.end())
            allow += ", HEAD";
    }
    const auto advice = "Use " + allow + " here.";
    result.refusal = Response::errorAt(head.path, 405, {"method_not_allowed", advice, {}});
    result.refusal.failed = Check{"Method", head.method + " " + head.path, allow, advice};
    result.refusal.headers.set("Allow", std::move(allow));
    return result;
}

void Router::dispatch(const Request& request, Responder responder) const {
    auto found = match(request.head);
    if (found.route == nullptr) {
        responder.send(std::move(found.refusal));
        return;
    }
    try {
        found.route->handler(request, responder);
    } catch (const std::exception&) {
        responder.send(Response::error(500, {"internal", "The server could not serve this request.", {}}));
    }
}

}  // namespace xshathra::http
