#include "server/engine/client_session.h"
#include "server/engine/map_broker.h"
#include "server/engine/presence_manager.h"
#include "server/engine/publication_forms.h"
#include "server/engine/tags_filter.h"
#include "server/engine/ttl.h"
#include "server/protocol/json.h"

#include <algorithm>
#include <map>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

namespace {

constexpr std::int32_t kPhaseLive = 0;
constexpr std::int32_t kPhaseStream = 1;
constexpr std::int32_t kPhaseState = 2;
/// What results of every map type say.
constexpr std::int32_t kResultType = 1;

constexpr std::int64_t kDefaultPageSize = 100;
constexpr std::int64_t kDefaultMinPageSize = 100;
constexpr std::int64_t kDefaultMaxPageSize = 1000;
constexpr Milliseconds kDefaultCatchUpTimeout{5'000};

bool isMapRequest(const protocol::SubscribeRequest& request) {
    return request.type >= int(SubscriptionType::Map) && request.type <= int(SubscriptionType::MapUsers);
}

std::int64_t maxPageSize(const MapOptions& options) {
    return options.maxPageSize > 0 ? options.maxPageSize : kDefaultMaxPageSize;
}

std::int64_t pageSize(const protocol::SubscribeRequest& request, const MapOptions& options) {
    auto size = std::int64_t(request.limit);
    if (size <= 0)
        size = options.defaultPageSize > 0 ? options.defaultPageSize : kDefaultPageSize;
    size = std::max(size, options.minPageSize > 0 ? options.minPageSize : kDefaultMinPageSize);
    return std::min(size, maxPageSize(options));
}

std::int64_t liveLimit(const MapOptions& options) {
    return options.liveTransitionMaxPublicationLimit > 0 ? options.liveTransitionMaxPublicationLimit
                                                         : maxPageSize(options);
}

void applyFilter(std::vector<PublicationPtr>& publications, const protocol::FilterNode* filter) {
    if (filter != nullptr)
        std::erase_if(publications, [filter](const auto& one) { return !matches(*filter, one->tags); });
}

bool allFitJson(const std::vector<PublicationPtr>& publications, bool delta) {
    return std::all_of(publications.begin(), publications.end(), [delta](const auto& publication) {
        return delta ? fitsJsonDelta(*publication) : !publication->notJson;
    });
}

/// Whole values, as strings where patches in JSON may follow them.
std::vector<protocol::Publication> whole(const std::vector<PublicationPtr>& publications, bool quoted) {
    std::vector<protocol::Publication> result;
    result.reserve(publications.size());
    for (const auto& publication : publications) {
        result.push_back(*publication);
        if (!quoted || publication->data.empty())
            continue;
        result.back().data = protocol::quoteJson(publication->data.view());
        result.back().epoch.clear();
    }
    return result;
}

/// The changes of each key as a chain of patches that begins with a whole value.
std::vector<protocol::Publication> deltaChains(protocol::Encoding encoding,
                                               const std::vector<PublicationPtr>& publications) {
    std::vector<protocol::Publication> result;
    result.reserve(publications.size());
    std::map<std::string_view, PublicationPtr> last;
    for (const auto& publication : publications) {
        if (publication->removed) {
            last.erase(publication->key);
            result.push_back(*publication);
            continue;
        }
        auto& previous = last[publication->key];
        if (previous)
            result.push_back(deltaChain(encoding, {previous, publication}).back());
        else
            result.push_back(deltaChain(encoding, {publication}).back());
        previous = publication;
    }
    return result;
}

}  // namespace

const MapOptions& ClientSession::mapOptions(std::string_view channel) {
    return config().channels->resolve(channel).options().map;
}

bool ClientSession::isCatchUpOver(const CatchUp& catchUp, std::string_view channel) {
    const auto resolved = config().channels->resolve(channel);
    const Nanoseconds configured =
        resolved.ns != nullptr ? resolved.options().map.subscribeCatchUpTimeout : Milliseconds(0);
    if (configured.count() < 0)
        return false;
    const Nanoseconds timeout = configured.count() > 0 ? configured : kDefaultCatchUpTimeout;
    return loop_.clock().monotonic() - catchUp.startedAt > timeout;
}

/// The checks that Centrifuge makes before it asks who may subscribe (handleMapSubscribeCommand()).
std::optional<ClientSession::Outcome> ClientSession::continueMap(const Context& context,
                                                                 const protocol::SubscribeRequest& request) {
    if (!isMapRequest(request) || request.channel.empty())
        return std::nullopt;
    // policy::subscribe() refuses what is of another kind than map, and that goes first.
    if (config().channels->resolve(request.channel).options().subscriptionType == SubscriptionType::SharedPoll)
        return std::nullopt;
    std::erase_if(catchUps_, [&](const auto& entry) {
        return entry.first != request.channel && isCatchUpOver(*entry.second, entry.first);
    });
    const auto found = catchUps_.find(request.channel);
    const auto refused = [&](const Failure& failure, const char* what, const char* actual, const char* expected,
                             const char* advice) -> Outcome {
        recordCommand(context, *current_, nullptr);
        DecisionBuilder decision(watched());
        decision.fail(what, actual, expected, advice);
        return refuseWith(failure, decision, "The map's next page was refused.");
    };
    if (found == catchUps_.end()) {
        if (request.cursor.empty())
            return std::nullopt;
        if (find(request.channel) != nullptr)
            return refused(ErrorCode::AlreadySubscribed, "Not yet subscribed", "the connection is already subscribed",
                           "one subscription for each channel", "Unsubscribe first.");
        if (const auto limit = config().client.channelLimit; limit > 0 && channelCount() >= limit)
            return refused(ErrorCode::LimitExceeded, "Channel limit", "too many channels", "client.channel_limit",
                           "Unsubscribe from channels that aren't needed.");
        return refused(ErrorCode::PermissionDenied, "Cursor", "a cursor without a first page",
                       "a first request with phase 2 and without cursor", "Start the subscription anew.");
    }
    if (request.cursor.empty() && request.phase == kPhaseState)
        return refused(ErrorCode::AlreadySubscribed, "Not yet subscribed", "the connection is subscribing already",
                       "one subscription for each channel", "Go on with the cursor of the last page.");
    if (isCatchUpOver(*found->second, request.channel)) {
        catchUps_.erase(found);
        return refused(DisconnectCode::Slow, "Catch-up", "too slow", "map.subscribe_catch_up_timeout",
                       "Read the pages faster, or raise the namespace's map.subscribe_catch_up_timeout.");
    }
    recordCommand(context, *current_, nullptr);
    const auto grant = found->second->grant;
    return mapPhase(context, request, grant);
}

ClientSession::Outcome ClientSession::subscribeMap(const Context& context, const protocol::SubscribeRequest& request,
                                                   const SubscribeGrant& grant) {
    // So does Centrifugo where a subscribe proxy granted it: its grants are for streams.
    if (int(grant.type) != request.type) {
        DecisionBuilder decision(watched());
        decision.fail("Granted type", "a stream", "a map", "Subscribe proxies can't grant maps: use tokens.");
        return refuseWith(ErrorCode::BadRequest, decision, "The grant is for another type.");
    }
    return mapPhase(context, request, grant);
}

ClientSession::Outcome ClientSession::mapPhase(const Context& context, const protocol::SubscribeRequest& request,
                                               const SubscribeGrant& grant) {
    Outcome outcome;
    DecisionBuilder decision(watched());
    if (mapOptions(request.channel).mode == MapMode::Unset) {
        outcome = ErrorCode::Internal;
        decision.fail("Map mode", "none", "map.mode", "Set map.mode in the channel's namespace.");
    } else if (request.phase == kPhaseState) {
        outcome = mapState(context, request, grant, decision);
    } else if (request.phase == kPhaseStream) {
        outcome = mapStream(context, request, grant, decision);
    } else if (request.phase == kPhaseLive) {
        outcome = mapLive(context, request, grant, decision);
    } else {
        outcome = ErrorCode::BadRequest;
        decision.fail("Phase", "an unknown phase", "0 (live), 1 (stream) or 2 (state)", "Use a phase of the protocol.");
    }
    if (outcome) {
        catchUps_.erase(request.channel);
        return refuseWith(*outcome, decision, "The map subscription was refused.");
    }
    return outcome;
}

bool ClientSession::takeFilter(const protocol::SubscribeRequest& request, std::optional<protocol::FilterNode>& filter,
                               DecisionBuilder& decision) {
    if (!request.tf)
        return true;
    if (!config().channels->resolve(request.channel).options().allowTagsFilter) {
        decision.fail("Tags filter", "a filter", "allow_tags_filter",
                      "Switch allow_tags_filter on in the namespace, or leave the filter out.");
        return false;
    }
    if (const auto fault = faultOf(*request.tf); !fault.empty()) {
        decision.fail(
            "Tags filter", [&] { return fault; }, "a sound filter", "Correct the filter.");
        return false;
    }
    filter = *request.tf;
    return true;
}

bool ClientSession::mapDelta(const protocol::SubscribeRequest& request) {
    return request.delta == toString(DeltaType::Fossil) &&
           config().channels->resolve(request.channel).options().allowsDelta(DeltaType::Fossil);
}

namespace {

void failPosition(DecisionBuilder& decision) {
    decision.fail("Position", "a position that the map's stream doesn't reach back to", "a position within the stream",
                  "The client starts anew with phase 2; more stream_size or stream_ttl makes that rarer.");
}

/// Says why the MapBroker didn't read.
ErrorCode failRead(ErrorCode error, DecisionBuilder& decision) {
    if (error == ErrorCode::LimitExceeded)
        decision.fail("Maps", "one too many", "as many channels with a map as a project may have",
                      "Maps that hold nothing are forgotten when nobody has used them for a while.");
    else
        failPosition(decision);
    return error;
}

}  // namespace

ClientSession::Outcome ClientSession::mapState(const Context& context, const protocol::SubscribeRequest& request,
                                               const SubscribeGrant& grant, DecisionBuilder& decision) {
    const auto& options = mapOptions(request.channel);
    const auto setup = MapSetup::of(options);
    const bool first = request.cursor.empty();
    if (first) {
        auto started = std::make_unique<CatchUp>();
        started->grant = grant;
        started->startedAt = loop_.clock().monotonic();
        if (!takeFilter(request, started->filter, decision))
            return ErrorCode::BadRequest;
        catchUps_[request.channel] = std::move(started);
    }
    auto& catchUp = *catchUps_.at(request.channel);
    const auto limit = pageSize(request, options);
    MapStateQuery query;
    query.cursor = request.cursor;
    query.limit = limit;
    if (request.offset > 0 || !request.epoch.empty())
        query.revision = protocol::StreamPosition{request.offset, request.epoch};
    auto page = node_->maps().readState(request.channel, setup, query);
    if (page.error)
        return failRead(*page.error, decision);
    if (first)
        catchUp.position = {page.offset, page.epoch};
    // What has changed since the first page comes by the stream: here it would come twice.
    if (query.revision)
        std::erase_if(page.publications,
                      [&](const auto& publication) { return publication->offset > query.revision->offset; });
    const auto* filter = catchUp.filter ? &*catchUp.filter : nullptr;
    applyFilter(page.publications, filter);
    if (page.cursor.empty()) {
        const auto position = catchUp.position;
        const auto top = node_->maps().top(request.channel);
        if (!setup.hasStream || !top || position.offset + std::uint64_t(limit) >= top->offset) {
            LiveStep step;
            step.since = position;
            step.state = std::move(page.publications);
            if (!setup.hasStream)
                step.rest = query;
            return mapGoLive(context, request, catchUp.grant, std::move(step), decision);
        }
    }
    const bool quoted = mapDelta(request) && encoding_ == protocol::Encoding::Json;
    if (encoding_ == protocol::Encoding::Json && !allFitJson(page.publications, quoted))
        return DisconnectCode::InappropriateProtocol;
    protocol::SubscribeResult result;
    result.type = kResultType;
    result.phase = kPhaseState;
    result.cursor = std::move(page.cursor);
    result.epoch = std::move(page.epoch);
    result.offset = catchUp.position.offset;
    result.state = whole(page.publications, quoted);
    return replyWith(context, std::move(result));
}

ClientSession::Outcome ClientSession::mapStream(const Context& context, const protocol::SubscribeRequest& request,
                                                const SubscribeGrant& grant, DecisionBuilder& decision) {
    const auto& options = mapOptions(request.channel);
    const auto setup = MapSetup::of(options);
    if (!setup.hasStream) {
        decision.fail("Phase", "1 (stream)", "2 (state) or 0 (live) in an ephemeral map", "Start with phase 2.");
        return ErrorCode::BadRequest;
    }
    auto& slot = catchUps_[request.channel];
    if (!slot) {
        if (!request.recover) {
            decision.fail("Phase", "1 (stream) at first", "2 (state) at first, or recover",
                          "Start with phase 2, or recover a position.");
            return ErrorCode::PermissionDenied;
        }
        slot = std::make_unique<CatchUp>();
        slot->grant = grant;
        slot->startedAt = loop_.clock().monotonic();
        slot->position = {request.offset, request.epoch};
        if (!takeFilter(request, slot->filter, decision))
            return ErrorCode::BadRequest;
    }
    auto& catchUp = *slot;
    if (!request.epoch.empty() && !catchUp.position.epoch.empty() && request.epoch != catchUp.position.epoch) {
        failPosition(decision);
        return ErrorCode::UnrecoverablePosition;
    }
    const auto limit = pageSize(request, options);
    if (!catchUp.streamTop) {
        const auto top = node_->maps().readStream(request.channel, setup, {});
        if (top.error)
            return failRead(*top.error, decision);
        catchUp.streamTop = top.offset;
    }
    if (request.offset + std::uint64_t(limit) >= *catchUp.streamTop) {
        LiveStep step;
        step.since = {request.offset, request.epoch};
        step.recovers = true;
        return mapGoLive(context, request, catchUp.grant, std::move(step), decision);
    }
    MapStreamQuery query;
    query.since = protocol::StreamPosition{request.offset, request.epoch};
    query.limit = limit;
    auto page = node_->maps().readStream(request.channel, setup, query, true);
    if (page.error)
        return failRead(*page.error, decision);
    protocol::SubscribeResult result;
    result.type = kResultType;
    result.phase = kPhaseStream;
    result.epoch = std::move(page.epoch);
    // Not the top: the client reads on from here.
    result.offset = page.publications.empty() ? request.offset : page.publications.back()->offset;
    applyFilter(page.publications, catchUp.filter ? &*catchUp.filter : nullptr);
    const bool quoted = mapDelta(request) && encoding_ == protocol::Encoding::Json;
    if (encoding_ == protocol::Encoding::Json && !allFitJson(page.publications, quoted))
        return DisconnectCode::InappropriateProtocol;
    result.publications = whole(page.publications, quoted);
    return replyWith(context, std::move(result));
}

ClientSession::Outcome ClientSession::mapLive(const Context& context, const protocol::SubscribeRequest& request,
                                              const SubscribeGrant& grant, DecisionBuilder& decision) {
    const auto found = catchUps_.find(request.channel);
    if (found != catchUps_.end() && !request.epoch.empty() && !found->second->position.epoch.empty() &&
        request.epoch != found->second->position.epoch) {
        failPosition(decision);
        return ErrorCode::UnrecoverablePosition;
    }
    LiveStep step;
    step.since = {request.offset, request.epoch};
    step.recovers = true;
    return mapGoLive(context, request, found != catchUps_.end() ? found->second->grant : grant, std::move(step),
                     decision);
}

ClientSession::Outcome ClientSession::mapGoLive(const Context& context, const protocol::SubscribeRequest& request,
                                                SubscribeGrant grant, LiveStep step, DecisionBuilder& decision) {
    const auto& options = mapOptions(request.channel);
    const auto setup = MapSetup::of(options);
    std::optional<protocol::FilterNode> filter;
    if (!takeFilter(request, filter, decision))
        return ErrorCode::BadRequest;
    if (const auto found = catchUps_.find(request.channel); !filter && found != catchUps_.end())
        filter = found->second->filter;

    auto owned = std::make_unique<Subscription>();
    auto& subscription = *owned;
    subscription.session = this;
    subscription.channel = request.channel;
    subscription.type = SubscriptionType(request.type);
    subscription.recoverable = setup.hasStream;
    subscription.positioned = setup.hasStream;
    subscription.pushJoinLeave = grant.pushJoinLeave;
    subscription.delta = mapDelta(request);
    if (filter)
        subscription.filter = std::make_unique<const protocol::FilterNode>(std::move(*filter));
    subscription.clientSideRefresh = grant.clientSideRefresh;
    subscription.expireAt = clampExpiry(grant.expireAt, nowSeconds());
    subscription.info = grant.info;
    subscription.positionCheckedAt = loop_.clock().monotonic();

    MapBroker::LiveRequest wanted;
    wanted.setup = setup;
    wanted.since = step.since;
    wanted.epochRequired = step.recovers || !step.since.epoch.empty();
    wanted.limit = liveLimit(options);
    wanted.rest = step.rest ? &*step.rest : nullptr;
    wanted.subscriber.channel = request.channel;
    wanted.subscriber.mailbox = loop_.mailbox();
    wanted.subscriber.traits = subscription.traits(encoding_);
    auto outcome = node_->maps().goLive(wanted);
    if (outcome.error)
        return failRead(*outcome.error, decision);
    if (step.rest) {
        step.state = std::move(outcome.rest);
        applyFilter(step.state, subscription.filter.get());
    }
    applyFilter(outcome.publications, subscription.filter.get());
    subscription.target = outcome.target;
    auto entry = subscriberOf(subscription, outcome.sequence, outcome.offset, outcome.stream);
    // Whatever key changes next, the client has its value before.
    entry.hasBase = true;
    entry.wholeOnly = entry.delta && entry.filtered;
    outcome.target->add(entry);
    catchUps_.erase(request.channel);
    subscriptions_.emplace(request.channel, std::move(owned));
    const bool json = encoding_ == protocol::Encoding::Json;
    if (json &&
        (!allFitJson(step.state, subscription.delta) || !allFitJson(outcome.publications, subscription.delta))) {
        drop(request.channel);
        return DisconnectCode::InappropriateProtocol;
    }
    subscription.emitPresence = grant.presence;
    if (!addPresence(subscription)) {
        subscription.emitPresence = false;
        drop(request.channel);
        decision.fail("Presence limit", "the channel is full", "fewer members, or a smaller info",
                      "Raise the presence limits.");
        return ErrorCode::LimitExceeded;
    }
    subscription.emitJoinLeave = grant.joinLeave;
    takeMapExtras(subscription, grant);
    if (record_)
        record_->addChannel(request.channel);
    scheduleTick();

    protocol::SubscribeResult result;
    result.type = kResultType;
    result.phase = kPhaseLive;
    result.epoch = setup.hasStream ? outcome.epoch : step.since.epoch;
    result.offset = outcome.offset;
    result.delta = subscription.delta;
    result.state = whole(step.state, subscription.delta && json);
    result.publications =
        subscription.delta ? deltaChains(encoding_, outcome.publications) : whole(outcome.publications, false);
    result.recoverable = setup.hasStream;
    if (step.recovers) {
        result.wasRecovering = request.recover;
        result.recovered = request.recover;
    }
    replyWith(context, std::move(result));
    announceJoin(*find(request.channel));
    return std::nullopt;
}

bool ClientSession::dropCatchUp(std::string_view channel) {
    const auto found = catchUps_.find(channel);
    if (found == catchUps_.end())
        return false;
    catchUps_.erase(found);
    return true;
}

void ClientSession::leave(Subscription& subscription) {
    if (subscription.tracking) {
        std::vector<std::string> keys;
        for (const auto& [key, tracked] : subscription.tracking->keys)
            keys.push_back(key);
        untrack(subscription, keys);
    }
    if (!subscription.target)
        return;
    subscription.target->remove(subscription);
    node_->broker().unsubscribe(subscription.channel, subscription.target, subscription.traits(encoding_));
}

void ClientSession::takeMapExtras(Subscription& subscription, const SubscribeGrant& grant) {
    subscription.clientsPresenceChannel = grant.clientsPresenceChannel;
    subscription.usersPresenceChannel = grant.usersPresenceChannel;
    subscription.removeClientKey = grant.removeClientKey && isMap(subscription.type);
}

void ClientSession::showInMaps(const Subscription& subscription) {
    MapPublishOptions options;
    options.keyMode = MapKeyMode::IfNew;
    options.refreshTtl = true;
    const auto show = [&](const std::string& channel, const std::string& key) {
        const auto resolved = config().channels->resolve(channel);
        // A presence map that can't take the entry must not end the subscription.
        if (resolved.ns != nullptr)
            (void)node_->mapPublishResolved(resolved, channel, key, SharedBytes(), options).has_value();
    };
    if (!subscription.clientsPresenceChannel.empty()) {
        options.info = clientInfo(&subscription);
        show(subscription.clientsPresenceChannel, id_);
        options.info.reset();
    }
    // Anonymous clients have no user to show.
    if (!subscription.usersPresenceChannel.empty() && !user_.empty())
        show(subscription.usersPresenceChannel, user_);
}

/// Users stay until their key expires, so that a quick return is no change.
void ClientSession::hideFromMaps(const Subscription& subscription) {
    const auto hide = [&](const std::string& channel) {
        const auto resolved = config().channels->resolve(channel);
        if (resolved.ns == nullptr)
            return false;
        const auto removed = node_->mapRemoveResolved(resolved, channel, id_, {});
        return removed && removed->suppressed == MapSuppressed::No;
    };
    if (!subscription.clientsPresenceChannel.empty())
        hide(subscription.clientsPresenceChannel);
    if (!subscription.removeClientKey || !hide(subscription.channel))
        return;
    // In a map without positions the client itself is still told, as the last one.
    if (subscription.positioned || state_ != State::Connected)
        return;
    protocol::Push push;
    push.channel = subscription.channel;
    protocol::Publication removal;
    removal.key = id_;
    removal.removed = true;
    push.message = std::move(removal);
    sendPush(push, capture::Kind::Push);
}

}  // namespace xshathra::engine
