#pragma once

#include "server/base/shared_bytes.h"
#include "server/protocol/codes.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The messages of the Centrifuge client protocol (sections 3 and 4) as plain values, independent of their encoding.
/// A field with its zero value is absent on the wire. All are values: no thread owns them.
namespace xshathra::protocol {

/// Payload bytes that go through untouched: one JSON text in JSON connections, any bytes in Protobuf ones. Empty bytes
/// and absence are the same on the wire. Messages that exist for their payload hold plain SharedBytes, others this.
using Raw = std::optional<SharedBytes>;

// --- building blocks (section 3.2) ---

/// Who a client is.
struct ClientInfo {
    /// Empty for an anonymous user.
    std::string user{};
    /// Connection id.
    std::string client{};
    /// Info of the connection's token.
    Raw connInfo{};
    /// Info of the subscription's token.
    Raw chanInfo{};

    friend bool operator==(const ClientInfo&, const ClientInfo&) = default;
};

/// One message in a channel.
struct Publication {
    SharedBytes data{};
    /// The publisher; only for publications made by clients.
    std::optional<ClientInfo> info{};
    /// Place in the channel's stream from 1; 0 without history.
    std::uint64_t offset = 0;
    std::map<std::string, std::string> tags{};
    /// `data` is a patch against the stream's previous publication (section 11).
    bool delta = false;
    /// Milliseconds since 1970.
    std::int64_t time = 0;
    std::string channel{};
    /// Map and shared-poll subscriptions (section 14).
    std::string key{};
    bool removed = false;
    std::int64_t score = 0;
    /// Only with offset 1.
    std::string epoch{};
    Raw prevData{};
    std::uint64_t version = 0;

    friend bool operator==(const Publication&, const Publication&) = default;
};

/// A place in a channel's stream.
struct StreamPosition {
    std::uint64_t offset = 0;
    std::string epoch{};

    friend bool operator==(const StreamPosition&, const StreamPosition&) = default;
};

/// A publication filter: a leaf compares one tag, a branch (`op` and, or, not) combines nodes (section 12). Not checked
/// here.
struct FilterNode {
    std::string op{};
    std::string key{};
    std::string cmp{};
    std::string val{};
    std::vector<std::string> vals{};
    std::vector<FilterNode> nodes{};

    friend bool operator==(const FilterNode&, const FilterNode&) = default;
};

/// A dictionary for compressed frames (section 13).
struct Dictionary {
    std::string id{};
    /// Deflated content in Protobuf connections.
    Raw data{};
    /// The same in JSON connections, as base64.
    std::string dataB64{};

    friend bool operator==(const Dictionary&, const Dictionary&) = default;
};

/// A key that a shared-poll subscription follows, with the version the client has.
struct KeyedItem {
    std::string key{};
    std::uint64_t version = 0;

    friend bool operator==(const KeyedItem&, const KeyedItem&) = default;
};

/// Keys to follow that one signature covers (section 14.3).
struct TrackBatch {
    std::string signature{};
    std::vector<KeyedItem> items{};

    friend bool operator==(const TrackBatch&, const TrackBatch&) = default;
};

// --- requests: what clients send (section 3.3) ---

struct SubscribeRequest {
    std::string channel{};
    std::string token{};
    bool recover = false;
    std::string epoch{};
    std::uint64_t offset = 0;
    Raw data{};
    bool positioned = false;
    bool recoverable = false;
    bool joinLeave = false;
    /// "" or "fossil".
    std::string delta{};
    /// Publication filter.
    std::optional<FilterNode> tf{};
    /// Bits of section 8.2.
    std::int64_t flag = 0;
    /// 0 stream, 1 map, 2 map of clients, 3 map of users, 4 shared poll.
    std::int32_t type = 0;
    /// Map subscriptions: 0 live, 1 stream, 2 state.
    std::int32_t phase = 0;
    std::string cursor{};
    std::int32_t limit = 0;
    bool asc = false;

    friend bool operator==(const SubscribeRequest&, const SubscribeRequest&) = default;
};

struct ConnectRequest {
    std::string token{};
    Raw data{};
    /// Positions of server-side subscriptions to recover, by channel.
    std::map<std::string, SubscribeRequest> subs{};
    /// Name of the SDK, for example "js".
    std::string name{};
    /// Version that the application gives.
    std::string version{};
    /// Emulated HTTP headers.
    std::map<std::string, std::string> headers{};
    std::int64_t flag = 0;
    /// Id of a dictionary that the client has.
    std::string dict{};
    std::string profile{};

