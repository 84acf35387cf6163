#pragma once

#include "server/base/clock.h"
#include "server/http/guard.h"
#include "server/http/head.h"
#include "server/transport/admission.h"
#include "server/transport/endpoints.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xshathra::transport {

/// Bounds of every connection (reliability 2.1 #12-#16, #23 and 2.2). What is over a bound is refused or closed as
/// said.
struct Limits {
    /// 431 (414 for the request line).
    http::HeadLimits head;
    /// From the connection's start, or from a later request's first byte, to the end of its head: 408.
    Milliseconds headTimeout{10'000};
    /// To the end of its body: 408. Also for the client to take the answer.
    Milliseconds requestTimeout{30'000};
    /// For a handler to answer a request: 503.
    Milliseconds answerTimeout{30'000};
    /// Between two requests of one connection; then it is closed without a word.
    Milliseconds keepAliveTimeout{60'000};
    /// Frames of one message: 1008.
    std::size_t fragments = 1'024;
    /// Ping and pong frames of one connection within one second: 1008.
    std::size_t controlFramesPerSecond = 100;
    /// Without progress of a blocked write: disconnect 3009.
    Milliseconds writeTimeout{1'000};
    /// For the peer's close frame after ours.
    Milliseconds closeTimeout{5'000};
    /// For what a client still sends after an answer that closes the connection: closing at once would make the system
    /// drop that answer.
    Milliseconds lingerTimeout{2'000};
    /// Open sockets of the server; more wait in the system's queue. 0: the process's descriptor limit less a reserve.
    std::size_t sockets = 0;
    /// Size of a connection's send buffer in the system (SO_SNDBUF); 0: what the system chooses.
    int sendBuffer = 0;
    /// A client that leaves this soon after the handshake without a word most likely refused the handshake's answer.
    Milliseconds earlyLeave{100};

    /// Bytes that one write hands to the system.
    static constexpr std::size_t kWriteBatch = 64 * 1024;
    /// Connections that are written to before a thread looks at its sockets again.
    static constexpr std::size_t kSendsPerTurn = 256;
    /// Bytes of a connection that the system may hold unsent (TCP_NOTSENT_LOWAT): what is behind them is counted as
    /// queued.
    static constexpr int kUnsentInKernel = 128 * 1024;
    /// Bytes of answers to pings that a client may leave unread: 1008.
    static constexpr std::size_t kControlBacklog = 256 * 1024;
    /// Bytes read ahead of an HTTP request in progress.
    static constexpr std::size_t kReadAhead = 64 * 1024;
    /// Descriptors that connections leave to the rest of the program.
    static constexpr std::size_t kDescriptorReserve = 64;
};

/// Where and how a Server listens.
struct ListenOptions {
    /// IP addresses; the default is this machine alone. An address family that the system lacks is passed over while
    /// another address could be bound.
    std::vector<std::string> addresses{"127.0.0.1", "::1"};
    /// 0: any free port, the same on all addresses.
    std::uint16_t port = 3001;
    /// I/O threads; 0: half as many as cores, at least 1 and at most 4. At most 64.
    int ioThreads = 0;
    /// The certificate (with its chain) and its key: each the name of a PEM file, or the PEM text itself. Both set: the
    /// server speaks TLS 1.2 and newer, and only that.
    std::string certificate;
    std::string privateKey;
    /// `port` and `tls` in it are filled in by the server.
    http::GuardConfig guard;
    /// The realtime endpoints.
    EndpointOptions endpoints;
    Limits limits;
    ConnectionLimits connections;
};

}  // namespace xshathra::transport
