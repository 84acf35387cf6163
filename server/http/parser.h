#pragma once

#include "server/http/head.h"
#include "server/http/request.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace xshathra::http {

/// Body bounds of the routes (reliability 2.2).
inline constexpr std::uint64_t kRestBodyLimit = 1024 * 1024;
inline constexpr std::uint64_t kEmulationBodyLimit = 64 * 1024;
/// Bound of one chunk's size line with extensions, and of all trailer lines together.
inline constexpr std::size_t kChunkLineLimit = 256;
inline constexpr std::size_t kTrailerLimit = 4096;

/// Parses the requests of one connection from bytes as they come. Bytes may be cut anywhere. Usage:
///
///     while (!bytes.empty()) {
///         const auto consumed = parser.feed(bytes);
///         bytes.remove_prefix(consumed);
///         switch (parser.state()) {
///             case HeadComplete: route by parser.head(), then parser.acceptBody(limit); look at state() again
///             case Complete:     serve parser.takeRequest(), which readies the parser for the next request
///             case Failed:       answer parser.refusal(), close; nothing more is consumed
///             default:           everything was consumed; read more
///         }
///     }
///
/// Not thread-safe; no Qt; no exception. Memory grows with what has arrived, never with a declared length.
class RequestParser {
public:
    enum class State : std::uint8_t {
        /// Waiting for the rest of a head (or for its first byte).
        Head,
        /// head() is valid; call acceptBody() before feeding more. An upgrade leaves the parser here: what was not
        /// consumed
        /// belongs to the next protocol.
        HeadComplete,
        /// Waiting for the rest of the body.
        Body,
        Complete,
        Failed,
    };

    explicit RequestParser(HeadLimits limits = {});
    ~RequestParser();
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;

    /// Takes bytes up to the next event and says how many. Takes none in HeadComplete, Complete and Failed.
    std::size_t feed(std::string_view bytes);

    /// Goes on to the body, of at most `limit` bytes. With a larger Content-Length the state is Failed (413) at once;
    /// with no body it is Complete at once. Where head().expectsContinue and the state is Body, send kContinue.
    void acceptBody(std::uint64_t limit);

    /// From HeadComplete on: refuses the request itself, so that nothing behind it is read.
    void refuse(Refusal refusal);

    State state() const;
    /// Whether nothing of a request has arrived: the connection is idle.
    bool idle() const;
    /// Valid from HeadComplete on.
    const Head& head() const;
    /// Valid in Failed.
    const Refusal& refusal() const;
    /// In Complete: the request; the parser is ready for the next one.
    Request takeRequest();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace xshathra::http
