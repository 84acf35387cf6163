#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace xshathra::bench {

/// What one measured run does: `channels` channels with `subscribersPerChannel` connections each, and one more
/// connection that publishes to the channels in turn.
struct LoadScenario {
    std::string name;
    int channels = 1;
    int subscribersPerChannel = 1;
    /// Publications under way at once: the next is sent when all deliveries of an earlier one have arrived.
    int inFlight = 1;
    /// Size of the JSON payload, at least 32 bytes.
    int payloadBytes = 128;
    /// Namespace of the channels: kPlainNamespace, or one of those that only real servers have.
    std::string nameSpace = "bench";
    /// The subscribers speak Protobuf; the publisher always JSON.
    bool protobuf = false;
    /// The subscribers ask for delta compression.
    bool delta = false;

    /// Any WebSocket server can take part; otherwise it has to speak the protocol.
    bool isPlain() const { return nameSpace == kPlainNamespace && !protobuf; }

    static constexpr auto kPlainNamespace = "bench";
    /// History of 100 publications, recovery forced.
    static constexpr auto kKeptNamespace = "kept";
    /// As before, with delta compression.
    static constexpr auto kDeltaNamespace = "delta";
};

/// The server under load. Linux only: CPU and memory are read from /proc.
struct LoadTarget {
    std::uint16_t port = 0;
    /// Path of the WebSocket endpoint.
    std::string path;
    /// Connection token, or empty to connect without one.
    std::string token;
    int pid = 0;
};

struct LoadResult {
    std::uint64_t published = 0;
    std::uint64_t delivered = 0;
    /// Deliveries that came out of order or more than once, and those that never came.
    std::uint64_t outOfOrder = 0;
    std::uint64_t lost = 0;
    double seconds = 0;
    double serverCpuSeconds = 0;
    /// What went wrong before or while measuring, or empty.
    std::string error;

    double microsecondsPerDelivery() const {
        return delivered == 0 ? 0 : serverCpuSeconds * 1e6 / static_cast<double>(delivered);
    }
};

/// Runs `scenario` against `target` for `duration` after `warmUp` and measures the server's own CPU time.
LoadResult runLoad(const LoadTarget& target, const LoadScenario& scenario, std::chrono::milliseconds warmUp,
                   std::chrono::milliseconds duration);

struct IdleResult {
    double kibPerConnection = 0;
    std::string error;
};

/// Opens `connections` connections that connect and stay silent, and tells how much the server's resident memory grew
/// for each.
IdleResult measureIdle(const LoadTarget& target, int connections);

/// CPU time of all threads of a process so far, in seconds, from /proc/PID/task/*/schedstat; -1 if it is gone.
double processCpuSeconds(int pid);
/// Resident memory of a process in KiB from /proc/PID/statm; -1 if it is gone.
double processResidentKib(int pid);

}  // namespace xshathra::bench
