#pragma once

#include "server/base/clock.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xshathra {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };

std::string_view toString(LogLevel level);

/// One line of the server's log.
struct LogRecord {
    Nanoseconds wall{};
    LogLevel level = LogLevel::Info;
    /// The part that speaks: `http`, `ws`, `auth`, `store`, `engine`, `ui`.
    std::string source;
    /// One line: control characters are escaped and secrets redacted before a sink sees it.
    std::string text;
};

/// Takes log lines from every thread and hands them to its sinks, escaped, redacted and rate-limited. Thread-safe.
/// Redacted are what looks like an API key of ours (`xsk_...`, `xck_...`) or a JWT (`eyJ...`).
class Log {
public:
    using Sink = std::function<void(const LogRecord&)>;

    explicit Log(const Clock& clock) : clock_(clock) {}

    /// Sinks are called one at a time under the log's lock, on the thread that logs; they must not log themselves.
    void addSink(Sink sink);
    void setLevel(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
    bool enabled(LogLevel level) const { return level >= level_.load(std::memory_order_relaxed); }

    void write(LogLevel level, std::string_view source, std::string_view text);
    void debug(std::string_view source, std::string_view text) { write(LogLevel::Debug, source, text); }
    void info(std::string_view source, std::string_view text) { write(LogLevel::Info, source, text); }
    void warn(std::string_view source, std::string_view text) { write(LogLevel::Warn, source, text); }
    void error(std::string_view source, std::string_view text) { write(LogLevel::Error, source, text); }

    /// As write(), but at most once a minute for each `cause`; the next line that passes says how many were left out.
    void writeLimited(LogLevel level, std::string_view source, std::string_view cause, std::string_view text);

    /// `text` with control characters as `\xNN` and secrets as `[redacted]`.
    static std::string sanitize(std::string_view text);

private:
    struct Cause {
        Nanoseconds nextAllowed{};
        std::uint64_t suppressed = 0;
    };

    const Clock& clock_;
    std::atomic<LogLevel> level_{LogLevel::Info};
    std::mutex mutex_;
    std::vector<Sink> sinks_;
    std::unordered_map<std::string, Cause> causes_;
};

}  // namespace xshathra
