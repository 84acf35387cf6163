#pragma once

#include <string>
#include <string_view>

namespace xshathra::auth {

/// A value that must not leak: an API key, the engine secret, a master key, a password. It can't be streamed, compared
/// with
/// `==` or converted to text by accident; expose() is the only way to read it, so that every reader can be found. The
/// memory is cleansed on destruction, on assignment and when moved from. Reading is thread-safe.
class Secret {
public:
    Secret() = default;
    /// Takes the bytes over. A copy that the caller still holds is the caller's to cleanse.
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret& other);
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    /// The bytes themselves. Never log, store in clear or put into an error what this returns.
    std::string_view expose() const { return value_; }
    bool empty() const { return value_.empty(); }
    std::size_t size() const { return value_.size(); }

    /// Whether both hold the same bytes, in a time that depends on neither's content: SHA-256 digests are compared.
    bool equals(const Secret& other) const { return equals(other.expose()); }
    bool equals(std::string_view other) const;

    friend bool operator==(const Secret&, const Secret&) = delete;

private:
    void cleanse() noexcept;

    std::string value_;
};

/// Overwrites the bytes of `text` in memory and empties it, in a way that the compiler may not leave out.
void cleanse(std::string& text) noexcept;

}  // namespace xshathra::auth
