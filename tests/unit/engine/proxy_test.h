#pragma once

#include "client_test.h"
#include "tests/support/fake_proxy.h"

/// Shortcuts for tests of proxies.
namespace xshathra::test {

using engine::ProxyFailure;
using engine::ProxyKind;
using engine::ProxyNoResult;

/// An engine with every proxy there is; `change` says more.
struct Proxied {
    using Change = std::function<void(engine::ProjectConfig&, engine::ChannelLayout&)>;

    explicit Proxied(const Change& change = {}) {
        engine.registry.setProxy(&proxy);
        set(change);
    }
    void set(const Change& change) {
        engine.addProject("proj_A", [&change](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            project.client.pingInterval = Milliseconds(0);
            project.client.pongTimeout = Milliseconds(0);
            auto& proxies = project.proxies;
            for (auto* one : {&proxies.channel.subscribe, &proxies.channel.publish, &proxies.channel.subRefresh,
                              &proxies.rpc.proxy})
                one->endpoint = "http://127.0.0.1:1/";
            engine::NamespaceOptions proxied;
            proxied.name = "proxied";
            proxied.options.subscribeProxyEnabled = true;
            proxied.options.publishProxyEnabled = true;
            proxied.options.historySize = 10;
            proxied.options.historyTtl = Seconds(300);
            proxied.options.joinLeave = true;
            layout.namespaces.push_back(proxied);
            proxies.rpc.namespaces = {{"on", {true, "default"}}, {"off", {false, "default"}}, {"lost", {true, "gone"}}};
            if (change)
                change(project, layout);
        });
    }
    static void withConnect(engine::ProjectConfig& project, engine::ChannelLayout&) {
        project.proxies.connect.emplace();
        project.proxies.connect->endpoint = "http://127.0.0.1:1/connect";
    }
    static void withRefresh(engine::ProjectConfig& project, engine::ChannelLayout&) {
        project.proxies.refresh.emplace();
        project.proxies.refresh->endpoint = "http://127.0.0.1:1/refresh";
    }

    /// Lets the answer come, and gives what the peer got of it.
    template <typename Outcome>
    std::vector<protocol::Reply> answer(EngineFixture::Peer& peer, Outcome outcome) {
        peer.transport.sent.clear();
        proxy.answer(std::move(outcome));
        engine.turn();
        return peer.transport.takeReplies();
    }

    FakeProxy proxy;
    EngineFixture engine;
};

inline engine::ConnectProxyResult user(std::string id) {
    engine::ConnectProxyResult result;
    result.user = std::move(id);
    return result;
}

inline protocol::RpcRequest call(std::string method) {
    protocol::RpcRequest request;
    request.method = std::move(method);
    request.data = SharedBytes::fromStatic("{\"a\":1}");
    return request;
}

inline engine::ProxySubscription subscriptionTo(std::string channel) {
    engine::ProxySubscription subscription;
    subscription.channel = std::move(channel);
    return subscription;
}

}  // namespace xshathra::test
