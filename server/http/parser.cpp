#include "server/http/parser.h"

#include "server/base/ascii.h"
#include "server/http/lines.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace xshathra::http {

namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;

/// A Beast body that grows with what arrives, where Beast's own string_body reserves the declared length.
struct GrowingBody {
    using value_type = std::string;

    class reader {
    public:
        template <bool isRequest, class Headers>
        reader(beast_http::header<isRequest, Headers>&, value_type& body) : body_(body) {}
        void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }
        template <class Buffers>
        std::size_t put(const Buffers& buffers, error_code& error) {
            error = {};
            std::size_t taken = 0;
            for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
                body_.append(static_cast<const char*>(buffer.data()), buffer.size());
                taken += buffer.size();
            }
            return taken;
        }
        void finish(error_code& error) { error = {}; }

    private:
        value_type& body_;
    };
};

using BeastParser = beast_http::request_parser<GrowingBody>;

/// Fields that say how a message is read or to whom it goes: in a trailer they come too late (RFC 9110 section 6.5.1).
bool isForbiddenTrailer(std::string_view name) {
    constexpr std::array<std::string_view, 12> names{
        "Content-Length", "Transfer-Encoding", "Host",         "Connection", "Upgrade", "Expect",
        "Authorization",  "Content-Encoding",  "Content-Type", "Cookie",     "Origin",  "Trailer"};
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view other) { return equalsIgnoringCase(name, other); });
}

/// Collects what stands between the data of two chunks: the line end of the one, the size line of the next, after the
/// last chunk also the trailers. Beast decodes it; this only refuses what Beast would let pass and others read
/// differently.
class ChunkFraming {
public:
    /// Takes bytes until the piece is complete or refused.
    std::size_t take(std::string_view bytes) {
        std::size_t used = 0;
        while (used < bytes.size() && !complete_ && reason_.empty())
            takeByte(bytes[used++]);
        return used;
    }

    bool complete() const { return complete_; }
    const std::string& reason() const { return reason_; }
    const std::string& text() const { return text_; }
    bool isLast() const { return last_; }

    /// Begins the piece that follows a chunk's data.
    void next() {
        *this = ChunkFraming();
        afterData_ = true;
    }

private:
    void takeByte(char c) {
        text_ += c;
        if (afterData_ && text_.size() <= 2) {
            if (c != "\r\n"[text_.size() - 1])
                reason_ = "A chunk's data does not end where its size says.";
            lineStart_ = 2;
            return;
        }
        const bool afterReturn = text_.size() >= lineStart_ + 2 && text_[text_.size() - 2] == '\r';
        if (last_ && text_.size() - trailerStart_ > kTrailerLimit) {
            reason_ = "The trailers are longer than " + std::to_string(kTrailerLimit) + " bytes.";
        } else if (afterReturn != (c == '\n')) {
            reason_ = "A line of the chunked body does not end with CR LF.";
        } else if (c == '\n') {
            finishLine(std::string_view(text_).substr(lineStart_, text_.size() - 2 - lineStart_));
            lineStart_ = text_.size();
        } else if (isControl(c) && c != '\r') {
            reason_ = "The chunked body holds a control character between its chunks.";
        } else if (!last_ && text_.size() - lineStart_ > kChunkLineLimit + (c == '\r' ? 1 : 0)) {
            reason_ = "A chunk's size line is longer than " + std::to_string(kChunkLineLimit) + " bytes.";
        }
    }

    void finishLine(std::string_view line) {
        if (last_) {
            finishTrailer(line);
            return;
        }
        const auto digits = line.substr(0, line.find_first_not_of("0123456789abcdefABCDEF"));
        const auto rest = line.substr(digits.size());
        const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
        if (digits.empty() || digits.size() > 16 || !plain || (!rest.empty() && rest.front() != ';')) {
            reason_ = "A chunk's size is not a hexadecimal number.";
        } else if (digits.find_first_not_of('0') != std::string_view::npos) {
            complete_ = true;
        } else {
            last_ = true;
            trailerStart_ = text_.size();
        }
    }

    void finishTrailer(std::string_view line) {
        if (line.empty()) {
            complete_ = true;
        } else if (auto doubt = doubtInFieldLine(line, true)) {
            reason_ = std::move(*doubt);
        } else if (isForbiddenTrailer(line.substr(0, line.find(':')))) {
            reason_ = "A trailer holds a field that is only allowed in the head.";
        }
    }

    std::string text_;
    std::string reason_;
    std::size_t lineStart_ = 0;
    std::size_t trailerStart_ = 0;
    bool afterData_ = false;
    bool last_ = false;
    bool complete_ = false;
};

}  // namespace

class RequestParser::Impl {
public:
    explicit Impl(HeadLimits limits) : limits_(limits) {}

    std::size_t feed(std::string_view bytes) {
        if (state_ == State::Head)
            return feedHead(bytes);
        if (state_ != State::Body)
            return 0;
        // Beast and the body's string allocate; running out of memory ends this request, not the server.
        try {
            return head_.chunked ? feedChunks(bytes) : feedBeast(bytes);
        } catch (const std::exception&) {
            refuse({503, "The request's body could not be read."});
            return 0;
        }
    }

