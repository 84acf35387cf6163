#include "server/centrifugo/format.h"

#include <exception>
#include <sstream>
#include <toml++/toml.h>

namespace xshathra::centrifugo {

namespace {

class Reader {
public:
    Result<Value> read(const toml::node& node, int depth) {
        const auto line = static_cast<std::size_t>(node.source().begin.line);
        if (depth > kMaxDepth)
            return invalidConfig(line, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
        if (++count_ > kMaxValues)
            return invalidConfig(line, "more than " + std::to_string(kMaxValues) + " values");
        Value value;
        if (const auto* table = node.as_table()) {
            Value::Object members;
            for (const auto& [name, item] : *table) {
                auto one = read(item, depth + 1);
                if (!one)
                    return one;
                members.push_back({std::string(name), std::move(*one)});
            }
            value = Value(std::move(members));
        } else if (const auto* array = node.as_array()) {
            Value::List items;
            for (const auto& item : *array) {
                auto one = read(item, depth + 1);
                if (!one)
                    return one;
                items.push_back(std::move(*one));
            }
            value = Value(std::move(items));
        } else if (const auto* text = node.as_string()) {
            value = Value(text->get());
        } else if (const auto* whole = node.as_integer()) {
            value = Value(whole->get());
        } else if (const auto* number = node.as_floating_point()) {
            value = Value(number->get());
        } else if (const auto* flag = node.as_boolean()) {
            value = Value(flag->get());
        } else {
            return invalidConfig(line, "dates and times are the value of no option");
        }
        value.setLine(line);
        return value;
    }

private:
    std::size_t count_ = 0;
};

toml::table tableOf(const Value& object);

toml::array arrayOf(const Value& list) {
    toml::array array;
    for (const auto& item : *list.list()) {
        if (item.object() != nullptr)
            array.push_back(tableOf(item));
        else if (item.list() != nullptr)
            array.push_back(arrayOf(item));
        else if (const auto* text = item.text())
            array.push_back(*text);
        else if (const auto* whole = item.integer())
            array.push_back(*whole);
        else if (const auto* number = item.number())
            array.push_back(*number);
        else if (const auto* flag = item.boolean())
            array.push_back(*flag);
    }
    return array;
}

toml::table tableOf(const Value& object) {
    toml::table table;
    for (const auto& member : *object.object()) {
        const auto& value = member.value;
        if (value.object() != nullptr)
            table.insert(member.name, tableOf(value));
        else if (value.list() != nullptr)
            table.insert(member.name, arrayOf(value));
        else if (const auto* text = value.text())
            table.insert(member.name, *text);
        else if (const auto* whole = value.integer())
            table.insert(member.name, *whole);
        else if (const auto* number = value.number())
            table.insert(member.name, *number);
        else if (const auto* flag = value.boolean())
            table.insert(member.name, *flag);
    }
    return table;
}

}  // namespace

Result<Value> parseToml(std::string_view text) {
    try {
        return Reader().read(toml::parse(text), 1);
    } catch (const toml::parse_error& fault) {
        return invalidConfig(static_cast<std::size_t>(fault.source().begin.line),
                             "this is no TOML: " + std::string(fault.description()));
    } catch (const std::exception& fault) {
        return invalidConfig(0, std::string("the file is no TOML: ") + fault.what());
    }
}

std::string writeToml(const Value& object) {
    std::ostringstream out;
    out << tableOf(object) << '\n';
    return out.str();
}

}  // namespace xshathra::centrifugo
