#include "server/engine/client_session.h"
#include "server/engine/node_registry.h"
#include "server/engine/presence_manager.h"
#include "server/engine/shared_poll_signature.h"
#include "server/engine/ttl.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

namespace {

constexpr std::int64_t kDefaultMaxKeys = 5000;
/// Seconds that an expired signature still holds when keys are tracked with it.
constexpr std::int64_t kSignatureGrace = 5;
constexpr Milliseconds kDefaultExpiredDelay{25'000};

std::size_t maxKeys(const SharedPollOptions& options) {
    return std::size_t(options.maxKeysPerConnection > 0 ? options.maxKeysPerConnection : kDefaultMaxKeys);
}

}  // namespace

ClientSession::Outcome ClientSession::subscribeSharedPoll(const Context& context,
                                                          const protocol::SubscribeRequest& request,
                                                          const SubscribeGrant& grant) {
    const auto& options = config().channels->resolve(request.channel).options();
    auto owned = std::make_unique<Subscription>();
    auto& subscription = *owned;
    subscription.session = this;
    subscription.channel = request.channel;
    subscription.type = SubscriptionType::SharedPoll;
    subscription.expireAt = clampExpiry(grant.expireAt, nowSeconds());
    subscription.info = grant.info;
    subscription.tracking = std::make_unique<PollTracking>();
    subscription.tracking->delta =
        request.delta == toString(DeltaType::Fossil) && options.allowsDelta(DeltaType::Fossil);
    subscriptions_.emplace(request.channel, std::move(owned));
    subscription.emitPresence = grant.presence;
    if (!addPresence(subscription)) {
        subscription.emitPresence = false;
        drop(request.channel);
        return ErrorCode::LimitExceeded;
    }
    subscription.emitJoinLeave = grant.joinLeave;
    takeMapExtras(subscription, grant);
    if (record_)
        record_->addChannel(request.channel);
    scheduleTick();

    protocol::SubscribeResult result;
    result.type = int(SubscriptionType::SharedPoll);
    result.epoch = node_->sharedPoll().epoch(request.channel, options.sharedPoll);
    result.delta = subscription.tracking->delta;
    setTtl(result, subscription.expireAt, nowSeconds());
    replyWith(context, std::move(result));
    announceJoin(subscription);
    return std::nullopt;
}

ClientSession::Outcome ClientSession::track(const Context& context, const protocol::SubRefreshRequest& request,
                                            Subscription& subscription) {
    DecisionBuilder decision(watched());
    const auto refused = [&](const Failure& failure, const char* what, std::string found, const char* expected,
                             const char* advice) {
        decision.fail(what, std::move(found), expected, advice);
        return refuseWith(failure, decision, "Tracking was refused.");
    };
    // A key that stands in several batches counts with the last one.
    struct Wanted {
        protocol::KeyedItem item;
        std::size_t batch = 0;
    };
    std::vector<Wanted> wanted;
    std::unordered_map<std::string_view, std::size_t> places;
    for (std::size_t batch = 0; batch < request.track.size(); ++batch) {
        for (const auto& item : request.track[batch].items) {
            const auto [place, isNew] = places.try_emplace(item.key, wanted.size());
            if (isNew)
                wanted.push_back({item, batch});
            else
                wanted[place->second] = {item, batch};
        }
    }
    if (wanted.empty())
        return refused(ErrorCode::BadRequest, "Keys", "none", "batches with items", "Name the keys to track.");

    const auto& project = config();
    const auto resolved = project.channels->resolve(request.channel);
    if (resolved.ns == nullptr)
        return refused(ErrorCode::UnknownChannel, "Namespace", "none", "a configured namespace",
                       "The namespace is gone: subscribe to another channel.");
    auto& keys = subscription.tracking->keys;
    const auto& options = resolved.options().sharedPoll;
    std::set<std::string_view> untracked(request.untrack.begin(), request.untrack.end());
    auto count = keys.size();
    for (const auto& one : wanted)
        count += keys.count(one.item.key) == 0 && untracked.count(one.item.key) == 0 ? 1 : 0;
    for (const auto& key : untracked)
        count -= keys.count(std::string(key));
    if (count > maxKeys(options))
        return refused(ErrorCode::LimitExceeded, "Key limit", std::to_string(count) + " keys",
                       "shared_poll.max_keys_per_connection", "Untrack keys, or raise the limit.");
    if (resolved.options().subscriptionType != SubscriptionType::SharedPoll)
        return refused(ErrorCode::PermissionDenied, "Subscription type",
                       std::string(toString(resolved.options().subscriptionType)), "shared_poll",
                       "The namespace was changed: subscribe anew.");
    if (project.sharedPoll.hmacSecretKey.empty())
        return refused(ErrorCode::Internal, "Secret", "none", "shared_poll.hmac_secret_key",
                       "Set shared_poll.hmac_secret_key, with which the backend signs keys.");
    std::vector<std::int64_t> expiries;
    for (const auto& batch : request.track) {
        const auto signature = verifyTrackSignature(project.sharedPoll, request.channel, user_, batch);
        if (!signature)
            return refused(
                ErrorCode::PermissionDenied, "Signature", "one that doesn't fit",
                "HMAC-SHA256 over iat, exp, user, channel and the keys' hash",
                "Sign the keys in their order, for this user and channel, with shared_poll.hmac_secret_key.");
        if (signature->expireAt > 0 && signature->expireAt + kSignatureGrace < nowSeconds())
            return refused(ErrorCode::TokenExpired, "Signature", "expired", "one that is in force",
                           "The client asks for a new signature by itself.");
        expiries.push_back(signature->expireAt);
    }

    std::int64_t minExpireAt = 0;
    std::vector<protocol::KeyedItem> items;
    items.reserve(wanted.size());
    for (auto& one : wanted) {
        const auto expireAt = expiries[one.batch];
        auto& key = keys[one.item.key];
        key.version = one.item.version;
        key.hasBase = false;
        key.expireAt = expireAt;
        if (expireAt > 0 && (minExpireAt == 0 || expireAt < minExpireAt))
            minExpireAt = expireAt;
        items.push_back(std::move(one.item));
    }
    auto& earliest = subscription.tracking->minExpireAt;
    if (minExpireAt > 0 && (earliest == 0 || minExpireAt < earliest))
        earliest = minExpireAt;
    protocol::SubRefreshResult result;
    if (minExpireAt > 0) {
        result.expires = true;
        if (minExpireAt > nowSeconds())
            result.ttl = std::uint32_t(std::min<std::int64_t>(minExpireAt - nowSeconds(), kMaxTtlSeconds));
    }
    replyWith(context, std::move(result));
    // The reply is queued: values can't come before it.
    const auto targets = node_->sharedPoll().track(request.channel, options, registry_.proxy(), loop_, handle_, items);
    for (std::size_t i = 0; i < items.size(); ++i)
        keys[items[i].key].target = targets[i];
    untrack(subscription, request.untrack);
    scheduleTick();
    return std::nullopt;
}

ClientSession::Outcome ClientSession::untrack(const Context& context, const protocol::SubRefreshRequest& request,
                                              Subscription& subscription) {
    if (request.untrack.empty()) {
        DecisionBuilder decision(watched());
        decision.fail("Keys", "none", "keys to untrack", "Name the keys in sub_refresh.untrack.");
        return refuseWith(ErrorCode::BadRequest, decision, "There is nothing to untrack.");
    }
    untrack(subscription, request.untrack);
    return replyWith(context, protocol::SubRefreshResult{});
}

void ClientSession::untrack(Subscription& subscription, const std::vector<std::string>& names) {
    auto& tracking = *subscription.tracking;
    std::vector<SharedPoll::Untracked> untracked;
    for (const auto& name : names) {
        const auto found = tracking.keys.find(name);
        if (found == tracking.keys.end())
            continue;
        if (found->second.target)
            untracked.push_back({name, std::move(found->second.target)});
        tracking.keys.erase(found);
    }
    if (tracking.keys.empty())
        tracking.minExpireAt = 0;
    if (!untracked.empty())
        node_->sharedPoll().untrack(subscription.channel, handle_, untracked);
}

/// Without a word to the client, whose SDK gets new signatures in time if it still wants the keys.
void ClientSession::untrackExpired(Subscription& subscription) {
    auto& tracking = *subscription.tracking;
    const auto& options = config().channels->resolve(subscription.channel);
    if (options.ns == nullptr || tracking.minExpireAt == 0)
        return;
    const auto configured = options.options().sharedPoll.trackExpiredExtraDelay;
    const auto delay = std::chrono::duration_cast<Seconds>(configured.count() > 0 ? configured : kDefaultExpiredDelay);
    const auto limit = nowSeconds() - delay.count();
    if (tracking.minExpireAt >= limit)
        return;
    std::vector<std::string> expired;
    std::int64_t earliest = 0;
    for (const auto& [name, key] : tracking.keys) {
        if (key.expireAt > 0 && key.expireAt < limit)
            expired.push_back(name);
        else if (key.expireAt > 0 && (earliest == 0 || key.expireAt < earliest))
            earliest = key.expireAt;
    }
    tracking.minExpireAt = earliest;
    untrack(subscription, expired);
}

void ClientSession::deliverPoll(const PollUpdate& update, PollFrames& frames) {
    if (state_ == State::Closed)
        return;
    auto* subscription = find(update.channel);
    if (subscription == nullptr || !subscription->tracking)
        return;
    auto& tracking = *subscription->tracking;
    const auto found = tracking.keys.find(update.publication.key);
    if (found == tracking.keys.end())
        return;
    auto& key = found->second;
    const protocol::Frame* frame = nullptr;
    if (update.publication.removed) {
        // The client may have tracked the key anew since.
        if (key.target != update.target)
            return;
        tracking.keys.erase(found);
        frame = frames.full(encoding_, false);
    } else {
        if (update.publication.version <= key.version)
            return;
        // A patch is of use only to a client that has just the value it was made from.
        if (tracking.delta && key.hasBase && key.version == update.previousVersion)
            frame = frames.patch(encoding_);
        if (frame == nullptr)
            frame = frames.full(encoding_, tracking.delta);
        key.version = update.publication.version;
        key.hasBase = true;
    }
    if (frame == nullptr)
        return disconnect(DisconnectCode::InappropriateProtocol);
    send(*frame);
    if (slow_)
        disconnect(DisconnectCode::Slow);
}

}  // namespace xshathra::engine
