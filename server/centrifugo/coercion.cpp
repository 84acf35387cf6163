#include "server/centrifugo/document.h"
#include "server/centrifugo/format.h"
#include "server/services/duration_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace xshathra::centrifugo {

namespace {

constexpr std::int64_t kMaxUnsigned = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t kNanosecondsInMillisecond = 1'000'000;
constexpr const char* kGiveDuration =
    "give a duration from 0 up, exact to the millisecond, such as \"300ms\", \"25s\", \"10m\" or \"1h30m\"";
constexpr const char* kGiveFlag = "give true or false";
constexpr const char* kGiveInteger = "give a whole number";
constexpr const char* kGiveUnsigned = "give a whole number from 0 to 4294967295";

Unexpected<std::string> give(const char* what) { return Unexpected<std::string>(what); }

/// What Go's strconv.ParseBool takes.
std::optional<bool> readFlag(std::string_view text) {
    constexpr std::array<std::string_view, 6> yes{"1", "t", "T", "true", "TRUE", "True"};
    constexpr std::array<std::string_view, 6> no{"0", "f", "F", "false", "FALSE", "False"};
    if (std::find(yes.begin(), yes.end(), text) != yes.end())
        return true;
    if (std::find(no.begin(), no.end(), text) != no.end())
        return false;
    return std::nullopt;
}

/// What Go's strconv.ParseInt takes with base 0: a prefix decides, underscores are passed over.
std::optional<std::int64_t> readInteger(std::string text) {
    text.erase(std::remove(text.begin(), text.end(), '_'), text.end());
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+'))
        rest.remove_prefix(1);
    int base = 10;
    if (rest.size() > 1 && rest.front() == '0') {
        const char letter = static_cast<char>(rest[1] | 0x20);
        base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
        rest.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, base);
    if (error != std::errc() || rest.empty() || rest.front() == '-' || end != rest.data() + rest.size())
        return std::nullopt;
    return negative ? -number : number;
}

Expected<Value, std::string> integer(std::int64_t number, Kind kind) {
    if (kind == Kind::Unsigned && (number < 0 || number > kMaxUnsigned))
        return give(kGiveUnsigned);
    return Value(number);
}

Expected<Value, std::string> flagOf(const Value& value) {
    if (const auto* flag = value.boolean())
        return Value(*flag);
    if (const auto* number = value.integer())
        return Value(*number != 0);
    if (const auto* text = value.text()) {
        if (text->empty())
            return Value(false);
        if (const auto flag = readFlag(*text))
            return Value(*flag);
    }
    return give(kGiveFlag);
}

Expected<Value, std::string> integerOf(const Value& value, Kind kind) {
    const auto* expected = kind == Kind::Unsigned ? kGiveUnsigned : kGiveInteger;
    if (const auto* number = value.integer())
        return integer(*number, kind);
    if (const auto* flag = value.boolean())
        return Value(std::int64_t(*flag ? 1 : 0));
    if (const auto* number = value.number()) {
        if (std::abs(*number) < 9e15)
            return integer(static_cast<std::int64_t>(*number), kind);
        return give(expected);
    }
    if (const auto* text = value.text()) {
        if (const auto number = readInteger(text->empty() ? "0" : *text))
            return integer(*number, kind);
    }
    return give(expected);
}

Expected<Value, std::string> textOf(const Value& value) {
    if (const auto* text = value.text())
        return Value(*text);
    if (const auto* flag = value.boolean())
        return Value(std::string(*flag ? "1" : "0"));
    if (value.integer() != nullptr || value.number() != nullptr)
        return Value(value.toJson());
    return give("give a text");
}

Expected<Value, std::string> durationOf(const Value& value) {
    Milliseconds duration{};
    if (const auto* text = value.text()) {
        if (services::parseDuration(*text, duration))
            return Value(*text);
        return give(kGiveDuration);
    }
    if (const auto* number = value.integer()) {
        if (*number >= 0 && *number % kNanosecondsInMillisecond == 0)
            return Value(services::formatDuration(Milliseconds(*number / kNanosecondsInMillisecond)));
    }
    return give(kGiveDuration);
}

Expected<Value, std::string> textListOf(const Value& value) {
    Value::List texts;
    if (const auto* items = value.list()) {
        for (const auto& item : *items) {
            auto text = textOf(item);
            if (!text)
                return give("give a list of texts");
            texts.push_back(std::move(*text));
        }
        return Value(std::move(texts));
    }
    auto text = textOf(value);
    if (!text)
        return give("give a list of texts");
    texts.push_back(std::move(*text));
    return Value(std::move(texts));
}

/// From an object, or from a list of `{"key": ..., "value": ...}`, or from either as a JSON text.
Expected<Value, std::string> textMapOf(const Value& value) {
    constexpr const char* kGive = "give an object whose values are texts";
    if (const auto* text = value.text()) {
        const auto parsed = text->empty() ? Result<Value>(Value(Value::Object())) : parse(*text, Format::Json);
        return parsed && parsed->text() == nullptr ? textMapOf(*parsed) : give(kGive);
    }
    Value::Object result;
    if (const auto* members = value.object()) {
        for (const auto& member : *members) {
            if (member.value.text() == nullptr)
                return give(kGive);
            result.push_back({member.name, Value(*member.value.text())});
        }
        return Value(std::move(result));
    }
    if (const auto* items = value.list()) {
        for (const auto& item : *items) {
            const auto* key = item.find("key");
            const auto* content = item.find("value");
            if (key == nullptr || content == nullptr || key->text() == nullptr || content->text() == nullptr)
                return give(kGive);
            result.push_back({*key->text(), Value(*content->text())});
        }
        return Value(std::move(result));
    }
    return give(kGive);
}

}  // namespace

