#include "server/protocol/fossil_delta.h"

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace xshathra::protocol {

namespace {

/// Length of the base's blocks that matches are looked up by.
constexpr std::size_t kBlock = 16;
/// Blocks with the same hash that are compared at one place of the target, so that repetitive texts stay cheap.
constexpr int kMaxCandidates = 249;
constexpr std::uint32_t kNoBlock = std::numeric_limits<std::uint32_t>::max();
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";

void appendNumber(std::string& out, std::uint32_t value) {
    char digits[6];
    std::size_t count = 0;
    do {
        digits[count++] = kDigits[value % 64];
        value /= 64;
    } while (value != 0);
    while (count > 0)
        out += digits[--count];
}

std::size_t digitsOf(std::size_t value) {
    std::size_t count = 1;
    for (; value >= 64; value /= 64)
        ++count;
    return count;
}

/// The sum of the text's big-endian words, the last one filled up with zeros.
std::uint32_t checksum(std::string_view text) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        sum += std::uint32_t(static_cast<unsigned char>(text[i])) << (24 - 8 * (i % 4));
    return sum;
}

/// Hash of kBlock bytes of a text that can be moved on byte by byte: the sum of the bytes, and the sum weighted by
/// their distance from the end.
class RollingHash {
public:
    RollingHash(std::string_view text, std::size_t at) : text_(text), at_(at) {
        for (std::size_t i = 0; i < kBlock; ++i) {
            const auto byte = std::uint16_t(static_cast<unsigned char>(text[at + i]));
            plain_ = std::uint16_t(plain_ + byte);
            weighted_ = std::uint16_t(weighted_ + (kBlock - i) * byte);
        }
    }
    void advance() {
        const auto gone = std::uint16_t(static_cast<unsigned char>(text_[at_]));
        const auto come = std::uint16_t(static_cast<unsigned char>(text_[at_ + kBlock]));
        plain_ = std::uint16_t(plain_ - gone + come);
        weighted_ = std::uint16_t(weighted_ - kBlock * gone + plain_);
        ++at_;
    }
    std::uint32_t value() const { return plain_ | std::uint32_t(weighted_) << 16; }

private:
    const std::string_view text_;
    std::size_t at_;
    std::uint16_t plain_ = 0;
    std::uint16_t weighted_ = 0;
};

/// The blocks of a base, found by their hash; the last block of a hash first.
class BlockIndex {
public:
    explicit BlockIndex(std::string_view base)
        : newest_(base.size() / kBlock, kNoBlock), older_(base.size() / kBlock, kNoBlock) {
        for (std::size_t block = 0; (block + 1) * kBlock < base.size(); ++block) {
            auto& slot = newest_[RollingHash(base, block * kBlock).value() % newest_.size()];
            older_[block] = slot;
            slot = std::uint32_t(block);
        }
    }
    std::uint32_t newest(const RollingHash& hash) const { return newest_[hash.value() % newest_.size()]; }
    std::uint32_t older(std::uint32_t block) const { return older_[block]; }

private:
    std::vector<std::uint32_t> newest_;
    std::vector<std::uint32_t> older_;
};

/// A piece of the target that the base has too.
struct Match {
    std::size_t length = 0;
    std::size_t baseOffset = 0;
    /// Bytes of the target in front of it that have to be sent literally.
    std::size_t literal = 0;
};

/// The longest piece around `at` that is worth its instruction; not reaching back behind `done`, which is written.
Match bestMatch(std::string_view base, std::string_view target, std::size_t done, std::size_t at,
                const BlockIndex& index, const RollingHash& hash) {
    Match best;
    const auto ahead = at - done;
    int candidates = kMaxCandidates;
    for (auto block = index.newest(hash); block != kNoBlock && candidates > 0; block = index.older(block)) {
        --candidates;
        const auto start = std::size_t(block) * kBlock;
        std::size_t forward = 0;
        while (start + forward < base.size() && at + forward < target.size() &&
               base[start + forward] == target[at + forward])
            ++forward;
        std::size_t back = 0;
        while (back + 1 < start && back < ahead && base[start - back - 1] == target[at - back - 1])
            ++back;
        const Match match{forward + back, start - back, ahead - back};
        const auto cost = digitsOf(match.literal) + digitsOf(match.length) + digitsOf(match.baseOffset) + 3;
        if (match.length >= cost && match.length > best.length)
            best = match;
    }
    return best;
}

void appendLiteral(std::string& out, std::string_view text) {
    appendNumber(out, std::uint32_t(text.size()));
    out += ':';
    out += text;
}

/// Reads a delta from front to end.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool atEnd() const { return at_ == text_.size(); }
    /// A number without digits is 0, as the format's decoders take it.
    std::optional<std::uint32_t> number() {
        std::uint64_t value = 0;
        for (; at_ < text_.size(); ++at_) {
            const auto digit = kDigits.find(text_[at_]);
            if (digit == std::string_view::npos)
                break;
            value = value * 64 + digit;
            if (value > std::numeric_limits<std::uint32_t>::max())
                return std::nullopt;
        }
        return std::uint32_t(value);
    }
    char character() { return at_ < text_.size() ? text_[at_++] : '\0'; }
    std::optional<std::string_view> bytes(std::size_t count) {
        if (count > text_.size() - at_)
            return std::nullopt;
        const auto found = text_.substr(at_, count);
        at_ += count;
        return found;
    }

private:
    const std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::string makeFossilDelta(std::string_view base, std::string_view target) {
    std::string out;
    out.reserve(64 + target.size() / 4);
    appendNumber(out, std::uint32_t(target.size()));
    out += '\n';
    std::size_t done = 0;
    if (base.size() <= kBlock) {
        appendLiteral(out, target);
        done = target.size();
    } else {
        const BlockIndex index(base);
        while (done + kBlock < target.size()) {
            Match match;
            RollingHash hash(target, done);
            auto at = done;
            for (;; ++at) {
                match = bestMatch(base, target, done, at, index, hash);
                if (match.length > 0 || at + kBlock >= target.size())
                    break;
                hash.advance();
            }
            if (match.length == 0)
                break;
            if (match.literal > 0)
                appendLiteral(out, target.substr(done, match.literal));
            appendNumber(out, std::uint32_t(match.length));
            out += '@';
            appendNumber(out, std::uint32_t(match.baseOffset));
            out += ',';
            done += match.literal + match.length;
        }
        if (done < target.size())
            appendLiteral(out, target.substr(done));
    }
    appendNumber(out, checksum(target));
    out += ';';
    return out;
}

std::optional<std::string> applyFossilDelta(std::string_view base, std::string_view delta, std::size_t maxSize) {
    Reader reader(delta);
    const auto size = reader.number();
    if (!size || reader.character() != '\n' || *size > maxSize)
        return std::nullopt;
    std::string out;
    while (!reader.atEnd()) {
        const auto count = reader.number();
        if (!count)
            return std::nullopt;
        switch (reader.character()) {
            case '@': {
                const auto offset = reader.number();
                if (!offset || reader.character() != ',' || *count > *size - out.size() || *offset > base.size() ||
                    *count > base.size() - *offset)
                    return std::nullopt;
                out += base.substr(*offset, *count);
                break;
            }
            case ':': {
                const auto text = *count <= *size - out.size() ? reader.bytes(*count) : std::nullopt;
                if (!text)
                    return std::nullopt;
                out += *text;
                break;
            }
            case ';':
                if (!reader.atEnd() || out.size() != *size || *count != checksum(out))
                    return std::nullopt;
                return out;
            default: return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace xshathra::protocol
