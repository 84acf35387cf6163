#include "server/auth/token_parts.h"

#include "server/auth/base64.h"
#include "server/auth/json_object.h"

#include <algorithm>
#include <array>
#include <utility>

namespace xshathra::auth {

namespace {

Unexpected<HeaderFault> wrong(std::string found) {
    return Unexpected(HeaderFault{TokenErrorKind::Algorithm, std::move(found)});
}

Expected<TokenHeader, HeaderFault> readStrictHeader(const JsonObject& header) {
    TokenHeader result;
    bool hasAlgorithm = false;
    for (const auto& [name, value] : header.members()) {
        const bool isText = value.type == JsonType::String;
        if (name == "alg") {
            if (!isText)
                return wrong("alg is not a string");
            result.algorithm = value.text;
            hasAlgorithm = true;
        } else if (name == "typ") {
            if (!isText || value.text != "JWT")
                return wrong(isText ? "typ " + shown(value.text) : "typ is not a string");
        } else {
            return wrong("header field " + shown(name));
        }
    }
    if (!hasAlgorithm)
        return wrong("no alg");
    return result;
}

Expected<TokenHeader, HeaderFault> readLenientHeader(const JsonObject& header) {
    for (const char* name : {"alg", "typ", "cty", "kid"}) {
        if (const auto* value = header.find(name); value != nullptr && value->type != JsonType::String)
            return wrong(std::string(name) + " is not a string");
    }
    const auto textOf = [&header](std::string_view name) {
        const auto* value = header.find(name);
        return value == nullptr ? std::string() : value->text;
    };
    return TokenHeader{textOf("alg"), textOf("kid")};
}

}  // namespace

std::string shown(std::string_view text) {
    std::string result;
    for (const char c : text.substr(0, 32))
        result += c >= 0x20 && c < 0x7f ? c : '?';
    return text.size() > 32 ? result + "..." : result;
}

std::optional<std::string> splitToken(std::string_view token, TokenRules rules, TokenParts& parts) {
    if (token.empty())
        return "an empty text";
    if (token.size() > kMaxTokenBytes)
        return "a text of " + std::to_string(token.size()) + " bytes";
    const auto dots = std::count(token.begin(), token.end(), '.');
    if (dots != 2)
        return std::to_string(dots + 1) + (dots == 0 ? " part" : " parts");
    const bool lenient = rules == TokenRules::Centrifugo;
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    const std::array<std::pair<std::string_view, std::string*>, 3> texts{
        {{token.substr(0, first), &parts.header},
         {token.substr(first + 1, second - first - 1), &parts.claims},
         {token.substr(second + 1), &parts.signature}}};
    constexpr std::array<std::string_view, 3> names{"header", "claims", "signature"};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto bytes = decodeBase64Url(texts[i].first, lenient ? Base64Rules::Lenient : Base64Rules::Canonical);
        if (!bytes)
            return "a " + std::string(names[i]) + " that is not plain base64url";
        *texts[i].second = std::move(*bytes);
    }
    parts.signedText = token.substr(0, second);
    return std::nullopt;
}

Expected<TokenHeader, HeaderFault> readHeader(std::string_view json, TokenRules rules) {
    const auto header = JsonObject::parse(json, rules);
    if (!header)
        return Unexpected(
            HeaderFault{TokenErrorKind::Malformed, rules == TokenRules::Product
                                                       ? "a header that is not one JSON object with distinct names"
                                                       : "a header that is not one JSON object"});
    return rules == TokenRules::Product ? readStrictHeader(*header) : readLenientHeader(*header);
}

}  // namespace xshathra::auth
