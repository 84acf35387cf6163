#include "server/base/glob.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace xshathra {

namespace {

/// Moves `at` from a byte to behind it, over a backslash and what it escapes.
void skipByte(std::string_view pattern, std::size_t& at) {
    at = std::min(pattern.size(), at + (pattern[at] == '\\' ? 2 : 1));
}

/// The byte at `at`, without the backslash that escapes it; moves `at` behind it.
unsigned char takeByte(std::string_view pattern, std::size_t& at) {
    skipByte(pattern, at);
    return static_cast<unsigned char>(pattern[at - 1]);
}

/// Matches one byte against the class, a valid one, that begins after `[` at `pattern[at]`; moves `at` behind the `]`.
bool matchesClass(std::string_view pattern, std::size_t& at, unsigned char byte) {
    const bool negated = pattern[at] == '!';
    if (negated)
        ++at;
    bool found = false;
    while (pattern[at] != ']') {
        const auto low = takeByte(pattern, at);
        auto high = low;
        if (pattern[at] == '-') {
            ++at;
            high = takeByte(pattern, at);
        }
        found = found || (low <= byte && byte <= high);
    }
    ++at;
    return found != negated;
}

/// Whether the whole text matches a pattern without alternatives, in time that is linear in the product of the lengths.
bool matchesOne(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    auto star = std::string_view::npos;
    std::size_t starText = 0;
    for (;;) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            starText = t;
            continue;
        }
        if (t == text.size())
            return p == pattern.size();
        bool matched = false;
        auto next = p;
        if (p < pattern.size()) {
            const auto byte = static_cast<unsigned char>(text[t]);
            if (pattern[p] == '?') {
                matched = true;
                ++next;
            } else if (pattern[p] == '[') {
                ++next;
                matched = matchesClass(pattern, next, byte);
            } else {
                matched = takeByte(pattern, next) == byte;
            }
        }
        if (matched) {
            p = next;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++starText;
        } else {
            return false;
        }
    }
}

/// Whether the class that begins after `[` at `at` is one; moves `at` behind its `]`.
bool isClass(std::string_view pattern, std::size_t& at) {
    if (at < pattern.size() && pattern[at] == '!')
        ++at;
    std::vector<unsigned char> members;
    std::size_t hyphen = 0;
    std::size_t hyphens = 0;
    while (at < pattern.size() && pattern[at] != ']') {
        if (pattern[at] == '-') {
            hyphen = members.size();
            ++hyphens;
        }
        members.push_back(takeByte(pattern, at));
    }
    if (at >= pattern.size() || members.empty())
        return false;
    ++at;
    return hyphens == 0 || (hyphens == 1 && hyphen == 1 && members.size() == 3 && members[0] <= members[2]);
}

bool areClassesValid(std::string_view pattern) {
    std::size_t at = 0;
    while (at < pattern.size()) {
        if (pattern[at] == '[') {
            if (!isClass(pattern, ++at))
                return false;
        } else {
            skipByte(pattern, at);
        }
    }
    return true;
}

/// A group of alternatives: where its parts begin, and behind them where it ends.
struct Group {
    std::size_t begin = 0;
    /// Position behind the opening brace, each comma and the closing brace.
    std::vector<std::size_t> parts;
};

/// The first group of a pattern whose classes are valid.
std::optional<Group> firstGroup(std::string_view pattern) {
    std::vector<Group> open;
    std::size_t at = 0;
    std::optional<Group> found;
    while (at < pattern.size()) {
        const auto start = at;
        if (pattern[at] == '[') {
            ++at;
            isClass(pattern, at);
            continue;
        }
        skipByte(pattern, at);
        switch (pattern[start]) {
            case '{': open.push_back({start, {at}}); break;
            case ',':
                if (!open.empty())
                    open.back().parts.push_back(at);
                break;
            case '}':
                if (open.empty())
                    break;
                open.back().parts.push_back(at);
                if (!found || open.back().begin < found->begin)
                    found = std::move(open.back());
                open.pop_back();
                if (open.empty())
                    return found;
                break;
            default: break;
        }
    }
    if (open.empty())
        return found;
    open.front().parts.push_back(pattern.size() + 1);
    return std::move(open.front());
}

/// Without a backslash at the end that escapes nothing.
std::string_view withoutLoneBackslash(std::string_view pattern) {
    const auto last = pattern.find_last_not_of('\\');
    const auto backslashes = pattern.size() - (last == std::string_view::npos ? 0 : last + 1);
    return pattern.substr(0, pattern.size() - backslashes % 2);
}

}  // namespace

Glob::Glob(std::string_view pattern) {
    if (pattern.size() > kMaxLength || !areClassesValid(pattern)) {
        valid_ = false;
        return;
    }
    std::vector<std::string> waiting{std::string(withoutLoneBackslash(pattern))};
    while (!waiting.empty()) {
        if (alternatives_.size() + waiting.size() > kMaxAlternatives) {
            alternatives_.clear();
            valid_ = false;
            return;
        }
        const auto text = std::move(waiting.back());
        waiting.pop_back();
        const auto group = firstGroup(text);
        if (!group) {
            alternatives_.push_back(text);
            continue;
        }
        const auto end = std::min(group->parts.back(), text.size());
        for (std::size_t i = 0; i + 1 < group->parts.size(); ++i)
            waiting.push_back(text.substr(0, group->begin) +
                              text.substr(group->parts[i], group->parts[i + 1] - group->parts[i] - 1) +
                              text.substr(end));
    }
}

bool Glob::matches(std::string_view text) const {
    return std::any_of(alternatives_.begin(), alternatives_.end(),
                       [text](const std::string& one) { return matchesOne(one, text); });
}

}  // namespace xshathra
