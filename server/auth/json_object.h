#pragma once

#include <simdjson.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::auth {

/// How deep JSON of tokens may be nested, counted as simdjson does.
inline constexpr std::size_t kMaxTokenJsonDepth = 32;

/// A JSON object of a token: its typed values, and beside them the bytes of each value as they stand in the text.
/// Private to the module.
class JsonObject {
public:
    /// Reads a text that must be one valid JSON object (UTF-8, at most kMaxTokenJsonDepth deep) with distinct names.
    static std::optional<JsonObject> parse(std::string_view text);

    struct Member {
        std::string name;
        simdjson::dom::element value;
        /// Valid as long as the object.
        std::string_view raw;
    };

    const std::vector<Member>& members() const { return members_; }
    /// The member of that name; one that is `null` counts as absent. Null when absent.
    const Member* find(std::string_view name) const;

private:
    JsonObject() = default;

    // Behind pointers, so that the elements stay valid when the object moves.
    std::unique_ptr<simdjson::padded_string> text_;
    std::unique_ptr<simdjson::dom::parser> parser_;
    std::vector<Member> members_;
};

/// Whether `text` is one valid JSON value of at most kMaxTokenJsonDepth levels.
bool isJson(std::string_view text);

}  // namespace xshathra::auth
