#pragma once

#include "server/base/expected.h"

#include <optional>
#include <string>
#include <string_view>

namespace xshathra::http {

/// A request target (RFC 9112 section 3.2) taken apart.
struct Target {
    /// Starts with `/`, percent-decoded once, holds no `..` or `.` segment, backslash, control character or encoded
    /// slash.
    /// `*` for `OPTIONS *`.
    std::string path;
    /// What follows the `?`, still encoded.
    std::string query;
    /// `http` or `https` of an absolute-form target, else empty.
    std::string scheme;
    /// Host and port of an absolute-form target as sent, else empty.
    std::string authority;
};

/// Takes a target apart. The error is one sentence that says what is wrong; the answer to it is 400.
Expected<Target, std::string> parseTarget(std::string_view method, std::string_view target);

/// The first value of `name` in a query, `+` and percent decoded. Nothing where it is absent or wrongly encoded.
std::optional<std::string> queryValue(std::string_view query, std::string_view name);

/// How a credential is sent instead, for messages.
inline constexpr std::string_view kAuthorizationExample = "Authorization: apikey YOUR_SERVER_KEY";

/// The name of a query parameter that looks like a credential (`token`, `access_token`, `apikey`, `api_key`, `key`,
/// `secret`, `password`), since those never belong into a URL; `client_api_key` is none. Router::match() refuses it.
std::optional<std::string> credentialInQuery(std::string_view query);

}  // namespace xshathra::http
