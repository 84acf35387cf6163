#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace xshathra {

/// Immutable bytes with shared ownership: a payload is held once and handed to every subscriber, the history and the
/// capture by reference. Copying counts a reference and is thread-safe; the bytes never change. A slice keeps the whole
/// alive.
class SharedBytes {
public:
    SharedBytes() = default;
    explicit SharedBytes(std::string bytes) {
        auto owner = std::make_shared<const std::string>(std::move(bytes));
        view_ = *owner;
        owner_ = std::move(owner);
    }
    static SharedBytes copyOf(std::string_view bytes) { return SharedBytes(std::string(bytes)); }
    /// Bytes with static storage duration, such as a literal: nothing is owned or counted.
    static SharedBytes fromStatic(std::string_view bytes) {
        SharedBytes result;
        result.view_ = bytes;
        return result;
    }

    std::string_view view() const { return view_; }
    const char* data() const { return view_.data(); }
    std::size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }

    /// The part from `offset`, at most `length` bytes; an offset past the end gives an empty part.
    SharedBytes slice(std::size_t offset, std::size_t length = std::string_view::npos) const {
        SharedBytes part;
        if (offset < view_.size()) {
            part.view_ = view_.substr(offset, length);
            part.owner_ = owner_;
        }
        return part;
    }

    friend bool operator==(const SharedBytes& a, const SharedBytes& b) { return a.view_ == b.view_; }

private:
    std::string_view view_;
    std::shared_ptr<const std::string> owner_;
};

}  // namespace xshathra
