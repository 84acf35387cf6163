#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xshathra::transport {

/// Why a request or a handshake was not served.
enum class Refused : std::uint8_t {
    /// The guard: a Host that is not this server's (421), an Origin that is not listed (403).
    Host,
    Origin,
    /// Not valid HTTP, or over a bound of it.
    Malformed,
    /// Not a valid WebSocket handshake.
    Handshake,
    /// No such path or method.
    NotFound,
    /// A credential in the URL.
    Credential,
    /// The head or the body did not arrive in time.
    Timeout,
    /// The TLS handshake failed.
    Tls,
    /// A client that broke the WebSocket protocol or its limits.
    Protocol,
    /// No descriptor was left.
    Resources,
    /// A bound of realtime connections (ConnectionLimits).
    Connections,
};
inline constexpr std::size_t kRefusedCount = static_cast<std::size_t>(Refused::Connections) + 1;

/// The word for metrics, for example "host".
constexpr std::string_view name(Refused reason) {
    constexpr std::array<std::string_view, kRefusedCount> names{"host",      "origin",     "malformed",  "handshake",
                                                                "not_found", "credential", "timeout",    "tls",
                                                                "protocol",  "resources",  "connections"};
    return names[static_cast<std::size_t>(reason)];
}

/// Figures of a server since its construction; each is read by itself.
struct Counters {
    std::uint64_t openSockets = 0;
    std::uint64_t openWebSockets = 0;
    /// Answers that go on as long as their client is connected: http_stream, sse and their unidirectional forms.
    std::uint64_t openStreams = 0;
    std::uint64_t accepted = 0;
    /// WebSocket handshakes that were accepted.
    std::uint64_t upgraded = 0;
    /// HTTP requests answered by a route.
    std::uint64_t httpRequests = 0;
    std::array<std::uint64_t, kRefusedCount> refused{};

    std::uint64_t of(Refused reason) const { return refused[static_cast<std::size_t>(reason)]; }
};

/// The same as they are counted, by any thread.
struct LiveCounters {
    std::atomic<std::uint64_t> openSockets{0};
    std::atomic<std::uint64_t> openWebSockets{0};
    std::atomic<std::uint64_t> openStreams{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> upgraded{0};
    std::atomic<std::uint64_t> httpRequests{0};
    std::array<std::atomic<std::uint64_t>, kRefusedCount> refused{};

    void count(Refused reason) { refused[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed); }
    Counters snapshot() const {
        Counters counters;
        counters.openSockets = openSockets.load(std::memory_order_relaxed);
        counters.openWebSockets = openWebSockets.load(std::memory_order_relaxed);
        counters.openStreams = openStreams.load(std::memory_order_relaxed);
        counters.accepted = accepted.load(std::memory_order_relaxed);
        counters.upgraded = upgraded.load(std::memory_order_relaxed);
        counters.httpRequests = httpRequests.load(std::memory_order_relaxed);
        for (std::size_t i = 0; i < kRefusedCount; ++i)
            counters.refused[i] = refused[i].load(std::memory_order_relaxed);
        return counters;
    }
};

}  // namespace xshathra::transport
