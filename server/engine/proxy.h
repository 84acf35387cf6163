#pragma once

#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/engine/project_config.h"
#include "server/engine/proxy_options.h"
#include "server/engine/transport.h"
#include "server/protocol/codes.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace xshathra::engine {

/// The `override` object of a subscription's options: what is absent stays as the namespace has it.
struct ProxyOverrides {
    std::optional<bool> presence;
    std::optional<bool> joinLeave;
    std::optional<bool> forceRecovery;
    std::optional<bool> forcePositioning;
    std::optional<bool> forcePushJoinLeave;
};

/// Who asks. Absent for calls that no connection causes (ProxyKind::SharedPollRefresh).
struct ProxyCaller {
    std::string client;
    std::string user;
    TransportKind transport = TransportKind::WebSocket;
    protocol::Encoding encoding = protocol::Encoding::Json;
    /// The connection's meta, raw JSON. It is sent only where the proxy's include_connection_meta is on.
    std::optional<SharedBytes> meta;
    /// Header fields that were kept of the client's own request; may be null.
    std::shared_ptr<const RequestHeaders> headers;
    /// The `headers` of the connect command; may be null.
    std::shared_ptr<const std::map<std::string, std::string>> emulatedHeaders;
};

// What a backend is asked: one struct for each ProxyKind, in its order. Payloads are the client's bytes.

struct ConnectProxyRequest {
    SharedBytes data;
    std::string name;
    std::string version;
    /// Channels that a one-directional client asked for.
    std::vector<std::string> channels;
};
struct RefreshProxyRequest {};
struct SubscribeProxyRequest {
    std::string channel;
    std::string token;
    SharedBytes data;
};
struct SubRefreshProxyRequest {
    std::string channel;
};
struct PublishProxyRequest {
    std::string channel;
    SharedBytes data;
};
struct RpcProxyRequest {
    std::string method;
    SharedBytes data;
};
struct MapPublishProxyRequest {
    std::string channel;
    std::string key;
    SharedBytes data;
};
struct MapRemoveProxyRequest {
    std::string channel;
    std::string key;
};
struct SharedPollProxyRequest {
    struct Item {
        std::string key;
        std::uint64_t version = 0;
    };
    std::string channel;
    std::vector<Item> items;
};

using ProxyRequest = std::variant<ConnectProxyRequest, RefreshProxyRequest, SubscribeProxyRequest,
                                  SubRefreshProxyRequest, PublishProxyRequest, RpcProxyRequest, MapPublishProxyRequest,
                                  MapRemoveProxyRequest, SharedPollProxyRequest>;

/// The kind that a request is of.
ProxyKind kindOf(const ProxyRequest& request);

// What a backend answered in `result`. Raw payloads are slices of the answer without line breaks; base64 members are
// decoded already, and then may be any bytes.

