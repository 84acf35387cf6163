#pragma once

#include "server/base/result.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// Texts by the names of the groups that matched them.
using GroupTexts = std::map<std::string, std::string, std::less<>>;

/// A claim longer than this matches no pattern: the time for matching grows with the length.
inline constexpr std::size_t kMaxPatternText = 1024;

/// A regular expression for `iss` or `aud` in Go's syntax, as far as ECMAScript's has the same: named groups
/// `(?P<name>...)` and `(?<name>...)`, and `(?i)` in front, are understood. Immutable, thread-safe, cheap to copy.
class ClaimPattern {
public:
    /// Errors: `invalid_argument`, saying why the expression can't be used.
    static Result<ClaimPattern> compile(std::string_view expression);

    /// The named groups' texts where the expression is found anywhere in `text`. A group that took no part is empty.
    std::optional<GroupTexts> match(std::string_view text) const;
    const std::string& expression() const;

private:
    struct Compiled;
    explicit ClaimPattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

    std::shared_ptr<const Compiled> compiled_;
};

/// Where key sets are fetched from: an URL with `{{name}}` for texts out of unverified claims.
class JwksEndpoint {
public:
    /// Errors: `invalid_argument`: neither http nor https.
    static Result<JwksEndpoint> parse(std::string_view url);

    /// The URL with the groups' texts in it; unknown names become nothing. Nothing where the result's path has `.`,
    /// `..` or empty segments (also percent-encoded), or the URL characters that no URL has: then a claim tried to
    /// lead elsewhere.
    std::optional<std::string> expand(const GroupTexts& groups) const;

    /// What is unsafe about filling this URL's placeholders by the groups of `expression`, or nothing: groups used in
    /// the URL must be lists of fixed texts (`one|two`), or a token could name the server its own key comes from.
    std::optional<std::string> danger(std::string_view expression) const;

    const std::string& url() const { return url_; }

private:
    explicit JwksEndpoint(std::string url) : url_(std::move(url)) {}

    std::string url_;
};

}  // namespace xshathra::auth
