#pragma once

#include "map_test.h"
#include "server/auth/digest.h"
#include "tests/support/fake_proxy.h"

/// Shortcuts for tests of shared poll: its channels' backend is the test.
namespace xshathra::test {

inline constexpr const char* kPollSecret = "poll-secret";
inline const std::string kChannel = "poll:a";

inline std::string sign(const std::vector<std::string>& keys, std::int64_t issuedAt, std::int64_t expireAt,
                        const std::string& user = "42", const std::string& channel = kChannel,
                        const std::string& secret = kPollSecret) {
    std::string joined;
    for (const auto& key : keys)
        joined += (&key == keys.data() ? "" : std::string(1, '\0')) + key;
    std::string text = std::to_string(issuedAt);
    for (const auto& field : {std::to_string(expireAt), user, channel, auth::toHex(auth::sha256(joined))})
        text += std::string(1, '\0') + field;
    return std::to_string(issuedAt) + ":" + std::to_string(expireAt) + ":" +
           auth::toHex(auth::hmacSha256(secret, text));
}

using Item = engine::SharedPollProxyResult::Item;

inline Item item(std::string key, std::string data, std::uint64_t version) {
    Item made;
    made.key = std::move(key);
    made.data = SharedBytes(std::move(data));
    made.version = version;
    return made;
}

inline engine::SharedPollProxyResult items(std::vector<Item> list, std::string epoch = {}) {
    engine::SharedPollProxyResult result;
    result.items = std::move(list);
    result.epoch = std::move(epoch);
    return result;
}

/// An engine with a namespace "poll" whose backend is the test.
struct Poll {
    explicit Poll(engine::SharedPollMode mode = engine::SharedPollMode::Versioned,
                  const std::function<void(engine::ChannelOptions&)>& change = {}) {
        engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
            engine::NamespaceOptions ns;
            ns.name = "poll";
            auto& options = ns.options;
            options.subscriptionType = engine::SubscriptionType::SharedPoll;
            options.allowSubscribeForClient = true;
            options.sharedPoll.mode = mode;
            options.sharedPoll.refreshBatchSize = 3;
            options.sharedPoll.maxKeysPerConnection = 5;
            if (change)
                change(options);
            layout.namespaces.push_back(ns);
            project.sharedPoll.hmacSecretKey = auth::Secret(kPollSecret);
            project.client.pingInterval = Milliseconds(0);
            project.proxies.channel.sharedPollRefresh.endpoint = "http://127.0.0.1:1/poll";
        });
        engine.registry.setProxy(&proxy);
    }

    std::unique_ptr<EngineFixture::Peer> subscribed(bool binary = false, const std::string& delta = {}) {
        auto peer = binary ? engine.connectProtobuf("42") : engine.connect("42");
        subscribe(*peer, delta);
        return peer;
    }
    protocol::SubscribeResult subscribe(EngineFixture::Peer& peer, const std::string& delta = {}) {
        auto request = subscribeTo(kChannel);
        request.type = 4;
        request.delta = delta;
        const auto replies = ask(peer, request);
        const auto* result = resultOf<protocol::SubscribeResult>(replies);
        return result != nullptr ? *result : protocol::SubscribeResult{};
    }
    protocol::SubRefreshRequest trackRequest(const std::vector<std::pair<std::string, std::uint64_t>>& keys,
                                             std::int64_t ttl = 3600) {
        protocol::SubRefreshRequest request;
        request.channel = kChannel;
        request.type = 1;
        protocol::TrackBatch batch;
        std::vector<std::string> names;
        for (const auto& [key, version] : keys) {
            batch.items.push_back({key, version});
            names.push_back(key);
        }
        batch.signature = sign(names, engine.now(), engine.now() + ttl);
        request.track.push_back(batch);
        return request;
    }
    std::uint32_t track(EngineFixture::Peer& peer, const std::vector<std::pair<std::string, std::uint64_t>>& keys) {
        return errorOf(ask(peer, trackRequest(keys)));
    }
    void untrack(EngineFixture::Peer& peer, std::vector<std::string> keys) {
        protocol::SubRefreshRequest request;
        request.channel = kChannel;
        request.type = 2;
        request.untrack = std::move(keys);
        QCOMPARE(errorOf(ask(peer, request)), 0U);
    }
    /// "x:0 y:3" of the last question.
    std::string asked() const {
        std::string text;
        for (const auto& one : proxy.request<engine::SharedPollProxyRequest>().items)
            text += (text.empty() ? "" : " ") + one.key + ":" + std::to_string(one.version);
        return text;
    }
    template <typename Outcome>
    void answer(Outcome outcome) {
        proxy.answer(std::move(outcome));
        engine.turn();
    }
    /// Keys tracked for the first time are asked for at once, each in a call of its own.
    void answerAll(const std::vector<Item>& values) {
        while (proxy.unanswered() > 0)
            answer(items(values));
    }

    FakeProxy proxy;
    EngineFixture engine;
};

}  // namespace xshathra::test
