#pragma once

#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/protocol/messages.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// When a publish into a map may happen, by whether its key exists.
enum class MapKeyMode : std::uint8_t { Replace, IfNew, IfExists };

/// Why a publish or remove changed nothing.
enum class MapSuppressed : std::uint8_t { No, Idempotency, Version, KeyExists, KeyNotFound, PositionMismatch };

/// Centrifugo's words: "", "if_new", "if_exists".
std::string_view toString(MapKeyMode value);
/// Reads such a word. False, and `out` as it was, when it is none.
[[nodiscard]] bool fromString(std::string_view word, MapKeyMode& out);
/// Centrifugo's words for `suppress_reason`; "" for No.
std::string_view toString(MapSuppressed value);

/// How to set a key of a map (protocol sections 14.2 and 21.2). Defaults are those of Centrifugo's API.
struct MapPublishOptions {
    std::map<std::string, std::string> tags;
    /// A repeat of the key in the same channel within the project's window changes nothing and gets the first position.
    std::string idempotencyKey;
    /// Subscribers that asked for deltas get the difference to the key's previous value.
    bool delta = false;
    /// Above 0: only if greater than the key's version with the same versionEpoch. Not in ephemeral maps.
    std::uint64_t version = 0;
    std::string versionEpoch;
    MapKeyMode keyMode = MapKeyMode::Replace;
    /// With IfNew: a key that exists lives on for another key_ttl (presence).
    bool refreshTtl = false;
    /// Only if the key was last changed at this position. Not in ephemeral maps.
    std::optional<protocol::StreamPosition> expected;
    /// The publishing client; absent for the server API.
    std::optional<protocol::ClientInfo> info;
    /// The caller has already made sure that the data is one JSON text.
    bool knownJson = false;
};

struct MapRemoveOptions {
    /// Absent: the tags that the key had.
    std::optional<std::map<std::string, std::string>> tags;
    std::string idempotencyKey;
    std::optional<protocol::StreamPosition> expected;
};

/// Where the map's stream stands after a change, or without one.
struct MapUpdateResult {
    std::uint64_t offset = 0;
    std::string epoch;
    MapSuppressed suppressed = MapSuppressed::No;
};

struct MapStateQuery {
    /// Of the page before; empty: from the first key.
    std::string cursor;
    /// 0: only the position; below 0: all keys.
    std::int64_t limit = 0;
    /// Only this key, whatever the limit.
    std::string key;
    /// The epoch must still be this one.
    std::optional<protocol::StreamPosition> revision;
};

/// A key's value, or a change of it in the stream.
struct MapEntry {
    protocol::Publication publication;
    /// Of the change, in milliseconds since 1970. Not on the wire of clients.
    std::int64_t time = 0;
};

struct MapStatePage {
    /// In the order of the keys' bytes.
    std::vector<MapEntry> entries;
    std::uint64_t offset = 0;
    std::string epoch;
    /// Empty on the last page.
    std::string cursor;
    /// An entry holds something that isn't JSON, so a JSON client can't be given it.
    bool notJson = false;
};

struct MapStreamQuery {
    std::optional<protocol::StreamPosition> since;
    /// 0: only the position; below 0: all that is stored.
    std::int64_t limit = 0;
    bool reverse = false;
};

struct MapStreamPage {
    std::vector<MapEntry> entries;
    std::uint64_t offset = 0;
    std::string epoch;
    bool notJson = false;
};

/// What the maps of one project may take (ours: Centrifugo has no such limits).
struct MapLimits {
    /// Above it a publish of a new key gets error 106.
    std::size_t keysPerChannel = 100'000;
    /// Bytes of all keys with values, tags and info; above it a publish gets error 106.
    std::size_t bytesTotal = std::size_t{256} << 20;
    /// Bytes of one channel's stream; the oldest changes go first.
    std::size_t streamBytesPerChannel = std::size_t{1} << 20;
    /// Bytes of all streams and idempotency keys; those of the maps that were used least recently go first.
    std::size_t historyBytesTotal = std::size_t{256} << 20;
    /// Channels with a map, be it only looked at; above it a new one gets error 106.
    std::size_t channels = 100'000;
    /// Bytes of a key; above it error 107.
    std::size_t keyLength = 1'024;
    /// Time after which a map that never held a key, or an ephemeral one that holds none, is forgotten.
    Milliseconds idleTime{300'000};

    friend bool operator==(const MapLimits&, const MapLimits&) = default;
};

}  // namespace xshathra::engine
