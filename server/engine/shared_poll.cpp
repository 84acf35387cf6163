#include "server/engine/shared_poll.h"

#include "server/base/ids.h"
#include "server/capture/recorder.h"
#include "server/engine/client_session.h"
#include "server/engine/loop.h"
#include "server/engine/memory_broker.h"
#include "server/engine/node.h"
#include "server/protocol/fossil_delta.h"
#include "server/protocol/json.h"
#include "server/protocol/reply_encoder.h"

#include <algorithm>
#include <map>
#include <utility>

namespace xshathra::engine {

using protocol::Encoding;
using protocol::UnsubscribeCode;

namespace {

constexpr std::size_t kEpochLength = 8;

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

bool isVersionless(const SharedPollOptions& options) {
    return options.mode != SharedPollMode::Versioned;
}

Nanoseconds intervalOf(const SharedPollOptions& options) {
    return options.refreshInterval.count() > 0 ? options.refreshInterval : SharedPoll::kDefaultInterval;
}

void forEachClient(const PollKey& key, Loop& loop, const std::function<void(ClientSession&)>& action) {
    // The action may make clients leave.
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> clients(key.clients.begin(), key.clients.end());
    for (const auto& [slot, generation] : clients) {
        if (auto* client = loop.client({key.mailbox, slot, generation}))
            action(client->impl());
    }
}

}  // namespace

/// One channel. Guarded by its mutex, except what belongs to the home loop.
struct PollState {
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
    Nanoseconds roundStarted{};
    std::vector<std::vector<std::string>> chunks;
    std::size_t nextChunk = 0;
    std::size_t openChunks = 0;
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

const protocol::Frame* PollFrames::full(Encoding encoding, bool delta) {
    const auto& publication = update_.publication;
    if (encoding == Encoding::Protobuf) {
        if (protobuf_.empty())
            protobuf_ = protocol::encodePublicationPush(encoding, update_.channel, publication);
        return &protobuf_;
    }
    if (delta && protocol::isUtf8(publication.data.view())) {
        if (quoted_.empty()) {
            protocol::Publication quoted;
            quoted.key = publication.key;
            quoted.version = publication.version;
            quoted.data = protocol::quoteJson(publication.data.view());
            quoted_ = protocol::encodePublicationPush(encoding, update_.channel, quoted);
        }
        return &quoted_;
    }
    if (!isJson_)
        isJson_ = publication.data.empty() || protocol::isValidJson(publication.data.view());
    if (!*isJson_ || delta)
        return nullptr;
    if (json_.empty())
        json_ = protocol::encodePublicationPush(encoding, update_.channel, publication);
    return &json_;
}

const protocol::Frame* PollFrames::patch(Encoding encoding) {
    const auto& publication = update_.publication;
    if (!update_.previous)
        return nullptr;
    if (!patch_)
        patch_ = protocol::makeFossilDelta(update_.previous->view(), publication.data.view());
    const bool json = encoding == Encoding::Json;
    if (patch_->size() >= publication.data.size() || (json && !protocol::isUtf8(*patch_)))
        return nullptr;
    auto& frame = json ? jsonPatch_ : protobufPatch_;
    if (frame.empty()) {
        protocol::Publication patched;
        patched.key = publication.key;
        patched.version = publication.version;
        patched.delta = true;
        patched.data = json ? protocol::quoteJson(*patch_) : SharedBytes::copyOf(*patch_);
        frame = protocol::encodePublicationPush(encoding, update_.channel, patched);
    }
    return &frame;
}

SharedPoll::SharedPoll(Node& node) : node_(node), startEpoch_(makeRandomLetters(kEpochLength)) {}

SharedPoll::~SharedPoll() = default;

SharedPoll::StatePtr SharedPoll::find(std::string_view channel) const {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(std::string(channel));
    return found == channels_.end() ? nullptr : found->second;
}

template <typename Action>
std::function<void(Loop&)> SharedPoll::atHome(const StatePtr& state, Action action) {
    return [node = node_.weak_from_this(), state, action = std::move(action)](Loop& loop) {
        if (const auto alive = node.lock())
            action(alive->sharedPoll(), state, loop);
    };
}

SharedPoll::StatePtr SharedPoll::lockOrMake(std::string_view channel, const SharedPollOptions& options, Loop& loop,
                                            std::unique_lock<std::mutex>& lock, Posts& posts) {
    for (;;) {
        StatePtr state;
        bool isNew = false;
        {
            const std::lock_guard listLock(mutex_);
            auto& slot = channels_[std::string(channel)];
            isNew = !slot;
            if (isNew) {
                slot = std::make_shared<PollState>(channel, options, loop.mailbox());
                // A versioned channel's epoch is the backend's.
                if (isVersionless(options))
                    slot->epoch = makeRandomLetters(kEpochLength);
            }
            state = slot;
        }
        if (isNew)
            posts.add(state->home, atHome(state, [](SharedPoll& self, const StatePtr& its, Loop& home) {
                          self.setPollTimer(its, home, intervalOf(its->options));
                      }));
        lock = std::unique_lock(state->mutex);
        if (!state->removed)
            return state;
        // It was just shut down: the list has another, or room for one.
        lock.unlock();
        const std::lock_guard listLock(mutex_);
        const auto found = channels_.find(std::string(channel));
        if (found != channels_.end() && found->second == state)
            channels_.erase(found);
    }
}

std::string SharedPoll::epoch(std::string_view channel, const SharedPollOptions& options) const {
    const auto state = find(channel);
    if (!state)
        return isVersionless(options) ? startEpoch_ : std::string();
    const std::lock_guard lock(state->mutex);
    return state->epoch;
}

std::vector<std::shared_ptr<PollKey>> SharedPoll::track(std::string_view channel, const SharedPollOptions& options,
                                                        Proxy* proxy, Loop& loop, const ClientHandle& handle,
                                                        const std::vector<protocol::KeyedItem>& items) {
    std::vector<std::shared_ptr<PollKey>> targets;
    targets.reserve(items.size());
    Posts posts;
    std::unique_lock<std::mutex> lock;
    const auto state = lockOrMake(channel, options, loop, lock, posts);
    ++state->shutdownGeneration;
    state->proxy = proxy;
    std::vector<std::string> noticed;
    for (const auto& item : items) {
        const auto [found, isNew] = state->entries.try_emplace(item.key);
        auto& entry = found->second;
        std::shared_ptr<PollKey> target;
        for (const auto& candidate : entry.loops) {
            if (candidate->mailbox == handle.mailbox)
                target = candidate;
        }
        if (!target) {
            target = std::make_shared<PollKey>();
            target->mailbox = handle.mailbox;
            entry.loops.push_back(target);
        }
        const auto [place, added] = target->clients.insert_or_assign(handle.slot, handle.generation);
        if (added)
            ++target->count;
        targets.push_back(target);
        if (isNew && item.version == 0) {
            noticed.push_back(item.key);
        } else if (!isNew && (item.version == 0 || entry.version > item.version) && !entry.needsBroadcast) {
            entry.needsBroadcast = true;
            // Without a value yet, the call for the first client is under way.
            if (entry.version > 0)
                noticed.push_back(item.key);
        }
    }
    for (const auto& key : noticed)
        notify(state, key, posts);
    return targets;
}

void SharedPoll::notify(const StatePtr& state, const std::string& key, Posts& posts) {
    if (state->notices.size() >= kMaxNotices)
        return;
    state->notices.push_back(key);
    posts.add(state->home,
              atHome(state, [](SharedPoll& self, const StatePtr& its, Loop& home) { self.pump(its, home); }));
}

void SharedPoll::untrack(std::string_view channel, const ClientHandle& handle, const std::vector<Untracked>& keys) {
    Posts posts;
    std::vector<const Untracked*> gone;
    for (const auto& one : keys) {
        const auto found = one.target->clients.find(handle.slot);
        if (found != one.target->clients.end() && found->second == handle.generation) {
            one.target->clients.erase(found);
            gone.push_back(&one);
        }
    }
    const auto state = find(channel);
    if (!state)
        return;
    const std::lock_guard lock(state->mutex);
    for (const auto* one : gone) {
        --one->target->count;
        const auto found = state->entries.find(one->key);
        if (one->target->count > 0 || found == state->entries.end())
            continue;
        auto& loops = found->second.loops;
        loops.erase(std::remove(loops.begin(), loops.end(), one->target), loops.end());
        if (loops.empty())
            state->entries.erase(found);
    }
    if (state->entries.empty())
        scheduleShutdown(state, posts);
}

void SharedPoll::scheduleShutdown(const StatePtr& state, Posts& posts) {
    const auto generation = ++state->shutdownGeneration;
    const auto configured = state->options.channelShutdownDelay;
    posts.add(state->home, atHome(state, [generation, configured](SharedPoll& self, const StatePtr& its, Loop& home) {
                  if (configured.count() < 0)
                      return self.shutDown(its, generation);
                  home.schedule(configured.count() > 0 ? configured : kDefaultShutdownDelay,
                                [node = self.node_.weak_from_this(), its, generation] {
                                    if (const auto alive = node.lock())
                                        alive->sharedPoll().shutDown(its, generation);
                                });
              }));
}

void SharedPoll::shutDown(const StatePtr& state, std::uint64_t generation) {
    const std::lock_guard listLock(mutex_);
    const std::lock_guard lock(state->mutex);
    if (state->shutdownGeneration != generation || !state->entries.empty() || state->removed)
        return;
    state->removed = true;
    const auto found = channels_.find(state->channel);
    if (found != channels_.end() && found->second == state)
        channels_.erase(found);
}

void SharedPoll::broadcast(PollState& state, protocol::Publication publication, std::uint64_t previousVersion,
                           Posts& posts) {
    const auto found = state.entries.find(publication.key);
    if (found == state.entries.end())
        return;
    PollUpdate update;
    update.channel = state.channel;
    update.previous = std::move(publication.prevData);
    publication.prevData.reset();
    update.publication = std::move(publication);
    update.previousVersion = previousVersion;
    std::uint32_t recipients = 0;
    for (const auto& target : found->second.loops) {
        recipients += std::uint32_t(target->count);
        auto its = std::make_shared<PollUpdate>(update);
        its->target = target;
        posts.add(target->mailbox, [its = std::move(its)](Loop& loop) {
            PollFrames frames(*its);
            forEachClient(*its->target, loop, [&](ClientSession& session) { session.deliverPoll(*its, frames); });
        });
    }
    if (!node_.recorder().active())
        return;
    PollFrames frames(update);
    Delivery delivery;
    if (const auto* json = frames.full(Encoding::Json, false))
        delivery.json = *json;
    else
        delivery.protobuf = *frames.full(Encoding::Protobuf, false);
    node_.record({state.channel, DeliveryKind::Publication, delivery, recipients});
}

void SharedPoll::flipEpoch(const StatePtr& state, std::string_view epoch, Posts& posts) {
    if (isVersionless(state->options) || state->epoch == epoch)
        return;
    state->epoch = epoch;
    std::vector<std::pair<std::shared_ptr<LoopMailbox>, std::vector<std::shared_ptr<PollKey>>>> byLoop;
    for (const auto& [key, entry] : state->entries) {
        for (const auto& target : entry.loops) {
            auto at = std::find_if(byLoop.begin(), byLoop.end(),
                                   [&](const auto& group) { return group.first == target->mailbox; });
            if (at == byLoop.end())
                at = byLoop.insert(byLoop.end(), {target->mailbox, {}});
            at->second.push_back(target);
        }
    }
    // What clients have counts in the old epoch: they subscribe again and track from version 0.
    for (auto& [mailbox, targets] : byLoop) {
        posts.add(mailbox, [targets = std::move(targets), channel = state->channel](Loop& loop) {
            for (const auto& target : targets)
                forEachClient(*target, loop, [&](ClientSession& session) {
                    session.serverUnsubscribe(channel, UnsubscribeCode::InsufficientState);
                });
        });
    }
    if (state->entries.empty())
        return;
    state->entries.clear();
    scheduleShutdown(state, posts);
}

void SharedPoll::publish(std::string_view channel, std::string_view key, SharedBytes data, std::uint64_t version,
                         std::string_view epoch) {
    const auto state = find(channel);
    if (!state || isVersionless(state->options))
        return;
    Posts posts;
    const std::lock_guard lock(state->mutex);
    flipEpoch(state, epoch, posts);
    const auto found = state->entries.find(std::string(key));
    if (found == state->entries.end() || version <= found->second.version)
        return;
    const auto previousVersion = std::exchange(found->second.version, version);
    found->second.fresh = true;
    protocol::Publication publication;
    publication.key = key;
    publication.data = std::move(data);
    publication.version = version;
    publication.epoch = epoch;
    broadcast(*state, std::move(publication), previousVersion, posts);
}

void SharedPoll::setPollTimer(const StatePtr& state, Loop& loop, Nanoseconds after) {
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
        pollNoticed(state, loop);
}

bool SharedPoll::pollNoticed(const StatePtr& state, Loop&) {
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
        return false;
    state->busy = true;
    ask(state, {key}, [this, state](Loop& home) {
        state->busy = false;
        pump(state, home);
    });
    return true;
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
        loop.schedule(spread, [node = node_.weak_from_this(), state, &loop] {
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
    {
        const std::lock_guard lock(state->mutex);
        if (state->removed)
            return;
    }
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
            // Version 0 asks for the value whatever it is.
            const bool asksForNewer = !isVersionless(state->options) && found != state->entries.end() &&
                                      !found->second.needsBroadcast;
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
    ProxyCall call;
    call.project = node_.config();
    call.name = state->options.proxyName.empty() ? "default" : state->options.proxyName;
    call.options = call.project->proxies.find(ProxyKind::SharedPollRefresh, call.name);
    call.request = std::move(request);
    if (proxy == nullptr || call.options == nullptr)
        return finish({});
    proxy->call(std::move(call), [state, finish = std::move(finish),
                                  node = node_.weak_from_this()](ProxyAnswer answer) {
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

std::size_t SharedPoll::channelCount() const {
    const std::lock_guard lock(mutex_);
    return channels_.size();
}

std::size_t SharedPoll::keyCount() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& [channel, state] : channels_) {
        const std::lock_guard stateLock(state->mutex);
        count += state->entries.size();
    }
    return count;
}

ClientResult<void> Node::sharedPollPublish(std::string_view channel, std::string_view key, SharedBytes data,
                                           std::uint64_t version, std::string_view epoch) {
    using protocol::ErrorCode;
    const auto failure = [](ErrorCode code) { return Unexpected<protocol::ClientError>(protocol::ClientError(code)); };
    if (channel.empty() || key.empty() || version == 0)
        return failure(ErrorCode::BadRequest);
    const auto snapshot = config();
    const auto resolved = snapshot->channels->resolve(channel);
    if (resolved.ns == nullptr)
        return failure(ErrorCode::UnknownChannel);
    if (resolved.options().subscriptionType != SubscriptionType::SharedPoll)
        return failure(ErrorCode::BadRequest);
    if (!resolved.options().sharedPoll.publishEnabled)
        return failure(ErrorCode::NotAvailable);
    sharedPoll_->publish(channel, key, std::move(data), version, epoch);
    return {};
}

}  // namespace xshathra::engine