Expected<Value, std::string> coerce(Kind kind, const Value& value) {
    switch (kind) {
        case Kind::Bool: return flagOf(value);
        case Kind::Integer:
        case Kind::Unsigned: return integerOf(value, kind);
        case Kind::Text:
        case Kind::Pem: return textOf(value);
        case Kind::Duration: return durationOf(value);
        case Kind::TextList: return textListOf(value);
        case Kind::TextMap: return textMapOf(value);
        case Kind::Object:
            return value.object() != nullptr ? Expected<Value, std::string>(value) : give("give an object of options");
        case Kind::ObjectList:
        case Kind::NamedList:
            if (value.object() != nullptr)
                return Value(Value::List{value});
            return value.list() != nullptr ? Expected<Value, std::string>(value) : give("give a list of objects");
    }
    return give("");
}

Expected<Value, std::string> coerceText(Kind kind, const std::string& text) {
    const auto words = [&text] {
        Value::List list;
        std::size_t start = 0;
        while (start <= text.size()) {
            const auto end = std::min(text.find(' ', start), text.size());
            list.emplace_back(text.substr(start, end - start));
            start = end + 1;
        }
        return list;
    };
    if (kind == Kind::TextList)
        return Value(words());
    if (kind == Kind::ObjectList || kind == Kind::NamedList) {
        if (text.starts_with('[') && text.ends_with(']')) {
            const auto parsed = parseJson("{\"list\":" + text + "}");
            return parsed ? Expected<Value, std::string>(*parsed->find("list"))
                          : Unexpected<std::string>("give a JSON array of objects");
        }
        if (kind == Kind::ObjectList)
            return give("give a JSON array of objects");
        Value::List named;
        for (auto& word : words())
            named.emplace_back(Value::Object{{"name", std::move(word)}});
        return Value(std::move(named));
    }
    return coerce(kind, Value(text));
}

bool isZero(Kind kind, const Value& value) {
    if (value.isNull())
        return true;
    if (const auto* flag = value.boolean())
        return !*flag;
    if (const auto* number = value.integer())
        return *number == 0;
    if (const auto* items = value.list())
        return items->empty();
    if (const auto* members = value.object())
        return members->empty();
    if (const auto* text = value.text()) {
        Milliseconds duration{};
        return text->empty() ||
               (kind == Kind::Duration && services::parseDuration(*text, duration) && duration.count() == 0);
    }
    return false;
}

bool isDefault(const OptionSpec& option, const Value& value) {
    if (option.fallback.empty())
        return isZero(option.kind, value);
    const auto fallback = coerceText(option.kind, std::string(option.fallback));
    if (option.kind != Kind::Duration || value.text() == nullptr || !fallback)
        return fallback && *fallback == value;
    Milliseconds given{};
    Milliseconds usual{};
    return services::parseDuration(*value.text(), given) && services::parseDuration(*fallback->text(), usual) &&
           given == usual;
}

}  // namespace xshathra::centrifugo
