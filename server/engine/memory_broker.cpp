#include "server/engine/memory_broker.h"

#include "server/engine/idempotency_cache.h"
#include "server/engine/json_info.h"
#include "server/engine/publication_forms.h"
#include "server/protocol/reply_encoder.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

/// What a channel is to the broker. Guarded by its stripe's mutex.
struct MemoryBroker::Channel {
    /// One for each loop that has subscribers; few, so searched linearly.
    std::vector<std::shared_ptr<LoopChannel>> loops;
    Interest interest;
    std::uint64_t sequence = 0;
    std::unique_ptr<HistoryStream> stream;
    std::unique_ptr<IdempotencyCache> idempotency;
    Nanoseconds lastUse{};
};

MemoryBroker::MemoryBroker(const Clock& clock, std::function<bool()> observing, Observer observer)
    : clock_(clock), observing_(std::move(observing)), observer_(std::move(observer)) {
    setLimits(HistoryLimits{});
}

MemoryBroker::~MemoryBroker() = default;

void MemoryBroker::setLimits(const HistoryLimits& limits) {
    bytesPerChannel_ = limits.bytesPerChannel;
    bytesTotal_ = limits.bytesTotal;
    maxStreams_ = limits.channels;
    idempotencyWindow_ = Nanoseconds(limits.idempotencyWindow).count();
    idempotencyKeys_ = limits.idempotencyKeysPerChannel;
}

MemoryBroker::Channel& MemoryBroker::channelIn(Stripe& stripe, std::string_view name) {
    const auto found = stripe.entries.find(name);
    if (found != stripe.entries.end())
        return *found->second;
    return *stripe.entries.emplace(std::string(name), std::make_unique<Channel>()).first->second;
}

HistoryStream* MemoryBroker::existingStream(Channel& channel, Nanoseconds now) {
    if (!channel.stream)
        return nullptr;
    if (channel.stream->isForgotten(now)) {
        dropStream(channel);
        return nullptr;
    }
    channel.stream->expire(now);
    return channel.stream.get();
}

HistoryStream& MemoryBroker::streamOf(Channel& channel, Nanoseconds now) {
    if (auto* stream = existingStream(channel, now))
        return *stream;
    channel.stream = std::make_unique<HistoryStream>(++incarnations_, now, historyBytes_);
    ++streams_;
    return *channel.stream;
}

void MemoryBroker::dropStream(Channel& channel) {
    channel.stream.reset();
    --streams_;
}

bool MemoryBroker::isUnused(const Channel& channel) {
    return channel.loops.empty() && !channel.stream && !channel.idempotency;
}

void MemoryBroker::eraseIfUnused(Stripe& stripe, std::string_view name) {
    const auto found = stripe.entries.find(name);
    if (found != stripe.entries.end() && isUnused(*found->second))
        stripe.entries.erase(found);
}

MemoryBroker::PublishOutcome MemoryBroker::store(Channel& channel, PublishRequest& request, Nanoseconds now) {
    PublishOutcome outcome;
    if (!request.idempotencyKey.empty()) {
        if (!channel.idempotency)
            channel.idempotency = std::make_unique<IdempotencyCache>(historyBytes_);
        if (const auto* earlier = channel.idempotency->find(request.idempotencyKey, now)) {
            outcome.offset = earlier->offset;
            outcome.epoch = earlier->epoch;
            outcome.suppressed = true;
            return outcome;
        }
    }
    if (request.stream.keepsHistory()) {
        auto& stream = streamOf(channel, now);
        outcome.epoch = stream.epoch();
        if (stream.isOutdated(request.version, request.versionEpoch)) {
            stream.prolong(request.stream, now);
            outcome.offset = stream.top();
            outcome.suppressed = true;
            return outcome;
        }
        stream.setVersion(request.version, request.versionEpoch);
        outcome.offset = stream.nextOffset();
        request.publication.offset = outcome.offset;
        if (outcome.offset == 1)
            request.publication.epoch = stream.epoch();
    }
    if (!request.idempotencyKey.empty())
        channel.idempotency->add(request.idempotencyKey, {outcome.offset, outcome.epoch}, now,
                                 Nanoseconds(idempotencyWindow_.load()), idempotencyKeys_);
    return outcome;
}

