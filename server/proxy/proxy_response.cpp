#include "server/proxy/proxy_response.h"

#include "server/auth/base64.h"
#include "server/protocol/json.h"
#include "server/proxy/json_members.h"

#include <algorithm>
#include <utility>

namespace xshathra::proxy {

using engine::ProxyKind;

namespace {

/// Reads one `result`. The functions return false when a member is of another type; `badBase64` is kept apart, since it
/// is an error of another kind.
struct ResultReader {
    bool badBase64 = false;

    /// `b64name` wins over `name` where it isn't empty; for what a client published it is the other way round.
    bool payload(const JsonMembers& members, std::string_view name, std::string_view b64name,
                 std::optional<SharedBytes>& out, bool rawFirst = false) {
        std::string text;
        if (!members.read(b64name, text))
            return false;
        members.readRaw(name, out);
        if (text.empty() || (rawFirst && out))
            return true;
        auto bytes = auth::decodeBase64(text, auth::Base64Rules::Lenient);
        badBase64 = badBase64 || !bytes;
        if (bytes)
            out = SharedBytes(std::move(*bytes));
        return true;
    }

    static bool overrides(const JsonMembers& members, engine::ProxyOverrides& out) {
        std::optional<JsonMembers> object;
        if (!members.read("override", object))
            return false;
        if (!object)
            return true;
        const std::pair<const char*, std::optional<bool>*> fields[] = {
            {"presence", &out.presence},
            {"join_leave", &out.joinLeave},
            {"force_recovery", &out.forceRecovery},
            {"force_positioning", &out.forcePositioning},
            {"force_push_join_leave", &out.forcePushJoinLeave},
        };
        for (const auto& [name, field] : fields) {
            std::optional<JsonMembers> wrapped;
            if (!object->read(name, wrapped))
                return false;
            if (!wrapped)
                continue;
            bool value = false;
            if (!wrapped->read("value", value))
                return false;
            *field = value;
        }
        return true;
    }

