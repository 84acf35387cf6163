#pragma once

#include "server/auth/api_key.h"
#include "server/auth/jwt.h"
#include "server/capture/recorder.h"
#include "server/engine/client.h"
#include "server/engine/loop.h"
#include "server/engine/node.h"
#include "server/engine/node_registry.h"
#include "server/protocol/command_encoder.h"
#include "tests/support/fake_transport.h"
#include "tests/support/manual_clock.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::test {

inline const std::string kSecret = "a secret of at least thirty-two bytes, for tests";

/// Mints tokens as a backend does.
inline std::string connectToken(const std::string& claims) {
    return auth::TokenSigner(auth::Secret(kSecret)).signRaw(claims);
}
inline std::string subscribeToken(const std::string& claims) { return connectToken(claims); }

/// The namespaces of a new project: `public` open to all with presence and join/leave; `chat` by token, with history
/// and recovery.
inline engine::ChannelLayout usualLayout() {
    engine::ChannelLayout layout;
    engine::NamespaceOptions open;
    open.name = "public";
    open.options.presence = true;
    open.options.joinLeave = true;
    open.options.allowSubscribeForClient = true;
    open.options.allowSubscribeForAnonymous = true;
    open.options.allowPublishForSubscriber = true;
    open.options.allowPublishForAnonymous = true;
    open.options.allowPresenceForSubscriber = true;
    open.options.allowPresenceForAnonymous = true;
    layout.namespaces.push_back(open);
    engine::NamespaceOptions chat;
    chat.name = "chat";
    chat.options.historySize = 10;
    chat.options.historyTtl = Seconds(300);
    chat.options.forceRecovery = true;
    chat.options.allowSubscribeForClient = true;
    chat.options.allowPublishForClient = true;
    chat.options.allowHistoryForSubscriber = true;
    layout.namespaces.push_back(chat);
    engine::NamespaceOptions match;
    match.name = "match";
    match.options.historySize = 10;
    match.options.historyTtl = Seconds(300);
    match.options.presence = true;
    layout.namespaces.push_back(match);
    return layout;
}

/// An engine with one loop on a clock that stands still, driven by the test.
class EngineFixture {
public:
    EngineFixture() { addProject("proj_A"); }

    /// A connection; destroyed before the fixture.
    struct Peer {
        Peer(EngineFixture& fixture, engine::TransportInfo info)
            : transport(std::move(info)), client(fixture.registry, fixture.loop, transport), fixture_(fixture) {}

        /// Sends one frame and lets the loop run.
        void send(std::string frame) {
            client.handleFrame(SharedBytes(std::move(frame)));
            fixture_.turn();
        }
        void send(const protocol::Command& command) {
            client.handleFrame(protocol::encodeCommand(transport.info().encoding, command));
            fixture_.turn();
        }
        std::vector<std::string> take() { return transport.take(); }
        std::uint32_t closeCode() const { return transport.closed ? transport.closed->code : 0; }

        FakeTransport transport;
        engine::Client client;

    private:
        EngineFixture& fixture_;
    };

    /// Adds or replaces a project that the tokens of this file's secret open.
    void addProject(const std::string& id,
                    const std::function<void(engine::ProjectConfig&, engine::ChannelLayout&)>& change = {}) {
        auto project = std::make_shared<engine::ProjectConfig>();
        project->id = id;
        project->name = id;
        auth::VerifierOptions options;
        options.keys = auth::VerificationKeys::hs256(auth::Secret(kSecret));
        options.requireExpiry = false;
        project->tokenVerifier = std::make_shared<const auth::TokenVerifier>(clock, options);
        auto layout = usualLayout();
        if (change)
            change(*project, layout);
        project->channels = std::make_shared<const engine::NamespaceRegistry>(layout);
        std::erase_if(projects_, [&id](const auto& other) { return other->id == id; });
        projects_.push_back(project);
        apply();
    }
    void removeProject(const std::string& id) {
        std::erase_if(projects_, [&id](const auto& other) { return other->id == id; });
        apply();
    }
    void apply() {
        auto config = std::make_shared<engine::EngineConfig>();
        config->projects = projects_;
        config->defaultProject = "proj_A";
        config->version = "test";
        registry.apply(config);
    }
    engine::Node& node(const std::string& id = "proj_A") { return *registry.find(id); }

    std::unique_ptr<Peer> open(engine::TransportInfo info = {}) {
        return std::make_unique<Peer>(*this, std::move(info));
    }
    std::unique_ptr<Peer> openProtobuf() {
        engine::TransportInfo info;
        info.encoding = protocol::Encoding::Protobuf;
        return open(info);
    }
    /// Connected as `user`, its connect reply taken.
    std::unique_ptr<Peer> connect(const std::string& user, const std::string& moreClaims = {},
                                  engine::TransportInfo info = {}) {
        auto peer = open(std::move(info));
        protocol::Command command;
        command.id = 1;
        protocol::ConnectRequest request;
        request.token = connectToken(R"({"sub":")" + user + R"(","projectId":"proj_A")" + moreClaims + "}");
        command.request = request;
        peer->send(command);
        peer->take();
        return peer;
    }
    std::unique_ptr<Peer> connectProtobuf(const std::string& user) {
        engine::TransportInfo info;
        info.encoding = protocol::Encoding::Protobuf;
        return connect(user, {}, info);
    }

    /// What an I/O thread does in one turn, until nothing is left to do.
    void turn() {
        loop.runDueTimers();
        do {
            woken = false;
            loop.runPosted();
        } while (woken);
    }
    /// Lets time pass, stopping at every timer on the way.
    void advance(Nanoseconds by) {
        const auto end = clock.monotonic() + by;
        while (loop.nextDeadline() && *loop.nextDeadline() <= end) {
            const auto step = *loop.nextDeadline() - clock.monotonic();
            if (step.count() > 0)
                clock.advance(step);
            turn();
        }
        if (end > clock.monotonic())
            clock.advance(end - clock.monotonic());
        turn();
    }
    std::int64_t now() const { return clock.wallSeconds(); }

    ManualClock clock;
    capture::Recorder recorder{clock};
    engine::NodeRegistry registry{clock, recorder};
    bool woken = false;
    engine::Loop loop{clock, [this] { woken = true; }};

private:
    std::vector<std::shared_ptr<const engine::ProjectConfig>> projects_;
};

}  // namespace xshathra::test
