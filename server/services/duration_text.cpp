#include "server/services/duration_text.h"

#include <array>
#include <cstdint>
#include <limits>

namespace xshathra::services {

namespace {

struct Unit {
    std::string_view word;
    std::int64_t nanoseconds;
};

// Longer words first, so that "ms" isn't read as "m".
constexpr std::array<Unit, 8> kUnits{{{"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"\xc2\xb5s", 1'000},
                                      {"\xce\xbcs", 1'000},
                                      {"ns", 1},
                                      {"h", 3'600'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"s", 1'000'000'000}}};
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool addChecked(std::int64_t& sum, std::int64_t term) {
    if (term > kLargest - sum)
        return false;
    sum += term;
    return true;
}

/// One number with its unit from the front of `text`, added to `sum` in nanoseconds.
bool takePart(std::string_view& text, std::int64_t& sum) {
    std::int64_t whole = 0;
    std::int64_t fraction = 0;
    std::int64_t scale = 1;
    bool any = false;
    std::size_t i = 0;
    for (; i < text.size() && isDigit(text[i]); ++i, any = true) {
        if (whole > (kLargest - 9) / 10)
            return false;
        whole = whole * 10 + (text[i] - '0');
    }
    if (i < text.size() && text[i] == '.') {
        for (++i; i < text.size() && isDigit(text[i]); ++i, any = true) {
            // Digits below a nanosecond of an hour change nothing.
            if (scale < 1'000'000'000) {
                fraction = fraction * 10 + (text[i] - '0');
                scale *= 10;
            }
        }
    }
    if (!any)
        return false;
    text.remove_prefix(i);
    for (const auto& unit : kUnits) {
        if (text.substr(0, unit.word.size()) != unit.word)
            continue;
        text.remove_prefix(unit.word.size());
        if (whole > kLargest / unit.nanoseconds)
            return false;
        const auto part =
            static_cast<std::int64_t>(static_cast<long double>(fraction) / static_cast<long double>(scale) *
                                          static_cast<long double>(unit.nanoseconds) +
                                      0.5L);
        return addChecked(sum, whole * unit.nanoseconds) && addChecked(sum, part);
    }
    return false;
}

}  // namespace

std::string formatDuration(Milliseconds duration) {
    auto rest = duration.count();
    if (rest == 0)
        return "0s";
    std::string text;
    const auto take = [&rest, &text](std::int64_t size, const char* unit) {
        if (rest / size > 0)
            text += std::to_string(rest / size) + unit;
        rest %= size;
    };
    if (rest < 0) {
        text = "-";
        rest = -rest;
    }
    take(3'600'000, "h");
    take(60'000, "m");
    take(1'000, "s");
    take(1, "ms");
    return text;
}

bool parseDuration(std::string_view text, Milliseconds& out) {
    if (text == "0") {
        out = Milliseconds(0);
        return true;
    }
    if (text.empty())
        return false;
    std::int64_t nanoseconds = 0;
    while (!text.empty()) {
        if (!takePart(text, nanoseconds))
            return false;
    }
    if (nanoseconds % 1'000'000 != 0)
        return false;
    out = Milliseconds(nanoseconds / 1'000'000);
    return true;
}

}  // namespace xshathra::services
