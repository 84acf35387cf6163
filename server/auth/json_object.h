#pragma once

#include "server/auth/token_rules.h"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::auth {

enum class JsonType : std::uint8_t { Null, Boolean, Number, String, Array, Object };

/// A value inside a JSON text: its kind, and its bytes as they stand there, so that numbers of any length pass
/// untouched.
struct JsonValue {
    JsonType type = JsonType::Null;
    /// Valid as long as what it was read from.
    std::string_view raw;
    /// A string's characters, without quotes and escapes.
    std::string text;

    bool isNull() const { return type == JsonType::Null; }
    bool isTrue() const { return raw == "true"; }
    /// A whole number that fits. Nothing otherwise.
    std::optional<std::int64_t> integer() const;
    /// Any number that a double can approach. Nothing otherwise.
    std::optional<double> number() const;
};

/// A JSON object of a token or key set. Private to the module.
class JsonObject {
public:
    struct Member {
        std::string name;
        JsonValue value;
    };

    /// Reads a text that must be one valid JSON object (RFC 8259, UTF-8, no byte order mark), nested as deep as the
    /// rules allow. The product's rules also ask for distinct names.
    static std::optional<JsonObject> parse(std::string_view text, TokenRules rules = TokenRules::Product);

    const std::vector<Member>& members() const { return members_; }
    /// The member of that name, by the rules. Null when there is none, also when its value is `null`.
    const JsonValue* find(std::string_view name) const;
    /// The same, but a value that is `null` is found.
    const JsonValue* findOrNull(std::string_view name) const;

private:
    JsonObject() = default;

    TokenRules rules_ = TokenRules::Product;
    // Behind a pointer, so that the views stay valid when the object moves.
    std::unique_ptr<simdjson::padded_string> text_;
    std::vector<Member> members_;
};

/// The elements of a JSON text that must be one array. Their raw bytes are valid as long as the result.
class JsonArray {
public:
    /// `maxDepth` counts the array itself.
    static std::optional<JsonArray> parse(std::string_view text, std::size_t maxDepth);
    const std::vector<JsonValue>& values() const { return values_; }

private:
    JsonArray() = default;

    std::unique_ptr<simdjson::padded_string> text_;
    std::vector<JsonValue> values_;
};

/// Whether `text` is one valid JSON value of at most kMaxTokenJsonDepth levels.
bool isJson(std::string_view text);

}  // namespace xshathra::auth
