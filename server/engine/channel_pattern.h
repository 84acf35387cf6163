#pragma once

#include <memory>
#include <string>
#include <string_view>

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

}  // namespace xshathra::engine
