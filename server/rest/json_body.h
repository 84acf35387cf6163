#pragma once

#include "server/base/result.h"
#include "server/base/shared_bytes.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::rest {

/// A field that a request may have, with the words that tell people what is allowed in it: "a whole number from 30 to
/// 3600".
struct FieldSpec {
    std::string_view name;
    std::string_view allowed;
};

/// The JSON object of a request. Fields of the spec are read by type; others are ignored, as Centrifugo ignores them.
/// Every error names the field, what was found and what is allowed. In optional fields `null` counts as absent.
/// Immutable.
class JsonBody {
public:
    /// The whole body must be valid JSON (RFC 8259) and an object in which no field of the spec stands twice. The spec
    /// must outlive the result.
    static Result<JsonBody> parse(const SharedBytes& body, std::span<const FieldSpec> spec);

    Result<std::optional<std::string>> text(std::string_view name) const;
    Result<std::optional<std::int64_t>> integer(std::string_view name) const;
    Result<std::optional<bool>> boolean(std::string_view name) const;
    Result<std::optional<std::vector<std::string>>> texts(std::string_view name) const;
    /// An object whose values are all strings.
    Result<std::optional<std::map<std::string, std::string>>> textMap(std::string_view name) const;
    /// An object, as the bytes that were sent.
    Result<std::optional<SharedBytes>> rawObject(std::string_view name) const;
    /// Any value, also `null`, as the bytes that were sent.
    std::optional<SharedBytes> rawValue(std::string_view name) const;

    /// text() that must be there.
    Result<std::string> requiredText(std::string_view name) const;
    /// The error for a required field that is absent; points out a field that looks as if it was meant (`user_id`).
    Error missing(std::string_view name) const;
    /// The error for a value that is there and not allowed.
    Error refused(std::string_view name) const;

private:
    struct Member {
        std::string name;
        SharedBytes raw;
    };

    const Member* find(std::string_view name) const;
    const Member* findUnlessNull(std::string_view name) const;
    std::string_view allowed(std::string_view name) const;

    std::span<const FieldSpec> spec_;
    std::vector<Member> members_;
    /// Names outside the spec, at most kUnknownNamesKept.
    std::vector<std::string> unknown_;
};

/// `value` cut to a length that fits a message, for "found ...". Raw JSON stays raw, so that `"900"` and `900` differ.
std::string excerpt(std::string_view value);

}  // namespace xshathra::rest
