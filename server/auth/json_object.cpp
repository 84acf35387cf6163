#include "server/auth/json_object.h"

#include <algorithm>

namespace xshathra::auth {

namespace {

std::optional<simdjson::dom::element> parseWith(simdjson::dom::parser& parser, const simdjson::padded_string& text) {
    simdjson::dom::element root;
    // Newer simdjson skips a byte order mark, which RFC 8259 section 8.1 forbids in what is sent.
    if (std::string_view(text).substr(0, 3) == "\xef\xbb\xbf" ||
        parser.allocate(text.size(), kMaxTokenJsonDepth) != simdjson::SUCCESS ||
        parser.parse(text).get(root) != simdjson::SUCCESS)
        return std::nullopt;
    return root;
}

/// The texts of an object's values in order. The text must have passed the DOM parser: this one looks at structure
/// alone.
bool collectRaw(const simdjson::padded_string& text, std::vector<std::string_view>& raw) {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(text).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS)
        return false;
    for (auto item : object) {
        simdjson::ondemand::field field;
        std::string_view part;
        if (std::move(item).get(field) != simdjson::SUCCESS ||
            simdjson::to_json_string(field.value()).get(part) != simdjson::SUCCESS)
            return false;
        raw.push_back(part);
    }
    return true;
}

}  // namespace

std::optional<JsonObject> JsonObject::parse(std::string_view text) {
    if (text.empty())
        return std::nullopt;
    JsonObject result;
    result.text_ = std::make_unique<simdjson::padded_string>(text);
    result.parser_ = std::make_unique<simdjson::dom::parser>();
    const auto root = parseWith(*result.parser_, *result.text_);
    simdjson::dom::object object;
    if (!root || root->get_object().get(object) != simdjson::SUCCESS)
        return std::nullopt;
    std::vector<std::string_view> raw;
    if (!collectRaw(*result.text_, raw))
        return std::nullopt;
    std::size_t index = 0;
    for (const auto field : object) {
        const auto isSame = [&](const Member& member) { return member.name == field.key; };
        if (index == raw.size() || std::any_of(result.members_.begin(), result.members_.end(), isSame))
            return std::nullopt;
        result.members_.push_back({std::string(field.key), field.value, raw[index++]});
    }
    return result;
}

const JsonObject::Member* JsonObject::find(std::string_view name) const {
    for (const auto& member : members_) {
        if (member.name == name)
            return member.value.is_null() ? nullptr : &member;
    }
    return nullptr;
}

bool isJson(std::string_view text) {
    if (text.empty())
        return false;
    simdjson::dom::parser parser;
    return parseWith(parser, simdjson::padded_string(text)).has_value();
}

}  // namespace xshathra::auth
