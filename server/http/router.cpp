#include "server/http/router.h"

#include <atomic>
#include <exception>
#include <utility>

namespace xshathra::http {

struct Responder::Shared {
    explicit Shared(Sink taken) : sink(std::move(taken)) {}
    ~Shared() {
        if (!answered.exchange(true))
            sink(Response::error(500, {"internal", "The server gave no answer to this request.", {}}));
    }

    Sink sink;
    std::atomic<bool> answered{false};
};

Responder::Responder(Sink sink) : shared_(std::make_shared<Shared>(std::move(sink))) {}

bool Responder::send(Response response) const {
    if (shared_->answered.exchange(true))
        return false;
    shared_->sink(std::move(response));
    return true;
}

bool Responder::answered() const {
    return shared_->answered.load();
}

void Router::add(Route route) {
    auto& methods = paths_[route.path];
    auto method = route.method;
    methods.insert_or_assign(std::move(method), std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
    Match result;
    const auto methods = paths_.find(path);
    if (methods == paths_.end()) {
        result.refusal =
            notFound_ ? notFound_(path) : Response::errorAt(path, 404, {"not_found", "There is nothing at this path.", {}});
        return result;
    }
    auto route = methods->second.find(method);
    if (route == methods->second.end() && method == "HEAD")
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
    result.refusal = Response::errorAt(path, 405, {"method_not_allowed", "Use " + allow + " here.", {}});
    result.refusal.headers.set("Allow", std::move(allow));
    return result;
}

void Router::dispatch(const Request& request, Responder responder) const {
    auto found = match(request.method(), request.path());
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
