#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xshathra::capture {

/// Gives equal texts one 32-bit number, counts its uses, and reuses the number after the last one, so that client ids
/// that come and go for days take no more memory than those in the window. The empty text is 0. Not thread-safe.
class StringTable {
public:
    using Id = std::uint32_t;
    static constexpr Id kEmpty = 0;

    StringTable() { clear(); }

    /// The number of `text`, with one use more.
    Id acquire(std::string_view text);
    /// One use less.
    void release(Id id);
    /// The number of `text` if it is in use, else kEmpty. Adds no use.
    Id find(std::string_view text) const;
    /// The text of a number in use; stays in place until its last release().
    std::string_view text(Id id) const { return entries_[id].text; }
    /// Numbers in use, without the empty one.
    std::size_t size() const { return ids_.size(); }
    /// Forgets everything; all numbers become invalid.
    void clear();

private:
    struct Entry {
        std::string text;
        std::uint64_t uses = 0;
    };

    std::deque<Entry> entries_;
    std::vector<Id> unused_;
    std::unordered_map<std::string_view, Id> ids_;
};

}  // namespace xshathra::capture
