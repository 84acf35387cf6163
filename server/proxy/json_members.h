#pragma once

#include "server/base/shared_bytes.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::proxy {

/// The members of a JSON object as slices of the text, for answers of backends. Reads as Go's decoder does: unknown
/// members are skipped, names match in any case, the last of several of one name counts, `null` leaves a member as it
/// was, and a value of another type makes the whole unreadable. Private to the module.
class JsonMembers {
public:
    /// `json` has to be valid JSON. Null when it isn't an object; `null` itself gives no members.
    static std::optional<JsonMembers> parse(const SharedBytes& json);

    /// Each reads one member into `out` if it is there and not null. False when its value is of another type.
    [[nodiscard]] bool read(std::string_view name, std::string& out) const;
    [[nodiscard]] bool read(std::string_view name, bool& out) const;
    [[nodiscard]] bool read(std::string_view name, std::int64_t& out) const;
    [[nodiscard]] bool read(std::string_view name, std::uint64_t& out) const;
    [[nodiscard]] bool read(std::string_view name, std::uint32_t& out) const;
    [[nodiscard]] bool read(std::string_view name, std::vector<std::string>& out) const;
    [[nodiscard]] bool read(std::string_view name, std::map<std::string, std::string>& out) const;
    [[nodiscard]] bool read(std::string_view name, std::optional<JsonMembers>& out) const;
    /// Any JSON, `null` included, without line breaks.
    void readRaw(std::string_view name, std::optional<SharedBytes>& out) const;
    /// The elements of an array of objects.
    [[nodiscard]] bool read(std::string_view name, std::vector<JsonMembers>& out) const;

    const std::vector<std::pair<std::string, SharedBytes>>& all() const { return members_; }

private:
    /// Null when it isn't there or is `null`.
    const SharedBytes* value(std::string_view name) const;
    const SharedBytes* raw(std::string_view name) const;

    std::vector<std::pair<std::string, SharedBytes>> members_;
};

}  // namespace xshathra::proxy
