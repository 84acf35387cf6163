#pragma once

#include "server/protocol/fields.h"

#include <centrifuge.pb.h>
#include <utility>

/// The Protobuf fields of all messages, once for both directions: map(message, wire) fills `wire` from a const message,
/// and a message that isn't const from `wire`, whose strings it takes.
namespace xshathra::protocol::wire {

namespace pb = centrifugal::centrifuge::protocol;

// Accessors of generated code have the field's name inside their own, which only the preprocessor can compose.
#define XSHATHRA_SCALAR(name, member)    \
    if constexpr (std::is_const_v<M>)    \
        wire.set_##name(message.member); \
    else                                 \
        message.member = wire.name();
#define XSHATHRA_TEXT(name, member)      \
    if constexpr (std::is_const_v<M>)    \
        wire.set_##name(message.member); \
    else                                 \
        message.member = std::move(*wire.mutable_##name());
#define XSHATHRA_BYTES(name, member)                                     \
    if constexpr (std::is_const_v<M>) {                                  \
        const auto view = viewOf(message.member);                        \
        wire.set_##name(view.data(), view.size());                       \
    } else if (!wire.name().empty()) {                                   \
        message.member = SharedBytes(std::move(*wire.mutable_##name())); \
    }
#define XSHATHRA_OPTIONAL(name, member)                        \
    if constexpr (std::is_const_v<M>) {                        \
        if (message.member)                                    \
            map(*message.member, *wire.mutable_##name());      \
    } else if (wire.has_##name()) {                            \
        map(message.member.emplace(), *wire.mutable_##name()); \
    }
#define XSHATHRA_MESSAGE(name, member) map(message.member, *wire.mutable_##name());
#define XSHATHRA_LIST(name, member)                              \
    if constexpr (std::is_const_v<M>) {                          \
        for (const auto& item : message.member)                  \
            map(item, *wire.add_##name());                       \
    } else {                                                     \
        message.member.reserve(std::size_t(wire.name##_size())); \
        for (auto& item : *wire.mutable_##name())                \
            map(message.member.emplace_back(), item);            \
    }
#define XSHATHRA_TEXTS(name, member)                   \
    if constexpr (std::is_const_v<M>) {                \
        for (const auto& item : message.member)        \
            wire.add_##name(item);                     \
    } else {                                           \
        for (auto& item : *wire.mutable_##name())      \
            message.member.push_back(std::move(item)); \
    }
#define XSHATHRA_MAP(name, member)                        \
    if constexpr (std::is_const_v<M>) {                   \
        for (const auto& [key, value] : message.member)   \
            map(value, (*wire.mutable_##name())[key]);    \
    } else {                                              \
        for (auto& [key, value] : *wire.mutable_##name()) \
            map(message.member[key], value);              \
    }

inline std::string_view viewOf(const SharedBytes& bytes) { return bytes.view(); }
inline std::string_view viewOf(const Raw& bytes) { return bytes ? bytes->view() : std::string_view(); }

inline void map(const std::string& message, std::string& wire) { wire = message; }
inline void map(std::string& message, std::string& wire) { message = std::move(wire); }

template <EmptyMessage M>
void map(M&, auto&) {}

template <ChannelMessage M>
void map(M& message, auto& wire) {
    XSHATHRA_TEXT(channel, channel)
}

template <DataMessage M>
void map(M& message, auto& wire) {
    XSHATHRA_BYTES(data, data)
}

template <Is<ClientInfo> M>
void map(M& message, pb::ClientInfo& wire) {
    XSHATHRA_TEXT(user, user)
    XSHATHRA_TEXT(client, client)
    XSHATHRA_BYTES(conn_info, connInfo)
    XSHATHRA_BYTES(chan_info, chanInfo)
}

template <Is<Publication> M>
void map(M& message, pb::Publication& wire) {
    XSHATHRA_BYTES(data, data)
    XSHATHRA_OPTIONAL(info, info)
    XSHATHRA_SCALAR(offset, offset)
    XSHATHRA_MAP(tags, tags)
    XSHATHRA_SCALAR(delta, delta)
    XSHATHRA_SCALAR(time, time)
    XSHATHRA_TEXT(channel, channel)
    XSHATHRA_TEXT(key, key)
    XSHATHRA_SCALAR(removed, removed)
    XSHATHRA_SCALAR(score, score)
    XSHATHRA_TEXT(epoch, epoch)
    XSHATHRA_BYTES(prev_data, prevData)
    XSHATHRA_SCALAR(version, version)
}

template <Is<StreamPosition> M>
void map(M& message, pb::StreamPosition& wire) {
    XSHATHRA_SCALAR(offset, offset)
    XSHATHRA_TEXT(epoch, epoch)
}

template <Is<FilterNode> M>
void map(M& message, pb::FilterNode& wire) {
    XSHATHRA_TEXT(op, op)
    XSHATHRA_TEXT(key, key)
    XSHATHRA_TEXT(cmp, cmp)
    XSHATHRA_TEXT(val, val)
    XSHATHRA_TEXTS(vals, vals)
    XSHATHRA_LIST(nodes, nodes)
}

template <Is<Dictionary> M>
void map(M& message, pb::Dictionary& wire) {
    XSHATHRA_TEXT(id, id)
    XSHATHRA_BYTES(data, data)
    XSHATHRA_TEXT(data_b64, dataB64)
}

template <Is<KeyedItem> M>
void map(M& message, pb::KeyedItem& wire) {
    XSHATHRA_TEXT(key, key)
    XSHATHRA_SCALAR(version, version)
}

template <Is<TrackBatch> M>
void map(M& message, pb::TrackBatch& wire) {
    XSHATHRA_TEXT(signature, signature)
    XSHATHRA_LIST(items, items)
}

template <Is<SubscribeRequest> M>
void map(M& message, pb::SubscribeRequest& wire) {
    XSHATHRA_TEXT(channel, channel)
    XSHATHRA_TEXT(token, token)
    XSHATHRA_SCALAR(recover, recover)
    XSHATHRA_TEXT(epoch, epoch)
    XSHATHRA_SCALAR(offset, offset)
    XSHATHRA_BYTES(data, data)
    XSHATHRA_SCALAR(positioned, positioned)
    XSHATHRA_SCALAR(recoverable, recoverable)
    XSHATHRA_SCALAR(join_leave, joinLeave)
    XSHATHRA_TEXT(delta, delta)
    XSHATHRA_OPTIONAL(tf, tf)
    XSHATHRA_SCALAR(flag, flag)
    XSHATHRA_SCALAR(type, type)
    XSHATHRA_SCALAR(phase, phase)
    XSHATHRA_TEXT(cursor, cursor)
    XSHATHRA_SCALAR(limit, limit)
    XSHATHRA_SCALAR(asc, asc)
}

template <Is<SubscribeResult> M>
void map(M& message, pb::SubscribeResult& wire) {
    XSHATHRA_SCALAR(expires, expires)
    XSHATHRA_SCALAR(ttl, ttl)
    XSHATHRA_SCALAR(recoverable, recoverable)
    XSHATHRA_TEXT(epoch, epoch)
    XSHATHRA_LIST(publications, publications)
    XSHATHRA_SCALAR(recovered, recovered)
    XSHATHRA_SCALAR(offset, offset)
    XSHATHRA_SCALAR(positioned, positioned)
    XSHATHRA_BYTES(data, data)
    XSHATHRA_SCALAR(was_recovering, wasRecovering)
    XSHATHRA_SCALAR(delta, delta)
    XSHATHRA_SCALAR(id, id)
    XSHATHRA_SCALAR(type, type)
    XSHATHRA_SCALAR(phase, phase)
    XSHATHRA_TEXT(cursor, cursor)
    XSHATHRA_LIST(state, state)
    XSHATHRA_SCALAR(publish_debounce, publishDebounce)
}

template <Is<ConnectRequest> M>
void map(M& message, pb::ConnectRequest& wire) {
    XSHATHRA_TEXT(token, token)
    XSHATHRA_BYTES(data, data)
    XSHATHRA_MAP(subs, subs)
    XSHATHRA_TEXT(name, name)
    XSHATHRA_TEXT(version, version)
    XSHATHRA_MAP(headers, headers)
    XSHATHRA_SCALAR(flag, flag)
    XSHATHRA_TEXT(dict, dict)
    XSHATHRA_TEXT(profile, profile)
}

template <Is<PublishRequest> M>
void map(M& message, pb::PublishRequest& wire) {
    XSHATHRA_TEXT(channel, channel)
    XSHATHRA_BYTES(data, data)
    XSHATHRA_SCALAR(type, type)
    XSHATHRA_TEXT(key, key)
    XSHATHRA_SCALAR(removed, removed)
}

template <Is<HistoryRequest> M>
void map(M& message, pb::HistoryRequest& wire) {
    XSHATHRA_TEXT(channel, channel)
    XSHATHRA_SCALAR(limit, limit)
    XSHATHRA_OPTIONAL(since, since)
    XSHATHRA_SCALAR(reverse, reverse)
}

template <Is<RpcRequest> M>
void map(M& message, pb::RPCRequest& wire) {
    XSHATHRA_BYTES(data, data)
    XSHATHRA_TEXT(method, method)
}

template <Is<RefreshRequest> M>
void map(M& message, pb::RefreshRequest& wire) {
    XSHATHRA_TEXT(token, token)
}

template <Is<SubRefreshRequest> M>
void map(M& message, pb::SubRefreshRequest& wire) {
    XSHATHRA_TEXT(channel, channel)
    XSHATHRA_TEXT(token, token)
    XSHATHRA_SCALAR(type, type)
    XSHATHRA_LIST(track, track)
    XSHATHRA_TEXTS(untrack, untrack)
}

/// The fields that a connect result and a connect push share.
template <typename M>
requires Is<M, ConnectResult> || Is<M, Connect>
void map(M& message, auto& wire) {
    XSHATHRA_TEXT(client, client)
    XSHATHRA_TEXT(version, version)
    XSHATHRA_SCALAR(expires, expires)
    XSHATHRA_SCALAR(ttl, ttl)
    XSHATHRA_BYTES(data, data)
    XSHATHRA_MAP(subs, subs)
    XSHATHRA_SCALAR(ping, ping)
    XSHATHRA_SCALAR(pong, pong)
    XSHATHRA_TEXT(session, session)
    XSHATHRA_TEXT(node, node)
    XSHATHRA_SCALAR(time, time)
    if constexpr (Is<M, ConnectResult>) {
        XSHATHRA_SCALAR(flag, flag)
        XSHATHRA_OPTIONAL(dict, dict)
    }
}

template <Is<PresenceResult> M>
void map(M& message, pb::PresenceResult& wire) {
    XSHATHRA_MAP(presence, presence)
}

template <Is<PresenceStatsResult> M>
void map(M& message, pb::PresenceStatsResult& wire) {
    XSHATHRA_SCALAR(num_clients, numClients)
    XSHATHRA_SCALAR(num_users, numUsers)
}

template <Is<HistoryResult> M>
void map(M& message, pb::HistoryResult& wire) {
    XSHATHRA_LIST(publications, publications)
    XSHATHRA_TEXT(epoch, epoch)
    XSHATHRA_SCALAR(offset, offset)
}

template <Is<RefreshResult> M>
void map(M& message, pb::RefreshResult& wire) {
    XSHATHRA_TEXT(client, client)
    XSHATHRA_TEXT(version, version)
    XSHATHRA_SCALAR(expires, expires)
    XSHATHRA_SCALAR(ttl, ttl)
}

template <Is<SubRefreshResult> M>
void map(M& message, pb::SubRefreshResult& wire) {
    XSHATHRA_SCALAR(expires, expires)
    XSHATHRA_SCALAR(ttl, ttl)
    XSHATHRA_LIST(items, items)
}

template <typename M>
requires Is<M, Join> || Is<M, Leave>
void map(M& message, auto& wire) { XSHATHRA_MESSAGE(info, info) }

template <Is<Unsubscribe> M>
void map(M& message, pb::Unsubscribe& wire) {
    XSHATHRA_SCALAR(code, code)
    XSHATHRA_TEXT(reason, reason)
}

template <Is<Subscribe> M>
void map(M& message, pb::Subscribe& wire) {
    XSHATHRA_SCALAR(recoverable, recoverable)
    XSHATHRA_TEXT(epoch, epoch)
    XSHATHRA_SCALAR(offset, offset)
    XSHATHRA_SCALAR(positioned, positioned)
    XSHATHRA_BYTES(data, data)
}

template <Is<Disconnect> M>
void map(M& message, pb::Disconnect& wire) {
    XSHATHRA_SCALAR(code, code)
    XSHATHRA_TEXT(reason, reason)
    XSHATHRA_SCALAR(reconnect, reconnect)
}

template <Is<Refresh> M>
void map(M& message, pb::Refresh& wire) {
    XSHATHRA_SCALAR(expires, expires)
    XSHATHRA_SCALAR(ttl, ttl)
}

template <Is<ClientError> M>
void map(M& message, pb::Error& wire) {
    XSHATHRA_SCALAR(code, code)
    XSHATHRA_TEXT(message, message)
    XSHATHRA_SCALAR(temporary, temporary)
}

#undef XSHATHRA_SCALAR
#undef XSHATHRA_TEXT
#undef XSHATHRA_BYTES
#undef XSHATHRA_OPTIONAL
#undef XSHATHRA_MESSAGE
#undef XSHATHRA_LIST
#undef XSHATHRA_TEXTS
#undef XSHATHRA_MAP

}  // namespace xshathra::protocol::wire
