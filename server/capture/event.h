#pragma once

#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/capture/decision.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace xshathra::capture {

/// Seen from the server: In came from a client or backend, Out was sent by the server.
enum class Direction : std::uint8_t { In, Out };

/// What an event is about. The words of name() are part of the filter language and of exported captures.
enum class Kind : std::uint8_t {
    Connect,
    Subscribe,
    Unsubscribe,
    Publish,
    Push,
    Reply,
    Error,
    Join,
    Leave,
    Presence,
    History,
    Rpc,
    Refresh,
    Ping,
    Pong,
    Http,
    Disconnect,
    Other,
};
inline constexpr std::size_t kKindCount = static_cast<std::size_t>(Kind::Other) + 1;

/// The lower-case word for a kind, for example "publish". Never empty.
std::string_view name(Kind kind);
/// "in" or "out".
std::string_view name(Direction direction);

/// One thing that happened on the wire, as it is handed to the Recorder. Copying shares all texts and the payload.
/// Absent texts are empty. The bytes are untrusted and may be any bytes.
struct Event {
    /// Position in the server's order, from 1. Set by Recorder::record().
    std::uint64_t seq = 0;
    /// Both times are set by Recorder::record() when zero.
    Nanoseconds wall{};
    Nanoseconds monotonic{};
    Direction dir = Direction::In;
    Kind kind = Kind::Other;
    /// Whether the payload is Protobuf rather than text.
    bool binary = false;
    /// Project id (`proj_...`).
    SharedBytes project;
    SharedBytes channel;
    /// Client id of the connection that sent or received; empty for the server API and for fan-out.
    SharedBytes client;
    SharedBytes user;
    /// The exact message (one command, reply or push without its line break) or the HTTP body. Shared, never copied.
    SharedBytes payload;
    /// Bytes on the wire. Set to the payload's size by Recorder::record() when zero.
    std::uint32_t size = 0;
    /// How many connections an outgoing message went to; 0 when that has no meaning.
    std::uint32_t recipients = 0;
    /// For a reply: since its command arrived. For a push: since the publication was accepted. For HTTP: the request's
    /// time. Zero when unknown.
    Nanoseconds latency{};
    /// Protocol error or disconnect code, or HTTP status; 0 when none.
    std::uint32_t code = 0;
    /// The protocol's command id, or an HTTP request's number, that ties a reply to its command; 0 when none.
    std::uint32_t commandId = 0;
    /// The checks of a connect, a subscribe or a refusal; may be null.
    std::shared_ptr<const Decision> decision;
    /// One short text for people: method and path of a request, a reason, the SDK's name and version.
    SharedBytes note;
    /// What a fault rule did to this message, for example "+200 ms"; empty when none.
    SharedBytes fault;
};

}  // namespace xshathra::capture
