#pragma once

#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/engine/loop_mailbox.h"
#include "server/engine/namespace_options.h"
#include "server/engine/proxy.h"
#include "server/protocol/encoding.h"
#include "server/protocol/frame.h"
#include "server/protocol/messages.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xshathra::engine {

class Loop;
class Node;

/// The clients of one loop that track one key. Made and counted under the channel's lock; the clients are the loop's
/// thread's own.
struct PollKey {
    std::shared_ptr<LoopMailbox> mailbox;
    /// Generation by slot.
    std::unordered_map<std::uint32_t, std::uint32_t> clients;
    /// Guarded by the channel's lock.
    std::size_t count = 0;
};

/// A new value of a key, or its end, on its way to those who track it. Its forms are made by each loop when the first
/// client needs them.
struct PollUpdate {
    std::string channel;
    protocol::Publication publication;
    /// The value before, if the backend gave it, and its version.
    std::optional<SharedBytes> previous;
    std::uint64_t previousVersion = 0;
    std::shared_ptr<PollKey> target;
};

/// The encoded forms of an update, for one loop. Not thread-safe.
class PollFrames {
public:
    explicit PollFrames(const PollUpdate& update) : update_(update) {}

    /// Null where the value can't be given to such a client.
    const protocol::Frame* full(protocol::Encoding encoding, bool delta);
    /// A patch against the previous value, or null where there is none that is shorter.
    const protocol::Frame* patch(protocol::Encoding encoding);

private:
    const PollUpdate& update_;
    std::optional<bool> isJson_;
    std::optional<std::string> patch_;
    protocol::Frame json_;
    protocol::Frame quoted_;
    protocol::Frame protobuf_;
    protocol::Frame jsonPatch_;
    protocol::Frame protobufPatch_;
};

/// A key that a client tracks (protocol section 14.3). Belongs to the client's loop.
struct TrackedKey {
    /// What the client has.
    std::uint64_t version = 0;
    /// A whole value was sent, so that patches can follow.
    bool hasBase = false;
    /// Wall time in seconds since 1970 when the signature ends; 0: never.
    std::int64_t expireAt = 0;
    std::shared_ptr<PollKey> target;
};

/// What a shared-poll subscription tracks.
struct PollTracking {
    bool delta = false;
    std::unordered_map<std::string, TrackedKey> keys;
    /// The earliest expireAt of all keys or earlier; 0: none expires.
    std::int64_t minExpireAt = 0;
};

struct PollState;

/// The shared-poll channels of one project (protocol section 14.3): keys that clients track, their versions, and the
/// polling of the backend, which is done once for all clients. A channel is polled by the loop on which it was first
/// tracked; its lock gives its updates their order. As in Centrifugo, values are not kept: a client that comes later
/// gets them by another call to the backend. Thread-safe; the lock of the channels' list comes before a channel's.
class SharedPoll {
public:
    explicit SharedPoll(Node& node);
    ~SharedPoll();
    SharedPoll(const SharedPoll&) = delete;
    SharedPoll& operator=(const SharedPoll&) = delete;

    /// What a subscribe result says: in versionless mode it changes when the server or the channel starts anew, else it
    /// is what the backend gave last.
    std::string epoch(std::string_view channel, const SharedPollOptions& options) const;
    /// Adds a client of `loop` to each key; on the loop's thread. `proxy` may be null. The keys are each named once.
    /// @return for each key, in order, where the client was added.
    std::vector<std::shared_ptr<PollKey>> track(std::string_view channel, const SharedPollOptions& options,
                                                Proxy* proxy, Loop& loop, const ClientHandle& handle,
                                                const std::vector<protocol::KeyedItem>& items);
    struct Untracked {
        std::string key;
        std::shared_ptr<PollKey> target;
    };
    /// Takes the client out again; on the thread of its loop.
    void untrack(std::string_view channel, const ClientHandle& handle, const std::vector<Untracked>& keys);
    /// Gives a key a value that came by the server API, if the version is greater.
    void publish(std::string_view channel, std::string_view key, SharedBytes data, std::uint64_t version,
                 std::string_view epoch);

    std::size_t channelCount() const;
    std::size_t keyCount() const;

    /// Notices of keys that wait for a poll in one channel; above it they wait for the next round.
    static constexpr std::size_t kMaxNotices = 4096;
    static constexpr Milliseconds kDefaultInterval{10'000};
    static constexpr std::int64_t kDefaultBatchSize = 1000;
    static constexpr Milliseconds kDefaultShutdownDelay{1'000};

private:
    class Posts;
    using StatePtr = std::shared_ptr<PollState>;

    StatePtr find(std::string_view channel) const;
    /// The channel with its lock held.
    StatePtr lockOrMake(std::string_view channel, const SharedPollOptions& options, Loop& loop,
                        std::unique_lock<std::mutex>& lock, Posts& posts);
    /// Runs a member on the channel's home loop, if the project is still there.
    template <typename Action>
    std::function<void(Loop&)> atHome(const StatePtr& state, Action action);

    // With the channel's lock held:
    void notify(const StatePtr& state, const std::string& key, Posts& posts);
    void scheduleShutdown(const StatePtr& state, Posts& posts);
    void broadcast(PollState& state, protocol::Publication publication, std::uint64_t previousVersion, Posts& posts);
    void flipEpoch(const StatePtr& state, std::string_view epoch, Posts& posts);
    void takeItem(const StatePtr& state, const SharedPollProxyResult::Item& item, Posts& posts);
    // On the channel's home loop:
    void setPollTimer(const StatePtr& state, Loop& loop, Nanoseconds after);
    void pump(const StatePtr& state, Loop& loop);
    void startRound(const StatePtr& state, Loop& loop);
    void runChunk(const StatePtr& state, Loop& loop);
    void chunkDone(const StatePtr& state, Loop& loop);
    void endRound(const StatePtr& state, Loop& loop);
    void pollNoticed(const StatePtr& state);
    void ask(const StatePtr& state, std::vector<std::string> keys, std::function<void(Loop&)> done);
    void call(const StatePtr& state, const std::vector<std::string>& keys, std::function<void(Loop&)> done);
    void apply(const StatePtr& state, const SharedPollProxyResult& result);
    void shutDown(const StatePtr& state, Loop& loop, std::uint64_t generation);
    // At most concurrency_limit calls at a time:
    void acquire(std::function<void()> call);
    void release();

    Node& node_;
    const std::string startEpoch_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, StatePtr> channels_;
    std::mutex callsMutex_;
    std::size_t calls_ = 0;
    std::deque<std::function<void()>> waitingCalls_;
};

}  // namespace xshathra::engine
