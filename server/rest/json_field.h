#pragma once

#include "server/base/ascii.h"
#include "server/base/shared_bytes.h"
#include "server/protocol/json.h"
#include "server/protocol/json_value.h"

#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace xshathra::rest {

/// A member of an object or an element of an array in a text that is known to be valid JSON, of which nothing has been
/// read yet; a value is read once. The readers return false where the value has the wrong type; `null` changes nothing.
class JsonField {
public:
    JsonField(std::string_view name, simdjson::ondemand::value value) : name_(name), value_(value) {}

    bool is(std::string_view name) const { return equalsIgnoringCase(name_, name); }
    std::string_view name() const { return name_; }

    bool text(std::string& out) {
        if (isNull())
            return true;
        std::string_view found;
        if (!has(simdjson::ondemand::json_type::string) || value_.get_string().get(found))
            return false;
        out.assign(found);
        return true;
    }

    bool flag(bool& out) {
        if (isNull())
            return true;
        return has(simdjson::ondemand::json_type::boolean) && !value_.get_bool().get(out);
    }

    template <typename Integer>
    bool integer(Integer& out) {
        if (isNull())
            return true;
        if (!has(simdjson::ondemand::json_type::number))
            return false;
        if constexpr (std::is_unsigned_v<Integer>) {
            std::uint64_t found = 0;
            if (value_.get_uint64().get(found) || found > std::numeric_limits<Integer>::max())
                return false;
            out = static_cast<Integer>(found);
        } else {
            std::int64_t found = 0;
            if (value_.get_int64().get(found) || found < std::numeric_limits<Integer>::min() ||
                found > std::numeric_limits<Integer>::max())
                return false;
            out = static_cast<Integer>(found);
        }
        return true;
    }

    /// Any value, also `null`, as the bytes that were sent, without line breaks. A copy: the body may be much larger.
    bool raw(SharedBytes& out) {
        std::string_view found;
        if (protocol::rawJsonOf(value_).get(found))
            return false;
        std::string bytes;
        protocol::appendWithoutLineBreaks(bytes, protocol::trimmedJson(found));
        out = SharedBytes(std::move(bytes));
        return true;
    }
    bool raw(std::optional<SharedBytes>& out) { return raw(out.emplace()); }

    bool texts(std::vector<std::string>& out) {
        out.clear();
        return elements([&](JsonField element) { return element.text(out.emplace_back()); });
    }

    bool textMap(std::map<std::string, std::string>& out) {
        return object([&](JsonField member) { return member.text(out[std::string(member.name())]); });
    }

    /// Reads each member of an object by `read(JsonField)`. Nothing is read of a `null`.
    template <typename Read>
    bool object(Read read) {
        if (isNull())
            return true;
        simdjson::ondemand::object members;
        if (!has(simdjson::ondemand::json_type::object) || value_.get_object().get(members))
            return false;
        return readMembers(members, read);
    }

    template <typename Read>
    bool elements(Read read) {
        if (isNull())
            return true;
        simdjson::ondemand::array array;
        if (!has(simdjson::ondemand::json_type::array) || value_.get_array().get(array))
            return false;
        for (auto element : array) {
            simdjson::ondemand::value value;
            if (element.get(value) || !read(JsonField({}, value)))
                return false;
        }
        return true;
    }

    bool isNull() { return has(simdjson::ondemand::json_type::null); }

    template <typename Read>
    static bool readMembers(simdjson::ondemand::object& members, Read read) {
        for (auto member : members) {
            std::string_view name;
            simdjson::ondemand::value value;
            if (member.unescaped_key().get(name) || member.value().get(value) || !read(JsonField(name, value)))
                return false;
        }
        return true;
    }

private:
    bool has(simdjson::ondemand::json_type wanted) {
        simdjson::ondemand::json_type found{};
        return !value_.type().get(found) && found == wanted;
    }

    std::string_view name_;
    simdjson::ondemand::value value_;
};

}  // namespace xshathra::rest