std::uint32_t MemoryBroker::fanOut(Channel& channel, std::string_view name, Delivery delivery,
                                   std::vector<std::shared_ptr<LoopChannel>>& woken) {
    const bool everybody = delivery.kind == DeliveryKind::Publication;
    const auto recipients = everybody ? channel.interest.total() : channel.interest.joinLeave();
    if (observer_ && observing_())
        observer_({name, delivery.kind, delivery, recipients});
    if (recipients == 0)
        return 0;
    for (const auto& loop : channel.loops) {
        if (!everybody && loop->interest.joinLeave() == 0)
            continue;
        auto copy = delivery;
        copy.target = loop;
        if (loop->mailbox().put(std::move(copy)))
            woken.push_back(loop);
    }
    return recipients;
}

/// Gives the message its place behind those before it, in the forms that somebody takes. `shared` is the publication
/// itself and may be null where nobody is special.
Delivery MemoryBroker::prepare(Channel& channel, std::string_view name, const StoredPublication& publication,
                               PublicationPtr shared, PublicationPtr previous, bool watched) {
    using protocol::Encoding;
    const auto& interest = channel.interest;
    Delivery delivery;
    delivery.kind = DeliveryKind::Publication;
    delivery.notJson = publication.notJson;
    delivery.sequence = ++channel.sequence;
    delivery.offset = publication.offset;
    const bool wantsJson = interest.json > 0 || (watched && interest.protobuf == 0);
    if (wantsJson && !publication.notJson)
        delivery.json = protocol::encodePublicationPush(Encoding::Json, name, publication);
    if (interest.protobuf > 0 || (watched && publication.notJson))
        delivery.protobuf = protocol::encodePublicationPush(Encoding::Protobuf, name, publication);
    if (interest.special > 0)
        delivery.forms =
            std::make_shared<PublicationForms>(name, std::move(shared), std::move(previous), delivery.protobuf);
    return delivery;
}

MemoryBroker::PublishOutcome MemoryBroker::publish(PublishRequest request) {
    const auto now = clock_.monotonic();
    const auto name = request.channel;
    // The usual case, one loop, needs no allocation for the list of loops to wake.
    std::vector<std::shared_ptr<LoopChannel>> woken;
    PublishOutcome outcome;
    {
        auto& stripe = channels_.of(name);
        const std::lock_guard lock(stripe.mutex);
        const bool keepsNothing = !request.stream.keepsHistory() && request.idempotencyKey.empty();
        const auto found = stripe.entries.find(name);
        const bool watched = observer_ && observing_();
        if (found == stripe.entries.end() && keepsNothing && !watched) {
            publications_.fetch_add(1, std::memory_order_relaxed);
            return outcome;
        }
        auto& channel = found != stripe.entries.end() ? *found->second : channelIn(stripe, name);
        channel.lastUse = now;
        outcome = store(channel, request, now);
        if (outcome.suppressed)
            return outcome;
        const bool keeps = request.stream.keepsHistory();
        PublicationPtr shared;
        if (keeps || channel.interest.special > 0)
            shared = std::make_shared<const StoredPublication>(std::move(request.publication));
        const auto& publication = shared ? *shared : request.publication;
        auto delivery = prepare(channel, name, publication, shared,
                                request.delta && keeps ? channel.stream->newest() : nullptr, watched);
        delivery.stream = channel.stream ? channel.stream->incarnation() : 0;
        outcome.recipients = fanOut(channel, name, std::move(delivery), woken);
        if (keeps)
            channel.stream->add(std::move(shared), request.stream, bytesPerChannel_, now);
        else if (found == stripe.entries.end())
            eraseIfUnused(stripe, name);
    }
    publications_.fetch_add(1, std::memory_order_relaxed);
    for (const auto& loop : woken)
        loop->mailbox().wake();
    if (request.stream.keepsHistory() || !request.idempotencyKey.empty())
        enforceTotals();
    return outcome;
}

void MemoryBroker::relay(const RelayRequest& request, std::vector<std::shared_ptr<LoopChannel>>& woken) {
    const auto& publication = request.publication;
    publications_.fetch_add(1, std::memory_order_relaxed);
    auto& stripe = channels_.of(request.channel);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(request.channel);
    // Nobody is there, but the capture wants to see it.
    Channel nobody;
    auto& channel = found != stripe.entries.end() ? *found->second : nobody;
    const bool watched = observer_ && observing_();
    if (channel.interest.total() == 0 && !watched)
        return;
    PublicationPtr shared;
    PublicationPtr previous;
    if (channel.interest.special > 0) {
        shared = std::make_shared<const StoredPublication>(publication);
        if (request.previous != nullptr)
            previous = std::make_shared<const StoredPublication>(*request.previous);
    }
    auto delivery = prepare(channel, request.channel, publication, std::move(shared), std::move(previous), watched);
    delivery.stream = request.stream;
    fanOut(channel, request.channel, std::move(delivery), woken);
}

