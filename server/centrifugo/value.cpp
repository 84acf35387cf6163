#include "server/centrifugo/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace xshathra::centrifugo {

namespace {

/// The first name of a path, taken off it.
std::string_view takeName(std::string_view& path) {
    const auto end = std::min(path.find('.'), path.size());
    const auto name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    return name;
}

std::string textOf(double number) {
    if (!std::isfinite(number))
        return "null";
    char buffer[64];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
    std::string text(buffer, error == std::errc() ? end : buffer);
    if (text.find_first_of(".en") == std::string::npos)
        text += ".0";
    return text;
}

}  // namespace

Value::Value(bool value) : content_(value) {}
Value::Value(std::int64_t value) : content_(value) {}
Value::Value(double value) : content_(value) {}
Value::Value(std::string value) : content_(std::move(value)) {}
Value::Value(List value) : content_(std::move(value)) {}
Value::Value(Object value) : content_(std::move(value)) {}

const Value* Value::find(std::string_view name) const {
    const auto* members = object();
    if (members == nullptr)
        return nullptr;
    const auto found =
        std::find_if(members->begin(), members->end(), [&](const auto& one) { return one.name == name; });
    return found == members->end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view name) { return const_cast<Value*>(std::as_const(*this).find(name)); }

const Value* Value::at(std::string_view path) const {
    const auto* value = this;
    while (value != nullptr && !path.empty()) {
        auto name = takeName(path);
        const auto bracket = name.find('[');
        value = value->find(name.substr(0, std::min(bracket, name.size())));
        if (value == nullptr || bracket == std::string_view::npos)
            continue;
        std::size_t index = 0;
        name.remove_prefix(bracket + 1);
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
        const auto* items = value->list();
        if (error != std::errc() || end == name.data() || items == nullptr || index >= items->size())
            return nullptr;
        value = &(*items)[index];
    }
    return value;
}

void Value::set(std::string_view path, Value value) {
    const auto name = takeName(path);
    if (object() == nullptr)
        content_ = Object();
    auto* member = find(name);
    if (member == nullptr) {
        object()->push_back({std::string(name), Value()});
        member = &object()->back().value;
    }
    if (path.empty())
        *member = std::move(value);
    else
        member->set(path, std::move(value));
}

void Value::remove(std::string_view path) {
    const auto name = takeName(path);
    auto* member = find(name);
    if (member == nullptr)
        return;
    if (!path.empty()) {
        member->remove(path);
        if (member->object() == nullptr || !member->object()->empty())
            return;
    }
    auto& members = *object();
    members.erase(std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.name == name; }));
}

std::string Value::toJson() const {
    if (const auto* value = boolean())
        return *value ? "true" : "false";
    if (const auto* value = integer())
        return std::to_string(*value);
    if (const auto* value = number())
        return textOf(*value);
    if (const auto* value = text())
        return jsonText(*value);
    std::string json;
    if (const auto* items = list()) {
        for (const auto& item : *items)
            json += (json.empty() ? "[" : ",") + item.toJson();
        return json.empty() ? "[]" : json + "]";
    }
    if (const auto* members = object()) {
        for (const auto& member : *members)
            json += (json.empty() ? "{" : ",") + jsonText(member.name) + ":" + member.value.toJson();
        return json.empty() ? "{}" : json + "}";
    }
    return "null";
}

bool operator==(const Value& a, const Value& b) {
    const auto* left = a.object();
    const auto* right = b.object();
    if (left == nullptr || right == nullptr)
        return a.content_ == b.content_;
    return left->size() == right->size() && std::all_of(left->begin(), left->end(), [&](const auto& member) {
               const auto* other = b.find(member.name);
               return other != nullptr && member.value == *other;
           });
}

std::string jsonText(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string json = "\"";
    for (const char c : text) {
        switch (c) {
            case '"': json += "\\\""; break;
            case '\\': json += "\\\\"; break;
            case '\n': json += "\\n"; break;
            case '\r': json += "\\r"; break;
            case '\t': json += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    json += "\\u00";
                    json += digits[static_cast<unsigned char>(c) >> 4];
                    json += digits[c & 15];
                } else {
                    json += c;
                }
        }
    }
    return json + '"';
}

}  // namespace xshathra::centrifugo
