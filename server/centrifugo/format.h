#pragma once

#include "server/base/result.h"
#include "server/centrifugo/value.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::centrifugo {

/// The formats that Centrifugo reads.
enum class Format : std::uint8_t { Json, Yaml, Toml };

/// Bounds of a configuration file. A larger one is refused.
inline constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20;
inline constexpr int kMaxDepth = 64;
/// Values in a file, those that a YAML alias repeats counted each time.
inline constexpr std::size_t kMaxValues = 200'000;

/// By the file name's end: `.json`, `.yaml` and `.yml`, `.toml`, in any case. Nothing for others.
std::optional<Format> formatOf(std::string_view fileName);

/// Reads a text. An empty one is an empty object. Errors: `invalid_config`, whose message starts with the line where
/// one is known ("line 12: ..."); where the root is no object, a bound is passed, or a text is no UTF-8.
Result<Value> parse(std::string_view text, Format format);

/// Writes an object so that parse() reads the same. Null values are left out in TOML, which has none.
std::string write(const Value& object, Format format);

/// What parse() and write() consist of.
Result<Value> parseJson(std::string_view text);
Result<Value> parseYaml(std::string_view text);
Result<Value> parseToml(std::string_view text);
std::string writeJson(const Value& object);
std::string writeYaml(const Value& object);
std::string writeToml(const Value& object);

/// The error of all readers; line 0: unknown.
Unexpected<Error> invalidConfig(std::size_t line, const std::string& message);

}  // namespace xshathra::centrifugo
