#pragma once

#include "server/base/result.h"
#include "server/base/shared_bytes.h"
#include "server/http/annotation.h"
#include "server/http/fields.h"
#include "server/http/head.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::http {

/// What a handler answers. serialize() adds length, connection and security headers.
struct Response {
    int status = 200;
    /// Names and values with control characters are left out when written.
    Fields headers;
    SharedBytes body;
    /// Close the connection after this answer.
    bool close = false;
    /// For whoever watches the traffic, not for the client: the check that a refused request failed.
    std::optional<Check> failed;

    static Response json(int status, std::string body);
    static Response text(int status, std::string body);
    /// 204.
    static Response empty();
    /// `{"error": {"code", "message", "field"}}`, the error form of the product's REST API.
    static Response error(int status, const Error& error);
    /// An error in the form of its path: error() where isApiPath(), elsewhere the message as plain text.
    static Response errorAt(std::string_view path, int status, const Error& error);
    /// The answer to a request that is not served, in the form of its path; closes. The code follows from the status.
    static Response refusal(const Refusal& refusal);
};

/// Whether a path belongs to an API, whose every error is JSON: `/api` and all below it.
bool isApiPath(std::string_view path);

/// The whole answer as bytes. `request` decides on HEAD (no body), on HTTP/1.0, and on keep-alive; null for a request
/// whose head could not be read. Headers added where the handler has not set them (reliability 5.4):
/// `X-Content-Type-Options`, `Referrer-Policy`, `Cross-Origin-Resource-Policy`, `Content-Security-Policy`,
/// `Cache-Control: no-store`.
std::string serialize(const Response& response, const Head* request);

/// The head of an answer without a known length (HTTP streaming, SSE): chunked on HTTP/1.1, ended by closing on 1.0.
/// The body of `response` is not written.
std::string serializeStreamHead(const Response& response, const Head& request);
/// The line in front of a chunk of `size` bytes, which are to be followed by CR LF. `size` is at least 1.
std::string chunkStart(std::size_t size);
/// One chunk of a chunked body. An empty text gives nothing, since an empty chunk would end the body.
std::string encodeChunk(std::string_view bytes);
/// Ends a chunked body.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
/// Asks a client that sent `Expect: 100-continue` for its body.
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// The reason phrase of a status (RFC 9110 section 15), `Unknown` for others.
std::string_view reasonPhrase(int status);

}  // namespace xshathra::http
