#include "server/auth/json_object.h"

#include "server/base/ascii.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

namespace xshathra::auth {

namespace {

namespace od = simdjson::ondemand;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view token) {
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\t' || token.back() == '\r' || token.back() == '\n'))
        token.remove_suffix(1);
    return token;
}

/// RFC 8259 section 6, whatever the size: simdjson's own numbers end at 64 bits.
bool isNumber(std::string_view token) {
    std::size_t at = 0;
    const auto digits = [&] {
        const auto start = at;
        while (at < token.size() && isDigit(token[at]))
            ++at;
        return at > start;
    };
    if (at < token.size() && token[at] == '-')
        ++at;
    if (at < token.size() && token[at] == '0')
        ++at;
    else if (!digits())
        return false;
    if (at < token.size() && token[at] == '.') {
        ++at;
        if (!digits())
            return false;
    }
    if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
        ++at;
        if (at < token.size() && (token[at] == '+' || token[at] == '-'))
            ++at;
        if (!digits())
            return false;
    }
    return at == token.size();
}

template <typename T>
bool take(simdjson::simdjson_result<T> result, T& value) {
    return std::move(result).get(value) == simdjson::SUCCESS;
}

/// Looks at every token of a value, which On-Demand doesn't do by itself. `top` gets the kind, and a string's text, of
/// the value itself.
bool validate(od::value value, std::size_t depth, JsonValue& top) {
    od::json_type type{};
    if (!take(value.type(), type))
        return false;
    switch (type) {
        case od::json_type::object: {
            top.type = JsonType::Object;
            od::object object;
            if (depth == 0 || !take(value.get_object(), object))
                return false;
            for (auto item : object) {
                od::field field;
                std::string_view name;
                JsonValue inner;
                if (std::move(item).get(field) != simdjson::SUCCESS || !take(field.unescaped_key(), name) ||
                    !validate(field.value(), depth - 1, inner))
                    return false;
            }
            return true;
        }
        case od::json_type::array: {
            top.type = JsonType::Array;
            od::array array;
            if (depth == 0 || !take(value.get_array(), array))
                return false;
            for (auto item : array) {
                od::value element;
                JsonValue inner;
                if (std::move(item).get(element) != simdjson::SUCCESS || !validate(element, depth - 1, inner))
                    return false;
            }
            return true;
        }
        case od::json_type::string: {
            top.type = JsonType::String;
            std::string_view text;
            if (!take(value.get_string(), text))
                return false;
            top.text = text;
            return true;
        }
        case od::json_type::number: top.type = JsonType::Number; return isNumber(trimmed(value.raw_json_token()));
        case od::json_type::boolean: {
            top.type = JsonType::Boolean;
            bool truth = false;
            return take(value.get_bool(), truth);
        }
        case od::json_type::null: {
            top.type = JsonType::Null;
            return trimmed(value.raw_json_token()) == "null";
        }
        default: return false;
    }
}

/// Newer simdjson skips a byte order mark, which RFC 8259 section 8.1 forbids in what is sent.
bool hasByteOrderMark(std::string_view text) { return text.substr(0, 3) == "\xef\xbb\xbf"; }

/// Runs `use` on the members of the object (or elements of the array) that `text` must be, and nothing else.
template <typename Container, typename Use>
bool eachOf(const simdjson::padded_string& text, Use&& use) {
    od::parser parser;
    od::document document;
    Container container;
    if (hasByteOrderMark(text) || !take(parser.iterate(text), document))
        return false;
    if constexpr (std::is_same_v<Container, od::object>) {
        if (!take(document.get_object(), container))
            return false;
    } else {
        if (!take(document.get_array(), container))
            return false;
    }
    for (auto item : container) {
        if (!use(std::move(item)))
            return false;
    }
    const char* rest = nullptr;
    return document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
}

/// Fills in the raw bytes in a second pass, since the first one can't go back.
bool takeRaw(od::value value, JsonValue& into) {
    std::string_view raw;
    if (simdjson::to_json_string(value).get(raw) != simdjson::SUCCESS)
        return false;
    into.raw = raw;
    return true;
}

bool sameName(std::string_view a, std::string_view b, TokenRules rules) {
    return rules == TokenRules::Product ? a == b : equalsIgnoringCase(a, b);
}

}  // namespace

std::optional<std::int64_t> JsonValue::integer() const {
    std::int64_t value = 0;
    const auto* const end = raw.data() + raw.size();
    const auto result = std::from_chars(raw.data(), end, value);
    if (type != JsonType::Number || result.ec != std::errc() || result.ptr != end)
        return std::nullopt;
    return value;
}

std::optional<double> JsonValue::number() const {
    double value = 0;
    const auto* const end = raw.data() + raw.size();
    const auto result = std::from_chars(raw.data(), end, value);
    if (type != JsonType::Number || result.ec != std::errc() || result.ptr != end)
        return std::nullopt;
    return value;
}

std::optional<JsonObject> JsonObject::parse(std::string_view text, TokenRules rules) {
    if (text.empty())
        return std::nullopt;
    JsonObject result;
    result.rules_ = rules;
    result.text_ = std::make_unique<simdjson::padded_string>(text);
    auto& members = result.members_;
    const auto depth = maxTokenJsonDepth(rules) - 1;
    const bool valid = eachOf<od::object>(*result.text_, [&](auto item) {
        od::field field;
        std::string_view name;
        if (std::move(item).get(field) != simdjson::SUCCESS || !take(field.unescaped_key(), name))
            return false;
        if (rules == TokenRules::Product &&
            std::any_of(members.begin(), members.end(), [&](const Member& other) { return other.name == name; }))
            return false;
        members.push_back({std::string(name), {}});
        return validate(field.value(), depth, members.back().value);
    });
    std::size_t index = 0;
    if (!valid || !eachOf<od::object>(*result.text_, [&](auto item) {
            od::field field;
            return std::move(item).get(field) == simdjson::SUCCESS && takeRaw(field.value(), members[index++].value);
        }))
        return std::nullopt;
    return result;
}

const JsonValue* JsonObject::findOrNull(std::string_view name) const {
    // The last one counts under Centrifugo's rules; under the product's there is but one.
    for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
        if (sameName(member->name, name, rules_))
            return &member->value;
    }
    return nullptr;
}

const JsonValue* JsonObject::find(std::string_view name) const {
    const auto* value = findOrNull(name);
    return value == nullptr || value->isNull() ? nullptr : value;
}

std::optional<JsonArray> JsonArray::parse(std::string_view text, std::size_t maxDepth) {
    if (text.empty() || maxDepth == 0)
        return std::nullopt;
    JsonArray result;
    result.text_ = std::make_unique<simdjson::padded_string>(text);
    auto& values = result.values_;
    const bool valid = eachOf<od::array>(*result.text_, [&](auto item) {
        od::value element;
        values.emplace_back();
        return std::move(item).get(element) == simdjson::SUCCESS && validate(element, maxDepth - 1, values.back());
    });
    std::size_t index = 0;
    if (!valid || !eachOf<od::array>(*result.text_, [&](auto item) {
            od::value element;
            return std::move(item).get(element) == simdjson::SUCCESS && takeRaw(element, values[index++]);
        }))
        return std::nullopt;
    return result;
}

bool isJson(std::string_view text) {
    // As the one element of an array, since On-Demand reads a scalar at the top in another way.
    const auto array = JsonArray::parse("[" + std::string(text) + "]", kMaxTokenJsonDepth + 1);
    return array && array->values().size() == 1;
}

}  // namespace xshathra::auth
