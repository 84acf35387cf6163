#include "server/http/head.h"

#include "server/base/ascii.h"
#include "server/http/lines.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <limits>
#include <utility>

namespace xshathra::http {

namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kMaxRefusedPath = 1024;

HeadResult refused(HeadResult::State state, int status, std::string reason) {
    HeadResult result;
    result.state = state;
    result.refusal = {status, std::move(reason), {}};
    return result;
}

HeadResult bad(std::string reason) { return refused(HeadResult::State::Bad, 400, std::move(reason)); }

bool isDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What Beast accepts or repairs but two readers might take differently. `line` may be the start of a line only.
std::optional<std::string> doubtInRequestLine(std::string_view line, bool complete) {
    for (const char c : line) {
        if (static_cast<unsigned char>(c) >= 0x80 || c == '\t')
            return "The request line holds a character that is not printable ASCII.";
    }
    if (complete && line.empty())
        return "An empty line stands before the request.";
    return std::nullopt;
}

/// Finds the end of the head, refusing every doubtful line on the way. `end` is 0 as long as the head goes on.
std::optional<HeadResult> scanLines(std::string_view bytes, const HeadLimits& limits, std::size_t& end) {
    end = 0;
    std::size_t start = 0;
    for (std::size_t index = 0;; ++index) {
        const auto stop = std::find_if(bytes.begin() + static_cast<std::ptrdiff_t>(start), bytes.end(), isControl);
        const auto at = static_cast<std::size_t>(stop - bytes.begin());
        const auto line = bytes.substr(start, at - start);
        const bool hasReturn = at < bytes.size() && bytes[at] == '\r';
        const bool complete = hasReturn && at + 1 < bytes.size() && bytes[at + 1] == '\n';
        if (at < bytes.size() && !hasReturn)
            return bad(bytes[at] == '\n' ? "A line ends with LF alone." : "The head holds a control character.");
        if (hasReturn && !complete && at + 1 < bytes.size())
            return bad("A line holds a CR that is not followed by LF.");
        if (line.size() > limits.lineBytes) {
            return index == 0
                       ? refused(HeadResult::State::TooLarge, 414,
                                 "The request line is longer than " + std::to_string(limits.lineBytes) + " bytes.")
                       : refused(HeadResult::State::TooLarge, 431,
                                 "A header line is longer than " + std::to_string(limits.lineBytes) + " bytes.");
        }
        const bool isEnd = index > 0 && complete && line.empty();
        const std::size_t used = complete ? at + 2 : bytes.size();
        // A head that fills the bound and has not ended can't become one that fits.
        if (used > limits.headBytes || (!isEnd && used == limits.headBytes))
            return refused(HeadResult::State::TooLarge, 431,
                           "The request's head is longer than " + std::to_string(limits.headBytes) + " bytes.");
        if (isEnd) {
            end = used;
            return std::nullopt;
        }
        if (index > limits.fields && !line.empty())
            return refused(HeadResult::State::TooLarge, 431,
                           "The request has more than " + std::to_string(limits.fields) + " header lines.");
        if (index == 0) {
            if (auto doubt = doubtInRequestLine(line, complete))
                return bad(std::move(*doubt));
        } else if (!line.empty()) {
            if (auto doubt = doubtInFieldLine(line, complete || hasReturn))
                return bad(std::move(*doubt));
        }
        if (!complete)
            return std::nullopt;
        start = used;
    }
}

/// Whether the request line ends in another HTTP version, which deserves 505 instead of 400.
bool hasForeignVersion(std::string_view head) {
    const auto line = head.substr(0, head.find('\r'));
    if (line.size() < 9)
        return false;
    const auto version = line.substr(line.size() - 9);
    return version.starts_with(" HTTP/") && isDigits(version.substr(6, 1)) && version != " HTTP/1.0" &&
           version != " HTTP/1.1" && version[7] == '.' && isDigits(version.substr(8));
}

/// How the body's length is told (RFC 9112 section 6.3). Anything that could be read in two ways is an error.
std::optional<std::string> readFraming(Head& head) {
    const auto lengths = head.fields.count("Content-Length");
    const auto codings = head.fields.count("Transfer-Encoding");
    if (lengths > 0 && codings > 0)
        return "The request has both Content-Length and Transfer-Encoding.";
    if (lengths > 1)
        return "The request has more than one Content-Length.";
    if (codings > 1)
        return "The request has more than one Transfer-Encoding.";
    if (lengths == 1) {
        const auto text = head.header("Content-Length");
        std::uint64_t value = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (!isDigits(text) || error != std::errc() || stop != text.data() + text.size())
            return "The Content-Length is not a number of digits alone.";
        head.contentLength = value;
    }
    if (codings == 1) {
        if (head.minorVersion == 0)
            return "HTTP/1.0 knows no Transfer-Encoding.";
        if (!equalsIgnoringCase(head.header("Transfer-Encoding"), "chunked"))
            return "The only Transfer-Encoding served is chunked.";
        head.chunked = true;
    }
    return std::nullopt;
}

/// The path of a request line that need not be valid, as sent and at most kMaxRefusedPath bytes of it; empty where none
/// is to be seen.
std::string pathInRequestLine(std::string_view bytes) {
    const auto line = bytes.substr(0, bytes.find_first_of("\r\n"));
    const auto space = line.find(' ');
    if (space == std::string_view::npos || line.substr(space + 1, 1) != "/")
        return {};
    const auto target = line.substr(space + 1, kMaxRefusedPath);
    return std::string(target.substr(0, target.find_first_of(" ?#")));
}

HeadResult interpret(std::string_view bytes) {
    beast_http::request_parser<beast_http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size() + 1, UINT32_MAX)));
    parser.body_limit((std::numeric_limits<std::uint64_t>::max)());
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (error || !parser.is_header_done()) {
        if (error == beast_http::error::bad_version && hasForeignVersion(bytes))
            return refused(HeadResult::State::Bad, 505, "This server speaks HTTP/1.1.");
        return bad("The request's head is not valid HTTP/1.1.");
    }
    const auto& message = parser.get();
    HeadResult result;
    Head& head = result.head;
    head.method = std::string(message.method_string());
    head.target = std::string(message.target());
    head.minorVersion = message.version() == 11 ? 1 : 0;
    head.size = bytes.size();
    for (const auto& field : message)
        head.fields.add(std::string(field.name_string()), std::string(field.value()));

    auto target = parseTarget(head.method, head.target);
    if (!target)
        return bad(std::move(target).error());
    head.path = std::move(target->path);
    head.query = std::move(target->query);
    head.targetScheme = std::move(target->scheme);
    head.targetAuthority = std::move(target->authority);

    if (auto doubt = readFraming(head))
        return bad(std::move(*doubt));
    head.keepAlive = head.minorVersion == 1 ? !head.fields.listContains("Connection", "close")
                                            : head.fields.listContains("Connection", "keep-alive") &&
                                                  !head.fields.listContains("Connection", "close");
    if (head.minorVersion == 1 && head.fields.contains("Expect")) {
        if (head.fields.count("Expect") != 1 || !equalsIgnoringCase(head.header("Expect"), "100-continue"))
            return refused(HeadResult::State::Bad, 417, "The only expectation served is 100-continue.");
        head.expectsContinue = head.hasBody();
    }
    result.state = HeadResult::State::Complete;
    return result;
}

}  // namespace

HeadResult inspectHead(std::string_view bytes, const HeadLimits& limits) {
    std::size_t end = 0;
    auto result = scanLines(bytes, limits, end);
    if (!result && end == 0)
        return {};
    if (!result) {
        // Beast's message allocates; running out of memory must not leave the module as an exception.
        try {
            result = interpret(bytes.substr(0, end));
        } catch (const std::exception&) {
            result = refused(HeadResult::State::Bad, 503, "The request could not be read.");
        }
    }
    if (result->state != HeadResult::State::Complete)
        result->refusal.path = pathInRequestLine(bytes);
    return std::move(*result);
}

}  // namespace xshathra::http
