#pragma once

#include "server/base/clock.h"
#include "server/engine/loop_mailbox.h"
#include "server/engine/striped_map.h"
#include "server/engine/transport.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// What other threads may know of a connected client. The constant part needs no lock.
struct ClientRecord {
    ClientHandle handle;
    std::string client;
    std::string user;
    /// Empty unless the transport is emulated or unidirectional.
    std::string session;
    TransportInfo transport;
    std::string name;
    std::string version;
    Nanoseconds connectedAtWall{};

    void addChannel(const std::string& channel);
    void removeChannel(const std::string& channel);
    std::vector<std::string> channels() const;

private:
    mutable std::mutex mutex_;
    std::set<std::string> channels_;
};

/// The directory of a project's connected clients, by user and by id. Thread-safe (striped locks).
class Hub {
public:
    using RecordPtr = std::shared_ptr<ClientRecord>;

    /// False when the user (not the anonymous one) already has `userLimit` connections, or the project `limit`; 0: no
    /// limit.
    [[nodiscard]] bool add(const RecordPtr& record, std::size_t userLimit, std::size_t limit);
    void remove(const RecordPtr& record);
    /// The connections of a user, narrowed by client id and session where not empty.
    std::vector<RecordPtr> find(std::string_view user, std::string_view client = {},
                                std::string_view session = {}) const;
    std::vector<RecordPtr> all(std::size_t limit = std::size_t(-1)) const;
    std::size_t clientCount() const { return clientCount_.load(std::memory_order_relaxed); }
    std::size_t userCount() const { return userCount_.load(std::memory_order_relaxed); }

private:
    /// By user, and each user's by client id, so that one with very many (the anonymous one) costs no linear search.
    StripedMap<StringMap<RecordPtr>, 32> users_;
    std::atomic<std::size_t> clientCount_{0};
    std::atomic<std::size_t> userCount_{0};
};

}  // namespace xshathra::engine
