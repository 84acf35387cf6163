#include "server/http/response.h"

#include "server/base/ascii.h"

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace xshathra::http {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kSecurityHeaders{{
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cache-Control", "no-store"},
}};

/// A name or value with a line end would write headers of its own.
bool isClean(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

void line(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

void writeStart(std::string& out, const Response& response) {
    out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    out.append(reasonPhrase(response.status)).append("\r\n");
    for (const auto& field : response.headers) {
        // These follow from the body and the connection, and would contradict what is written there.
        if (equalsIgnoringCase(field.name, "Content-Length") || equalsIgnoringCase(field.name, "Transfer-Encoding") ||
            equalsIgnoringCase(field.name, "Connection"))
            continue;
        if (!field.name.empty() && isClean(field.name) && isClean(field.value))
            line(out, field.name, field.value);
    }
    for (const auto& [name, value] : kSecurityHeaders) {
        if (!response.headers.contains(name))
            line(out, name, value);
    }
}

void writeConnection(std::string& out, bool keepAlive, int minorVersion) {
    if (!keepAlive)
        line(out, "Connection", "close");
    else if (minorVersion == 0)
        line(out, "Connection", "keep-alive");
}

/// JSON string content; other bytes of UTF-8 pass.
std::string jsonText(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out += '"';
}

/// The word of a refusal that nothing but its status describes.
std::string_view codeOf(int status) {
    static constexpr std::array<std::pair<int, std::string_view>, 10> kCodes{{
        {403, "forbidden"},
        {405, "method_not_allowed"},
        {408, "request_timeout"},
        {413, "body_too_large"},
        {414, "target_too_long"},
        {417, "expectation_failed"},
        {421, "misdirected_request"},
        {431, "head_too_large"},
        {503, "unavailable"},
        {505, "http_version"},
    }};
    const auto found =
        std::find_if(kCodes.begin(), kCodes.end(), [status](const auto& entry) { return entry.first == status; });
    return found == kCodes.end() ? std::string_view("invalid_request") : found->second;
}

Response withType(int status, std::string body, std::string type) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", std::move(type));
    response.body = SharedBytes(std::move(body));
    return response;
}

}  // namespace

Response Response::json(int status, std::string body) { return withType(status, std::move(body), "application/json"); }

Response Response::text(int status, std::string body) {
    return withType(status, std::move(body), "text/plain; charset=utf-8");
}

Response Response::empty() {
    Response response;
    response.status = 204;
    return response;
}

Response Response::error(int status, const Error& error) {
    std::string body = R"({"error":{"code":)" + jsonText(error.code) + R"(,"message":)" + jsonText(error.message);
    if (!error.field.empty())
        body += R"(,"field":)" + jsonText(error.field);
    return json(status, body + "}}");
}

Response Response::errorAt(std::string_view path, int status, const Error& error) {
    return isApiPath(path) ? Response::error(status, error) : text(status, error.message + "\n");
}

Response Response::refusal(const Refusal& refusal) {
    auto response = errorAt(refusal.path, refusal.status, {std::string(codeOf(refusal.status)), refusal.reason, {}});
    response.close = true;
    return response;
}

bool isApiPath(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

std::string serialize(const Response& response, const Head* request) {
    std::string out;
    out.reserve(512 + response.body.size());
    writeStart(out, response);
    // 1xx, 204 and 304 have no body and, save 304, no length (RFC 9110 section 8.6).
    const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
    if (!bodiless)
        line(out, "Content-Length", std::to_string(response.body.size()));
    writeConnection(out, request != nullptr && request->keepAlive && !response.close,
                    request != nullptr ? request->minorVersion : 1);
    out += "\r\n";
    if (!bodiless && (request == nullptr || request->method != "HEAD"))
        out += response.body.view();
    return out;
}

std::string serializeStreamHead(const Response& response, const Head& request) {
    std::string out;
    writeStart(out, response);
    const bool chunked = request.minorVersion == 1;
    if (chunked)
        line(out, "Transfer-Encoding", "chunked");
    // Said on HTTP/1.1 too, as Centrifugo does, for the sake of proxies in between.
    line(out, "Connection", chunked && request.keepAlive && !response.close ? "keep-alive" : "close");
    out += "\r\n";
    return out;
}

std::string chunkStart(std::size_t size) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t rest = size; rest > 0; rest /= 16)
        text.insert(text.begin(), digits[rest % 16]);
    return text.append("\r\n");
}

std::string encodeChunk(std::string_view bytes) {
    if (bytes.empty())
        return {};
    return chunkStart(bytes.size()).append(bytes).append("\r\n");
}

std::string_view reasonPhrase(int status) {
    // Codes that Beast's table calls otherwise or does not know.
    switch (status) {
        case 499: return "Client Closed Request";
        default: break;
    }
    if (status < 100 || status > 599)
        return "Unknown";
    const auto phrase = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
    return phrase.starts_with("<") ? std::string_view("Unknown") : std::string_view(phrase.data(), phrase.size());
}

}  // namespace xshathra::http
