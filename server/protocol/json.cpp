#include "server/protocol/json.h"

#include "server/protocol/json_scanner.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>

namespace xshathra::protocol {

namespace {

/// How a byte behaves inside a JSON string that is read.
constexpr std::array<bool, 256> makeStringStops() {
    std::array<bool, 256> stops{};
    for (std::size_t c = 0; c < 0x20; ++c)
        stops[c] = true;
    stops['"'] = true;
    stops['\\'] = true;
    return stops;
}

/// Bytes that can't be copied as they are into a JSON string that is written. Those above ASCII need a look at the
/// sequence.
constexpr std::array<bool, 256> makeEscapeStops() {
    auto stops = makeStringStops();
    stops['<'] = stops['>'] = stops['&'] = true;
    for (std::size_t c = 0x80; c < 0x100; ++c)
        stops[c] = true;
    return stops;
}

constexpr auto kStringStops = makeStringStops();
constexpr auto kEscapeStops = makeEscapeStops();
constexpr char kHexDigits[] = "0123456789abcdef";

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHexDigit(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Walks one JSON text with a bit per open container in place of recursion.
class Scanner {
public:
    Scanner(std::string_view text, std::size_t maxDepth)
        : at_(text.data()), end_(text.data() + text.size()), maxDepth_(std::min(maxDepth, kMaxJsonDepth)) {}

    JsonScan run() {
        const bool complete = walk();
        if (tooDeep_)
            return {JsonScan::Outcome::TooDeep, deepest_};
        return {complete ? JsonScan::Outcome::Valid : JsonScan::Outcome::Malformed, deepest_};
    }

private:
    bool walk() {
        for (;;) {
            skipSpace();
            if (at_ == end_)
                return false;
            if (*at_ == '{' || *at_ == '[') {
                const bool object = *at_++ == '{';
                if (depth_ == maxDepth_) {
                    tooDeep_ = true;
                    return false;
                }
                isObject_[depth_++] = object;
                deepest_ = std::max(deepest_, depth_);
                skipSpace();
                if (at_ != end_ && *at_ == (object ? '}' : ']')) {
                    ++at_;
                    --depth_;
                } else {
                    if (object && !key())
                        return false;
                    continue;
                }
            } else if (!scalar()) {
                return false;
            }
            // A value is complete: go on in, or leave, what it stands in.
            for (;;) {
                skipSpace();
                if (depth_ == 0)
                    return at_ == end_;
                if (at_ == end_)
                    return false;
                const bool object = isObject_[depth_ - 1];
                const char c = *at_++;
                if (c == ',') {
                    skipSpace();
                    if (object && !key())
                        return false;
                    break;
                }
                if (c != (object ? '}' : ']'))
                    return false;
                --depth_;
            }
        }
    }

    bool key() {
        if (!string())
            return false;
        skipSpace();
        if (at_ == end_ || *at_ != ':')
            return false;
        ++at_;
        return true;
    }

    bool scalar() {
        switch (*at_) {
            case '"': return string();
            case 't': return literal("true");
            case 'f': return literal("false");
            case 'n': return literal("null");
            default: return number();
        }
    }

    bool string() {
        if (at_ == end_ || *at_ != '"')
            return false;
        ++at_;
        for (;;) {
            while (at_ != end_ && !kStringStops[static_cast<unsigned char>(*at_)])
                ++at_;
            if (at_ == end_)
                return false;
            const char c = *at_++;
            if (c == '"')
                return true;
            if (c != '\\' || at_ == end_)
                return false;
            const char escaped = *at_++;
            if (escaped == 'u') {
                if (end_ - at_ < 4 || !std::all_of(at_, at_ + 4, isHexDigit))
                    return false;
                at_ += 4;
            } else if (std::string_view("\"\\/bfnrt").find(escaped) == std::string_view::npos) {
                return false;
            }
        }
    }

    bool literal(std::string_view word) {
        if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, word.size()) != word)
            return false;
        at_ += word.size();
        return true;
    }