    void acceptBody(std::uint64_t limit) {
        if (state_ != State::HeadComplete)
            return;
        if (!head_.hasBody()) {
            state_ = State::Complete;
            return;
        }
        bodyLimit_ = limit;
        if (head_.contentLength.value_or(0) > limit) {
            refuseTooLarge();
            return;
        }
        try {
            beast_.emplace();
            beast_->header_limit(static_cast<std::uint32_t>(text_.size() + 1));
            beast_->body_limit(limit);
            error_code error;
            beast_->put(boost::asio::buffer(text_.data(), text_.size()), error);
            if (error || !beast_->is_header_done()) {
                refuse({400, "The request's head is not valid HTTP/1.1."});
                return;
            }
        } catch (const std::exception&) {
            refuse({503, "The request could not be read."});
            return;
        }
        state_ = State::Body;
    }

    void refuse(Refusal refusal) {
        refusal_ = std::move(refusal);
        if (refusal_.path.empty())
            refusal_.path = head_.path;
        state_ = State::Failed;
        beast_.reset();
        text_.clear();
    }

    Request takeRequest() {
        Request request;
        request.head = std::move(head_);
        if (beast_)
            request.body = SharedBytes(std::move(beast_->get().body()));
        beast_.reset();
        head_ = {};
        framing_ = {};
        text_.clear();
        state_ = State::Head;
        return request;
    }

    State state() const { return state_; }
    bool idle() const { return state_ == State::Head && text_.empty(); }
    const Head& head() const { return head_; }
    const Refusal& refusal() const { return refusal_; }

private:
    std::size_t feedHead(std::string_view bytes) {
        const std::size_t before = text_.size();
        const auto part = bytes.substr(0, limits_.headBytes - before);
        // A head that comes byte by byte is looked at again only when something in it can have been decided.
        const bool full = before + part.size() >= limits_.headBytes;
        if (before > 0 && !full && std::none_of(part.begin(), part.end(), isControl)) {
            text_ += part;
            return part.size();
        }
        text_ += part;
        auto result = inspectHead(text_, limits_);
        switch (result.state) {
            case HeadResult::State::NeedMore: return part.size();
            case HeadResult::State::Complete: break;
            default: refuse(std::move(result.refusal)); return 0;
        }
        head_ = std::move(result.head);
        text_.resize(head_.size);
        state_ = State::HeadComplete;
        return head_.size - before;
    }

    std::size_t feedBeast(std::string_view bytes) {
        error_code error;
        const std::size_t used = beast_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
        if (error == beast_http::error::body_limit) {
            refuseTooLarge();
        } else if (error && error != beast_http::error::need_more) {
            refuse({400, "The request's body is not valid HTTP/1.1."});
        } else if (beast_->is_done()) {
            state_ = State::Complete;
        }
        return used;
    }

    std::size_t feedChunks(std::string_view bytes) {
        std::size_t used = 0;
        while (used < bytes.size() && state_ == State::Body) {
            if (chunkLeft_ > 0) {
                const auto part = bytes.substr(
                    used, static_cast<std::size_t>(std::min<std::uint64_t>(chunkLeft_, bytes.size() - used)));
                const std::size_t taken = feedBeast(part);
                used += taken;
                chunkLeft_ -= taken;
                if (chunkLeft_ == 0)
                    framing_.next();
                continue;
            }
            used += framing_.take(bytes.substr(used));
            if (!framing_.reason().empty()) {
                refuse({400, framing_.reason()});
            } else if (framing_.complete()) {
                beginChunk();
            }
        }
        return used;
    }

    void beginChunk() {
        const std::string text = framing_.text();
        const bool isLast = framing_.isLast();
        if (feedBeast(text) != text.size() && state_ == State::Body)
            refuse({400, "The chunked body is not valid HTTP/1.1."});
        if (state_ != State::Body || isLast) {
            if (state_ == State::Body)
                refuse({400, "The chunked body is not valid HTTP/1.1."});
            return;
        }
        // Beast has checked the number against the body's limit, so it fits.
        const auto start = text.starts_with("\r\n") ? std::size_t{2} : std::size_t{0};
        chunkLeft_ = std::strtoull(text.c_str() + start, nullptr, 16);
    }

    void refuseTooLarge() {
        refuse({413, "The request's body is larger than " + std::to_string(bodyLimit_) + " bytes."});
    }

    HeadLimits limits_;
    State state_ = State::Head;
    /// The head's bytes, kept until Beast has seen them.
    std::string text_;
    Head head_;
    Refusal refusal_;
    std::uint64_t bodyLimit_ = 0;
    std::uint64_t chunkLeft_ = 0;
    ChunkFraming framing_;
    std::optional<BeastParser> beast_;
};

RequestParser::RequestParser(HeadLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

std::size_t RequestParser::feed(std::string_view bytes) { return impl_->feed(bytes); }
void RequestParser::acceptBody(std::uint64_t limit) { impl_->acceptBody(limit); }
void RequestParser::refuse(Refusal refusal) { impl_->refuse(std::move(refusal)); }
RequestParser::State RequestParser::state() const { return impl_->state(); }
bool RequestParser::idle() const { return impl_->idle(); }
const Head& RequestParser::head() const { return impl_->head(); }
const Refusal& RequestParser::refusal() const { return impl_->refusal(); }
Request RequestParser::takeRequest() { return impl_->takeRequest(); }

}  // namespace xshathra::http
