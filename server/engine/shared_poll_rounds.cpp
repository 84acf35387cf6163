#include "server/base/ids.h"
#include "server/engine/shared_poll_state.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

void SharedPoll::setPollTimer(const StatePtr& state, Loop& loop, Nanoseconds after) {
    {
        const std::lock_guard lock(state->mutex);
        if (state->removed)
            return;
    }
    state->pollTimer = loop.schedule(after, [node = node_.weak_from_this(), state, &loop] {
        state->pollTimer = TimerId::None;
        const auto alive = node.lock();
        if (!alive)
            return;
        state->due = true;
        alive->sharedPoll().pump(state, loop);
    });
}

/// One thing at a time, as Centrifuge's worker does: a round over all keys, or a call for one key that was noticed.
void SharedPoll::pump(const StatePtr& state, Loop& loop) {
    if (state->busy)
        return;
    {
        const std::lock_guard lock(state->mutex);
        if (state->removed)
            return;
    }
    if (std::exchange(state->due, false))
        startRound(state, loop);
    else
        pollNoticed(state);
}

void SharedPoll::pollNoticed(const StatePtr& state) {
    std::string key;
    {
        const std::lock_guard lock(state->mutex);
        while (!state->notices.empty() && key.empty()) {
            if (state->entries.count(state->notices.front()) > 0)
                key = state->notices.front();
            state->notices.pop_front();
        }
    }
    if (key.empty())
        return;
    state->busy = true;
    ask(state, {key}, [this, state](Loop& home) {
        state->busy = false;
        pump(state, home);
    });
}

void SharedPoll::startRound(const StatePtr& state, Loop& loop) {
    std::vector<std::string> keys;
    {
        const std::lock_guard lock(state->mutex);
        for (auto& [key, entry] : state->entries) {
            if (!std::exchange(entry.fresh, false))
                keys.push_back(key);
        }
    }
    state->roundStarted = loop.clock().monotonic();
    state->chunks.clear();
    state->nextChunk = 0;
    state->openChunks = 0;
    state->busy = true;
    const auto size =
        std::size_t(state->options.refreshBatchSize > 0 ? state->options.refreshBatchSize : kDefaultBatchSize);
    for (std::size_t i = 0; i < keys.size(); i += size)
        state->chunks.emplace_back(keys.begin() + std::ptrdiff_t(i),
                                   keys.begin() + std::ptrdiff_t(std::min(i + size, keys.size())));
    if (state->chunks.empty())
        return endRound(state, loop);
    runChunk(state, loop);
}

/// The chunks of a round are spread evenly over the interval, so that the backend isn't hit by all at once.
void SharedPoll::runChunk(const StatePtr& state, Loop& loop) {
    auto keys = std::move(state->chunks[state->nextChunk++]);
    ++state->openChunks;
    if (state->nextChunk < state->chunks.size()) {
        const auto spread = intervalOf(state->options) / std::int64_t(state->chunks.size());
        state->chunkTimer = loop.schedule(spread, [node = node_.weak_from_this(), state, &loop] {
            if (const auto alive = node.lock())
                alive->sharedPoll().runChunk(state, loop);
        });
    }
    ask(state, std::move(keys), [this, state](Loop& home) { chunkDone(state, home); });
}

void SharedPoll::chunkDone(const StatePtr& state, Loop& loop) {
    --state->openChunks;
    if (state->openChunks == 0 && state->nextChunk == state->chunks.size())
        endRound(state, loop);
}

void SharedPoll::endRound(const StatePtr& state, Loop& loop) {
    state->busy = false;
    const auto took = loop.clock().monotonic() - state->roundStarted;
    // The period stays what it is: the round's own time counts.
    setPollTimer(state, loop, std::max(intervalOf(state->options) - took, Nanoseconds{}));
    pump(state, loop);
}

void SharedPoll::acquire(std::function<void()> call) {
    const auto configured = node_.config()->sharedPoll.concurrencyLimit;
    const auto limit = std::size_t(configured > 0 ? configured : SharedPollProjectOptions::kDefaultConcurrency);
    {
        const std::lock_guard lock(callsMutex_);
        if (calls_ >= limit) {
            waitingCalls_.push_back(std::move(call));
            return;
        }
        ++calls_;
    }
    call();
}

void SharedPoll::release() {
    std::function<void()> next;
    {
        const std::lock_guard lock(callsMutex_);
        if (waitingCalls_.empty()) {
            --calls_;
            return;
        }
        next = std::move(waitingCalls_.front());
        waitingCalls_.pop_front();
    }
    next();
}

