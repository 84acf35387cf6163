#pragma once

#include "server/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace xshathra::transport {

/// Bounds of realtime connections, WebSockets and streams together; 0: no bound. What is over one is answered with 503.
struct ConnectionLimits {
    /// Open at a time (`client.connection_limit`).
    std::size_t total = 0;
    /// Open at a time from one IP address. Behind a proxy all have the proxy's.
    std::size_t perAddress = 0;
    /// New ones a second, measured by a bucket that holds as many (`client.connection_rate_limit`).
    std::size_t perSecond = 0;
};

/// Lets realtime connections in or not. Any thread.
class Admission {
public:
    /// `clock` must outlive it.
    Admission(const ConnectionLimits& limits, const Clock& clock);

    /// Whether one more is let in; if not, the bound in words. One that is let in counts from now on, so release() must
    /// follow its end.
    std::optional<std::string> refuse(const std::string& address);
    void release(const std::string& address);

private:
    bool takeToken();

    const ConnectionLimits limits_;
    const Clock& clock_;
    std::mutex mutex_;
    std::size_t open_ = 0;
    std::unordered_map<std::string, std::size_t> addresses_;
    double tokens_;
    Nanoseconds filledAt_;
};

}  // namespace xshathra::transport
