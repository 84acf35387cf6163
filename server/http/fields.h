#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::http {

/// One header field. In a request the name is as it was sent, the value without surrounding white space.
struct Field {
    std::string name;
    std::string value;

    friend bool operator==(const Field&, const Field&) = default;
};

/// Header fields in their order. Names are compared without regard to ASCII case (RFC 9110 section 5.1); a name may
/// occur more than once.
class Fields {
public:
    /// Appends a field, also beside one of the same name.
    void add(std::string name, std::string value);
    /// Puts `value` in place of all fields of that name, or appends it.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);

    /// The first value of that name; an empty value is a value.
    std::optional<std::string_view> find(std::string_view name) const;
    bool contains(std::string_view name) const { return find(name).has_value(); }
    std::size_t count(std::string_view name) const;
    /// Where the first field of that name stands, counted from 0.
    std::optional<std::size_t> position(std::string_view name) const;
    /// Whether a comma-separated list field (`Connection`, `Upgrade`) holds `token`, without regard to case, in any of
    /// its lines.
    bool listContains(std::string_view name, std::string_view token) const;
    /// All elements of a comma-separated list field over all of its lines, trimmed, empty ones left out.
    std::vector<std::string_view> list(std::string_view name) const;

    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<Field> fields_;
};

}  // namespace xshathra::http