    friend bool operator==(const ConnectRequest&, const ConnectRequest&) = default;
};

struct UnsubscribeRequest {
    std::string channel{};

    friend bool operator==(const UnsubscribeRequest&, const UnsubscribeRequest&) = default;
};

struct PublishRequest {
    std::string channel{};
    SharedBytes data{};
    /// As in SubscribeRequest.
    std::int32_t type = 0;
    std::string key{};
    bool removed = false;

    friend bool operator==(const PublishRequest&, const PublishRequest&) = default;
};

struct PresenceRequest {
    std::string channel{};

    friend bool operator==(const PresenceRequest&, const PresenceRequest&) = default;
};

struct PresenceStatsRequest {
    std::string channel{};

    friend bool operator==(const PresenceStatsRequest&, const PresenceStatsRequest&) = default;
};

struct HistoryRequest {
    std::string channel{};
    /// 0: only the position; -1: as many as the server gives.
    std::int32_t limit = 0;
    std::optional<StreamPosition> since{};
    bool reverse = false;

    friend bool operator==(const HistoryRequest&, const HistoryRequest&) = default;
};

/// Exists in the schema; a server ends the connection over it (section 5.2).
struct PingRequest {
    friend bool operator==(const PingRequest&, const PingRequest&) = default;
};

/// An asynchronous message; has no reply.
struct SendRequest {
    SharedBytes data{};

    friend bool operator==(const SendRequest&, const SendRequest&) = default;
};

struct RpcRequest {
    SharedBytes data{};
    std::string method{};

    friend bool operator==(const RpcRequest&, const RpcRequest&) = default;
};

struct RefreshRequest {
    std::string token{};

    friend bool operator==(const RefreshRequest&, const RefreshRequest&) = default;
};

struct SubRefreshRequest {
    std::string channel{};
    std::string token{};
    /// 0 refresh, 1 track, 2 untrack.
    std::int32_t type = 0;
    std::vector<TrackBatch> track{};
    std::vector<std::string> untrack{};

    friend bool operator==(const SubRefreshRequest&, const SubRefreshRequest&) = default;
};

// --- results: what servers answer (section 3.3) ---

struct SubscribeResult {
    bool expires = false;
    /// Seconds.
    std::uint32_t ttl = 0;
    bool recoverable = false;
    std::string epoch{};
    std::vector<Publication> publications{};
    bool recovered = false;
    std::uint64_t offset = 0;
    bool positioned = false;
    Raw data{};
    bool wasRecovering = false;
    bool delta = false;
    /// Channel number for compacted pushes.
    std::int64_t id = 0;
    std::int32_t type = 0;
    std::int32_t phase = 0;
    std::string cursor{};
    std::vector<Publication> state{};
    /// Milliseconds.
    std::uint32_t publishDebounce = 0;

    friend bool operator==(const SubscribeResult&, const SubscribeResult&) = default;
};

struct ConnectResult {
    std::string client{};
    std::string version{};
    bool expires = false;
    /// Seconds.
    std::uint32_t ttl = 0;
    Raw data{};
    std::map<std::string, SubscribeResult> subs{};
    /// Interval of pings in seconds; 0: none.
    std::uint32_t ping = 0;
    bool pong = false;
    std::string session{};
    std::string node{};
    /// Milliseconds since 1970.
    std::int64_t time = 0;
    std::int64_t flag = 0;
    std::optional<Dictionary> dict{};

    friend bool operator==(const ConnectResult&, const ConnectResult&) = default;
};

struct UnsubscribeResult {
    friend bool operator==(const UnsubscribeResult&, const UnsubscribeResult&) = default;
};

struct PublishResult {
    friend bool operator==(const PublishResult&, const PublishResult&) = default;
};

struct PresenceResult {
    /// By connection id.
    std::map<std::string, ClientInfo> presence{};

    friend bool operator==(const PresenceResult&, const PresenceResult&) = default;
};

struct PresenceStatsResult {
    std::uint32_t numClients = 0;
    std::uint32_t numUsers = 0;

    friend bool operator==(const PresenceStatsResult&, const PresenceStatsResult&) = default;
};

struct HistoryResult {
    std::vector<Publication> publications{};
    std::string epoch{};
    std::uint64_t offset = 0;

