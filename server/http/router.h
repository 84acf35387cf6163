#pragma once

#include "server/http/annotation.h"
#include "server/http/parser.h"
#include "server/http/request.h"
#include "server/http/response.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace xshathra::http {

/// The one answer to one request. Copies share it; may be kept and used from any thread. The first send() wins. If the
/// last copy goes without an answer, 500 is sent, so that no client waits for ever.
class Responder {
public:
    /// Takes the answer on whichever thread send() is called; called exactly once.
    using Sink = std::function<void(Response)>;
    /// Takes what annotate() is given, on the thread that calls it.
    using Watcher = std::function<void(Annotation)>;

    /// Without a watcher nobody looks at annotations.
    explicit Responder(Sink sink, Watcher watcher = {});

    /// Whether annotate() has a reader: ask before making an Annotation, which costs time.
    bool watched() const;
    /// Tells what is known of the request, before anything is done by it. Only from within the handler's call, at most
    /// once, and before send().
    void annotate(Annotation annotation) const;

    /// False when the request was answered before; then nothing is sent.
    bool send(Response response) const;
    bool answered() const;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

/// Serves one request; may answer at once or later. Called on the connection's I/O thread: must not block.
using Handler = std::function<void(const Request&, Responder)>;

/// The routes of the server: exact paths, one handler for each method. Filled before the server starts, then only read
/// (from any thread).
class Router {
public:
    struct Route {
        std::string method;
        std::string path;
        std::uint64_t bodyLimit = kRestBodyLimit;
        Handler handler;
    };

    /// What is known from the head alone, before the body is read.
    struct Match {
        /// Null when nothing is served there.
        const Route* route = nullptr;
        /// 400 for a credential in the URL, 404, or 405 with `Allow`; meaningful when `route` is null.
        Response refusal;
    };

    /// A second route for the same method and path replaces the first.
    void add(Route route);
    /// Makes the 404 answers from now on. `answer` may be called from any thread.
    void setNotFound(std::function<Response(std::string_view path)> answer) { notFound_ = std::move(answer); }
    /// A credential in the query is refused whatever the path. HEAD is served by GET routes (serialize() leaves the
    /// body out).
    Match match(const Head& head) const;
    /// Calls the route's handler, or gives the refusal of match(). An exception of a handler becomes 500.
    void dispatch(const Request& request, Responder responder) const;

private:
    std::map<std::string, std::map<std::string, Route, std::less<>>, std::less<>> paths_;
    std::function<Response(std::string_view path)> notFound_;
};

}  // namespace xshathra::http
