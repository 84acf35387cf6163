#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra {

/// A glob as Centrifugo has it for names of channels and for origins: `*` any text, `?` any one byte, `[abc]`, `[a-z]`,
/// `[!a]`, alternatives `{a,b}`, nested too, backslash escapes; a group without an end is closed by that of the
/// pattern, and a backslash there is nothing. Matching takes time that is linear in the product of the lengths.
/// Immutable, thread-safe.
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

}  // namespace xshathra
