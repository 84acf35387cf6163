#pragma once

#include "server/http/head.h"

#include <string>
#include <string_view>

namespace xshathra::http {

/// Whether the request asks for a WebSocket (`Upgrade: websocket`), be it well-formed or not.
bool wantsWebSocket(const Head& head);

/// Whether a WebSocket handshake can be accepted, by RFC 6455 section 4.2.1 and reference 1.2.
struct UpgradeCheck {
    /// 0: accept. Otherwise 400 or 405.
    int status = 0;
    /// One sentence for people; empty when accepted.
    std::string reason;
    /// A header that the answer must carry: `Allow`, or `Sec-WebSocket-Version` after a bad version. Usually empty.
    std::string headerName;
    std::string headerValue;

    bool ok() const { return status == 0; }
};

/// Method GET, HTTP/1.1, `Connection: upgrade`, `Upgrade: websocket`, version 13, one key of 16 bytes, no body.
UpgradeCheck checkUpgrade(const Head& head);

/// Whether the subprotocol header was typed by hand into a tool such as wscat: neither User-Agent nor Origin, and
/// Sec-WebSocket-Protocol stands before Sec-WebSocket-Key. The library under such a tool does not know that it asked
/// for a subprotocol and drops a server that echoes one; so the server speaks it and leaves the header out (RFC 6455
/// section 4.2.2 allows it).
bool subprotocolWasTyped(const Head& head);

/// The first subprotocol of the client's list that the server knows (`centrifuge-json`, `centrifuge-protobuf`), or
/// empty.
std::string_view chosenSubprotocol(const Head& head);

}  // namespace xshathra::http