    bool read(const JsonMembers& m, engine::ConnectProxyResult& out) {
        std::vector<std::string> channels;
        std::optional<JsonMembers> subs;
        if (!m.read("user", out.user) || !m.read("expire_at", out.expireAt) ||
            !payload(m, "info", "b64info", out.info) || !payload(m, "data", "b64data", out.data) ||
            !m.read("channels", channels) || !m.read("subs", subs))
            return false;
        m.readRaw("meta", out.meta);
        for (auto& channel : channels) {
            engine::ProxySubscription subscription;
            subscription.channel = std::move(channel);
            out.subscriptions.push_back(std::move(subscription));
        }
        if (!subs)
            return true;
        for (const auto& [channel, json] : subs->all()) {
            const auto options = JsonMembers::parse(json);
            engine::ProxySubscription subscription;
            subscription.channel = channel;
            if (!options || !payload(*options, "info", "b64info", subscription.info) ||
                !payload(*options, "data", "b64data", subscription.data) ||
                !overrides(*options, subscription.overrides) ||
                !options->read("cache_recover", subscription.cacheRecover))
                return false;
            // Options win over a plain mention of the same channel.
            std::erase_if(out.subscriptions, [&](const auto& other) { return other.channel == subscription.channel; });
            out.subscriptions.push_back(std::move(subscription));
        }
        return true;
    }
    bool read(const JsonMembers& m, engine::RefreshProxyResult& out) {
        m.readRaw("meta", out.meta);
        return m.read("expired", out.expired) && m.read("expire_at", out.expireAt) &&
               payload(m, "info", "b64info", out.info);
    }
    bool read(const JsonMembers& m, engine::SubscribeProxyResult& out) {
        return m.read("expire_at", out.expireAt) && payload(m, "info", "b64info", out.info) &&
               payload(m, "data", "b64data", out.data) && overrides(m, out.overrides);
    }
    bool read(const JsonMembers& m, engine::SubRefreshProxyResult& out) {
        return m.read("expired", out.expired) && m.read("expire_at", out.expireAt) &&
               payload(m, "info", "b64info", out.info);
    }
    bool read(const JsonMembers& m, engine::PublishProxyResult& out) {
        return payload(m, "data", "b64data", out.data, true) && m.read("skip_history", out.skipHistory) &&
               m.read("tags", out.tags) && m.read("idempotency_key", out.idempotencyKey) &&
               m.read("delta", out.delta) && m.read("version", out.version) &&
               m.read("version_epoch", out.versionEpoch);
    }
    bool read(const JsonMembers& m, engine::RpcProxyResult& out) {
        std::optional<SharedBytes> data;
        if (!payload(m, "data", "b64data", data))
            return false;
        out.data = data.value_or(SharedBytes());
        return true;
    }
    bool read(const JsonMembers& m, engine::MapPublishProxyResult& out) {
        return m.read("key", out.key) && payload(m, "data", "b64data", out.data, true) && m.read("tags", out.tags) &&
               m.read("score", out.score) && m.read("key_mode", out.keyMode) &&
               payload(m, "stream_data", "b64stream_data", out.streamData, true) &&
               m.read("idempotency_key", out.idempotencyKey) && m.read("delta", out.delta) &&
               m.read("version", out.version) && m.read("version_epoch", out.versionEpoch);
    }
    bool read(const JsonMembers& m, engine::MapRemoveProxyResult& out) {
        return m.read("key", out.key) && m.read("tags", out.tags) && m.read("idempotency_key", out.idempotencyKey);
    }
    bool read(const JsonMembers& m, engine::SharedPollProxyResult& out) {
        std::vector<JsonMembers> items;
        if (!m.read("epoch", out.epoch) || !m.read("items", items))
            return false;
        for (const auto& one : items) {
            engine::SharedPollProxyResult::Item item;
            one.readRaw("data", item.data);
            one.readRaw("prev_data", item.prevData);
            if (!one.read("key", item.key) || !one.read("version", item.version) || !one.read("removed", item.removed))
                return false;
            out.items.push_back(std::move(item));
        }
        return true;
    }
};

Outcome unreadable() { return engine::ProxyFailure{"The answer isn't the JSON that Centrifugo's proxies expect."}; }

template <typename Result>
Outcome readResult(const JsonMembers& members) {
    ResultReader reader;
    Result result;
    if (!reader.read(members, result))
        return unreadable();
    if (reader.badBase64)
        return protocol::ClientError(protocol::ErrorCode::Internal);
    return result;
}

Outcome readResult(ProxyKind kind, const JsonMembers& members) {
    switch (kind) {
        case ProxyKind::Connect: return readResult<engine::ConnectProxyResult>(members);
        case ProxyKind::Refresh: return readResult<engine::RefreshProxyResult>(members);
        case ProxyKind::Subscribe: return readResult<engine::SubscribeProxyResult>(members);
        case ProxyKind::SubRefresh: return readResult<engine::SubRefreshProxyResult>(members);
        case ProxyKind::Publish: return readResult<engine::PublishProxyResult>(members);
        case ProxyKind::Rpc: return readResult<engine::RpcProxyResult>(members);
        case ProxyKind::MapPublish: return readResult<engine::MapPublishProxyResult>(members);
        case ProxyKind::MapRemove: return readResult<engine::MapRemoveProxyResult>(members);
        case ProxyKind::SharedPollRefresh: break;
    }
    return readResult<engine::SharedPollProxyResult>(members);
}

}  // namespace

Outcome parseAnswer(ProxyKind kind, const SharedBytes& body) {
    if (!protocol::isValidJson(body.view()))
        return engine::ProxyFailure{"The answer isn't JSON."};
    const auto answer = JsonMembers::parse(body);
    std::optional<JsonMembers> result;
    std::optional<JsonMembers> error;
    std::optional<JsonMembers> disconnect;
    if (!answer || !answer->read("result", result) || !answer->read("error", error) ||
        !answer->read("disconnect", disconnect))
        return unreadable();
    protocol::ClientError clientError;
    protocol::Disconnect end;
    if (error && (!error->read("code", clientError.code) || !error->read("message", clientError.message) ||
                  !error->read("temporary", clientError.temporary)))
        return unreadable();
    if (disconnect && (!disconnect->read("code", end.code) || !disconnect->read("reason", end.reason)))
        return unreadable();
    Outcome found = engine::ProxyNoResult{};
    if (result) {
        found = readResult(kind, *result);
        if (std::holds_alternative<engine::ProxyFailure>(found))
            return found;
    }
    const bool resultFirst = kind == ProxyKind::Refresh || kind == ProxyKind::SubRefresh;
    if (resultFirst && result)
        return found;
    if (disconnect && kind != ProxyKind::SharedPollRefresh)
        return end;
    if (error)
        return clientError;
    return found;
}

Outcome outcomeOfStatus(const engine::ProxyOptions& options, ProxyKind kind, int status) {
    if (kind != ProxyKind::SharedPollRefresh) {
        for (const auto& transform : options.http.statusToCodeTransforms) {
            if (transform.statusCode != status)
                continue;
            if (transform.toError.code > 0)
                return protocol::ClientError(transform.toError.code, transform.toError.message,
                                             transform.toError.temporary);
            if (transform.toDisconnect.code > 0)
                return protocol::Disconnect(transform.toDisconnect.code, transform.toDisconnect.reason);
        }
    }
    return engine::ProxyFailure{"The answer's status is " + std::to_string(status) + "; 200 is expected."};
}

}  // namespace xshathra::proxy
