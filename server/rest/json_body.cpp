#include "server/rest/json_body.h"

#include "server/protocol/json.h"
#include "server/protocol/json_value.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

namespace xshathra::rest {

namespace {

constexpr std::size_t kUnknownNamesKept = 16;
constexpr std::size_t kExcerptBytes = 60;

/// `userId`, `user_id` and `UserID` are one name to people.
std::string folded(std::string_view name) {
    std::string result;
    for (const char c : name) {
        if (c != '_' && c != '-')
            result += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return result;
}

bool looksLike(std::string_view found, std::string_view wanted) {
    const auto a = folded(found);
    const auto b = folded(wanted);
    return a == b || (a.size() >= 3 && b.starts_with(a)) || (b.size() >= 3 && a.starts_with(b));
}

std::string jsonQuoted(std::string_view text) {
    std::string result;
    protocol::appendJsonString(result, text);
    return result;
}

}  // namespace

std::string excerpt(std::string_view value) {
    value = protocol::trimmedJson(value);
    if (value.size() <= kExcerptBytes)
        return std::string(value);
    auto cut = kExcerptBytes;
    // Not inside a UTF-8 sequence.
    while (cut > 0 && (static_cast<unsigned char>(value[cut]) & 0xC0) == 0x80)
        --cut;
    return std::string(value.substr(0, cut)) + "...";
}

Result<JsonBody> JsonBody::parse(const SharedBytes& body, std::span<const FieldSpec> spec) {
    if (protocol::trimmedJson(body.view()).empty())
        return fail("invalid_json", "The body is empty; send a JSON object.");
    if (!protocol::isValidJson(body.view()))
        return fail(
            "invalid_json",
            "The body is not valid JSON; send one JSON object in UTF-8, with names and texts in double quotes.");

    const simdjson::padded_string padded(body.view());
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(padded).get(document) || document.get_object().get(object))
        return fail("invalid_json",
                    "The body is " + excerpt(body.view()) + "; send a JSON object, as in {\"name\": \"value\"}.");

