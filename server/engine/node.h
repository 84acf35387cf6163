#pragma once

#include "server/auth/claims.h"
#include "server/base/clock.h"
#include "server/base/expected.h"
#include "server/base/shared_bytes.h"
#include "server/engine/map_types.h"
#include "server/engine/project_config.h"
#include "server/engine/transport.h"
#include "server/protocol/codes.h"
#include "server/protocol/messages.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::capture {
class Recorder;
}

namespace xshathra::engine {

class Hub;
class MapBroker;
class MemoryBroker;
class PresenceManager;
class SharedPoll;
struct Broadcasted;

/// How to publish. Defaults are those of Centrifugo's API (protocol section 21.2).
struct PublishOptions {
    /// Deliver without an offset and don't keep it.
    bool skipHistory = false;
    std::map<std::string, std::string> tags;
    /// A repeat of the key in the same channel within the project's window returns the first result and publishes
    /// nothing.
    std::string idempotencyKey;
    /// Subscribers with delta compression may be given a patch against the previous publication. publish() and
    /// broadcast() do so anyway where the namespace has delta_publish.
    bool delta = false;
    /// Above 0: published only if greater than the version of the channel's last publication, unless that one has
    /// another versionEpoch; an empty epoch compares with any.
    std::uint64_t version = 0;
    std::string versionEpoch;
    /// The publishing client; absent for the server API.
    std::optional<protocol::ClientInfo> info;
    /// The caller has already made sure that the data is one JSON text: not checked again for JSON subscribers.
    bool knownJson = false;
};

/// Position in the channel's stream after a publish; without history offset 0 and an empty epoch.
struct PublishResult {
    std::uint64_t offset = 0;
    std::string epoch;

    friend bool operator==(const PublishResult&, const PublishResult&) = default;
};

/// Whose connections an operation means: all of `user` ("": the anonymous ones), narrowed by client or session where
/// not empty.
struct UserTarget {
    std::string user;
    std::string client;
    std::string session;
};

/// A server-side subscription made by Node::subscribe() (protocol section 16).
struct SubscribeOptions {
    /// Wall time in seconds since 1970 when the subscription expires; absent or not above 0: never.
    std::optional<std::int64_t> expireAt;
    std::optional<SharedBytes> info;
    std::optional<SharedBytes> data;
    std::optional<protocol::StreamPosition> recoverSince;
    auth::SubscriptionOverrides overrides;
};

struct HistoryOptions {
    /// 0: only the position; below 0: all that is stored.
    std::int64_t limit = 0;
    std::optional<protocol::StreamPosition> since;
    bool reverse = false;
};

struct HistoryPage {
    std::vector<protocol::Publication> publications;
    std::uint64_t offset = 0;
    std::string epoch;
    /// A publication holds something that isn't JSON, so a JSON client can't be given it.
    bool notJson = false;
};

struct PresenceStats {
    std::uint32_t numClients = 0;
    std::uint32_t numUsers = 0;
};

/// A channel that has subscribers, or a stream.
struct ChannelSummary {
    std::string name;
    std::uint32_t numClients = 0;
    /// Publications in history.
    std::uint32_t historySize = 0;
    std::uint64_t offset = 0;
};

/// One connection, as a console lists it.
struct ConnectionSummary {
    std::string client;
    std::string user;
    TransportInfo transport;
    /// What the SDK calls itself in the connect command.
    std::string name;
    std::string version;
    Nanoseconds connectedAtWall{};
    std::vector<std::string> channels;
};

struct NodeInfo {
    std::string projectId;
    std::size_t numClients = 0;
    std::size_t numUsers = 0;
    std::size_t numChannels = 0;
    std::size_t numSubscriptions = 0;
    std::uint64_t publications = 0;
    std::size_t historyBytes = 0;
    Nanoseconds uptime{};
};

template <typename T>
using ClientResult = Expected<T, protocol::ClientError>;

/// The realtime server of one project: its channels, clients, presence and history belong to nobody else. Made by the
/// NodeRegistry. All public functions are thread-safe; none waits for a loop. What an operation does to connections
/// happens on their loops soon after it returned. Errors are those of protocol section 21.3; permissions of clients
/// don't apply here.
class Node : public std::enable_shared_from_this<Node> {
public:
    Node(const Clock& clock, capture::Recorder& recorder, std::shared_ptr<const ProjectConfig> config);
    ~Node();
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    const std::string& projectId() const { return projectId_; }
    /// The snapshot in force.
    std::shared_ptr<const ProjectConfig> config() const;

