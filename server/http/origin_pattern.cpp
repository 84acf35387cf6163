#include "server/http/origin_pattern.h"

#include <cstddef>
#include <string>
#include <vector>

namespace xshathra::http {

namespace {

constexpr std::size_t kMaxSteps = 100'000;

/// Where the construct that starts at `at` ends (past its last character), or npos.
std::size_t endOf(std::string_view pattern, std::size_t at) {
    const char open = pattern[at];
    if (open == '\\')
        return at + 1 < pattern.size() ? at + 2 : std::string_view::npos;
    if (open == '[') {
        const auto close = pattern.find(']', at + 1);
        const bool empty = close == at + 1 || (close == at + 2 && pattern[at + 1] == '!');
        return close == std::string_view::npos || empty ? std::string_view::npos : close + 1;
    }
    if (open == '{') {
        for (auto i = at + 1; i < pattern.size();) {
            if (pattern[i] == '}')
                return i + 1;
            i = pattern[i] == '\\' || pattern[i] == '[' || pattern[i] == '{' ? endOf(pattern, i) : i + 1;
            if (i == std::string_view::npos)
                return i;
        }
        return std::string_view::npos;
    }
    return at + 1;
}

bool isInSet(std::string_view set, char c) {
    const bool negated = set.starts_with('!');
    if (negated)
        set.remove_prefix(1);
    bool found = false;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (i + 2 < set.size() && set[i + 1] == '-') {
            found = found || (set[i] <= c && c <= set[i + 2]);
            i += 2;
        } else {
            found = found || set[i] == c;
        }
    }
    return found != negated;
}

/// The parts between the commas of `{...}`.
std::vector<std::string_view> alternatives(std::string_view inside) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    for (std::size_t i = 0; i < inside.size();) {
        if (inside[i] == ',') {
            parts.push_back(inside.substr(start, i - start));
            start = i + 1;
        }
        i = endOf(inside, i);
    }
    parts.push_back(inside.substr(start));
    return parts;
}

bool match(std::string_view pattern, std::string_view text, std::size_t& steps) {
    while (!pattern.empty()) {
        if (++steps > kMaxSteps)
            return false;
        const char c = pattern.front();
        const auto end = endOf(pattern, 0);
        if (end == std::string_view::npos)
            return false;
        const auto rest = pattern.substr(end);
        if (c == '*') {
            if (rest.empty())
                return true;
            for (std::size_t taken = 0; taken <= text.size(); ++taken) {
                if (match(rest, text.substr(taken), steps))
                    return true;
            }
            return false;
        }
        if (c == '{') {
            for (const auto part : alternatives(pattern.substr(1, end - 2))) {
                if (match(std::string(part).append(rest), text, steps))
                    return true;
            }
            return false;
        }
        if (text.empty())
            return false;
        const bool fits = c == '?' || (c == '[' ? isInSet(pattern.substr(1, end - 2), text.front())
                                                : (c == '\\' ? pattern[1] : c) == text.front());
        if (!fits)
            return false;
        pattern = rest;
        text.remove_prefix(1);
    }
    return text.empty();
}

}  // namespace

bool isOriginPattern(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        at = endOf(pattern, at);
        if (at == std::string_view::npos)
            return false;
    }
    return !pattern.empty();
}

bool matchesOriginPattern(std::string_view pattern, std::string_view origin) {
    std::string lower(origin);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    std::size_t steps = 0;
    return match(pattern, lower, steps);
}

}  // namespace xshathra::http
