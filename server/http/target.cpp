#include "server/http/target.h"

#include "server/base/ascii.h"

#include <algorithm>
#include <array>
#include <utility>

namespace xshathra::http {

namespace {

/// The byte of a percent escape at the start of `text`, or -1.
int escapedByte(std::string_view text) {
    if (text.size() < 3 || text[0] != '%' || hexValue(text[1]) < 0 || hexValue(text[2]) < 0)
        return -1;
    return hexValue(text[1]) * 16 + hexValue(text[2]);
}

Unexpected<std::string> bad(std::string reason) { return Unexpected(std::move(reason)); }

/// Decodes once. What would let two readers of one path disagree is refused, not repaired.
Expected<std::string, std::string> decodePath(std::string_view encoded) {
    std::string path;
    path.reserve(encoded.size());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] != '%') {
            path += encoded[i];
            continue;
        }
        const int byte = escapedByte(encoded.substr(i));
        if (byte < 0)
            return bad("The path has a percent sign without two hexadecimal digits.");
        if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\')
            return bad("The path has an encoded slash, backslash or control character.");
        path += static_cast<char>(byte);
        i += 2;
    }
    if (path.find('\\') != std::string::npos)
        return bad("The path has a backslash.");
    for (std::size_t start = 1; start <= path.size();) {
        const auto end = std::min(path.find('/', start), path.size());
        const auto segment = std::string_view(path).substr(start, end - start);
        if (segment == "." || segment == "..")
            return bad("The path has a dot segment.");
        start = end + 1;
    }
    return path;
}

/// Calls `visit(name, value)`, both still encoded, until it returns true.
template <typename Visit>
void forEachParameter(std::string_view query, Visit visit) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto parameter = query.substr(0, end);
        const auto equals = std::min(parameter.find('='), parameter.size());
        if (!parameter.empty() &&
            visit(parameter.substr(0, equals), parameter.substr(std::min(equals + 1, parameter.size()))))
            return;
        query.remove_prefix(std::min(end + 1, query.size()));
    }
}

std::optional<std::string> decodeForm(std::string_view encoded) {
    std::string text;
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] == '+') {
            text += ' ';
        } else if (encoded[i] == '%') {
            const int byte = escapedByte(encoded.substr(i));
            if (byte < 0)
                return std::nullopt;
            text += static_cast<char>(byte);
            i += 2;
        } else {
            text += encoded[i];
        }
    }
    return text;
}

}  // namespace

Expected<Target, std::string> parseTarget(std::string_view method, std::string_view target) {
    Target result;
    if (target == "*" && method == "OPTIONS") {
        result.path = "*";
        return result;
    }
    if (target.find('#') != std::string_view::npos)
        return bad("The target has a fragment.");
    if (!target.starts_with('/')) {
        const auto scheme = target.find("://");
        if (scheme == std::string_view::npos)
            return bad("The target is neither a path nor an http address.");
        result.scheme = toLower(target.substr(0, scheme));
        if (result.scheme != "http" && result.scheme != "https")
            return bad("The target's scheme is neither http nor https.");
        target.remove_prefix(scheme + 3);
        const auto end = std::min(target.find_first_of("/?"), target.size());
        result.authority = target.substr(0, end);
        if (result.authority.empty())
            return bad("The target names no host.");
        target.remove_prefix(end);
    }
    const auto question = std::min(target.find('?'), target.size());
    auto path = decodePath(question == 0 ? std::string_view("/") : target.substr(0, question));
    if (!path)
        return bad(std::move(path).error());
    result.path = std::move(*path);
    result.query = target.substr(std::min(question + 1, target.size()));
    return result;
}

std::optional<std::string> queryValue(std::string_view query, std::string_view name) {
    std::optional<std::string> result;
    forEachParameter(query, [&](std::string_view key, std::string_view value) {
        if (decodeForm(key) != name)
            return false;
        result = decodeForm(value);
        return true;
    });
    return result;
}

std::optional<std::string> credentialInQuery(std::string_view query) {
    constexpr std::array<std::string_view, 10> names{"token", "access_token", "apikey", "api_key",  "api-key",
                                                     "key",   "secret",       "jwt",    "password", "authorization"};
    std::optional<std::string> result;
    forEachParameter(query, [&](std::string_view key, std::string_view) {
        auto name = decodeForm(key);
        if (!name)
            return false;
        *name = toLower(*name);
        if (std::find(names.begin(), names.end(), *name) == names.end())
            return false;
        result = std::move(name);
        return true;
    });
    return result;
}

}  // namespace xshathra::http
