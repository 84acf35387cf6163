#include "server/auth/user_claim.h"

#include "server/auth/json_object.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace xshathra::auth {

namespace {

/// Numbers of digits alone stay as they are; others are written without an exponent.
std::string numberText(const JsonValue& value) {
    const auto digits = value.raw.substr(value.raw.substr(0, 1) == "-" ? 1 : 0);
    if (std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return std::string(value.raw);
    // The longest double takes a sign, 309 digits, or 0. and 1074 more.
    std::array<char, 1200> text{};
    const auto number = value.number();
    const auto result =
        std::to_chars(text.data(), text.data() + text.size(), number.value_or(0), std::chars_format::fixed);
    return number && result.ec == std::errc() ? std::string(text.data(), result.ptr) : std::string(value.raw);
}

std::string textOf(const JsonValue& value) {
    switch (value.type) {
        case JsonType::Null: return {};
        case JsonType::String: return value.text;
        case JsonType::Number: return numberText(value);
        default: return std::string(value.raw);
    }
}

}  // namespace

std::string textOfClaim(std::string_view json, std::string_view name) {
    const auto object = JsonObject::parse(json, TokenRules::Centrifugo);
    if (!object)
        return {};
    const auto& members = object->members();
    const auto found = std::find_if(members.begin(), members.end(),
                                    [name](const JsonObject::Member& member) { return member.name == name; });
    return found == members.end() ? std::string() : textOf(found->value);
}

bool isUserIdClaim(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

}  // namespace xshathra::auth
