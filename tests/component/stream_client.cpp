#include "tests/component/stream_client.h"

#include <algorithm>
#include <cstdlib>

namespace xshathra::test {

std::string request(std::uint16_t port, const std::string& method, const std::string& target, const std::string& body,
                    const std::string& headers) {
    auto bytes = method + " " + target + " HTTP/1.1\r\nHost: localhost:" + std::to_string(port) + "\r\n" + headers;
    if (!body.empty() || method == "POST")
        bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return bytes + "\r\n" + body;
}

std::string q(std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string field(const std::string& json, const std::string& name) {
    const auto at = json.find("\"" + name + "\":\"");
    if (at == std::string::npos)
        return {};
    const auto start = at + name.size() + 4;
    return json.substr(start, json.find('"', start) - start);
}

std::string StreamClient::readHead() {
    text_.clear();
    ended_ = false;
    return raw.readUntil("\r\n\r\n");
}

std::string StreamClient::readChunk() {
    const auto line = raw.readUntil("\r\n");
    if (line.empty())
        return {};
    const auto size = std::strtoull(line.c_str(), nullptr, 16);
    std::string chunk;
    while (chunk.size() < size + 2) {
        if (raw.buffer().empty() && raw.drain(1, RawClient::kPatienceMs) == 0)
            return {};
        const auto take = std::min<std::size_t>(size + 2 - chunk.size(), raw.buffer().size());
        chunk += raw.buffer().substr(0, take);
        raw.buffer().erase(0, take);
    }
    if (!chunk.ends_with("\r\n"))
        return {};
    chunk.resize(size);
    ended_ = size == 0;
    return chunk;
}

std::string StreamClient::readUntil(std::string_view end) {
    for (;;) {
        if (const auto at = text_.find(end); at != std::string::npos) {
            auto taken = text_.substr(0, at);
            text_.erase(0, at + end.size());
            return taken;
        }
        const auto chunk = readChunk();
        if (chunk.empty())
            return {};
        text_ += chunk;
    }
}

std::string StreamClient::readEvent() {
    auto event = readUntil("\n\n");
    if (event.starts_with("\r\n"))
        event.erase(0, 2);
    return event.starts_with("data: ") ? event.substr(6) : std::string();
}

std::string StreamClient::readProtobuf() {
    for (;;) {
        std::size_t length = 0;
        std::size_t at = 0;
        bool whole = false;
        for (unsigned shift = 0; at < text_.size() && !whole; shift += 7, ++at) {
            length |= std::size_t(static_cast<unsigned char>(text_[at]) & 0x7fU) << shift;
            whole = (static_cast<unsigned char>(text_[at]) & 0x80U) == 0;
        }
        if (whole && text_.size() >= at + length) {
            auto taken = text_.substr(0, at + length);
            text_.erase(0, at + length);
            return taken;
        }
        const auto chunk = readChunk();
        if (chunk.empty())
            return {};
        text_ += chunk;
    }
}

}  // namespace xshathra::test
