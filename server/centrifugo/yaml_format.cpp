#include "server/centrifugo/format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <exception>
#include <limits>
#include <utility>
#include <yaml-cpp/yaml.h>

namespace xshathra::centrifugo {

namespace {

std::size_t lineOf(const YAML::Mark& mark) { return mark.is_null() ? 0 : static_cast<std::size_t>(mark.line) + 1; }

/// A whole number as the core schema writes it (YAML 1.2 section 10.3.2).
bool readInteger(std::string_view text, std::int64_t& out) {
    int base = 10;
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    if (text.starts_with("0x") || text.starts_with("0o")) {
        base = text[1] == 'x' ? 16 : 8;
        text.remove_prefix(2);
    }
    if (text.empty() || text.front() == '-' || text.front() == '+')
        return false;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size())
        return false;
    out = negative ? -number : number;
    return true;
}

bool readNumber(const std::string& text, double& out) {
    const auto first = text.find_first_not_of("+-");
    if (first == std::string::npos || first > 1 || (text[first] != '.' && (text[first] < '0' || text[first] > '9')))
        return false;
    const char* start = text.c_str() + (text.front() == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(start, text.c_str() + text.size(), out);
    return error == std::errc() && end == text.c_str() + text.size() && std::isfinite(out);
}

/// A plain scalar means what the core schema says; a quoted one is a text.
Value scalar(const YAML::Node& node) {
    const auto& text = node.Scalar();
    if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str")
        return Value(text);
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return {};
    if (text == "true" || text == "True" || text == "TRUE")
        return Value(true);
    if (text == "false" || text == "False" || text == "FALSE")
        return Value(false);
    std::int64_t whole = 0;
    if (readInteger(text, whole))
        return Value(whole);
    double number = 0;
    if (readNumber(text, number))
        return Value(number);
    return Value(text);
}

/// In quotes it is a name like any other.
bool isMergeKey(const YAML::Node& name) {
    return name.Scalar() == "<<" &&
           (name.Tag() == "?" || name.Tag().empty() || name.Tag() == "tag:yaml.org,2002:merge");
}

class Reader {
public:
    Result<Value> read(const YAML::Node& node, int depth) {
        if (depth > kMaxDepth)
            return invalidConfig(lineOf(node.Mark()), "nested deeper than " + std::to_string(kMaxDepth) + " levels");
        if (++count_ > kMaxValues)
            return invalidConfig(lineOf(node.Mark()), "more than " + std::to_string(kMaxValues) + " values");
        Value value;
        if (node.IsSequence()) {
            Value::List items;
            for (const auto& item : node) {
                auto one = read(item, depth + 1);
                if (!one)
                    return one;
                items.push_back(std::move(*one));
            }
            value = Value(std::move(items));
        } else if (node.IsMap()) {
            Value::Object members;
            bool hasMerge = false;
            YAML::Node merge;
            std::size_t mergeLine = 0;
            for (const auto& pair : node) {
                if (!pair.first.IsScalar())
                    return invalidConfig(lineOf(pair.first.Mark()), "the name of an option must be a text");
                if (isMergeKey(pair.first)) {
                    if (std::exchange(hasMerge, true))
                        return invalidConfig(lineOf(pair.first.Mark()),
                                             "the key \"<<\" stands here for the second time");
                    merge.reset(pair.second);
                    mergeLine = lineOf(pair.first.Mark());
                    continue;
                }
                auto one = read(pair.second, depth + 1);
                if (!one)
                    return one;
                if (one->line() == 0 || !pair.second.IsScalar())
                    one->setLine(lineOf(pair.first.Mark()));
                const auto& name = pair.first.Scalar();
                if (std::any_of(members.begin(), members.end(),
                                [&](const auto& member) { return member.name == name; }))
                    return invalidConfig(lineOf(pair.first.Mark()),
                                         "the option \"" + name + "\" stands here for the second time");
                members.push_back({name, std::move(*one)});
            }
            if (hasMerge) {
                if (auto merged = mergeInto(members, merge, mergeLine, depth); !merged)
                    return Unexpected<Error>(merged.error());
            }
            value = Value(std::move(members));
        } else if (node.IsScalar()) {
            value = scalar(node);
        }
        value.setLine(lineOf(node.Mark()));
        return value;
    }

private:
    /// A mapping, or a list of them of which the first that has a name counts (the merge type of YAML 1.1, which Go's
    /// reader knows). What stands in the mapping itself wins.
    Result<void> mergeInto(Value::Object& members, const YAML::Node& merge, std::size_t line, int depth) {
        if (merge.IsSequence()) {
            for (const auto& one : merge) {
                if (auto merged = mergeOne(members, one, line, depth); !merged)
                    return merged;
            }
            return {};
        }
        return mergeOne(members, merge, line, depth);
    }
    Result<void> mergeOne(Value::Object& members, const YAML::Node& mapping, std::size_t line, int depth) {
        if (!mapping.IsMap())
            return invalidConfig(line, "\"<<\" takes a mapping, or a list of mappings");
        auto given = read(mapping, depth + 1);
        if (!given)
            return Unexpected<Error>(given.error());
        for (auto& member : *given->object()) {
            if (std::none_of(members.begin(), members.end(), [&](const auto& own) { return own.name == member.name; }))
                members.push_back(std::move(member));
        }
        return {};
    }

    std::size_t count_ = 0;
};

/// Whether a plain scalar of this text would be read as something else, or not at all.
bool needsQuotes(const std::string& text) {
    YAML::Node node(text);
    node.SetTag("?");
    return scalar(node).text() == nullptr || text.find_first_of(":#{}[],&*!|>'\"%@`\n\t\\$") != std::string::npos ||
           text.starts_with(' ') || text.ends_with(' ') || text.starts_with('-') || text.starts_with('?');
}

void emit(YAML::Emitter& out, const Value& value) {
    if (const auto* members = value.object()) {
        out << YAML::BeginMap;
        for (const auto& member : *members) {
            out << YAML::Key << member.name << YAML::Value;
            emit(out, member.value);
        }
        out << YAML::EndMap;
    } else if (const auto* items = value.list()) {
        out << (items->empty() ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
        for (const auto& item : *items)
            emit(out, item);
        out << YAML::EndSeq;
    } else if (const auto* text = value.text()) {
        if (needsQuotes(*text))
            out << YAML::DoubleQuoted;
        out << *text;
    } else if (const auto* whole = value.integer()) {
        out << *whole;
    } else if (const auto* flag = value.boolean()) {
        out << *flag;
    } else if (value.isNull()) {
        out << YAML::Null;
    } else {
        out << value.toJson();
    }
}

}  // namespace

Result<Value> parseYaml(std::string_view text) {
    try {
        return Reader().read(YAML::Load(std::string(text)), 1);
    } catch (const YAML::Exception& fault) {
        return invalidConfig(lineOf(fault.mark), "this is no YAML: " + fault.msg);
    } catch (const std::exception& fault) {
        return invalidConfig(0, std::string("the file is no YAML: ") + fault.what());
    }
}

std::string writeYaml(const Value& object) {
    YAML::Emitter out;
    emit(out, object);
    return std::string(out.c_str(), out.size()) + "\n";
}

}  // namespace xshathra::centrifugo
