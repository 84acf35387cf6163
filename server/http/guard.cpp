#include "server/http/guard.h"

#include "server/base/ascii.h"
#include "server/http/origin_pattern.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace xshathra::http {

namespace {

constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxShown = 200;

/// 1 to 65535 in digits without a leading zero.
std::optional<std::uint16_t> parsePort(std::string_view text) {
    std::uint16_t port = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || stop != text.data() + text.size() || port == 0 || text.front() == '0')
        return std::nullopt;
    return port;
}

bool isNameCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

/// Labels of letters, digits, `-` and `_`, none of them empty: so no trailing dot either.
bool isHostName(std::string_view host) {
    if (host.empty() || host.size() > kMaxHost)
        return false;
    while (true) {
        const auto end = std::min(host.find('.'), host.size());
        const auto label = host.substr(0, end);
        if (label.empty() || label.size() > kMaxLabel || !std::all_of(label.begin(), label.end(), isNameCharacter))
            return false;
        if (end == host.size())
            return true;
        host.remove_prefix(end + 1);
    }
}

bool isBracketed(std::string_view host) {
    return host.size() > 2 && host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1 && host.back() == ']';
}

bool isScheme(std::string_view text) {
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
           });
}

std::string shown(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (const char c : text.substr(0, kMaxShown)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            result += c;
        } else {
            result += "\\x";
            result += digits[byte >> 4];
            result += digits[byte & 15];
        }
    }
    return text.size() > kMaxShown ? result + "..." : result;
}

bool isWeb(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

GuardAnswer refuse(int status, std::string check, std::string found, std::string expected, std::string advice) {
    return {false, status, std::move(check), std::move(found), std::move(expected), std::move(advice)};
}

}  // namespace

std::optional<HostPort> parseHostPort(std::string_view text) {
    HostPort result;
    const std::string lower = toLower(text);
    std::string_view host = lower;
    std::string_view rest;
    if (host.starts_with('[')) {
        const auto close = host.find(']');
        if (close == std::string_view::npos)
            return std::nullopt;
        rest = host.substr(close + 1);
        host = host.substr(0, close + 1);
        if (!isBracketed(host))
            return std::nullopt;
    } else {
        const auto colon = std::min(host.find(':'), host.size());
        rest = host.substr(colon);
        host = host.substr(0, colon);
        if (!isHostName(host))
            return std::nullopt;
    }
    result.host = host;
    if (!rest.empty()) {
        if (rest.front() != ':')
            return std::nullopt;
        result.port = rest.size() > 1 ? parsePort(rest.substr(1)) : std::nullopt;
        if (!result.port)
            return std::nullopt;
    }
    return result;
}

std::optional<Origin> parseOrigin(std::string_view text) {
    const auto separator = text.find("://");
    if (separator == std::string_view::npos)
        return std::nullopt;
    Origin origin;
    origin.scheme = toLower(text.substr(0, separator));
    auto place = parseHostPort(text.substr(separator + 3));
    if (!isScheme(origin.scheme) || !place)
        return std::nullopt;
    origin.host = std::move(place->host);
    origin.port = place->port.value_or(origin.scheme == "http" ? 80 : origin.scheme == "https" ? 443 : 0);
    return origin;
}

bool isLoopbackHost(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host.ends_with(".localhost");
}

Response GuardAnswer::response(std::string_view path) const {
    return Response::refusal(
        {status, "Refused " + check + ": " + found + ". Accepted: " + expected + ". " + advice, std::string(path)});
}

Guard::Guard(GuardConfig config) : config_(std::move(config)) {
    for (const auto& text : config_.hosts) {
        if (auto host = parseHostPort(text)) {
            host->port = host->port.value_or(config_.port);
            hosts_.push_back(std::move(*host));
        }
    }
    for (const auto& text : config_.origins) {
        if (auto origin = parseOrigin(text))
            origins_.push_back(std::move(*origin));
    }
}

std::vector<std::string> Guard::invalidEntries(const GuardConfig& config) {
    std::vector<std::string> invalid;
    std::copy_if(config.hosts.begin(), config.hosts.end(), std::back_inserter(invalid),
                 [](const std::string& text) { return !parseHostPort(text); });
    std::copy_if(config.origins.begin(), config.origins.end(), std::back_inserter(invalid),
                 [](const std::string& text) { return !parseOrigin(text); });
    std::copy_if(config.originPatterns.begin(), config.originPatterns.end(), std::back_inserter(invalid),
                 [](const std::string& text) { return !isOriginPattern(text); });
    return invalid;
}

bool Guard::hostAllowed(const HostPort& host) const {
    const HostPort exact{host.host, host.port.value_or(defaultPort())};
    return (isLoopbackHost(exact.host) && exact.port == config_.port) ||
           std::find(hosts_.begin(), hosts_.end(), exact) != hosts_.end();
}

