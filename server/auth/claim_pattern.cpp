#include "server/auth/claim_pattern.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <utility>
#include <vector>

namespace xshathra::auth {

struct ClaimPattern::Compiled {
    std::string expression;
    std::regex regex;
    /// The name of each group, in their order; empty for those without.
    std::vector<std::string> groups;
};

namespace {

/// Go's expression rewritten for ECMAScript.
struct Translation {
    std::string expression;
    std::vector<std::string> groups;
    bool ignoreCase = false;
    std::string fault;
};

bool isWordCharacter(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// The name of the named group that begins at `(`, or nothing. `end` is behind its `>`.
std::optional<std::string> groupName(std::string_view expression, std::size_t at, std::size_t& end) {
    for (const std::string_view start : {"(?P<", "(?<"}) {
        if (expression.substr(at, start.size()) != start)
            continue;
        const auto close = expression.find('>', at);
        if (close == std::string_view::npos)
            return std::nullopt;
        const auto name = expression.substr(at + start.size(), close - at - start.size());
        if (name.empty() || !std::all_of(name.begin(), name.end(), isWordCharacter))
            return std::nullopt;
        end = close + 1;
        return std::string(name);
    }
    return std::nullopt;
}

Translation translate(std::string_view expression) {
    Translation result;
    bool inClass = false;
    std::size_t at = 0;
    if (expression.substr(0, 4) == "(?i)") {
        result.ignoreCase = true;
        at = 4;
    }
    while (at < expression.size()) {
        const char c = expression[at];
        if (c == '\\') {
            if (at + 1 == expression.size()) {
                result.fault = "it ends in a backslash";
                return result;
            }
            const char escaped = expression[at + 1];
            if (escaped == 'A' || escaped == 'z') {
                result.expression += escaped == 'A' ? '^' : '$';
            } else if (isWordCharacter(escaped) &&
                       std::string_view("dDwWsSbBnrtfv").find(escaped) == std::string_view::npos) {
                result.fault = "\\" + std::string(1, escaped) + " is not supported";
                return result;
            } else {
                result.expression.append(expression.substr(at, 2));
            }
            at += 2;
            continue;
        }
        if (c == '[')
            inClass = true;
        else if (c == ']')
            inClass = false;
        if (c != '(' || inClass) {
            result.expression += c;
            ++at;
            continue;
        }
        std::size_t end = 0;
        if (auto name = groupName(expression, at, end)) {
            result.groups.push_back(std::move(*name));
            result.expression += '(';
            at = end;
        } else if (expression.substr(at, 3) == "(?:") {
            result.expression += "(?:";
            at += 3;
        } else if (expression.substr(at, 2) == "(?") {
            result.fault = "of the groups that begin with (? only (?:, (?P<name> and (?i) in front are supported";
            return result;
        } else {
            result.groups.emplace_back();
            result.expression += '(';
            ++at;
        }
    }
    return result;
}

/// The text inside the named group, up to its closing parenthesis.
std::optional<std::string_view> groupContent(std::string_view expression, std::size_t start) {
    int depth = 1;
    for (auto at = start; at < expression.size(); ++at) {
        if (expression[at] == '\\')
            ++at;
        else if (expression[at] == '(')
            ++depth;
        else if (expression[at] == ')' && --depth == 0)
            return expression.substr(start, at - start);
    }
    return std::nullopt;
}

/// Whether a group's content is made of fixed texts, alternatives and groups alone.
bool isListOfTexts(std::string_view content) {
    for (std::size_t at = 0; at < content.size(); ++at) {
        const char c = content[at];
        std::size_t end = 0;
        if (c == '\\') {
            ++at;
            if (at < content.size() && isWordCharacter(content[at]))
                return false;
        } else if (c == '(' && content.substr(at, 3) == "(?:") {
            at += 2;
        } else if (c == '(' && groupName(content, at, end)) {
            at = end - 1;
        } else if (std::string_view(".*+?{}^$[]").find(c) != std::string_view::npos) {
            return false;
        }
    }
    return true;
}

std::optional<std::string> characterClass(std::string_view expression) {
    for (std::size_t at = 0; at < expression.size(); ++at) {
        if (expression[at] == '[')
            return "a character class in brackets";
        if (expression[at] == '\\') {
            ++at;
            if (at < expression.size() && std::string_view("dDwWsSpP").find(expression[at]) != std::string_view::npos)
                return "the character class \\" + std::string(1, expression[at]);
        }
    }
    return std::nullopt;
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Percent-encoded bytes decoded, or nothing where one is cut.
std::optional<std::string> percentDecoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            result += text[at];
            continue;
        }
        const int high = at + 2 < text.size() ? hexDigit(text[at + 1]) : -1;
        const int low = at + 2 < text.size() ? hexDigit(text[at + 2]) : -1;
        if (high < 0 || low < 0)
            return std::nullopt;
        result += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return result;
}

/// Whether every segment of an absolute path leads further down.
bool isCleanPath(std::string_view path) {
    if (path.empty() || path == "/")
        return true;
    std::size_t at = 1;
    for (;;) {
        const auto end = std::min(path.find('/', at), path.size());
        const auto segment = path.substr(at, end - at);
        if (segment.empty() || segment == "." || segment == "..")
            return false;
        if (end == path.size())
            return true;
        at = end + 1;
    }
}

}  // namespace

Result<ClaimPattern> ClaimPattern::compile(std::string_view expression) {
    auto translated = translate(expression);
    if (!translated.fault.empty())
        return fail("invalid_argument", "can't be used as a regular expression: " + translated.fault + ".");
    auto flags = std::regex_constants::ECMAScript;
    if (translated.ignoreCase)
        flags |= std::regex_constants::icase;
#ifdef __GLIBCXX__
    // Breadth-first matching: an expression such as (a+)+$ must not let a token hang the loop.
    flags |= std::regex_constants::__polynomial;
#endif
    try {
        return ClaimPattern(std::make_shared<const Compiled>(
            Compiled{std::string(expression), std::regex(translated.expression, flags), std::move(translated.groups)}));
    } catch (const std::regex_error& error) {
        return fail("invalid_argument", std::string("can't be used as a regular expression: ") + error.what() + ".");
    }
}

std::optional<GroupTexts> ClaimPattern::match(std::string_view text) const {
    if (text.size() > kMaxPatternText)
        return std::nullopt;
    std::match_results<std::string_view::const_iterator> found;
    try {
        if (!std::regex_search(text.begin(), text.end(), found, compiled_->regex))
            return std::nullopt;
    } catch (const std::regex_error&) {
        return std::nullopt;
    }
    GroupTexts texts;
    const auto& groups = compiled_->groups;
    for (std::size_t i = 0; i < groups.size() && i + 1 < found.size(); ++i) {
        if (!groups[i].empty())
            texts[groups[i]] = found[i + 1].str();
    }
    return texts;
}

const std::string& ClaimPattern::expression() const { return compiled_->expression; }

Result<JwksEndpoint> JwksEndpoint::parse(std::string_view url) {
    const bool known = url.substr(0, 7) == "http://" || url.substr(0, 8) == "https://";
    if (!known || url.find_first_of(" \t\r\n\"<>\\") != std::string_view::npos ||
        url.substr(url.find("//") + 2).empty())
        return fail("invalid_argument", "must be an URL that begins with http:// or https://.");
    return JwksEndpoint(std::string(url));
}

std::optional<std::string> JwksEndpoint::expand(const GroupTexts& groups) const {
    std::string result;
    std::string_view rest = url_;
    for (;;) {
        const auto start = rest.find("{{");
        const auto end = start == std::string_view::npos ? start : rest.find("}}", start);
        result.append(rest.substr(0, end == std::string_view::npos ? rest.size() : start));
        if (end == std::string_view::npos)
            break;
        const auto group = groups.find(rest.substr(start + 2, end - start - 2));
        if (group != groups.end())
            result += group->second;
        rest.remove_prefix(end + 2);
    }
    const bool printable = std::all_of(result.begin(), result.end(), [](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\';
    });
    const auto pathStart = result.find('/', result.find("//") + 2);
    if (!printable)
        return std::nullopt;
    if (pathStart != std::string::npos) {
        const auto pathEnd = std::min(result.find_first_of("?#", pathStart), result.size());
        const auto path = percentDecoded(std::string_view(result).substr(pathStart, pathEnd - pathStart));
        if (!path || !isCleanPath(*path))
            return std::nullopt;
    }
    return result;
}

std::optional<std::string> JwksEndpoint::danger(std::string_view expression) const {
    if (url_.find("{{") == std::string::npos)
        return std::nullopt;
    if (auto found = characterClass(expression))
        return "has " + *found +
               ", which is not allowed where the URL of the keys has placeholders; list the allowed "
               "values, as in one|two.";
    for (std::size_t at = 0; at < expression.size(); ++at) {
        std::size_t end = 0;
        const auto name = groupName(expression, at, end);
        if (expression[at] == '\\')
            ++at;
        if (!name || url_.find("{{" + *name + "}}") == std::string::npos)
            continue;
        const auto content = groupContent(expression, end);
        if (!content || !isListOfTexts(*content))
            return "has the group \"" + *name +
                   "\", which stands in the URL of the keys and must be a list of fixed values, as in one|two.";
    }
    return std::nullopt;
}

}  // namespace xshathra::auth
