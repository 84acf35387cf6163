#include "server/transport/endpoints.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace xshathra::transport {

EndpointOptions EndpointOptions::centrifugo() {
    EndpointOptions options;
    options.webSocket.path = "/connection/websocket";
    options.emulation.path = "/emulation";
    const std::array<std::pair<Endpoint*, const char*>, 6> others{{
        {&options.httpStream, "/connection/http_stream"},
        {&options.sse, "/connection/sse"},
        {&options.uniWebSocket, "/connection/uni_websocket"},
        {&options.uniSse, "/connection/uni_sse"},
        {&options.uniHttpStream, "/connection/uni_http_stream"},
        {&options.init, "/connection/init"},
    }};
    for (const auto& [endpoint, path] : others) {
        endpoint->enabled = false;
        endpoint->path = path;
    }
    return options;
}

namespace {

std::array<std::pair<const Endpoint*, const char*>, 8> allOf(const EndpointOptions& options) {
    return {{
        {&options.webSocket, "websocket"},
        {&options.httpStream, "http_stream"},
        {&options.sse, "sse"},
        {&options.emulation, "emulation"},
        {&options.uniWebSocket, "uni_websocket"},
        {&options.uniSse, "uni_sse"},
        {&options.uniHttpStream, "uni_http_stream"},
        {&options.init, "init"},
    }};
}

bool isServed(const EndpointOptions& options, const Endpoint* endpoint) {
    return endpoint->enabled && (endpoint != &options.emulation || options.httpStream.enabled || options.sse.enabled);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> EndpointOptions::served() const {
    std::vector<std::pair<std::string, std::string>> result;
    for (const auto& [endpoint, name] : allOf(*this)) {
        if (isServed(*this, endpoint))
            result.emplace_back(name, endpoint->path);
    }
    return result;
}

Result<void> EndpointOptions::validate() const {
    std::map<std::string_view, const char*> taken;
    for (const auto& [endpoint, name] : allOf(*this)) {
        const auto& path = endpoint->path;
        const bool clean = std::none_of(path.begin(), path.end(), [](char c) {
            return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '?' || c == '#';
        });
        if (path.empty() || path.front() != '/' || !clean)
            return fail(
                "invalid_setting",
                "The path of " + std::string(name) + " must start with a slash and hold neither spaces nor ? or #.",
                std::string(name) + ".handler_prefix");
        if (!isServed(*this, endpoint))
            continue;
        const auto [other, free] = taken.emplace(path, name);
        if (!free)
            return fail("invalid_setting",
                        std::string(other->second) + " and " + name + " have the same path " + path + ".",
                        std::string(name) + ".handler_prefix");
    }
    return {};
}

}  // namespace xshathra::transport
