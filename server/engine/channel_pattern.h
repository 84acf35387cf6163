#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// A `channel_regex`: ECMAScript syntax, found anywhere in the text unless anchored, as Go's MatchString does.
/// Immutable, thread-safe.
class ChannelPattern {
public:
    /// An expression that doesn't compile matches nothing; see error().
    explicit ChannelPattern(const std::string& expression);
    ~ChannelPattern();

    bool matches(std::string_view text) const;
    /// Why the expression doesn't compile, or empty.
    const std::string& error() const { return error_; }

private:
    struct Compiled;
    std::unique_ptr<const Compiled> compiled_;
    std::string error_;
};

/// Whether the whole `text` matches the glob: `*` any text, `?` any one byte, `[abc]`, `[a-z]`, `[!a]`, backslash
/// escapes. Linear in length of text times length of pattern.
bool matchesGlob(std::string_view pattern, std::string_view text);

/// A glob that may also have alternatives, `{a,b}`, nested too; an unclosed brace stands for itself. Immutable,
/// thread-safe.
class Glob {
public:
    explicit Glob(std::string_view pattern);

    /// False when a class is empty, unclosed or has a hyphen other than that of one ascending range (as Centrifugo has
    /// it), when there are more than kMaxAlternatives, or more bytes than kMaxLength.
    bool isValid() const { return valid_; }
    /// Whether the whole `text` matches. An invalid glob matches nothing.
    bool matches(std::string_view text) const;

    static constexpr std::size_t kMaxAlternatives = 64;
    static constexpr std::size_t kMaxLength = 1'024;

private:
    std::vector<std::string> alternatives_;
    bool valid_ = true;
};

}  // namespace xshathra::engine
