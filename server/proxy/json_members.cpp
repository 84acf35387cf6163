#include "server/proxy/json_members.h"

#include "server/base/ascii.h"
#include "server/protocol/json.h"
#include "server/protocol/json_value.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace xshathra::proxy {

namespace {

bool isNull(const SharedBytes& json) { return json.view() == "null"; }

bool readText(std::string_view json, std::string& out) {
    simdjson::dom::parser parser;
    std::string_view text;
    if (json.empty() || json.front() != '"' || parser.parse(simdjson::padded_string(json)).get_string().get(text))
        return false;
    out = text;
    return true;
}

template <typename Number>
bool readNumber(std::string_view json, Number& out) {
    Number number{};
    const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
    if (error != std::errc() || end != json.data() + json.size())
        return false;
    out = number;
    return true;
}

/// The bytes of a value that was found in `padded`, a copy of `json`; false when it can't be read.
bool takeRaw(simdjson::ondemand::value value, const simdjson::padded_string& padded, const SharedBytes& json,
             SharedBytes& out) {
    std::string_view raw;
    if (protocol::rawJsonOf(value).get(raw))
        return false;
    raw = protocol::trimmedJson(raw);
    out = json.slice(std::size_t(raw.data() - padded.data()), raw.size());
    return true;
}

/// The elements of an array, or nothing when it is none.
std::optional<std::vector<SharedBytes>> elementsOf(const SharedBytes& json) {
    const simdjson::padded_string padded(json.view());
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::array array;
    if (parser.iterate(padded).get(document) || document.get_array().get(array))
        return std::nullopt;
    std::vector<SharedBytes> elements;
    for (auto element : array) {
        simdjson::ondemand::value value;
        if (std::move(element).get(value) || !takeRaw(value, padded, json, elements.emplace_back()))
            return std::nullopt;
    }
    return elements;
}

}  // namespace

std::optional<JsonMembers> JsonMembers::parse(const SharedBytes& json) {
    JsonMembers result;
    if (protocol::trimmedJson(json.view()) == "null")
        return result;
    const simdjson::padded_string padded(json.view());
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(padded).get(document) || document.get_object().get(object))
        return std::nullopt;
    for (auto field : object) {
        std::string_view name;
        if (field.unescaped_key().get(name))
            return std::nullopt;
        auto& member = result.members_.emplace_back(name, SharedBytes());
        simdjson::ondemand::value value;
        if (field.value().get(value) || !takeRaw(value, padded, json, member.second))
            return std::nullopt;
    }
    return result;
}

const SharedBytes* JsonMembers::raw(std::string_view name) const {
    const auto found = std::find_if(members_.rbegin(), members_.rend(),
                                    [name](const auto& member) { return equalsIgnoringCase(member.first, name); });
    return found == members_.rend() ? nullptr : &found->second;
}

const SharedBytes* JsonMembers::value(std::string_view name) const {
    const auto* found = raw(name);
    return found == nullptr || isNull(*found) ? nullptr : found;
}

bool JsonMembers::read(std::string_view name, std::string& out) const {
    const auto* found = value(name);
    return found == nullptr || readText(found->view(), out);
}

bool JsonMembers::read(std::string_view name, bool& out) const {
    const auto* found = value(name);
    if (found == nullptr)
        return true;
    out = found->view() == "true";
    return out || found->view() == "false";
}

bool JsonMembers::read(std::string_view name, std::int64_t& out) const {
    const auto* found = value(name);
    return found == nullptr || readNumber(found->view(), out);
}

bool JsonMembers::read(std::string_view name, std::uint64_t& out) const {
    const auto* found = value(name);
    return found == nullptr || readNumber(found->view(), out);
}

bool JsonMembers::read(std::string_view name, std::uint32_t& out) const {
    const auto* found = value(name);
    return found == nullptr || readNumber(found->view(), out);
}

bool JsonMembers::read(std::string_view name, std::vector<std::string>& out) const {
    const auto* found = value(name);
    if (found == nullptr)
        return true;
    const auto elements = elementsOf(*found);
    if (!elements)
        return false;
    out.clear();
    for (const auto& element : *elements) {
        std::string text;
        if (!isNull(element) && !readText(element.view(), text))
            return false;
        out.push_back(std::move(text));
    }
    return true;
}

bool JsonMembers::read(std::string_view name, std::map<std::string, std::string>& out) const {
    const auto* found = value(name);
    if (found == nullptr)
        return true;
    const auto members = parse(*found);
    if (!members)
        return false;
    for (const auto& [key, json] : members->members_) {
        std::string text;
        if (!isNull(json) && !readText(json.view(), text))
            return false;
        out[key] = std::move(text);
    }
    return true;
}

bool JsonMembers::read(std::string_view name, std::optional<JsonMembers>& out) const {
    const auto* found = value(name);
    if (found == nullptr)
        return true;
    out = parse(*found);
    return out.has_value();
}

bool JsonMembers::read(std::string_view name, std::vector<JsonMembers>& out) const {
    const auto* found = value(name);
    if (found == nullptr)
        return true;
    const auto elements = elementsOf(*found);
    if (!elements)
        return false;
    for (const auto& element : *elements) {
        auto members = parse(element);
        if (!members)
            return false;
        out.push_back(std::move(*members));
    }
    return true;
}

void JsonMembers::readRaw(std::string_view name, std::optional<SharedBytes>& out) const {
    if (const auto* found = raw(name))
        out = protocol::stripLineBreaks(*found);
}

}  // namespace xshathra::proxy
