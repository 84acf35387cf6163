#pragma once

#include "client_test.h"
#include "server/engine/map_broker.h"
#include "server/engine/shared_poll.h"

/// Shortcuts for tests of map channels.
namespace xshathra::test {

/// Adds a namespace of the map type with the mode; keys live a minute where they expire. Clients may do everything.
inline engine::NamespaceOptions mapNamespace(std::string name, engine::MapMode mode) {
    engine::NamespaceOptions ns;
    ns.name = std::move(name);
    auto& options = ns.options;
    options.subscriptionType = engine::SubscriptionType::Map;
    options.allowSubscribeForClient = true;
    options.map.mode = mode;
    if (mode != engine::MapMode::Persistent)
        options.map.keyTtl = Seconds(60);
    options.map.allowPublishForClient = true;
    options.map.allowRemoveForClient = true;
    return ns;
}

/// Namespaces "live" (ephemeral), "back" (recoverable), "kept" (persistent), "small" (persistent with a stream of 2).
inline void useMaps(EngineFixture& engine, const std::function<void(engine::ChannelLayout&)>& change = {},
                    const engine::MapLimits& limits = {}) {
    engine.addProject("proj_A", [&](engine::ProjectConfig& project, engine::ChannelLayout& layout) {
        layout.namespaces.push_back(mapNamespace("live", engine::MapMode::Ephemeral));
        layout.namespaces.push_back(mapNamespace("back", engine::MapMode::Recoverable));
        layout.namespaces.push_back(mapNamespace("kept", engine::MapMode::Persistent));
        layout.namespaces.push_back(mapNamespace("small", engine::MapMode::Persistent));
        layout.namespaces.back().options.map.streamSize = 2;
        project.maps = limits;
        if (change)
            change(layout);
    });
}

inline protocol::SubscribeRequest mapRequest(std::string channel, std::int32_t phase = 2) {
    auto request = subscribeTo(std::move(channel));
    request.type = 1;
    request.phase = phase;
    return request;
}

inline protocol::PublishRequest setKey(std::string channel, std::string key, std::string data = R"({"n":1})") {
    auto request = publishTo(std::move(channel), std::move(data));
    request.type = 1;
    request.key = std::move(key);
    return request;
}

inline protocol::PublishRequest removeKey(std::string channel, std::string key) {
    auto request = setKey(std::move(channel), std::move(key), "");
    request.removed = true;
    return request;
}

/// "a=1 b=2 -c" for entries or changes.
inline std::string keysOf(const std::vector<protocol::Publication>& publications) {
    std::string text;
    for (const auto& one : publications) {
        text += text.empty() ? "" : " ";
        text += one.removed ? "-" + one.key : one.key + "=" + std::string(one.data.view());
    }
    return text;
}

/// The same for what came to a peer as pushes.
inline std::string changesOf(EngineFixture::Peer& peer) {
    std::vector<protocol::Publication> publications;
    for (const auto& [channel, publication] : pushesOf<protocol::Publication>(peer))
        publications.push_back(publication);
    return keysOf(publications);
}

inline void setMany(EngineFixture& engine, const std::string& channel, int count, int from = 0) {
    for (int i = from; i < from + count; ++i) {
        auto number = std::to_string(i);
        number.insert(0, std::size_t(4) - number.size(), '0');
        QVERIFY(engine.node().mapPublish(channel, "k" + number, SharedBytes(std::to_string(i))).has_value());
    }
}

/// Answers the pings that come while time passes, as an SDK does. Other messages stay.
inline void stayAlive(EngineFixture& engine, EngineFixture::Peer& peer, Nanoseconds by) {
    const auto end = engine.clock.monotonic() + by;
    while (engine.clock.monotonic() < end) {
        engine.advance(std::min<Nanoseconds>(Seconds(1), end - engine.clock.monotonic()));
        const auto pings = std::erase_if(peer.transport.sent, [](const auto& frame) {
            return frame.messageView() == "{}" || frame.messageView() == std::string_view("\0", 1);
        });
        if (pings > 0)
            peer.send("{}");
    }
}

/// All stripes' turn.
inline void sweep(EngineFixture& engine) {
    for (std::size_t i = 0; i < engine::MapBroker::kSweepCalls; ++i)
        engine.node().sweep();
    engine.turn();
}

inline std::unique_ptr<EngineFixture::Peer> connectAs(EngineFixture& engine, const std::string& user, bool binary) {
    return binary ? engine.connectProtobuf(user) : engine.connect(user);
}

/// The subscribe result, or a null one's fields.
inline protocol::SubscribeResult subscribeMap(EngineFixture::Peer& peer, const protocol::SubscribeRequest& request) {
    const auto replies = ask(peer, request);
    const auto* result = resultOf<protocol::SubscribeResult>(replies);
    return result != nullptr ? *result : protocol::SubscribeResult{};
}

inline void allowFilter(engine::ChannelLayout& layout) {
    for (auto& ns : layout.namespaces)
        ns.options.allowTagsFilter = true;
}

inline protocol::FilterNode teamIs(const std::string& team) {
    protocol::FilterNode filter;
    filter.key = "team";
    filter.cmp = "eq";
    filter.val = team;
    return filter;
}

}  // namespace xshathra::test
