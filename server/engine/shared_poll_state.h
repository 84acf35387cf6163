#pragma once

#include "server/base/clock.h"
#include "server/engine/loop.h"
#include "server/engine/node.h"
#include "server/engine/shared_poll.h"
#include "server/engine/shared_poll_options.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::engine {

/// Versions are counted by the channel, as the backend has none.
inline bool isVersionless(const SharedPollOptions& options) { return options.mode != SharedPollMode::Versioned; }

/// Time between the starts of two rounds.
inline Nanoseconds intervalOf(const SharedPollOptions& options) {
    return options.refreshInterval.count() > 0 ? options.refreshInterval : SharedPoll::kDefaultInterval;
}

/// One channel. Guarded by its mutex, except what belongs to the home loop.
struct PollState {
    /// One key.
    struct Entry {
        /// Of the backend, or counted by the channel in versionless mode; 0: no value came yet.
        std::uint64_t version = 0;
        /// Versionless: of the value.
        std::size_t hash = 0;
        /// A value came by the server API: the next round leaves the key out.
        bool fresh = false;
        /// A client came that doesn't have the value: send it even if it is the same.
        bool needsBroadcast = false;
        std::vector<std::shared_ptr<PollKey>> loops;
    };

    PollState(std::string_view name, const SharedPollOptions& its, std::shared_ptr<LoopMailbox> loop)
        : channel(name), options(its), home(std::move(loop)) {}

    const std::string channel;
    /// Those of the first client; a change of the namespace acts once the channel starts anew.
    const SharedPollOptions options;
    const std::shared_ptr<LoopMailbox> home;

    std::mutex mutex;
    std::string epoch;
    std::map<std::string, Entry> entries;
    std::uint64_t versionCounter = 0;
    std::deque<std::string> notices;
    Proxy* proxy = nullptr;
    bool removed = false;
    /// Changes when a shutdown is ordered or called off.
    std::uint64_t shutdownGeneration = 0;

    // The home loop's own.
    bool busy = false;
    bool due = false;
    TimerId pollTimer = TimerId::None;
    TimerId chunkTimer = TimerId::None;
    TimerId shutdownTimer = TimerId::None;
    Nanoseconds roundStarted{};
    std::vector<std::vector<std::string>> chunks;
    std::size_t nextChunk = 0;
    std::size_t openChunks = 0;

    /// The timers hold the state, for as long as a whole interval. On the home loop.
    void cancelTimers(Loop& loop) {
        for (auto* timer : {&pollTimer, &chunkTimer, &shutdownTimer})
            loop.cancel(std::exchange(*timer, TimerId::None));
    }
};

/// What goes to loops; their mailboxes are woken at the end, when no lock is held any more. Declare it before the lock.
class SharedPoll::Posts {
public:
    Posts() = default;
    Posts(const Posts&) = delete;
    Posts& operator=(const Posts&) = delete;
    ~Posts() {
        for (const auto& mailbox : woken_)
            mailbox->wake();
    }
    void add(const std::shared_ptr<LoopMailbox>& mailbox, std::function<void(Loop&)> task) {
        if (mailbox->put(std::move(task)))
            woken_.push_back(mailbox);
    }

private:
    std::vector<std::shared_ptr<LoopMailbox>> woken_;
};

template <typename Action>
std::function<void(Loop&)> SharedPoll::atHome(const StatePtr& state, Action action) {
    return [node = node_.weak_from_this(), state, action = std::move(action)](Loop& loop) {
        if (const auto alive = node.lock())
            action(alive->sharedPoll(), state, loop);
    };
}

}  // namespace xshathra::engine