GuardAnswer Guard::check(const Head& head) const {
    auto answer = checkHost(head);
    return answer.allowed ? checkOrigin(head) : answer;
}

GuardAnswer Guard::checkHost(const Head& head) const {
    const auto expected = [&] {
        const std::string port = ':' + std::to_string(config_.port);
        std::string names = "localhost" + port + ", 127.0.0.1" + port + ", [::1]" + port + ", *.localhost" + port;
        for (const auto& host : hosts_)
            names += ", " + host.host + ':' + std::to_string(*host.port);
        return names;
    };
    const std::string advice = "Use one of these names, or add the name with its port to the server's allowed hosts.";
    const auto count = head.fields.count("Host");
    if (config_.anyHost && count == 0 && head.minorVersion == 0)
        return {};
    if (count != 1)
        return refuse(421, "host", count == 0 ? "no Host header" : std::to_string(count) + " Host headers", expected(),
                      advice);
    const auto text = head.header("Host");
    const auto host = parseHostPort(text);
    if (!host || !(config_.anyHost || hostAllowed(*host)))
        return refuse(421, "host", text.empty() ? "an empty Host header" : shown(text), expected(), advice);
    if (!head.targetAuthority.empty()) {
        // RFC 9112 section 3.2.2 lets the target win over Host; here both must say the same, so that nobody has to
        // choose.
        const auto target = parseHostPort(head.targetAuthority);
        const bool agrees = target && target->host == host->host &&
                            target->port.value_or(defaultPort()) == host->port.value_or(defaultPort()) &&
                            (head.targetScheme == "https") == config_.tls;
        if (!agrees)
            return refuse(421, "host",
                          shown(head.targetScheme + "://" + head.targetAuthority) + " beside Host " + shown(text),
                          "the same host in the request line as in Host", "Send the path alone in the request line.");
    }
    return {};
}

GuardAnswer Guard::checkOrigin(const Head& head) const {
    const auto expected = [&] {
        std::string names = config_.allowLoopbackOrigins
                                ? "http(s)://localhost, 127.0.0.1, [::1] and *.localhost on any port"
                                : "pages of this server";
        for (const auto* list : {&config_.origins, &config_.originPatterns}) {
            for (const auto& origin : *list)
                names += ", " + origin;
        }
        return names + ", or no Origin header";
    };
    const auto count = head.fields.count("Origin");
    if (count == 0)
        return {};
    const std::string advice =
        "Open the page from an accepted origin, or add its origin to the server's allowed origins.";
    if (count > 1)
        return refuse(403, "origin", std::to_string(count) + " Origin headers", expected(), advice);
    const auto text = head.header("Origin");
    if (std::any_of(config_.originPatterns.begin(), config_.originPatterns.end(),
                    [text](const auto& pattern) { return matchesOriginPattern(pattern, text); }))
        return {};
    if (text == "null")
        return refuse(403, "origin", "null (a file or a sandboxed page)", expected(),
                      "Serve the page from a local web server instead of opening it as a file.");
    const auto origin = parseOrigin(text);
    if (!origin)
        return refuse(403, "origin", text.empty() ? "an empty Origin header" : shown(text), expected(), advice);
    const bool loopback = config_.allowLoopbackOrigins && isWeb(origin->scheme) && isLoopbackHost(origin->host);
    const bool own = isWeb(origin->scheme) && (!config_.tls || origin->scheme == "https") &&
                     hostAllowed(HostPort{origin->host, origin->port});
    if (loopback || own || std::find(origins_.begin(), origins_.end(), *origin) != origins_.end())
        return {};
    return refuse(403, "origin", shown(text), expected(), advice);
}

bool Guard::isOwnPage(const Head& head) const {
    if (head.fields.count("Origin") != 1 || head.fields.count("Host") != 1)
        return false;
    const auto origin = parseOrigin(head.header("Origin"));
    const auto host = parseHostPort(head.header("Host"));
    if (!origin || !host || !isWeb(origin->scheme) || (config_.tls && origin->scheme != "https"))
        return false;
    const std::uint16_t schemePort = origin->scheme == "https" ? 443 : 80;
    return origin->host == host->host && origin->port == host->port.value_or(schemePort);
}

void addCorsHeaders(const Head& request, Response& response) {
    response.headers.set("Vary", "Origin");
    const auto origin = request.header("Origin");
    if (origin.empty())
        return;
    response.headers.set("Access-Control-Allow-Origin", std::string(origin));
    response.headers.set("Access-Control-Allow-Credentials", "true");
    if (const auto wanted = request.fields.find("Access-Control-Request-Headers"))
        response.headers.set("Access-Control-Allow-Headers", std::string(*wanted));
}

Response corsPreflight(const Head& request) {
    Response response = Response::empty();
    addCorsHeaders(request, response);
    response.headers.set("Access-Control-Allow-Methods", "POST, OPTIONS");
    response.headers.set("Access-Control-Max-Age", "300");
    return response;
}

}  // namespace xshathra::http
