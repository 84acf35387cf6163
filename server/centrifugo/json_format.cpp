#include "server/centrifugo/format.h"

#include <simdjson.h>

#include <algorithm>
#include <optional>

namespace xshathra::centrifugo {

namespace {

namespace ondemand = simdjson::ondemand;

/// Turns a text that the DOM parser has accepted into values, with the line of each.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::optional<Value> read(ondemand::value& from, int depth) {
        if (depth > kMaxDepth || ++count_ > kMaxValues)
            return std::nullopt;
        const auto line = moveTo(from.raw_json_token().data());
        ondemand::json_type type{};
        if (from.type().get(type) != simdjson::SUCCESS)
            return std::nullopt;
        auto value = type == ondemand::json_type::object  ? object(from, depth)
                     : type == ondemand::json_type::array ? list(from, depth)
                                                          : scalar(from, type);
        if (value)
            value->setLine(line);
        return value;
    }

    /// The line of a place in the text; places only go forward.
    std::size_t moveTo(const char* place) {
        if (place >= position_ && place <= text_.data() + text_.size()) {
            line_ += static_cast<std::size_t>(std::count(position_, place, '\n'));
            position_ = place;
        }
        return line_;
    }

private:
    std::optional<Value> object(ondemand::value& from, int depth) {
        ondemand::object members;
        if (from.get_object().get(members) != simdjson::SUCCESS)
            return std::nullopt;
        Value::Object result;
        for (auto item : members) {
            ondemand::field field;
            std::string_view name;
            if (std::move(item).get(field) != simdjson::SUCCESS)
                return std::nullopt;
            moveTo(field.key().raw());
            if (field.unescaped_key().get(name) != simdjson::SUCCESS)
                return std::nullopt;
            std::string own(name);
            auto value = read(field.value(), depth + 1);
            if (!value)
                return std::nullopt;
            // As with Centrifugo's reader, the last one of a name counts.
            const auto same =
                std::find_if(result.begin(), result.end(), [&](const auto& member) { return member.name == own; });
            if (same != result.end())
                same->value = std::move(*value);
            else
                result.push_back({std::move(own), std::move(*value)});
        }
        return Value(std::move(result));
    }

    std::optional<Value> list(ondemand::value& from, int depth) {
        ondemand::array items;
        if (from.get_array().get(items) != simdjson::SUCCESS)
            return std::nullopt;
        Value::List result;
        for (auto item : items) {
            ondemand::value element;
            if (std::move(item).get(element) != simdjson::SUCCESS)
                return std::nullopt;
            auto value = read(element, depth + 1);
            if (!value)
                return std::nullopt;
            result.push_back(std::move(*value));
        }
        return Value(std::move(result));
    }

    static std::optional<Value> scalar(ondemand::value& from, ondemand::json_type type) {
        if (type == ondemand::json_type::null)
            return Value();
        if (type == ondemand::json_type::boolean) {
            bool value = false;
            return from.get_bool().get(value) == simdjson::SUCCESS ? std::optional(Value(value)) : std::nullopt;
        }
        if (type == ondemand::json_type::string) {
            std::string_view value;
            return from.get_string().get(value) == simdjson::SUCCESS ? std::optional(Value(std::string(value)))
                                                                     : std::nullopt;
        }
        std::int64_t whole = 0;
        if (from.get_int64().get(whole) == simdjson::SUCCESS)
            return Value(whole);
        double number = 0;
        return from.get_double().get(number) == simdjson::SUCCESS ? std::optional(Value(number)) : std::nullopt;
    }

    std::string_view text_;
    const char* position_ = text_.data();
    std::size_t line_ = 1;
    std::size_t count_ = 0;
};

std::string indented(const Value& value, std::size_t depth) {
    const std::string inner(2 * (depth + 1), ' ');
    const std::string outer(2 * depth, ' ');
    const auto* members = value.object();
    const auto* items = value.list();
    const bool flat = items != nullptr && std::all_of(items->begin(), items->end(), [](const Value& item) {
                          return item.object() == nullptr && item.list() == nullptr;
                      });
    if ((members == nullptr && items == nullptr) || flat || (members != nullptr && members->empty()))
        return value.toJson();
    std::string json;
    if (members != nullptr) {
        for (const auto& member : *members)
            json += (json.empty() ? "{\n" : ",\n") + inner + jsonText(member.name) + ": " +
                    indented(member.value, depth + 1);
        return json + "\n" + outer + "}";
    }
    for (const auto& item : *items)
        json += (json.empty() ? "[\n" : ",\n") + inner + indented(item, depth + 1);
    return json + "\n" + outer + "]";
}

}  // namespace

Result<Value> parseJson(std::string_view text) {
    const simdjson::padded_string padded(text);
    simdjson::dom::parser checker;
    simdjson::dom::element checked;
    const auto fault = checker.allocate(text.size(), kMaxDepth + 1) == simdjson::SUCCESS
                           ? checker.parse(padded).get(checked)
                           : simdjson::MEMALLOC;
    const std::string_view view(padded.data(), padded.size());
    Reader reader(view);
    ondemand::parser parser;
    ondemand::document document;
    if (parser.iterate(padded).get(document) == simdjson::SUCCESS) {
        ondemand::value root;
        std::optional<Value> value;
        if (document.get_value().get(root) == simdjson::SUCCESS)
            value = reader.read(root, 1);
        if (value && fault == simdjson::SUCCESS)
            return std::move(*value);
        const char* place = nullptr;
        if (fault != simdjson::SUCCESS && !value && document.current_location().get(place) == simdjson::SUCCESS)
            return invalidConfig(reader.moveTo(place),
                                 std::string("this is no JSON: ") + simdjson::error_message(fault));
    }
    if (fault != simdjson::SUCCESS)
        return invalidConfig(0, std::string("the file is no JSON: ") + simdjson::error_message(fault));
    return invalidConfig(0, "the file is nested deeper than " + std::to_string(kMaxDepth) +
                                " levels or has more than " + std::to_string(kMaxValues) + " values, or is no object");
}

std::string writeJson(const Value& object) { return indented(object, 0) + "\n"; }

}  // namespace xshathra::centrifugo