    JsonBody result;
    result.spec_ = spec;
    for (auto field : object) {
        std::string_view name;
        std::string_view raw;
        if (field.unescaped_key().get(name))
            return fail("invalid_json", "A field's name in the body is not valid text.");
        const std::string key(name);
        if (protocol::rawJsonOf(field.value()).get(raw))
            return fail("invalid_json", "The value of a field in the body is not valid JSON.", key);
        const bool known = std::any_of(spec.begin(), spec.end(), [&](const FieldSpec& one) { return one.name == key; });
        if (!known) {
            if (result.unknown_.size() < kUnknownNamesKept)
                result.unknown_.push_back(key);
            continue;
        }
        if (result.find(key) != nullptr)
            return fail("duplicate_field", key + " stands twice in the body; send it once.", key);
        raw = protocol::trimmedJson(raw);
        result.members_.push_back({key, body.slice(static_cast<std::size_t>(raw.data() - padded.data()), raw.size())});
    }
    return result;
}

const JsonBody::Member* JsonBody::find(std::string_view name) const {
    const auto found =
        std::find_if(members_.begin(), members_.end(), [&](const Member& member) { return member.name == name; });
    return found == members_.end() ? nullptr : &*found;
}

const JsonBody::Member* JsonBody::findUnlessNull(std::string_view name) const {
    const auto* member = find(name);
    return member != nullptr && member->raw.view() == "null" ? nullptr : member;
}

std::string_view JsonBody::allowed(std::string_view name) const {
    const auto found = std::find_if(spec_.begin(), spec_.end(), [&](const FieldSpec& one) { return one.name == name; });
    return found == spec_.end() ? std::string_view("something else") : found->allowed;
}

Error JsonBody::missing(std::string_view name) const {
    std::string message(name);
    const auto hint = std::find_if(unknown_.begin(), unknown_.end(),
                                   [&](const std::string& found) { return looksLike(found, name); });
    if (find(name) != nullptr)
        message += " is null";
    else if (hint != unknown_.end())
        message += " is missing (found " + jsonQuoted(*hint) + " instead)";
    else
        message += " is missing";
    message += "; it has to be ";
    message += allowed(name);
    message += '.';
    return {"invalid_argument", std::move(message), std::string(name)};
}

Error JsonBody::refused(std::string_view name) const {
    const auto* member = find(name);
    std::string message(name);
    message += " is ";
    message += member == nullptr ? std::string("missing") : excerpt(member->raw.view());
    message += "; it has to be ";
    message += allowed(name);
    message += '.';
    return {"invalid_argument", std::move(message), std::string(name)};
}

Result<std::optional<std::string>> JsonBody::text(std::string_view name) const {
    const auto* member = findUnlessNull(name);
    if (member == nullptr)
        return std::optional<std::string>();
    simdjson::dom::parser parser;
    std::string_view value;
    if (parser.parse(simdjson::padded_string(member->raw.view())).get_string().get(value))
        return Unexpected<Error>(refused(name));
    return std::optional<std::string>(std::string(value));
}

Result<std::string> JsonBody::requiredText(std::string_view name) const {
    auto value = text(name);
    if (!value)
        return Unexpected<Error>(std::move(value).error());
    if (!value->has_value())
        return Unexpected<Error>(missing(name));
    return std::move(**value);
}

Result<std::optional<std::int64_t>> JsonBody::integer(std::string_view name) const {
    const auto* member = findUnlessNull(name);
    if (member == nullptr)
        return std::optional<std::int64_t>();
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    if (parser.parse(simdjson::padded_string(member->raw.view())).get(element))
        return Unexpected<Error>(refused(name));
    std::int64_t whole = 0;
    if (!element.get_int64().get(whole))
        return std::optional<std::int64_t>(whole);
    // JavaScript and JSON don't tell 900.0 from 900. Beyond 2^53 a double is no exact whole number any more.
    double number = 0;
    constexpr double kExact = 9007199254740992.0;
    if (!element.is_double() || element.get_double().get(number) || std::trunc(number) != number ||
        std::abs(number) > kExact)
        return Unexpected<Error>(refused(name));
    return std::optional<std::int64_t>(static_cast<std::int64_t>(number));
}

Result<std::optional<bool>> JsonBody::boolean(std::string_view name) const {
    const auto* member = findUnlessNull(name);
    if (member == nullptr)
        return std::optional<bool>();
    if (member->raw.view() == "true")
        return std::optional<bool>(true);
    if (member->raw.view() == "false")
        return std::optional<bool>(false);
    return Unexpected<Error>(refused(name));
}

Result<std::optional<std::vector<std::string>>> JsonBody::texts(std::string_view name) const {
    const auto* member = findUnlessNull(name);
    if (member == nullptr)
        return std::optional<std::vector<std::string>>();
    simdjson::dom::parser parser;
    simdjson::dom::array array;
    if (parser.parse(simdjson::padded_string(member->raw.view())).get_array().get(array))
        return Unexpected<Error>(refused(name));
    std::vector<std::string> values;
    for (const auto element : array) {
        std::string_view value;
        if (element.get_string().get(value)) {
            auto error = refused(name);
            error.message = std::string(name) + "[" + std::to_string(values.size()) + "] is " +
                            excerpt(simdjson::to_string(element)) + "; " + std::string(name) + " has to be " +
                            std::string(allowed(name)) + ".";
            return Unexpected<Error>(std::move(error));
        }
        values.emplace_back(value);
    }
    return std::optional<std::vector<std::string>>(std::move(values));
}

Result<std::optional<std::map<std::string, std::string>>> JsonBody::textMap(std::string_view name) const {
    const auto* member = findUnlessNull(name);
    if (member == nullptr)
        return std::optional<std::map<std::string, std::string>>();
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(simdjson::padded_string(member->raw.view())).get_object().get(object))
        return Unexpected<Error>(refused(name));
    std::map<std::string, std::string> values;
    for (const auto field : object) {
        std::string_view value;
        if (field.value.get_string().get(value)) {
            auto error = refused(name);
            error.message = std::string(name) + "." + excerpt(field.key) + " is " +
                            excerpt(simdjson::to_string(field.value)) + "; " + std::string(name) + " has to be " +
                            std::string(allowed(name)) + ".";
            return Unexpected<Error>(std::move(error));
        }
        values.insert_or_assign(std::string(field.key), std::string(value));
    }
    return std::optional<std::map<std::string, std::string>>(std::move(values));
}

Result<std::optional<SharedBytes>> JsonBody::rawObject(std::string_view name) const {
    const auto* member = findUnlessNull(name);
    if (member == nullptr)
        return std::optional<SharedBytes>();
    if (!member->raw.view().starts_with('{'))
        return Unexpected<Error>(refused(name));
    return std::optional<SharedBytes>(member->raw);
}

std::optional<SharedBytes> JsonBody::rawValue(std::string_view name) const {
    const auto* member = find(name);
    return member == nullptr ? std::nullopt : std::optional<SharedBytes>(member->raw);
}

}  // namespace xshathra::rest
