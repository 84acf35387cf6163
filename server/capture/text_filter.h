#pragma once

#include "server/capture/store.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::capture {

/// Finds one text in others without regard to the case of ASCII letters; other bytes must be equal. Immutable.
class TextMatcher {
public:
    /// An empty needle is found everywhere.
    explicit TextMatcher(std::string_view needle);

    bool foundIn(std::string_view text) const;
    const std::string& needle() const { return needle_; }

private:
    std::string needle_;
    /// How far the window moves when its last byte is the index (Horspool 1980).
    std::array<std::uint32_t, 256> shift_{};
};

/// The full-text filter of the Live view: every word must occur in the channel, client, user, kind, note, fault or
/// payload of an event. Words are separated by blanks; "double quotes" around a word keep blanks inside it. Any other
/// quote stands for itself, so that JSON can be typed as it is seen. Immutable.
class TextFilter {
public:
    /// At most this many words count; the rest is ignored.
    static constexpr std::size_t kMaxWords = 16;

    TextFilter() = default;
    /// Any text is a valid filter.
    explicit TextFilter(std::string_view text);

    /// Whether it lets everything pass.
    bool empty() const { return words_.empty(); }
    std::size_t wordCount() const { return words_.size(); }
    const std::string& word(std::size_t index) const { return words_[index].needle(); }
    bool matches(const CaptureStore& store, const StoredEvent& event, std::string_view payload) const;

private:
    std::vector<TextMatcher> words_;
};

}  // namespace xshathra::capture
