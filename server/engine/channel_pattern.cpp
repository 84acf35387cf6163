#include "server/engine/channel_pattern.h"

#include <regex>

namespace xshathra::engine {

struct ChannelPattern::Compiled {
    std::regex regex;
};

ChannelPattern::ChannelPattern(const std::string& expression) {
    if (expression.empty())
        return;
    auto flags = std::regex_constants::ECMAScript;
#ifdef __GLIBCXX__
    // Breadth-first matching: an expression such as (a+)+$ must not let a client's channel name hang the loop.
    // Back-references are refused by it, as they are by Centrifugo's Go syntax.
    flags |= std::regex_constants::__polynomial;
#endif
    try {
        compiled_ = std::make_unique<const Compiled>(Compiled{std::regex(expression, flags)});
    } catch (const std::regex_error& error) {
        error_ = error.what();
    }
}

ChannelPattern::~ChannelPattern() = default;

bool ChannelPattern::matches(std::string_view text) const {
    if (!compiled_)
        return false;
    try {
        return std::regex_search(text.begin(), text.end(), compiled_->regex);
    } catch (const std::regex_error&) {
        return false;
    }
}

namespace {

/// Matches one byte against the class that begins after `[` at `pattern[at]`; moves `at` behind the `]`. False also
/// when the class has no end.
bool matchesClass(std::string_view pattern, std::size_t& at, unsigned char byte) {
    bool negated = false;
    if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) {
        negated = true;
        ++at;
    }
    bool found = false;
    bool first = true;
    while (at < pattern.size() && (first || pattern[at] != ']')) {
        first = false;
        if (pattern[at] == '\\' && at + 1 < pattern.size())
            ++at;
        const auto low = static_cast<unsigned char>(pattern[at++]);
        auto high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            ++at;
            if (pattern[at] == '\\' && at + 1 < pattern.size())
                ++at;
            high = static_cast<unsigned char>(pattern[at++]);
        }
        found = found || (low <= byte && byte <= high);
    }
    if (at >= pattern.size())
        return false;
    ++at;
    return found != negated;
}

}  // namespace

bool matchesGlob(std::string_view pattern, std::string_view text) {
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
                if (pattern[p] == '\\' && p + 1 < pattern.size())
                    ++next;
                matched = static_cast<unsigned char>(pattern[next]) == byte;
                ++next;
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

}  // namespace xshathra::engine
