#include "server/engine/client_session.h"
#include "server/engine/node_registry.h"
#include "server/engine/ttl.h"
#include "server/protocol/json.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;
using protocol::UnsubscribeCode;

namespace {

/// How much longer a connection or subscription lives when its refresh couldn't be decided.
constexpr std::int64_t kRetrySeconds = 60;

std::optional<std::int64_t> expiryOf(std::int64_t expireAt, std::int64_t now) {
    return expireAt > 0 ? clampExpiry(expireAt, now) : std::nullopt;
}

}  // namespace

ProxyCall ClientSession::proxyCall(std::shared_ptr<const ProjectConfig> project, std::string_view name,
                                   ProxyRequest request) const {
    ProxyCall call;
    call.options = project->proxies.find(kindOf(request), name);
    call.name = name.empty() ? "default" : std::string(name);
    call.project = std::move(project);
    call.caller.client = id_;
    call.caller.user = user_;
    call.caller.transport = transport_.info().kind;
    call.caller.encoding = encoding_;
    call.caller.meta = meta_;
    call.caller.headers = transport_.info().headers;
    call.caller.emulatedHeaders = emulatedHeaders_;
    call.request = std::move(request);
    return call;
}

bool ClientSession::fitsEncoding(const std::optional<SharedBytes>& payload) const {
    return encoding_ == protocol::Encoding::Protobuf || !payload || payload->empty() ||
           protocol::isValidJson(payload->view());
}

ClientSession::Outcome ClientSession::askConnect(const Context& context, const protocol::ConnectRequest& request,
                                                 std::shared_ptr<Node> node,
                                                 std::shared_ptr<const ProjectConfig> project) {
    ConnectProxyRequest question;
    question.data = request.data.value_or(SharedBytes());
    question.name = request.name;
    question.version = request.version;
    for (const auto& [channel, position] : request.subs)
        question.channels.push_back(channel);
    auto call = proxyCall(std::move(project), {}, std::move(question));
    if (!request.headers.empty() && !call.options->emulatedHeaders.empty())
        call.caller.emulatedHeaders = std::make_shared<const std::map<std::string, std::string>>(request.headers);
    return ask(context, std::move(call),
               [node = std::move(node)](ClientSession& self, const Context& held, const protocol::Command& command,
                                        const ProxyAnswer& answer) {
                   const auto& connect = std::get<protocol::ConnectRequest>(command.request);
                   DecisionBuilder decision(self.watched());
                   decision.pass("Project", [&] { return node->projectId(); });
                   const auto snapshot = node->config();
                   auto grant = policy::connectByProxy({*snapshot, connect, self.transport_.info()}, answer, decision);
                   return self.completeConnect(held, connect, node, std::move(grant), decision);
               });
}

ClientSession::Outcome ClientSession::askSubscribe(const Context& context, const protocol::SubscribeRequest& request) {
    const auto& options = config().channels->resolve(request.channel).options();
    SubscribeProxyRequest question{request.channel, request.token, request.data.value_or(SharedBytes())};
    auto call = proxyCall(config_, options.subscribeProxyName, std::move(question));
    return ask(
        context, std::move(call),
        [](ClientSession& self, const Context& held, const protocol::Command& command, const ProxyAnswer& answer) {
            const auto& subscribe = std::get<protocol::SubscribeRequest>(command.request);
            DecisionBuilder decision(self.watched());
            const auto grant = policy::subscribeByProxy(self.subscribeQuestion(subscribe), answer, decision);
            return self.completeSubscribe(held, subscribe, grant, decision);
        });
}

ClientSession::Outcome ClientSession::askPublish(const Context& context, const protocol::PublishRequest& request,
                                                 const ChannelOptions& options) {
    PublishProxyRequest question{request.channel, request.data};
    auto call = proxyCall(config_, options.publishProxyName, std::move(question));
    return ask(
        context, std::move(call),
        [](ClientSession& self, const Context& held, const protocol::Command& command, const ProxyAnswer& answer) {
            return self.onPublishAnswer(held, std::get<protocol::PublishRequest>(command.request), answer);
        });
}