    bool number() {
        if (*at_ == '-')
            ++at_;
        if (at_ != end_ && *at_ == '0')
            ++at_;
        else if (!digits())
            return false;
        if (at_ != end_ && *at_ == '.') {
            ++at_;
            if (!digits())
                return false;
        }
        if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
            ++at_;
            if (at_ != end_ && (*at_ == '+' || *at_ == '-'))
                ++at_;
            if (!digits())
                return false;
        }
        return true;
    }

    bool digits() {
        const auto* const start = at_;
        while (at_ != end_ && isDigit(*at_))
            ++at_;
        return at_ != start;
    }

    void skipSpace() {
        while (at_ != end_ && isSpace(*at_))
            ++at_;
    }

    const char* at_;
    const char* end_;
    std::size_t maxDepth_;
    std::size_t depth_ = 0;
    std::size_t deepest_ = 0;
    bool tooDeep_ = false;
    std::bitset<kMaxJsonDepth> isObject_;
};

/// Length of the valid UTF-8 sequence at the start of `text`, or 0 (RFC 3629: no overlong form, no surrogate, at most
/// U+10FFFF).
std::size_t utf8SequenceLength(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const auto first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const bool allowed = (first != 0xE0 || byte(1) >= 0xA0) && (first != 0xED || byte(1) <= 0x9F);
        return allowed && continues(1) && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool allowed = (first != 0xF0 || byte(1) >= 0x90) && (first != 0xF4 || byte(1) <= 0x8F);
        return allowed && continues(1) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

void appendEscaped(std::string& out, unsigned char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default:
            out += "\\u00";
            out += kHexDigits[c >> 4];
            out += kHexDigits[c & 0xF];
    }
}

}  // namespace

JsonScan scanJson(std::string_view text, std::size_t maxDepth) { return Scanner(text, maxDepth).run(); }

bool isValidJson(std::string_view text, std::size_t maxDepth) {
    return scanJson(text, maxDepth).outcome == JsonScan::Outcome::Valid && isUtf8(text);
}

bool isUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

void appendWithoutLineBreaks(std::string& out, std::string_view json) {
    constexpr std::string_view kLineBreaks = "\r\n";
    // Two memchr are far faster than one find_first_of, and nearly every payload has no line break.
    if (json.find('\n') == std::string_view::npos && json.find('\r') == std::string_view::npos) {
        out += json;
        return;
    }
    for (std::size_t at = 0; at < json.size();) {
        const auto stop = std::min(json.find_first_of(kLineBreaks, at), json.size());
        out += json.substr(at, stop - at);
        at = stop + 1;
    }
}

bool isJsonNull(std::string_view json) {
    const auto start = json.find_first_not_of(" \t\r\n");
    return start != std::string_view::npos &&
           json.substr(start, json.find_last_not_of(" \t\r\n") - start + 1) == "null";
}

SharedBytes stripLineBreaks(const SharedBytes& json) {
    if (json.view().find('\n') == std::string_view::npos && json.view().find('\r') == std::string_view::npos)
        return json;
    std::string stripped;
    stripped.reserve(json.size());
    appendWithoutLineBreaks(stripped, json.view());
    return SharedBytes(std::move(stripped));
}

void appendJsonString(std::string& out, std::string_view text) {
    out += '"';
    std::size_t copied = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (!kEscapeStops[c]) {
            ++at;
            continue;
        }
        std::size_t length = 1;
        if (c >= 0x80) {
            length = utf8SequenceLength(text.substr(at));
            const auto sequence = text.substr(at, length);
            const bool lineSeparator = sequence == "\u2028" || sequence == "\u2029";
            if (length > 0 && !lineSeparator) {
                at += length;
                continue;
            }
            out += text.substr(copied, at - copied);
            if (lineSeparator)
                out += sequence == "\u2028" ? "\\u2028" : "\\u2029";
            else
                out += "\\ufffd";
            length = std::max<std::size_t>(length, 1);
        } else {
            out += text.substr(copied, at - copied);
            appendEscaped(out, c);
        }
        at += length;
        copied = at;
    }
    out += text.substr(copied);
    out += '"';
}

SharedBytes quoteJson(std::string_view text) {
    std::string quoted;
    quoted.reserve(text.size() + text.size() / 8 + 2);
    appendJsonString(quoted, text);
    return SharedBytes(std::move(quoted));
}

}  // namespace xshathra::protocol
