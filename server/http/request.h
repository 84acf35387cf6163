#pragma once

#include "server/base/shared_bytes.h"
#include "server/http/head.h"

#include <optional>
#include <string>
#include <string_view>

namespace xshathra::http {

/// A complete request, as handlers get it.
struct Request {
    Head head;
    /// The body with chunks joined.
    SharedBytes body;
    /// Textual address of the peer, filled in by the transport.
    std::string remoteAddress;

    const std::string& method() const { return head.method; }
    const std::string& path() const { return head.path; }
    std::string_view header(std::string_view name) const { return head.header(name); }
    std::optional<std::string> queryValue(std::string_view name) const { return http::queryValue(head.query, name); }
    /// Whether Content-Type is `type` (for example `application/json`), whatever parameters follow.
    bool hasContentType(std::string_view type) const;
};

}  // namespace xshathra::http
