#pragma once

#include "server/base/clock.h"
#include "server/base/result.h"
#include "server/transport/counters.h"
#include "server/transport/options.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xshathra {
class Log;
}
namespace xshathra::capture {
class Recorder;
}
namespace xshathra::engine {
class NodeRegistry;
}
namespace xshathra::http {
class Router;
}

namespace xshathra::transport {

/// What a server works with. Everything must outlive it; the router must not change while the server runs.
struct ServerParts {
    const http::Router& router;
    engine::NodeRegistry& registry;
    capture::Recorder& recorder;
    const Clock& clock;
    Log& log;
};

/// The listening side of the program: one port for HTTP and WebSocket, plain or TLS. Owns the acceptor and the I/O
/// threads. All functions are for one thread at a time (the main thread), which needs no event loop; counters() is for
/// any thread.
class Server {
public:
    /// Longest time that clients get to take what is queued for them, and the close frame, at a stop.
    static constexpr Milliseconds kStopGrace{10'000};

    explicit Server(ServerParts parts);
    /// As stop(0 ms).
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds all addresses, then starts the threads. Errors: `port_in_use` (find out by whom), `bind`, `tls`
    /// (certificate or key: what is wrong with it), `invalid_setting` with the field. After an error nothing runs and
    /// start() may be called again.
    [[nodiscard]] Result<void> start(const ListenOptions& options);

    /// Stops listening, closes idle HTTP connections, and disconnects every client with 3001. Returns at once.
    void beginStop();
    /// After beginStop(): whether no connection is left.
    bool drained() const;
    /// beginStop(), waits until drained() but at most `grace`, cuts what is left and ends the threads. Blocks the
    /// caller: a window calls beginStop(), looks at drained() in a timer, and then calls stop(0 ms).
    void stop(Milliseconds grace = kStopGrace);

    bool running() const;
    /// The port bound, also where 0 was asked for; 0 when not running.
    std::uint16_t port() const;
    bool tls() const;
    /// The addresses bound.
    std::vector<std::string> addresses() const;
    Counters counters() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace xshathra::transport
