#pragma once

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/capture/recorder.h"
#include "server/engine/node_registry.h"
#include "server/http/guard.h"
#include "server/http/router.h"
#include "server/transport/counters.h"
#include "server/transport/options.h"
#include "server/transport/realtime.h"

#include <QSslConfiguration>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

namespace xshathra::transport {

/// What the acceptor and all I/O threads of a running server work with. Constant but for the counters and `stopping`.
struct SharedState {
    const http::Router& router;
    engine::NodeRegistry& registry;
    capture::Recorder& recorder;
    const Clock& clock;
    Log& log;
    LiveCounters& counters;
    ListenOptions options;
    /// With the port bound: set before the first connection is handed over.
    http::Guard guard;
    std::optional<QSslConfiguration> tls;
    std::size_t maxSockets;
    std::atomic<bool> stopping{false};
    /// Of the options.
    const EndpointTable endpoints{options.endpoints};
    Admission admission{options.connections, clock};
};

/// Counts one open socket for as long as it lives; goes with the socket from the acceptor to its connection.
class SocketToken {
public:
    explicit SocketToken(LiveCounters& counters) : counters_(&counters) {
        counters.openSockets.fetch_add(1, std::memory_order_relaxed);
    }
    SocketToken(SocketToken&& other) noexcept : counters_(std::exchange(other.counters_, nullptr)) {}
    SocketToken& operator=(SocketToken&&) = delete;
    ~SocketToken() {
        if (counters_ != nullptr)
            counters_->openSockets.fetch_sub(1, std::memory_order_relaxed);
    }

private:
    LiveCounters* counters_;
};

}  // namespace xshathra::transport
