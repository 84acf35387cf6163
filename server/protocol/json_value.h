#pragma once

#include <simdjson.h>

#include <string_view>

namespace xshathra::protocol {

/// `text` without the white space of JSON at both ends.
inline std::string_view trimmedJson(std::string_view text) {
    constexpr std::string_view kSpace = " \t\n\r";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// The bytes of a value as they stand in the text that is being parsed; white space may follow.
inline simdjson::simdjson_result<std::string_view> rawJsonOf(simdjson::ondemand::value value) {
    simdjson::ondemand::json_type type{};
    if (const auto error = value.type().get(type))
        return error;
    if (type == simdjson::ondemand::json_type::object) {
        simdjson::ondemand::object object;
        if (const auto error = value.get_object().get(object))
            return error;
        return object.raw_json();
    }
    if (type == simdjson::ondemand::json_type::array) {
        simdjson::ondemand::array array;
        if (const auto error = value.get_array().get(array))
            return error;
        return array.raw_json();
    }
    return value.raw_json_token();
}

}  // namespace xshathra::protocol
