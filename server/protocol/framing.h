#pragma once

#include "server/protocol/decode_error.h"
#include "server/protocol/encoding.h"
#include "server/protocol/json_reader.h"
#include "server/protocol/wire.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

/// Cuts frames into messages (section 2), the same way for commands and replies.
namespace xshathra::protocol {

/// The words of a DecodeError for people. `word` is "Command" or "Reply".
std::string describe(DecodeError::Kind kind, std::string_view word, std::size_t message, std::string_view field,
                     const DecodeLimits& limits);

/// Length of a Protobuf message in front of `bytes`.
struct LengthPrefix {
    /// Bytes of the prefix; 0: the bytes end inside it, or it isn't a 64-bit varint.
    std::size_t prefixSize = 0;
    std::uint64_t length = 0;
    /// Ten bytes without an end.
    bool malformed = false;
};
LengthPrefix readLengthPrefix(std::string_view bytes);

/// Decodes one frame into messages until the first bad one.
template <typename Message>
class FrameDecoder {
public:
    FrameDecoder(const SharedBytes& frame, const DecodeLimits& limits, std::string_view word)
        : frame_(frame), limits_(limits), word_(word) {}

    std::vector<Message> messages;
    std::optional<DecodeError> error;

    void run(Encoding encoding) {
        if (frame_.empty())
            return fail(DecodeError::Kind::EmptyFrame);
        if (encoding == Encoding::Json)
            runJson();
        else
            runProtobuf();
    }

private:
    void runJson() {
        auto rest = frame_.view();
        if (rest.back() == '\n')
            rest.remove_suffix(1);
        for (;;) {
            const auto length = std::min(rest.find('\n', at_), rest.size()) - at_;
            if (length == 0)
                return fail(DecodeError::Kind::BlankLine);
            if (!admit(length))
                return;
            const auto line = frame_.slice(at_, length);
            if (const auto bad = json::parse(line, limits_.depth, messages.emplace_back())) {
                messages.pop_back();
                return fail(bad->kind, bad->field);
            }
            messages.back().wire = line;
            at_ += length;
            if (at_ == rest.size())
                return;
            ++at_;
        }
    }

    void runProtobuf() {
        while (at_ < frame_.size()) {
            const auto rest = frame_.view().substr(at_);
            const auto prefix = readLengthPrefix(rest);
            if (prefix.prefixSize == 0)
                return fail(prefix.malformed ? DecodeError::Kind::Malformed : DecodeError::Kind::Truncated);
            if (!admit(prefix.length))
                return;
            if (prefix.length > rest.size() - prefix.prefixSize)
                return fail(DecodeError::Kind::Truncated);
            const auto bytes = frame_.slice(at_ + prefix.prefixSize, prefix.length);
            const auto outcome = wire::parse(bytes.view(), limits_.depth, messages.emplace_back());
            if (outcome != wire::ParseOutcome::Good) {
                messages.pop_back();
                return fail(outcome == wire::ParseOutcome::Ambiguous ? DecodeError::Kind::Ambiguous
                                                                     : DecodeError::Kind::Malformed);
            }
            messages.back().wire = bytes;
            at_ += prefix.prefixSize + prefix.length;
        }
    }

    /// Whether one more message of this length is within the limits.
    bool admit(std::uint64_t length) {
        if (messages.size() >= limits_.messages)
            fail(DecodeError::Kind::TooMany);
        else if (length > limits_.messageBytes)
            fail(DecodeError::Kind::TooLong);
        return !error;
    }

    void fail(DecodeError::Kind kind, std::string_view field = {}) {
        error = DecodeError{kind, messages.size(), at_, describe(kind, word_, messages.size(), field, limits_)};
    }

    const SharedBytes& frame_;
    const DecodeLimits& limits_;
    std::string_view word_;
    std::size_t at_ = 0;
};

}  // namespace xshathra::protocol
