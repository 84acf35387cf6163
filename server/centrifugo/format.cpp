#include "server/centrifugo/format.h"

#include <algorithm>

namespace xshathra::centrifugo {

std::optional<Format> formatOf(std::string_view fileName) {
    const auto dot = fileName.rfind('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    std::string end(fileName.substr(dot + 1));
    std::transform(end.begin(), end.end(), end.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (end == "json")
        return Format::Json;
    if (end == "yaml" || end == "yml")
        return Format::Yaml;
    if (end == "toml")
        return Format::Toml;
    return std::nullopt;
}

Unexpected<Error> invalidConfig(std::size_t line, const std::string& message) {
    return fail("invalid_config", (line == 0 ? std::string() : "line " + std::to_string(line) + ": ") + message);
}

Result<Value> parse(std::string_view text, Format format) {
    if (text.size() > kMaxFileBytes)
        return invalidConfig(0, "the file has " + std::to_string(text.size()) + " bytes; allowed are up to " +
                                    std::to_string(kMaxFileBytes));
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark))
        text.remove_prefix(kByteOrderMark.size());
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return Value(Value::Object());
    auto value = format == Format::Json ? parseJson(text) : format == Format::Yaml ? parseYaml(text) : parseToml(text);
    if (value && value->isNull())
        return Value(Value::Object());
    if (value && value->object() == nullptr)
        return invalidConfig(1, "the file must hold an object of options");
    return value;
}

std::string write(const Value& object, Format format) {
    return format == Format::Json ? writeJson(object) : format == Format::Yaml ? writeYaml(object) : writeToml(object);
}

}  // namespace xshathra::centrifugo
