#include "server/base/log.h"

#include <cctype>
#include <utility>

namespace xshathra {

namespace {

constexpr std::size_t kMaxCauses = 1024;

bool isTokenCharacter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

bool startsSecret(std::string_view rest) {
    return rest.starts_with("xsk_") || rest.starts_with("xck_") || rest.starts_with("eyJ");
}

}  // namespace

std::string_view toString(LogLevel level) {
    switch (level) {
        case LogLevel::Debug: return "DEBUG";
        case LogLevel::Info: return "INFO";
        case LogLevel::Warn: return "WARN";
        case LogLevel::Error: return "ERROR";
    }
    return "ERROR";
}

void Log::addSink(Sink sink) {
    const std::lock_guard lock(mutex_);
    sinks_.push_back(std::move(sink));
}

void Log::write(LogLevel level, std::string_view source, std::string_view text) {
    if (!enabled(level))
        return;
    const LogRecord record{clock_.wall(), level, std::string(source), sanitize(text)};
    const std::lock_guard lock(mutex_);
    for (const auto& sink : sinks_)
        sink(record);
}

void Log::writeLimited(LogLevel level, std::string_view source, std::string_view cause, std::string_view text) {
    if (!enabled(level))
        return;
    std::uint64_t suppressed = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto now = clock_.monotonic();
        // Causes come from a fixed set of call sites; the bound guards against one that is built from input.
        if (causes_.size() >= kMaxCauses)
            causes_.clear();
        auto& entry = causes_[std::string(cause)];
        if (now < entry.nextAllowed) {
            ++entry.suppressed;
            return;
        }
        suppressed = std::exchange(entry.suppressed, 0);
        entry.nextAllowed = now + std::chrono::minutes(1);
    }
    if (suppressed == 0) {
        write(level, source, text);
    } else {
        write(level, source,
              std::string(text) + " (and " + std::to_string(suppressed) + " more since the last such line)");
    }
}

std::string Log::sanitize(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const bool atWordStart = i == 0 || !isTokenCharacter(text[i - 1]);
        if (atWordStart && startsSecret(text.substr(i))) {
            while (i < text.size() && isTokenCharacter(text[i]))
                ++i;
            clean += "[redacted]";
            continue;
        }
        const auto c = static_cast<unsigned char>(text[i++]);
        if (c < 0x20 || c == 0x7f) {
            clean += "\\x";
            clean += digits[c >> 4];
            clean += digits[c & 15];
        } else {
            clean += static_cast<char>(c);
        }
    }
    return clean;
}

}  // namespace xshathra
