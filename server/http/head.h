#pragma once

#include "server/http/fields.h"
#include "server/http/target.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::http {

/// Bounds of a request head; one byte or field more is refused with 431 (414 for the request line).
struct HeadLimits {
    /// Request line, fields and the empty line.
    std::size_t headBytes = 16 * 1024;
    /// The request line or one field line, without its line end.
    std::size_t lineBytes = 8 * 1024;
    std::size_t fields = 100;
};

/// A request's head: valid by RFC 9112 in the strict reading of inspectHead().
struct Head {
    std::string method;
    /// As sent.
    std::string target;
    /// The target's path, decoded; see Target.
    std::string path;
    /// The target's query, still encoded.
    std::string query;
    /// Of an absolute-form target; usually empty.
    std::string targetScheme;
    std::string targetAuthority;
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    int minorVersion = 1;
    /// In their order; fields of one name stand together where the first of them stood.
    Fields fields;
    /// Bytes of the head with its final empty line: what follows is body, the next request, or WebSocket frames.
    std::size_t size = 0;
    std::optional<std::uint64_t> contentLength;
    bool chunked = false;
    /// Whether the connection may serve another request after this one.
    bool keepAlive = true;
    /// The client waits for `100 Continue` before it sends the body.
    bool expectsContinue = false;

    /// Whether a body of at least one byte follows, or a chunked one.
    bool hasBody() const { return chunked || contentLength.value_or(0) > 0; }
    /// The first value of a header, or an empty text.
    std::string_view header(std::string_view name) const { return fields.find(name).value_or(std::string_view()); }
};

/// Why a request is not served. After it the connection is closed: nothing behind a doubtful request is trusted.
struct Refusal {
    /// 400, 413, 414, 417, 431, 503 or 505; 408 and others from the transport.
    int status = 400;
    /// One sentence for people, in the answer's body and in the log. Holds nothing that was sent.
    std::string reason;
    /// The path that was asked for, as far as it could be read (then perhaps not decoded): decides the answer's form.
    std::string path = {};
};

struct HeadResult {
    enum class State : std::uint8_t { NeedMore, TooLarge, Bad, Complete };

    State state = State::NeedMore;
    /// Set when Complete.
    Head head;
    /// Set when TooLarge or Bad.
    Refusal refusal;
};

/// Looks at the start of a connection's bytes (also bytes that were only peeked) for a complete request head. Consumes
/// nothing. Refused are all doubtful forms: bare CR or LF, NUL and other control characters, folded lines, white space
/// before the colon, Content-Length beside Transfer-Encoding, twice, or not digits alone, other transfer codings than
/// one `chunked`, a body without length on HTTP/1.0, malformed targets (RFC 9112 sections 2, 5, 6 and 11.2). A bad head
/// is refused as soon as it is seen, not only when it is complete. Pure, no Qt, no exception.
HeadResult inspectHead(std::string_view bytes, const HeadLimits& limits = {});

}  // namespace xshathra::http
