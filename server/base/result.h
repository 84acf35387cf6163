#pragma once

#include "server/base/expected.h"

#include <string>

namespace xshathra {

/// Why a use case could not be carried out, in the shape the product's REST answers have (`{"error": {...}}`).
struct Error {
    /// One snake_case word for programs, for example `invalid_argument`, `not_found`, `unauthorized`.
    std::string code;
    /// One sentence for people: what was wrong, and what is allowed. Holds no secret.
    std::string message;
    /// The name of the field at fault, or empty.
    std::string field;

    friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = Expected<T, Error>;

/// Shortens `return fail("not_found", "...")`.
inline Unexpected<Error> fail(std::string code, std::string message, std::string field = {}) {
    return Unexpected<Error>(Error{std::move(code), std::move(message), std::move(field)});
}

}  // namespace xshathra