MemoryBroker::SubscribeOutcome MemoryBroker::subscribe(const SubscribeRequest& request) {
    const auto now = clock_.monotonic();
    SubscribeOutcome outcome;
    {
        auto& stripe = channels_.of(request.channel);
        const std::lock_guard lock(stripe.mutex);
        auto& channel = channelIn(stripe, request.channel);
        channel.lastUse = now;
        if (request.positioned) {
            auto& stream = streamOf(channel, now);
            stream.touch(now, request.stream.metaTtl);
            outcome.offset = stream.top();
            outcome.epoch = stream.epoch();
            outcome.stream = stream.incarnation();
            if (request.recover) {
                outcome.recovery = stream.recover(*request.recover);
                if (!outcome.recovery.recovered && request.rejectUnrecovered)
                    return outcome;
            }
        }
        outcome.sequence = channel.sequence;
        for (const auto& loop : channel.loops) {
            if (&loop->mailbox() == request.mailbox.get())
                outcome.target = loop;
        }
        if (!outcome.target) {
            outcome.target = std::make_shared<LoopChannel>(request.mailbox);
            channel.loops.push_back(outcome.target);
        }
        if (channel.interest.total() == 0)
            channelsWithSubscribers_.fetch_add(1, std::memory_order_relaxed);
        channel.interest.change(request.traits, 1);
        outcome.target->interest.change(request.traits, 1);
    }
    subscriptions_.fetch_add(1, std::memory_order_relaxed);
    if (request.positioned)
        enforceTotals();
    return outcome;
}

void MemoryBroker::unsubscribe(std::string_view name, const std::shared_ptr<LoopChannel>& target,
                               const SubscriberTraits& traits) {
    constexpr auto kMinusOne = std::uint32_t(-1);
    auto& stripe = channels_.of(name);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(name);
    if (found == stripe.entries.end())
        return;
    auto& channel = *found->second;
    channel.lastUse = clock_.monotonic();
    channel.interest.change(traits, kMinusOne);
    target->interest.change(traits, kMinusOne);
    if (target->interest.total() == 0)
        std::erase(channel.loops, target);
    subscriptions_.fetch_sub(1, std::memory_order_relaxed);
    if (channel.interest.total() == 0) {
        channelsWithSubscribers_.fetch_sub(1, std::memory_order_relaxed);
        if (isUnused(channel))
            stripe.entries.erase(found);
    }
}

void MemoryBroker::publishJoin(std::string_view channel, const protocol::ClientInfo& info) {
    publishPresenceChange(channel, DeliveryKind::Join, info);
}

void MemoryBroker::publishLeave(std::string_view channel, const protocol::ClientInfo& info) {
    publishPresenceChange(channel, DeliveryKind::Leave, info);
}

void MemoryBroker::publishPresenceChange(std::string_view name, DeliveryKind kind, const protocol::ClientInfo& info) {
    using protocol::Encoding;
    std::vector<std::shared_ptr<LoopChannel>> woken;
    {
        auto& stripe = channels_.of(name);
        const std::lock_guard lock(stripe.mutex);
        const auto found = stripe.entries.find(name);
        // The last one's leave has no channel any more, but the capture wants to see it.
        Channel nobody;
        auto& channel = found != stripe.entries.end() ? *found->second : nobody;
        const auto& interest = channel.interest;
        const bool watched = observer_ && observing_();
        if (interest.joinLeave() == 0 && !watched)
            return;
        protocol::Push push;
        push.channel = std::string(name);
        if (kind == DeliveryKind::Join)
            push.message = protocol::Join{info};
        else
            push.message = protocol::Leave{info};
        Delivery delivery;
        delivery.kind = kind;
        delivery.sequence = ++channel.sequence;
        const bool wantsJson = interest.jsonJoinLeave > 0 || (watched && interest.protobufJoinLeave == 0);
        delivery.notJson = wantsJson && !isJson(info);
        if (wantsJson && !delivery.notJson)
            delivery.json = protocol::encodePush(Encoding::Json, push);
        if (interest.protobufJoinLeave > 0 || (watched && delivery.notJson))
            delivery.protobuf = protocol::encodePush(Encoding::Protobuf, push);
        fanOut(channel, name, std::move(delivery), woken);
    }
    for (const auto& loop : woken)
        loop->mailbox().wake();
}

