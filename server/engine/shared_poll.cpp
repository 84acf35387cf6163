#include "server/engine/shared_poll.h"

#include "server/base/ids.h"
#include "server/capture/recorder.h"
#include "server/engine/client_session.h"
#include "server/engine/loop.h"
#include "server/engine/memory_broker.h"
#include "server/engine/node.h"
#include "server/engine/shared_poll_state.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::Encoding;
using protocol::UnsubscribeCode;

namespace {

constexpr std::size_t kEpochLength = 8;

void forEachClient(const PollKey& key, Loop& loop, const std::function<void(ClientSession&)>& action) {
    // The action may make clients leave.
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> clients(key.clients.begin(), key.clients.end());
    for (const auto& [slot, generation] : clients) {
        if (auto* client = loop.client({key.mailbox, slot, generation}))
            action(client->impl());
    }
}

}  // namespace

SharedPoll::SharedPoll(Node& node) : node_(node), startEpoch_(makeRandomLetters(kEpochLength)) {}

SharedPoll::~SharedPoll() {
    Posts posts;
    for (const auto& [channel, state] : channels_)
        posts.add(state->home, [state = state](Loop& home) { state->cancelTimers(home); });
}

SharedPoll::StatePtr SharedPoll::find(std::string_view channel) const {
    const std::lock_guard lock(mutex_);
    const auto found = channels_.find(std::string(channel));
    return found == channels_.end() ? nullptr : found->second;
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
                      return self.shutDown(its, home, generation);
                  home.cancel(its->shutdownTimer);
                  its->shutdownTimer = home.schedule(configured.count() > 0 ? configured : kDefaultShutdownDelay,
                                                     [node = self.node_.weak_from_this(), its, generation, &home] {
                                                         if (const auto alive = node.lock())
                                                             alive->sharedPoll().shutDown(its, home, generation);
                                                     });
              }));
}

void SharedPoll::shutDown(const StatePtr& state, Loop& loop, std::uint64_t generation) {
    const std::lock_guard listLock(mutex_);
    const std::lock_guard lock(state->mutex);
    if (state->shutdownGeneration != generation || !state->entries.empty() || state->removed)
        return;
    state->removed = true;
    state->cancelTimers(loop);
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
