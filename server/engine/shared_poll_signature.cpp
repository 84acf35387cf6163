#include "server/engine/shared_poll_signature.h"

#include "server/auth/digest.h"

#include <charconv>
#include <string>

namespace xshathra::engine {

namespace {

constexpr char kSeparator = '\0';

std::optional<std::int64_t> toNumber(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

struct Parts {
    std::string_view issuedAt;
    std::string_view expireAt;
    std::string_view mac;
};

std::optional<Parts> split(std::string_view signature) {
    const auto first = signature.find(':');
    if (first == std::string_view::npos)
        return std::nullopt;
    const auto second = signature.find(':', first + 1);
    if (second == std::string_view::npos)
        return std::nullopt;
    return Parts{signature.substr(0, first), signature.substr(first + 1, second - first - 1),
                 signature.substr(second + 1)};
}

std::string signedText(const Parts& parts, std::string_view channel, std::string_view user,
                       const protocol::TrackBatch& batch) {
    std::string keys;
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
        if (i > 0)
            keys += kSeparator;
        keys += batch.items[i].key;
    }
    std::string text(parts.issuedAt);
    for (const auto field : {parts.expireAt, user, channel}) {
        text += kSeparator;
        text += field;
    }
    text += kSeparator;
    text += auth::toHex(auth::sha256(keys));
    return text;
}

bool isSigned(const auth::Secret& secret, std::string_view mac, std::string_view text) {
    const auto expected = auth::toHex(auth::hmacSha256(secret.expose(), text));
    return auth::equalDigests(auth::sha256(mac), auth::sha256(expected));
}

}  // namespace

std::optional<TrackSignature> verifyTrackSignature(const SharedPollProjectOptions& options, std::string_view channel,
                                                   std::string_view user, const protocol::TrackBatch& batch) {
    const auto parts = split(batch.signature);
    if (!parts)
        return std::nullopt;
    TrackSignature signature;
    const auto issuedAt = toNumber(parts->issuedAt);
    const auto expireAt = toNumber(parts->expireAt);
    if (issuedAt && expireAt)
        signature = {*issuedAt, *expireAt};
    const auto text = signedText(*parts, channel, user, batch);
    if (isSigned(options.hmacSecretKey, parts->mac, text))
        return signature;
    if (options.hmacPreviousSecretKey.empty())
        return std::nullopt;
    const auto validUntil = options.hmacPreviousSecretKeyValidUntil;
    if (validUntil > 0 && signature.issuedAt > validUntil)
        return std::nullopt;
    return isSigned(options.hmacPreviousSecretKey, parts->mac, text) ? std::optional(signature) : std::nullopt;
}

}  // namespace xshathra::engine
