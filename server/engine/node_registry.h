#pragma once

#include "server/auth/digest.h"
#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/base/string_map.h"
#include "server/engine/loop.h"
#include "server/engine/project_config.h"
#include "server/protocol/codes.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xshathra::capture {
class Recorder;
}

namespace xshathra::engine {

class Node;
class Proxy;

/// Figures of the whole engine; every one is a sum over loops or projects, not taken at one instant.
struct EngineCounters {
    /// Connections, also those that have not sent their connect command yet.
    std::uint64_t connections = 0;
    /// Connections past their connect command.
    std::uint64_t clients = 0;
    std::uint64_t users = 0;
    std::uint64_t channels = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t publications = 0;
    std::uint64_t messagesIn = 0;
    std::uint64_t messagesOut = 0;
    std::uint64_t bytesIn = 0;
    std::uint64_t bytesOut = 0;
    std::uint64_t slowClients = 0;
};

/// The engine: project id -> Node, and which project a connection belongs to. Thread-safe unless marked.
class NodeRegistry {
public:
    /// Both must outlive the registry.
    NodeRegistry(const Clock& clock, capture::Recorder& recorder);
    ~NodeRegistry();
    NodeRegistry(const NodeRegistry&) = delete;
    NodeRegistry& operator=(const NodeRegistry&) = delete;

    /// Makes this the configuration in force: new projects get a node, changed ones their new options (running
    /// subscriptions keep what they were granted, everything decided later follows the new options). Connections of
    /// projects that are gone are closed with 3503 "force disconnect", which tells SDKs not to come back: the project
    /// they name exists no more.
    void apply(std::shared_ptr<const EngineConfig> config);
    std::shared_ptr<const EngineConfig> config() const;

    /// Null when there is no such project.
    std::shared_ptr<Node> find(std::string_view projectId) const;
    /// The project that a client API key in force belongs to; null for unknown, mistyped and server keys.
    std::shared_ptr<Node> findByClientKey(std::string_view key) const;
    std::vector<std::shared_ptr<Node>> nodes() const;
    EngineCounters counters() const;

    /// Closes every connection of every project, for example with 3001 at shutdown.
    void disconnectAll(const protocol::Disconnect& reason);

    /// The way to the projects' backends; null (as at first): every question that needs one fails as one that couldn't
    /// be reached. Set it before the first client comes; it must outlive the last one.
    void setProxy(Proxy* proxy);
    Proxy* proxy() const { return proxy_.load(std::memory_order_acquire); }
    /// Names (lower case, sorted) of the header fields that a transport keeps of a client's request in
    /// TransportInfo::headers, because a project passes them on or has the user id in one. Null: none. A change doesn't
    /// reach connections that are there already.
    std::shared_ptr<const std::vector<std::string>> keptHeaders() const;

    /// Takes part in the counters, and lets the registry use the loop's timers for its housekeeping. On the loop's
    /// thread, once, before its first client.
    void attach(Loop& loop);
    /// On the loop's thread, after its last client, before the loop is destroyed.
    void detach(Loop& loop);

    /// Hands the data of an emulation request (protocol section 1.7) to the connection of that session. False when
    /// there is none.
    bool handleEmulation(std::string_view session, SharedBytes data);
    /// Names this process in the `node` field of connect results; emulation requests bring it back.
    const std::string& nodeUid() const { return nodeUid_; }

    // What follows is for the engine itself.

    const Clock& clock() const { return clock_; }
    capture::Recorder& recorder() { return recorder_; }
    void addSession(const std::string& session, ClientHandle handle);
    void removeSession(const std::string& session);

private:
    struct DigestHash {
        std::size_t operator()(const auth::Digest& digest) const;
    };
    struct Attached {
        Loop* loop = nullptr;
        std::shared_ptr<TimerId> timer;
    };

    void housekeep(Loop& loop, const std::shared_ptr<TimerId>& timer);

    const Clock& clock_;
    capture::Recorder& recorder_;
    const std::string nodeUid_;
    mutable std::mutex mutex_;
    std::shared_ptr<const EngineConfig> config_;
    StringMap<std::shared_ptr<Node>> nodes_;
    std::unordered_map<auth::Digest, std::shared_ptr<Node>, DigestHash> nodesByClientKey_;
    std::shared_ptr<const std::vector<std::string>> keptHeaders_;
    std::atomic<Proxy*> proxy_{nullptr};
    mutable std::mutex loopsMutex_;
    std::vector<Attached> loops_;
    LoopCounters ended_;
    mutable std::mutex sessionsMutex_;
    StringMap<ClientHandle> sessions_;
};

}  // namespace xshathra::engine
