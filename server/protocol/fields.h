#pragma once

#include "server/protocol/messages.h"

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

/// The JSON names of all fields, once for both directions: fields(message, visit) calls visit(name, member, presence)
/// for each field in the order of its Protobuf number.
namespace xshathra::protocol {

/// Whether a field is written even with its zero value (the marked ones of section 3).
enum class Presence : std::uint8_t { NonZero, Always };

template <typename M, typename T>
concept Is = std::same_as<std::remove_const_t<M>, T>;

/// A struct without fields.
template <typename M>
concept EmptyMessage = Is<M, UnsubscribeResult> || Is<M, PublishResult> || Is<M, PingRequest> || Is<M, PingResult>;

/// Has a channel and nothing else.
template <typename M>
concept ChannelMessage = Is<M, UnsubscribeRequest> || Is<M, PresenceRequest> || Is<M, PresenceStatsRequest>;

/// Has data and nothing else.
template <typename M>
concept DataMessage = Is<M, SendRequest> || Is<M, Message> || Is<M, RpcResult>;

template <EmptyMessage M>
void fields(M&, auto&&) {}

template <ChannelMessage M>
void fields(M& m, auto&& visit) {
    visit("channel", m.channel);
}

template <DataMessage M>
void fields(M& m, auto&& visit) {
    visit("data", m.data);
}

template <Is<ClientInfo> M>
void fields(M& m, auto&& visit) {
    visit("user", m.user, Presence::Always);
    visit("client", m.client, Presence::Always);
    visit("conn_info", m.connInfo);
    visit("chan_info", m.chanInfo);
}

template <Is<Publication> M>
void fields(M& m, auto&& visit) {
    visit("data", m.data);
    visit("info", m.info);
    visit("offset", m.offset);
    visit("tags", m.tags);
    visit("delta", m.delta);
    visit("time", m.time);
    visit("channel", m.channel);
    visit("key", m.key);
    visit("removed", m.removed);
    visit("score", m.score);
    visit("epoch", m.epoch);
    visit("prev_data", m.prevData);
    visit("version", m.version);
}

template <Is<StreamPosition> M>
void fields(M& m, auto&& visit) {
    visit("offset", m.offset);
    visit("epoch", m.epoch);
}

template <Is<FilterNode> M>
void fields(M& m, auto&& visit) {
    visit("op", m.op);
    visit("key", m.key);
    visit("cmp", m.cmp);
    visit("val", m.val);
    visit("vals", m.vals);
    visit("nodes", m.nodes);
}

template <Is<Dictionary> M>
void fields(M& m, auto&& visit) {
    visit("id", m.id);
    visit("data", m.data);
    visit("data_b64", m.dataB64);
}

template <Is<KeyedItem> M>
void fields(M& m, auto&& visit) {
    visit("key", m.key);
    visit("version", m.version);
}

template <Is<TrackBatch> M>
void fields(M& m, auto&& visit) {
    visit("signature", m.signature);
    visit("items", m.items);
}

template <Is<ConnectRequest> M>
void fields(M& m, auto&& visit) {
    visit("token", m.token);
    visit("data", m.data);
    visit("subs", m.subs);
    visit("name", m.name);
    visit("version", m.version);
    visit("headers", m.headers);
    visit("flag", m.flag);
    visit("dict", m.dict);
    visit("profile", m.profile);
}

template <Is<SubscribeRequest> M>
void fields(M& m, auto&& visit) {
    visit("channel", m.channel);
    visit("token", m.token);
    visit("recover", m.recover);
    visit("epoch", m.epoch);
    visit("offset", m.offset);
    visit("data", m.data);
    visit("positioned", m.positioned);
    visit("recoverable", m.recoverable);
    visit("join_leave", m.joinLeave);
    visit("delta", m.delta);
    visit("tf", m.tf);
    visit("flag", m.flag);
    visit("type", m.type);
    visit("phase", m.phase);
    visit("cursor", m.cursor);
    visit("limit", m.limit);
    visit("asc", m.asc);
}

template <Is<PublishRequest> M>
void fields(M& m, auto&& visit) {
    visit("channel", m.channel);
    visit("data", m.data);
    visit("type", m.type);
    visit("key", m.key);
    visit("removed", m.removed);
}

template <Is<HistoryRequest> M>
void fields(M& m, auto&& visit) {
    visit("channel", m.channel);
    visit("limit", m.limit);
    visit("since", m.since);
    visit("reverse", m.reverse);
}

template <Is<RpcRequest> M>
void fields(M& m, auto&& visit) {
    visit("data", m.data);
    visit("method", m.method);
}

template <Is<RefreshRequest> M>
void fields(M& m, auto&& visit) {
    visit("token", m.token);
}

template <Is<SubRefreshRequest> M>
void fields(M& m, auto&& visit) {
    visit("channel", m.channel);
    visit("token", m.token);
    visit("type", m.type);
    visit("track", m.track);
    visit("untrack", m.untrack);
}

template <Is<ConnectResult> M>
void fields(M& m, auto&& visit) {
    visit("client", m.client);
    visit("version", m.version);
    visit("expires", m.expires);
    visit("ttl", m.ttl);
    visit("data", m.data);
    visit("subs", m.subs);
    visit("ping", m.ping);
    visit("pong", m.pong);
    visit("session", m.session);
    visit("node", m.node);
    visit("time", m.time);
    visit("flag", m.flag);
    visit("dict", m.dict);
}

template <Is<SubscribeResult> M>
void fields(M& m, auto&& visit) {
    visit("expires", m.expires);
    visit("ttl", m.ttl);
    visit("recoverable", m.recoverable);
    visit("epoch", m.epoch);
    visit("publications", m.publications);
    visit("recovered", m.recovered);
    visit("offset", m.offset);
    visit("positioned", m.positioned);
    visit("data", m.data);
    visit("was_recovering", m.wasRecovering);
    visit("delta", m.delta);
    visit("id", m.id);
    visit("type", m.type);
    visit("phase", m.phase);
    visit("cursor", m.cursor);
    visit("state", m.state);
    visit("publish_debounce", m.publishDebounce);
}

template <Is<PresenceResult> M>
void fields(M& m, auto&& visit) {
    visit("presence", m.presence, Presence::Always);
}

template <Is<PresenceStatsResult> M>
void fields(M& m, auto&& visit) {
    visit("num_clients", m.numClients, Presence::Always);
    visit("num_users", m.numUsers, Presence::Always);
}

template <Is<HistoryResult> M>
void fields(M& m, auto&& visit) {
    visit("publications", m.publications, Presence::Always);
    visit("epoch", m.epoch, Presence::Always);
    visit("offset", m.offset, Presence::Always);
}

template <Is<RefreshResult> M>
void fields(M& m, auto&& visit) {
    visit("client", m.client);
    visit("version", m.version);
    visit("expires", m.expires);
    visit("ttl", m.ttl);
}

template <Is<SubRefreshResult> M>
void fields(M& m, auto&& visit) {
    visit("expires", m.expires);
    visit("ttl", m.ttl);
    visit("items", m.items);
}

template <typename M>
requires Is<M, Join> || Is<M, Leave>
void fields(M& m, auto&& visit) { visit("info", m.info); }

template <Is<Unsubscribe> M>
void fields(M& m, auto&& visit) {
    visit("code", m.code);
    visit("reason", m.reason);
}

template <Is<Subscribe> M>
void fields(M& m, auto&& visit) {
    visit("recoverable", m.recoverable);
    visit("epoch", m.epoch);
    visit("offset", m.offset);
    visit("positioned", m.positioned);
    visit("data", m.data);
}

template <Is<Connect> M>
void fields(M& m, auto&& visit) {
    visit("client", m.client);
    visit("version", m.version);
    visit("data", m.data);
    visit("subs", m.subs);
    visit("expires", m.expires);
    visit("ttl", m.ttl);
    visit("ping", m.ping);
    visit("pong", m.pong);
    visit("session", m.session);
    visit("node", m.node);
    visit("time", m.time);
}

template <Is<Disconnect> M>
void fields(M& m, auto&& visit) {
    visit("code", m.code);
    visit("reason", m.reason);
    visit("reconnect", m.reconnect);
}

template <Is<Refresh> M>
void fields(M& m, auto&& visit) {
    visit("expires", m.expires);
    visit("ttl", m.ttl);
}

template <Is<ClientError> M>
void fields(M& m, auto&& visit) {
    visit("code", m.code);
    visit("message", m.message);
    visit("temporary", m.temporary);
}

/// The key that a message stands under in its envelope; also the name of its Protobuf field.
template <typename T>
inline constexpr std::string_view kKey{};
template <>
inline constexpr std::string_view kKey<ConnectRequest> = "connect";
template <>
inline constexpr std::string_view kKey<ConnectResult> = "connect";
template <>
inline constexpr std::string_view kKey<Connect> = "connect";
template <>
inline constexpr std::string_view kKey<SubscribeRequest> = "subscribe";
template <>
inline constexpr std::string_view kKey<SubscribeResult> = "subscribe";
template <>
inline constexpr std::string_view kKey<Subscribe> = "subscribe";
template <>
inline constexpr std::string_view kKey<UnsubscribeRequest> = "unsubscribe";
template <>
inline constexpr std::string_view kKey<UnsubscribeResult> = "unsubscribe";
template <>
inline constexpr std::string_view kKey<Unsubscribe> = "unsubscribe";
template <>
inline constexpr std::string_view kKey<PublishRequest> = "publish";
template <>
inline constexpr std::string_view kKey<PublishResult> = "publish";
template <>
inline constexpr std::string_view kKey<PresenceRequest> = "presence";
template <>
inline constexpr std::string_view kKey<PresenceResult> = "presence";
template <>
inline constexpr std::string_view kKey<PresenceStatsRequest> = "presence_stats";
template <>
inline constexpr std::string_view kKey<PresenceStatsResult> = "presence_stats";
template <>
inline constexpr std::string_view kKey<HistoryRequest> = "history";
template <>
inline constexpr std::string_view kKey<HistoryResult> = "history";
template <>
inline constexpr std::string_view kKey<PingRequest> = "ping";
template <>
inline constexpr std::string_view kKey<PingResult> = "ping";
template <>
inline constexpr std::string_view kKey<SendRequest> = "send";
template <>
inline constexpr std::string_view kKey<RpcRequest> = "rpc";
template <>
inline constexpr std::string_view kKey<RpcResult> = "rpc";
template <>
inline constexpr std::string_view kKey<RefreshRequest> = "refresh";
template <>
inline constexpr std::string_view kKey<RefreshResult> = "refresh";
template <>
inline constexpr std::string_view kKey<Refresh> = "refresh";
template <>
inline constexpr std::string_view kKey<SubRefreshRequest> = "sub_refresh";
template <>
inline constexpr std::string_view kKey<SubRefreshResult> = "sub_refresh";
template <>
inline constexpr std::string_view kKey<Push> = "push";
template <>
inline constexpr std::string_view kKey<Publication> = "pub";
template <>
inline constexpr std::string_view kKey<Join> = "join";
template <>
inline constexpr std::string_view kKey<Leave> = "leave";
template <>
inline constexpr std::string_view kKey<Message> = "message";
template <>
inline constexpr std::string_view kKey<Disconnect> = "disconnect";

}  // namespace xshathra::protocol
