#include "server/auth/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <limits>

namespace xshathra::auth {

namespace {

// EVP_EncodeBlock and EVP_DecodeBlock count in int.
constexpr std::size_t kMaxBlock = static_cast<std::size_t>(std::numeric_limits<int>::max()) / 2;

bool isBase64Character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/'; }

std::string withoutLineBreaks(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(result), [](char c) { return c != '\r' && c != '\n'; });
    return result;
}

}  // namespace

std::string encodeBase64(std::string_view bytes) {
    if (bytes.empty() || bytes.size() > kMaxBlock)
        return {};
    // EVP_EncodeBlock writes a terminating zero beyond the text.
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

std::optional<std::string> decodeBase64(std::string_view text, Base64Rules rules) {
    if (rules == Base64Rules::Lenient && text.find_first_of("\r\n") != std::string_view::npos)
        return decodeBase64(withoutLineBreaks(text), rules);
    if (text.empty())
        return std::string();
    if (text.size() % 4 != 0 || text.size() > kMaxBlock)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text[text.size() - 1 - padding] == '=')
        ++padding;
    const auto content = text.substr(0, text.size() - padding);
    // EVP_DecodeBlock alone would skip white space at both ends.
    if (!std::all_of(content.begin(), content.end(), isBase64Character))
        return std::nullopt;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (length < 0)
        return std::nullopt;
    bytes.resize(static_cast<std::size_t>(length) - padding);
    // Bits that the padding leaves unused must be zero, or several texts would mean the same bytes.
    if (rules == Base64Rules::Canonical && encodeBase64(bytes) != text)
        return std::nullopt;
    return bytes;
}

std::string encodeBase64Url(std::string_view bytes) {
    std::string text = encodeBase64(bytes);
    while (!text.empty() && text.back() == '=')
        text.pop_back();
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

std::optional<std::string> decodeBase64Url(std::string_view text, Base64Rules rules) {
    if (rules == Base64Rules::Lenient && text.find_first_of("\r\n") != std::string_view::npos)
        return decodeBase64Url(withoutLineBreaks(text), rules);
    if (text.find_first_of("+/=") != std::string_view::npos)
        return std::nullopt;
    std::string standard(text);
    std::replace(standard.begin(), standard.end(), '-', '+');
    std::replace(standard.begin(), standard.end(), '_', '/');
    standard.append((4 - standard.size() % 4) % 4, '=');
    return decodeBase64(standard, rules);
}

}  // namespace xshathra::auth