    /// Assigns the offset, keeps history and queues the encoded message to every loop with subscribers. `data` goes out
    /// untouched. Errors: 107 (no channel, or data against publication_data_format), 102, 107 (a channel that isn't of
    /// the stream type).
    ClientResult<PublishResult> publish(std::string_view channel, SharedBytes data, const PublishOptions& options = {});
    /// publish() into each channel; one answer for each, in order.
    std::vector<ClientResult<PublishResult>> broadcast(const std::vector<std::string>& channels,
                                                       const SharedBytes& data, const PublishOptions& options = {});
    /// Adds a server-side subscription to the target's connections. Errors: 107, 102, and 100 where the target has
    /// connections and nothing is done (an expiry that isn't to come) or nothing at those that speak JSON (data that
    /// isn't). What fails later, such as a full presence, is seen in the console alone.
    ClientResult<void> subscribe(const UserTarget& target, std::string_view channel, SubscribeOptions options = {});
    /// Takes any kind of subscription away, with an unsubscribe push, which clients without the subscription get too;
    /// an empty channel means all subscriptions. Errors: 102.
    ClientResult<void> unsubscribe(const UserTarget& target, std::string_view channel,
                                   std::optional<protocol::Unsubscribe> reason = std::nullopt);
    /// Closes the target's connections, except clients in `whitelist`; default is 3503 "force disconnect".
    ClientResult<void> disconnect(const UserTarget& target, std::optional<protocol::Disconnect> reason = std::nullopt,
                                  const std::vector<std::string>& whitelist = {});
    /// Closes every connection of the project.
    void disconnectAll(const protocol::Disconnect& reason);
    /// Gives the target's connections a new expiry (absent: none), or ends them with 3005 when `expired`.
    ClientResult<void> refresh(const UserTarget& target, std::optional<std::int64_t> expireAt, bool expired = false,
                               std::optional<SharedBytes> info = std::nullopt);
    /// Errors: 107, 102, 108 where the namespace has no presence. In no particular order.
    ClientResult<std::vector<protocol::ClientInfo>> presence(std::string_view channel) const;
    ClientResult<PresenceStats> presenceStats(std::string_view channel) const;
    /// Errors: 107, 102, 108 where the namespace has no history, 112 where since.epoch is another, 100 for `reverse`
    /// from offset 0.
    ClientResult<HistoryPage> history(std::string_view channel, const HistoryOptions& options) const;
    /// Drops the stored publications; offset and epoch stay. Errors: 107, 102, 108.
    ClientResult<void> historyRemove(std::string_view channel);
    // Maps (protocol sections 14 and 21.2; map_node.cpp). Each: 107 without a channel or where the namespace isn't of a
    // map type, 102.

    /// Sets a key. Errors: 107 for an empty or too long key, 106 beyond MapLimits, 100 for a version or an expected
    /// position in an ephemeral map.
    ClientResult<MapUpdateResult> mapPublish(std::string_view channel, std::string_view key, SharedBytes data,
                                             const MapPublishOptions& options = {});
    ClientResult<MapUpdateResult> mapRemove(std::string_view channel, std::string_view key,
                                            const MapRemoveOptions& options = {});
    /// Errors: 112 where the revision's epoch is another.
    ClientResult<MapStatePage> mapReadState(std::string_view channel, const MapStateQuery& query);
    /// Errors: 112 where since.epoch is another, or changes right after since.offset are gone.
    ClientResult<MapStreamPage> mapReadStream(std::string_view channel, const MapStreamQuery& query);
    /// The number of keys.
    ClientResult<std::size_t> mapStats(std::string_view channel);
    /// Forgets keys, stream, offset and epoch; subscribers with a position start anew.
    ClientResult<void> mapClear(std::string_view channel);
    /// Gives those that track the key a new value (shared_poll_node.cpp). Errors: 107 without channel, key or version
    /// or where the namespace isn't of the shared_poll type, 102, 108 without shared_poll.publish_enabled.
    ClientResult<void> sharedPollPublish(std::string_view channel, std::string_view key, SharedBytes data,
                                         std::uint64_t version, std::string_view epoch = {});

    /// Channels with subscribers whose whole name matches the glob (see Glob; empty: all), sorted by name.
    std::vector<ChannelSummary> channels(std::string_view pattern = {}) const;
    /// The connections, of one user where given, at most `limit`.
    std::vector<ConnectionSummary> connections(const std::optional<std::string>& user = std::nullopt,
                                               std::size_t limit = 1000) const;
    NodeInfo info() const;

    // What follows is for the engine itself.

    /// publish() into a channel that was resolved and judged before.
    ClientResult<PublishResult> publishResolved(const ProjectConfig& config, const ResolvedChannel& resolved,
                                                std::string_view channel, SharedBytes data,
                                                const PublishOptions& options);
    void apply(std::shared_ptr<const ProjectConfig> config);
    /// The project is gone: closes every connection, also one that is just coming.
    void remove();
    bool isRemoved() const { return removed_.load(); }
    /// Changes with every apply(): lets a client keep its snapshot until then.
    std::uint64_t configVersion() const { return configVersion_.load(std::memory_order_acquire); }
    const SharedBytes& projectIdBytes() const { return projectIdBytes_; }
    const Clock& clock() const { return clock_; }
    capture::Recorder& recorder() { return recorder_; }
    Hub& hub() { return *hub_; }
    MemoryBroker& broker() { return *broker_; }
    PresenceManager& presenceManager() { return *presence_; }
    MapBroker& maps() { return *maps_; }
    SharedPoll& sharedPoll() { return *sharedPoll_; }
    /// Puts a message to a channel into the capture.
    void record(const Broadcasted& broadcast);
    /// mapPublish() and mapRemove() into a channel that was resolved and judged before.
    ClientResult<MapUpdateResult> mapPublishResolved(const ResolvedChannel& resolved, std::string_view channel,
                                                     std::string_view key, SharedBytes data,
                                                     const MapPublishOptions& options);
    ClientResult<MapUpdateResult> mapRemoveResolved(const ResolvedChannel& resolved, std::string_view channel,
                                                    std::string_view key, const MapRemoveOptions& options);
    /// Frees what has expired; a small step each call.
    void sweep();

private:
    const Clock& clock_;
    capture::Recorder& recorder_;
    const std::string projectId_;
    const SharedBytes projectIdBytes_;
    const Nanoseconds startedAt_;
    mutable std::mutex configMutex_;
    std::shared_ptr<const ProjectConfig> config_;
    std::atomic<std::uint64_t> configVersion_{1};
    std::atomic<bool> removed_{false};
    std::unique_ptr<Hub> hub_;
    std::unique_ptr<MemoryBroker> broker_;
    std::unique_ptr<MapBroker> maps_;
    std::unique_ptr<PresenceManager> presence_;
    std::unique_ptr<SharedPoll> sharedPoll_;
};

}  // namespace xshathra::engine