ClientSession::Outcome ClientSession::onPublishAnswer(const Context& context, const protocol::PublishRequest& request,
                                                      const ProxyAnswer& answer) {
    DecisionBuilder decision(watched());
    if (const auto failure = policy::failureOf(answer, ProxyKind::Publish, decision))
        return refuseWith(*failure, decision, "The publish was refused.");
    const auto resolved = config().channels->resolve(request.channel);
    if (resolved.ns == nullptr) {
        decision.fail("Namespace", "it is gone meanwhile", "a configured namespace", "Add the namespace again.");
        return refuseWith(ErrorCode::UnknownChannel, decision, "The publish was refused.");
    }
    PublishOptions options;
    options.info = clientInfo(find(request.channel));
    options.knownJson = encoding_ == protocol::Encoding::Json;
    // The client's data is a part of its frame, which history would keep whole.
    auto data = SharedBytes::copyOf(request.data.view());
    if (const auto* result = answer.as<PublishProxyResult>()) {
        if (result->data) {
            data = *result->data;
            options.knownJson = false;
        }
        options.skipHistory = result->skipHistory;
        options.tags = result->tags;
        options.idempotencyKey = result->idempotencyKey;
        options.delta = result->delta;
        options.version = result->version;
        options.versionEpoch = result->versionEpoch;
    }
    const auto published = node_->publishResolved(config(), resolved, request.channel, data, options);
    if (!published) {
        decision.fail("Publish", published.error().message, "a channel that takes it", "See the channel's namespace.");
        return refuseWith(ErrorCode(published.error().code), decision, "The publish was refused.");
    }
    return replyWith(context, protocol::PublishResult{}, decision.allowed("The backend let it pass."));
}

/// Centrifugo's OnRPC(): the built-in ping, then whether there is any RPC at all, then the method's namespace.
ClientSession::Outcome ClientSession::rpc(const Context& context, const protocol::RpcRequest& request) {
    const auto& proxies = config().proxies;
    DecisionBuilder decision(watched());
    if (proxies.rpc.ping.enabled && request.method == proxies.rpc.ping.method) {
        return replyWith(context, protocol::RpcResult{});
    }
    if (!proxies.hasRpcProxy()) {
        decision.fail("RPC proxy", "none", "an RPC proxy",
                      "No RPC proxy is configured: publish, or call your backend by HTTP.");
        return refuseWith(proxies.rpc.ping.enabled ? ErrorCode::MethodNotFound : ErrorCode::NotAvailable, decision,
                          "There is no RPC backend.");
    }
    const auto* options = proxies.rpcOptions(request.method);
    if (options == nullptr) {
        decision.fail("RPC namespace", request.method, "a method of a configured namespace",
                      "The text before the first colon names the namespace: add it to rpc.namespaces.");
        return refuseWith(ErrorCode::MethodNotFound, decision, "There is no such method.");
    }
    if (!options->proxyEnabled || proxies.find(ProxyKind::Rpc, options->proxyName) == nullptr) {
        decision.fail("RPC proxy", "the method's namespace has none", "a namespace with proxy_enabled",
                      "Switch proxy_enabled on for the method's namespace, and give the proxy an endpoint.");
        return refuseWith(ErrorCode::NotAvailable, decision, "The method isn't available.");
    }
    auto call = proxyCall(config_, options->proxyName, RpcProxyRequest{request.method, request.data});
    return ask(context, std::move(call),
               [](ClientSession& self, const Context& held, const protocol::Command&, const ProxyAnswer& answer) {
                   return self.onRpcAnswer(held, answer);
               });
}

ClientSession::Outcome ClientSession::onRpcAnswer(const Context& context, const ProxyAnswer& answer) {
    DecisionBuilder decision(watched());
    if (const auto failure = policy::failureOf(answer, ProxyKind::Rpc, decision))
        return refuseWith(*failure, decision, "The call was refused.");
    protocol::RpcResult result;
    if (const auto* answered = answer.as<RpcProxyResult>())
        result.data = answered->data;
    if (!fitsEncoding(result.data)) {
        decision.fail("Data", "not JSON", "JSON for a JSON client", "Answer with JSON in data.");
        return refuseWith(DisconnectCode::InappropriateProtocol, decision, "The answer doesn't fit the client.");
    }
    return replyWith(context, std::move(result), decision.allowed("The backend answered."));
}