MemoryBroker::HistoryResult MemoryBroker::history(std::string_view name, const StreamOptions& options,
                                                  const std::optional<protocol::StreamPosition>& since,
                                                  std::int64_t limit, bool reverse) {
    const auto now = clock_.monotonic();
    HistoryResult result;
    {
        auto& stripe = channels_.of(name);
        const std::lock_guard lock(stripe.mutex);
        auto& channel = channelIn(stripe, name);
        channel.lastUse = now;
        auto& stream = streamOf(channel, now);
        stream.touch(now, options.metaTtl);
        result.top = {stream.top(), stream.epoch(), stream.incarnation()};
        if (since && !since->epoch.empty() && since->epoch != stream.epoch())
            result.unrecoverable = true;
        else
            result.publications = stream.read(since ? since->offset : 0, limit, reverse);
    }
    enforceTotals();
    return result;
}

void MemoryBroker::historyRemove(std::string_view name) {
    auto& stripe = channels_.of(name);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(name);
    if (found == stripe.entries.end() || !found->second->stream)
        return;
    found->second->stream->clear();
}

std::optional<MemoryBroker::StreamTop> MemoryBroker::top(std::string_view name, Nanoseconds metaTtl) {
    auto& stripe = channels_.of(name);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(name);
    if (found == stripe.entries.end())
        return std::nullopt;
    const auto now = clock_.monotonic();
    auto* stream = existingStream(*found->second, now);
    if (stream == nullptr)
        return std::nullopt;
    stream->touch(now, metaTtl);
    return StreamTop{stream->top(), stream->epoch(), stream->incarnation()};
}

std::vector<MemoryBroker::ChannelState> MemoryBroker::channels(
    const std::function<bool(std::string_view)>& wanted) const {
    std::vector<ChannelState> found;
    for (const auto& stripe : channels_) {
        const std::lock_guard lock(stripe.mutex);
        for (const auto& [name, channel] : stripe.entries) {
            if (channel->interest.total() == 0 || !wanted(name))
                continue;
            found.push_back({name, channel->interest.total(), 0, 0});
            if (channel->stream) {
                found.back().historySize = std::uint32_t(channel->stream->size());
                found.back().offset = channel->stream->top();
            }
        }
    }
    return found;
}

void MemoryBroker::sweep() {
    std::size_t index = 0;
    {
        const std::lock_guard lock(sweepMutex_);
        index = nextSweep_;
        nextSweep_ = (nextSweep_ + 1) % kStripes;
    }
    const auto now = clock_.monotonic();
    auto& stripe = channels_.at(index);
    const std::lock_guard lock(stripe.mutex);
    for (auto it = stripe.entries.begin(); it != stripe.entries.end();) {
        auto& channel = *it->second;
        existingStream(channel, now);
        if (channel.idempotency) {
            channel.idempotency->expire(now);
            if (channel.idempotency->empty())
                channel.idempotency.reset();
        }
        it = isUnused(channel) ? stripe.entries.erase(it) : std::next(it);
    }
}

void MemoryBroker::enforceTotals() {
    eviction_.keep(
        historyBytes_, bytesTotal_, channels_,
        [](const auto& channel) -> Eviction::Rank {
            if ((channel->stream && channel->stream->bytes() > 0) || channel->idempotency)
                return std::pair(false, channel->lastUse);
            return std::nullopt;
        },
        [](Stripe& stripe, auto at) {
            auto& channel = *at->second;
            channel.idempotency.reset();
            if (channel.stream)
                channel.stream->clear();
            if (isUnused(channel))
                stripe.entries.erase(at);
        });
    eviction_.keep(
        streams_, maxStreams_, channels_,
        // Taking a stream from under its subscribers makes them resubscribe, so those come last.
        [](const auto& channel) -> Eviction::Rank {
            if (channel->stream)
                return std::pair(!channel->loops.empty(), channel->lastUse);
            return std::nullopt;
        },
        [this](Stripe& stripe, auto at) {
            if (at->second->stream)
                dropStream(*at->second);
            if (isUnused(*at->second))
                stripe.entries.erase(at);
        });
}

}  // namespace xshathra::engine
