#include "server/auth/claim_path.h"

#include "server/auth/json_object.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace xshathra::auth {

namespace {

std::vector<std::string> namesOf(std::string_view path) {
    std::vector<std::string> names(1);
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '.') {
            names.emplace_back();
        } else {
            at += path[at] == '\\' && at + 1 < path.size() ? 1U : 0U;
            names.back() += path[at];
        }
    }
    return names;
}

/// Numbers of digits alone stay as they are; others are written without an exponent.
std::string numberText(const JsonValue& value) {
    const auto digits = value.raw.substr(value.raw.substr(0, 1) == "-" ? 1 : 0);
    if (std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::string(value.raw);
    // The longest double takes a sign, 309 digits, or 0. and 1074 more.
    std::array<char, 1200> text{};
    const auto number = value.number();
    const auto result = std::to_chars(text.data(), text.data() + text.size(), number.value_or(0), std::chars_format::fixed);
    return number && result.ec == std::errc() ? std::string(text.data(), result.ptr) : std::string(value.raw);
}

std::string textOf(const JsonValue& value) {
    switch (value.type) {
        case JsonType::Null:
            return {};
        case JsonType::String:
            return value.text;
        case JsonType::Number:
            return numberText(value);
        default:
            return std::string(value.raw);
    }
}

/// The first of that name; members() are in the text's order.
const JsonValue* firstOf(const JsonObject& object, std::string_view name) {
    for (const auto& member : object.members()) {
        if (member.name == name)
            return &member.value;
    }
    return nullptr;
}

}  // namespace

std::string textAtPath(std::string_view json, std::string_view path) {
    const auto names = namesOf(path);
    std::string current(json);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto object = JsonObject::parse(current, TokenRules::Centrifugo);
        const auto array = object ? std::nullopt : JsonArray::parse(current, kMaxLenientTokenJsonDepth);
        const JsonValue* value = object ? firstOf(*object, names[i]) : nullptr;
        if (array) {
            std::size_t index = 0;
            const auto* const end = names[i].data() + names[i].size();
            const auto parsed = std::from_chars(names[i].data(), end, index);
            if (parsed.ec == std::errc() && parsed.ptr == end && index < array->values().size())
                value = &array->values()[index];
        }
        if (value == nullptr)
            return {};
        if (i + 1 == names.size())
            return textOf(*value);
        current = std::string(value->raw);
    }
    return {};
}

std::optional<std::string> unsupportedInPath(std::string_view path) {
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '\\')
            ++at;
        else if (std::string_view("*?#|@!{[").find(path[at]) != std::string_view::npos)
            return std::string(1, path[at]);
    }
    return std::nullopt;
}

}  // namespace xshathra::auth