/// No command of the client's is behind this: it doesn't know that its connection expires.
bool ClientSession::askRefresh() {
    auto* proxy = registry_.proxy();
    if (!serverSideRefresh_ || config().proxies.find(ProxyKind::Refresh, {}) == nullptr)
        return false;
    auto done = [post = poster()](ProxyAnswer answer) {
        post([answer = std::move(answer)](ClientSession& self) { self.onRefreshAnswer(answer); });
    };
    if (proxy == nullptr)
        done({});
    else
        proxy->call(proxyCall(config_, {}, RefreshProxyRequest{}), std::move(done));
    return true;
}

void ClientSession::onRefreshAnswer(const ProxyAnswer& answer) {
    if (state_ != State::Connected)
        return;
    const auto now = nowSeconds();
    if (answer.failed())
        return setExpiry(now + kRetrySeconds);
    DecisionBuilder decision(watched());
    const auto* result = answer.as<RefreshProxyResult>();
    if (result != nullptr && !result->expired) {
        if (result->meta)
            meta_ = result->meta;
        const auto expireAt = expiryOf(result->expireAt, now);
        if (expireAt && result->info) {
            info_ = result->info;
            renewPresence();
        }
        if (expireAt && *expireAt > now)
            return setExpiry(expireAt);
    }
    decision.fail(
        "refresh proxy",
        [&] {
            return answer.describe() + (result == nullptr ? ": no result"
                                        : result->expired ? ": expired"
                                                          : ": no expire_at to come");
        },
        "a result with a later expire_at", "Answer with expire_at to keep the connection.");
    disconnect(DisconnectCode::ConnectionExpired,
               decision.refused(std::uint32_t(DisconnectCode::ConnectionExpired), "The backend didn't refresh it."));
}

bool ClientSession::askSubRefresh(Subscription& subscription) {
    if (subscription.clientSideRefresh)
        return false;
    if (subscription.refreshing)
        return true;
    const auto resolved = config().channels->resolve(subscription.channel);
    if (resolved.ns == nullptr || !resolved.options().subRefreshProxyEnabled ||
        config().proxies.find(ProxyKind::SubRefresh, resolved.options().subRefreshProxyName) == nullptr)
        return false;
    subscription.refreshing = true;
    auto done = [post = poster(), channel = subscription.channel](ProxyAnswer answer) {
        post([channel, answer = std::move(answer)](ClientSession& self) { self.onSubRefreshAnswer(channel, answer); });
    };
    auto* proxy = registry_.proxy();
    if (proxy == nullptr)
        done({});
    else
        proxy->call(
            proxyCall(config_, resolved.options().subRefreshProxyName, SubRefreshProxyRequest{subscription.channel}),
            std::move(done));
    return true;
}

void ClientSession::onSubRefreshAnswer(const std::string& channel, const ProxyAnswer& answer) {
    auto* subscription = find(channel);
    // One of the same name that was made meanwhile isn't what the backend was asked about.
    if (state_ != State::Connected || subscription == nullptr || !subscription->refreshing)
        return;
    subscription->refreshing = false;
    const auto now = nowSeconds();
    const auto* result = answer.as<SubRefreshProxyResult>();
    const auto expireAt = answer.failed()     ? std::optional<std::int64_t>(now + kRetrySeconds)
                          : result != nullptr ? expiryOf(result->expireAt, now)
                                              : std::nullopt;
    if (answer.failed() || (result != nullptr && !result->expired && (!expireAt || *expireAt >= now))) {
        subscription->expireAt = expireAt;
        if (result != nullptr && result->info) {
            subscription->info = result->info;
            addPresence(*subscription);
        }
        scheduleTick();
        return;
    }
    DecisionBuilder decision(watched());
    decision.fail(
        "sub_refresh proxy", [&] { return answer.describe() + (result == nullptr ? ": no result" : ": expired"); },
        "a result with a later expire_at, or with none", "Answer with expire_at to keep the subscription.");
    failureDecision_ = decision.refused(std::uint32_t(UnsubscribeCode::Expired), "The backend didn't refresh it.");
    endExpired(*subscription);
    failureDecision_ = nullptr;
}

}  // namespace xshathra::engine