void SharedPoll::ask(const StatePtr& state, std::vector<std::string> keys, std::function<void(Loop&)> done) {
    acquire([node = node_.weak_from_this(), state, keys = std::move(keys), done = std::move(done)] {
        if (const auto alive = node.lock())
            alive->sharedPoll().call(state, keys, done);
    });
}

void SharedPoll::call(const StatePtr& state, const std::vector<std::string>& keys, std::function<void(Loop&)> done) {
    SharedPollProxyRequest request;
    request.channel = state->channel;
    Proxy* proxy = nullptr;
    {
        const std::lock_guard lock(state->mutex);
        proxy = state->proxy;
        for (const auto& key : keys) {
            const auto found = state->entries.find(key);
            // Nobody tracks it any more.
            if (found == state->entries.end())
                continue;
            // Version 0 asks for the value whatever it is.
            const bool asksForNewer = !isVersionless(state->options) && !found->second.needsBroadcast;
            request.items.push_back({key, asksForNewer ? found->second.version : 0});
        }
    }
    auto finish = [post = atHome(state,
                                 [done = std::move(done)](SharedPoll& self, const StatePtr&, Loop& home) {
                                     self.release();
                                     done(home);
                                 }),
                   state](std::function<void(Loop&)> before) {
        Posts posts;
        posts.add(state->home, [post, before = std::move(before)](Loop& home) {
            if (before)
                before(home);
            post(home);
        });
    };
    if (request.items.empty())
        return finish({});
    ProxyCall call;
    call.project = node_.config();
    call.name = state->options.proxyName.empty() ? "default" : state->options.proxyName;
    call.options = call.project->proxies.find(ProxyKind::SharedPollRefresh, call.name);
    call.request = std::move(request);
    if (proxy == nullptr || call.options == nullptr)
        return finish({});
    proxy->call(std::move(call),
                [state, finish = std::move(finish), node = node_.weak_from_this()](ProxyAnswer answer) {
                    if (answer.as<ProxyNoResult>() != nullptr)
                        answer.outcome = SharedPollProxyResult{};
                    if (answer.as<SharedPollProxyResult>() == nullptr)
                        return finish({});
                    finish([node, state, answer = std::move(answer)](Loop&) {
                        if (const auto alive = node.lock())
                            alive->sharedPoll().apply(state, *answer.as<SharedPollProxyResult>());
                    });
                });
}

void SharedPoll::apply(const StatePtr& state, const SharedPollProxyResult& result) {
    Posts posts;
    const std::lock_guard lock(state->mutex);
    flipEpoch(state, result.epoch, posts);
    std::vector<std::string> removed;
    for (const auto& item : result.items) {
        if (item.removed)
            removed.push_back(item.key);
        else
            takeItem(state, item, posts);
    }
    for (const auto& key : removed) {
        protocol::Publication publication;
        publication.key = key;
        publication.removed = true;
        broadcast(*state, std::move(publication), 0, posts);
        if (state->entries.erase(key) > 0 && state->entries.empty())
            scheduleShutdown(state, posts);
    }
}

void SharedPoll::takeItem(const StatePtr& state, const SharedPollProxyResult::Item& item, Posts& posts) {
    const auto found = state->entries.find(item.key);
    if (found == state->entries.end())
        return;
    auto& entry = found->second;
    protocol::Publication publication;
    publication.key = item.key;
    publication.data = item.data.value_or(SharedBytes());
    const auto previousVersion = entry.version;
    if (isVersionless(state->options) && item.version == 0) {
        const auto hash = std::hash<std::string_view>{}(publication.data.view());
        if (entry.version > 0 && hash == entry.hash) {
            if (std::exchange(entry.needsBroadcast, false)) {
                publication.version = entry.version;
                broadcast(*state, std::move(publication), 0, posts);
            }
            return;
        }
        entry.hash = hash;
        entry.version = ++state->versionCounter;
    } else if (item.version <= entry.version) {
        // A value that is older than one from the server API must not pass for that version.
        if (entry.needsBroadcast && entry.version > 0 && item.version == entry.version) {
            entry.needsBroadcast = false;
            publication.version = item.version;
            broadcast(*state, std::move(publication), 0, posts);
        }
        return;
    } else {
        entry.version = item.version;
        if (item.prevData && !item.prevData->empty())
            publication.prevData = item.prevData;
    }
    entry.needsBroadcast = false;
    publication.version = entry.version;
    broadcast(*state, std::move(publication), previousVersion, posts);
}

}  // namespace xshathra::engine
