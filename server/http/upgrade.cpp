#include "server/http/upgrade.h"

#include <algorithm>
#include <array>
#include <utility>

namespace xshathra::http {

namespace {

constexpr std::array<std::string_view, 2> kSubprotocols{"centrifuge-json", "centrifuge-protobuf"};

/// 16 bytes are 22 base64 characters and two of padding (RFC 6455 section 4.1). The unused bits of the last character
/// are left to the client: some send them as they come.
bool isHandshakeKey(std::string_view key) {
    const auto isBase64 = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    };
    return key.size() == 24 && key.ends_with("==") && std::all_of(key.begin(), key.end() - 2, isBase64);
}

UpgradeCheck bad(std::string reason) { return {400, std::move(reason), {}, {}}; }

}  // namespace

bool wantsWebSocket(const Head& head) { return head.fields.listContains("Upgrade", "websocket"); }

UpgradeCheck checkUpgrade(const Head& head) {
    if (head.method != "GET")
        return {405, "A WebSocket is opened with GET.", "Allow", "GET"};
    if (head.minorVersion != 1)
        return bad("A WebSocket needs HTTP/1.1.");
    if (!head.fields.listContains("Connection", "upgrade"))
        return bad("The header Connection: Upgrade is missing.");
    if (!wantsWebSocket(head))
        return bad("The header Upgrade: websocket is missing.");
    if (head.hasBody())
        return bad("A WebSocket handshake has no body.");
    const auto& fields = head.fields;
    if (fields.count("Sec-WebSocket-Version") != 1 || head.header("Sec-WebSocket-Version") != "13")
        return {400, "The header Sec-WebSocket-Version must be 13.", "Sec-WebSocket-Version", "13"};
    if (fields.count("Sec-WebSocket-Key") != 1 || !isHandshakeKey(head.header("Sec-WebSocket-Key")))
        return bad("The header Sec-WebSocket-Key must hold 16 bytes in base64, once.");
    return {};
}

bool subprotocolWasTyped(const Head& head) {
    const auto protocol = head.fields.position("Sec-WebSocket-Protocol");
    const auto key = head.fields.position("Sec-WebSocket-Key");
    return protocol && key && *protocol < *key && !head.fields.contains("User-Agent") &&
           !head.fields.contains("Origin");
}

std::string_view chosenSubprotocol(const Head& head) {
    for (const auto offered : head.fields.list("Sec-WebSocket-Protocol")) {
        const auto known = std::find(kSubprotocols.begin(), kSubprotocols.end(), offered);
        if (known != kSubprotocols.end())
            return *known;
    }
    return {};
}

}  // namespace xshathra::http