struct ProxySubscription {
    std::string channel;
    ProxyOverrides overrides;
    std::optional<SharedBytes> info;
    std::optional<SharedBytes> data;
    bool cacheRecover = false;
};
struct ConnectProxyResult {
    std::string user;
    /// Seconds since 1970; 0: never.
    std::int64_t expireAt = 0;
    std::optional<SharedBytes> info;
    std::optional<SharedBytes> data;
    std::optional<SharedBytes> meta;
    /// `channels`, and `subs` behind them.
    std::vector<ProxySubscription> subscriptions;
};
struct RefreshProxyResult {
    bool expired = false;
    std::int64_t expireAt = 0;
    std::optional<SharedBytes> info;
    std::optional<SharedBytes> meta;
};
struct SubscribeProxyResult {
    std::int64_t expireAt = 0;
    std::optional<SharedBytes> info;
    std::optional<SharedBytes> data;
    ProxyOverrides overrides;
};
struct SubRefreshProxyResult {
    bool expired = false;
    std::int64_t expireAt = 0;
    std::optional<SharedBytes> info;
};
struct PublishProxyResult {
    /// Takes the place of the client's data.
    std::optional<SharedBytes> data;
    bool skipHistory = false;
    std::map<std::string, std::string> tags;
    std::string idempotencyKey;
    bool delta = false;
    std::uint64_t version = 0;
    std::string versionEpoch;
};
struct RpcProxyResult {
    SharedBytes data;
};
struct MapPublishProxyResult {
    /// Not empty: takes the place of the client's key.
    std::string key;
    std::optional<SharedBytes> data;
    std::map<std::string, std::string> tags;
    std::int64_t score = 0;
    std::string keyMode;
    std::optional<SharedBytes> streamData;
    std::string idempotencyKey;
    bool delta = false;
    std::uint64_t version = 0;
    std::string versionEpoch;
};
struct MapRemoveProxyResult {
    std::string key;
    std::map<std::string, std::string> tags;
    std::string idempotencyKey;
};
struct SharedPollProxyResult {
    struct Item {
        std::string key;
        std::optional<SharedBytes> data;
        std::uint64_t version = 0;
        bool removed = false;
        std::optional<SharedBytes> prevData;
    };
    std::vector<Item> items;
    std::string epoch;
};

/// The backend answered, but without a `result`. What that means depends on the kind: nobody is authenticated, expired,
/// or simply allowed.
struct ProxyNoResult {};

/// There is no usable answer: unreachable, too late, another status than 200 that no transform covers, or JSON that
/// can't be read. Clients get error 100 for it, or are kept a minute longer by the refreshes.
struct ProxyFailure {
    /// For people and the log, without secrets.
    std::string text;
};

/// What a call came to. A typed result is always of the kind that was asked.
struct ProxyAnswer {
    std::variant<ProxyFailure, ProxyNoResult, protocol::ClientError, protocol::Disconnect, ConnectProxyResult,
                 RefreshProxyResult, SubscribeProxyResult, SubRefreshProxyResult, PublishProxyResult, RpcProxyResult,
                 MapPublishProxyResult, MapRemoveProxyResult, SharedPollProxyResult>
        outcome;
    /// 0 when there was no HTTP answer.
    int status = 0;
    /// From the call to the answer.
    Nanoseconds took{};

    template <typename T>
    const T* as() const {
        return std::get_if<T>(&outcome);
    }
    bool failed() const { return std::holds_alternative<ProxyFailure>(outcome); }
    /// A few words for a decision's check: "200 in 12 ms", "no answer after 1000 ms".
    std::string describe() const;
};

/// One call.
struct ProxyCall {
    /// Keeps `options` alive.
    std::shared_ptr<const ProjectConfig> project;
    /// Null, where the project has no such proxy: the answer is a ProxyFailure.
    const ProxyOptions* options = nullptr;
    /// The name it was found by, for people: "default" or one of ProxiesConfig::named.
    std::string name = "default";
    ProxyCaller caller;
    ProxyRequest request;
};

/// The way to the project's own backend, implemented outside the engine (server/proxy) and replaced by a fake in tests.
/// General on purpose: every kind of question goes through the one call(), so whoever needs another kind adds its two
/// structs above, and nothing here changes. Thread-safe.
///
/// For a command that has to wait for the answer see ClientSession::suspend().
class Proxy {
public:
    virtual ~Proxy() = default;

    /// Called once, from any thread, perhaps from within call(); must be quick (post to a loop). Not called after
    /// cancel() has returned, unless it is running at that moment.
    using Done = std::function<void(ProxyAnswer)>;

    /// Asks the backend. Never blocks and never fails here: what goes wrong is a ProxyFailure in the answer.
    /// @return a ticket for cancel(), never 0.
    virtual std::uint64_t call(ProxyCall call, Done done) = 0;

    /// Nobody waits for this answer any more. Unknown tickets and finished calls are ignored.
    virtual void cancel(std::uint64_t ticket) = 0;
};

}  // namespace xshathra::engine