    friend bool operator==(const HistoryResult&, const HistoryResult&) = default;
};

struct PingResult {
    friend bool operator==(const PingResult&, const PingResult&) = default;
};

struct RpcResult {
    SharedBytes data{};

    friend bool operator==(const RpcResult&, const RpcResult&) = default;
};

struct RefreshResult {
    std::string client{};
    std::string version{};
    bool expires = false;
    /// Seconds.
    std::uint32_t ttl = 0;

    friend bool operator==(const RefreshResult&, const RefreshResult&) = default;
};

struct SubRefreshResult {
    bool expires = false;
    /// Seconds.
    std::uint32_t ttl = 0;
    std::vector<Publication> items{};

    friend bool operator==(const SubRefreshResult&, const SubRefreshResult&) = default;
};

// --- pushes: what servers send by themselves (section 3.4); Unsubscribe and Disconnect are in codes.h ---

struct Join {
    ClientInfo info{};

    friend bool operator==(const Join&, const Join&) = default;
};

struct Leave {
    ClientInfo info{};

    friend bool operator==(const Leave&, const Leave&) = default;
};

/// The server added a server-side subscription.
struct Subscribe {
    bool recoverable = false;
    std::string epoch{};
    std::uint64_t offset = 0;
    bool positioned = false;
    Raw data{};

    friend bool operator==(const Subscribe&, const Subscribe&) = default;
};

/// An asynchronous message to one connection.
struct Message {
    SharedBytes data{};

    friend bool operator==(const Message&, const Message&) = default;
};

/// The first push of a unidirectional transport.
struct Connect {
    std::string client{};
    std::string version{};
    Raw data{};
    std::map<std::string, SubscribeResult> subs{};
    bool expires = false;
    /// Seconds.
    std::uint32_t ttl = 0;
    /// Interval of pings in seconds.
    std::uint32_t ping = 0;
    bool pong = false;
    std::string session{};
    std::string node{};
    /// Milliseconds since 1970.
    std::int64_t time = 0;

    friend bool operator==(const Connect&, const Connect&) = default;
};

/// The connection has a new expiry.
struct Refresh {
    bool expires = false;
    /// Seconds.
    std::uint32_t ttl = 0;

    friend bool operator==(const Refresh&, const Refresh&) = default;
};

// --- envelopes (section 3.1) ---

/// What a client asks. No request and id 0 is a pong.
struct Command {
    using Request = std::variant<std::monostate, ConnectRequest, SubscribeRequest, UnsubscribeRequest, PublishRequest,
                                 PresenceRequest, PresenceStatsRequest, HistoryRequest, PingRequest, SendRequest,
                                 RpcRequest, RefreshRequest, SubRefreshRequest>;

    std::uint32_t id = 0;
    Request request{};
    /// The bytes that it was decoded from without framing, for the capture; empty for a command made in memory. Not
    /// compared.
    SharedBytes wire{};

    friend bool operator==(const Command& a, const Command& b) { return a.id == b.id && a.request == b.request; }
};

/// What a server sends by itself. No message at all is a ping (in a bare push of a unidirectional transport).
struct Push {
    using Body = std::variant<std::monostate, Publication, Join, Leave, Unsubscribe, Message, Subscribe, Connect,
                              Disconnect, Refresh>;

    /// Channel number in place of the name where compaction was agreed.
    std::int64_t id = 0;
    std::string channel{};
    Body message{};

    friend bool operator==(const Push&, const Push&) = default;
};

/// What a server answers: an error, or the result of the command, or a push. None of them and id 0 is a ping.
struct Reply {
    using Result = std::variant<std::monostate, Push, ConnectResult, SubscribeResult, UnsubscribeResult, PublishResult,
                                PresenceResult, PresenceStatsResult, HistoryResult, PingResult, RpcResult,
                                RefreshResult, SubRefreshResult>;

    std::uint32_t id = 0;
    std::optional<ClientError> error{};
    Result result{};
    /// As in Command.
    SharedBytes wire{};

    friend bool operator==(const Reply& a, const Reply& b) {
        return a.id == b.id && a.error == b.error && a.result == b.result;
    }
};

/// The JSON key and Protobuf field of a request, for example "presence_stats"; empty for a pong. Also the word for
/// metrics.
std::string_view methodName(const Command::Request& request);
/// The same for a result; "push" for a push, empty for a ping.
std::string_view methodName(const Reply::Result& result);
/// The JSON key of a push, for example "pub"; empty for none.
std::string_view pushName(const Push::Body& message);

}  // namespace xshathra::protocol
