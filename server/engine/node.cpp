#include "server/engine/node.h"

#include "server/base/glob.h"
#include "server/capture/recorder.h"
#include "server/engine/client_session.h"
#include "server/engine/hub.h"
#include "server/engine/json_info.h"
#include "server/engine/map_broker.h"
#include "server/engine/memory_broker.h"
#include "server/engine/policy.h"
#include "server/engine/presence_manager.h"
#include "server/engine/shared_poll.h"
#include "server/protocol/json.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::ClientError;
using protocol::DisconnectCode;
using protocol::ErrorCode;
using protocol::UnsubscribeCode;

namespace {

Unexpected<ClientError> failure(ErrorCode code) { return Unexpected<ClientError>(ClientError(code)); }

StreamOptions streamOptions(const ProjectConfig& config, const ChannelOptions& options) {
    return {options.historySize, options.historyTtl, config.channels->historyMetaTtl(options)};
}

/// The channel must have a name and a namespace; nothing else of the client's rules holds for the server API.
ClientResult<ResolvedChannel> resolve(const ProjectConfig& config, std::string_view channel) {
    if (channel.empty())
        return failure(ErrorCode::BadRequest);
    const auto resolved = config.channels->resolve(channel);
    if (resolved.ns == nullptr)
        return failure(ErrorCode::UnknownChannel);
    return resolved;
}

capture::Kind kindOf(DeliveryKind kind) {
    switch (kind) {
        case DeliveryKind::Publication: return capture::Kind::Push;
        case DeliveryKind::Join: return capture::Kind::Join;
        case DeliveryKind::Leave: break;
    }
    return capture::Kind::Leave;
}

/// Runs `action` on the loop of each connection that is still there.
template <typename Action>
void forEach(const std::vector<Hub::RecordPtr>& records, const Action& action) {
    for (const auto& record : records) {
        const auto& mailbox = record->handle.mailbox;
        if (mailbox->put(std::function<void(Loop&)>([handle = record->handle, action](Loop& loop) {
                if (auto* client = loop.client(handle))
                    action(client->impl());
            })))
            mailbox->wake();
    }
}

}  // namespace

Node::Node(const Clock& clock, capture::Recorder& recorder, std::shared_ptr<const ProjectConfig> config)
    : clock_(clock),
      recorder_(recorder),
      projectId_(config->id),
      projectIdBytes_(SharedBytes::copyOf(projectId_)),
      startedAt_(clock.monotonic()),
      config_(std::move(config)),
      hub_(std::make_unique<Hub>()),
      broker_(std::make_unique<MemoryBroker>(
          clock, [this] { return recorder_.active(); }, [this](const Broadcasted& broadcast) { record(broadcast); })),
      maps_(std::make_unique<MapBroker>(clock, *broker_)),
      presence_(std::make_unique<PresenceManager>()),
      sharedPoll_(std::make_unique<SharedPoll>(*this)) {
    broker_->setLimits(config_->history);
    maps_->setLimits(config_->maps, config_->history);
}

Node::~Node() = default;

std::shared_ptr<const ProjectConfig> Node::config() const {
    const std::lock_guard lock(configMutex_);
    return config_;
}

void Node::apply(std::shared_ptr<const ProjectConfig> config) {
    broker_->setLimits(config->history);
    maps_->setLimits(config->maps, config->history);
    const std::lock_guard lock(configMutex_);
    config_ = std::move(config);
    configVersion_.fetch_add(1, std::memory_order_release);
}

void Node::remove() {
    // The flag first: a connection that the hub doesn't have yet looks at it once it is in.
    removed_.store(true);
    disconnectAll(DisconnectCode::ForceDisconnect);
}

void Node::record(const Broadcasted& broadcast) {
    capture::Event event;
    event.dir = capture::Direction::Out;
    event.kind = kindOf(broadcast.kind);
    event.project = projectIdBytes_;
    event.channel = SharedBytes::copyOf(broadcast.channel);
    event.binary = broadcast.delivery.json.empty();
    event.payload = event.binary ? broadcast.delivery.protobuf.message() : broadcast.delivery.json.message();
    event.recipients = broadcast.recipients;
    recorder_.record(std::move(event));
}

ClientResult<PublishResult> Node::publish(std::string_view channel, SharedBytes data, const PublishOptions& options) {
    const auto snapshot = config();
    const auto resolved = resolve(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    if (resolved->options().subscriptionType != SubscriptionType::Stream ||
        !policy::fitsFormat(data.view(), resolved->options().publicationDataFormat))
        return failure(ErrorCode::BadRequest);
    if (!resolved->options().deltaPublish || options.delta)
        return publishResolved(*snapshot, *resolved, channel, std::move(data), options);
    auto withDelta = options;
    withDelta.delta = true;
    return publishResolved(*snapshot, *resolved, channel, std::move(data), withDelta);
}

ClientResult<PublishResult> Node::publishResolved(const ProjectConfig& config, const ResolvedChannel& resolved,
                                                  std::string_view channel, SharedBytes data,
                                                  const PublishOptions& options) {
    MemoryBroker::PublishRequest request;
    request.channel = channel;
    request.stream = streamOptions(config, resolved.options());
    if (options.skipHistory)
        request.stream.size = 0;
    request.idempotencyKey = options.idempotencyKey;
    request.version = options.version;
    request.versionEpoch = options.versionEpoch;
    request.delta = options.delta;
    auto& publication = request.publication;
    publication.notJson = !options.knownJson && !protocol::isValidJson(data.view());
    if (options.info) {
        publication.info = options.info;
        publication.notJson = publication.notJson || !isJson(*options.info);
    }
    publication.data = std::move(data);
    publication.tags = options.tags;
    publication.version = options.version;
    auto outcome = broker_->publish(std::move(request));
    return PublishResult{outcome.offset, std::move(outcome.epoch)};
}

std::vector<ClientResult<PublishResult>> Node::broadcast(const std::vector<std::string>& channels,
                                                         const SharedBytes& data, const PublishOptions& options) {
    std::vector<ClientResult<PublishResult>> results;
    results.reserve(channels.size());
    for (const auto& channel : channels)
        results.push_back(publish(channel, data, options));
    return results;
}

ClientResult<void> Node::subscribe(const UserTarget& target, std::string_view channel, SubscribeOptions options) {
    const auto snapshot = config();
    const auto resolved = resolve(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    auto records = hub_->find(target.user, target.client, target.session);
    // A negative time means the same as none.
    const auto expireAt = options.expireAt.value_or(0) > 0 ? options.expireAt : std::nullopt;
    if (expireAt && *expireAt <= clock_.wallSeconds() && !records.empty())
        return failure(ErrorCode::Internal);
    auto grant = policy::serverSubscription(resolved->options(), options.overrides);
    // The server API names the position to recover from; the cache mode is for those who come without one.
    grant.recoveryMode = RecoveryMode::Stream;
    grant.autoCacheRecover = false;
    grant.expireAt = expireAt;
    grant.info = std::move(options.info);
    grant.data = std::move(options.data);
    // Clients that can't be given the data are not subscribed, the others are.
    const auto takesJson = [](const auto& record) { return record->transport.encoding == protocol::Encoding::Json; };
    const bool unfit = grant.data && !grant.data->empty() && std::any_of(records.begin(), records.end(), takesJson) &&
                       !protocol::isValidJson(grant.data->view());
    if (unfit)
        std::erase_if(records, takesJson);
    forEach(records, [grant, name = std::string(channel), since = options.recoverSince](ClientSession& session) {
        session.serverSubscribe(name, grant, since);
    });
    if (unfit)
        return failure(ErrorCode::Internal);
    return {};
}

ClientResult<void> Node::unsubscribe(const UserTarget& target, std::string_view channel,
                                     std::optional<protocol::Unsubscribe> reason) {
    if (!channel.empty() && config()->channels->resolve(channel).ns == nullptr)
        return failure(ErrorCode::UnknownChannel);
    forEach(hub_->find(target.user, target.client, target.session),
            [name = std::string(channel), why = reason.value_or(UnsubscribeCode::Server)](ClientSession& session) {
                session.serverUnsubscribe(name, why, !name.empty());
            });
    return {};
}

ClientResult<void> Node::disconnect(const UserTarget& target, std::optional<protocol::Disconnect> reason,
                                    const std::vector<std::string>& whitelist) {
    auto records = hub_->find(target.user, target.client, target.session);
    std::erase_if(records, [&whitelist](const auto& record) {
        return std::find(whitelist.begin(), whitelist.end(), record->client) != whitelist.end();
    });
    forEach(records, [why = reason.value_or(DisconnectCode::ForceDisconnect)](ClientSession& session) {
        session.disconnect(why);
    });
    return {};
}

void Node::disconnectAll(const protocol::Disconnect& reason) {
    forEach(hub_->all(), [reason](ClientSession& session) { session.disconnect(reason); });
}

ClientResult<void> Node::refresh(const UserTarget& target, std::optional<std::int64_t> expireAt, bool expired,
                                 std::optional<SharedBytes> info) {
    forEach(hub_->find(target.user, target.client, target.session),
            [expireAt, expired, info](ClientSession& session) { session.serverRefresh(expireAt, expired, info); });
    return {};
}

ClientResult<std::vector<protocol::ClientInfo>> Node::presence(std::string_view channel) const {
    const auto snapshot = config();
    const auto resolved = resolve(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    if (!resolved->options().presence)
        return failure(ErrorCode::NotAvailable);
    return presence_->members(channel);
}

ClientResult<PresenceStats> Node::presenceStats(std::string_view channel) const {
    const auto snapshot = config();
    const auto resolved = resolve(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    if (!resolved->options().presence)
        return failure(ErrorCode::NotAvailable);
    const auto stats = presence_->stats(channel);
    return PresenceStats{stats.numClients, stats.numUsers};
}

ClientResult<HistoryPage> Node::history(std::string_view channel, const HistoryOptions& options) const {
    const auto snapshot = config();
    const auto resolved = resolve(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    if (!resolved->options().hasHistory())
        return failure(ErrorCode::NotAvailable);
    // Nothing is before the first publication; Centrifugo takes the question for a fault of its own.
    if (options.reverse && options.since && options.since->offset == 0)
        return failure(ErrorCode::Internal);
    auto stored = broker_->history(channel, streamOptions(*snapshot, resolved->options()), options.since, options.limit,
                                   options.reverse);
    if (stored.unrecoverable)
        return failure(ErrorCode::UnrecoverablePosition);
    HistoryPage page;
    page.offset = stored.top.offset;
    page.epoch = std::move(stored.top.epoch);
    page.publications.reserve(stored.publications.size());
    for (const auto& publication : stored.publications) {
        page.notJson = page.notJson || publication->notJson;
        page.publications.push_back(*publication);
    }
    return page;
}

ClientResult<void> Node::historyRemove(std::string_view channel) {
    const auto snapshot = config();
    const auto resolved = resolve(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    if (!resolved->options().hasHistory())
        return failure(ErrorCode::NotAvailable);
    broker_->historyRemove(channel);
    return {};
}

std::vector<ChannelSummary> Node::channels(std::string_view pattern) const {
    const Glob glob(pattern);
    std::vector<ChannelSummary> result;
    for (auto& state : broker_->channels([&](std::string_view name) { return pattern.empty() || glob.matches(name); }))
        result.push_back({std::move(state.name), state.subscribers, state.historySize, state.offset});
    std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return result;
}

std::vector<ConnectionSummary> Node::connections(const std::optional<std::string>& user, std::size_t limit) const {
    auto records = user ? hub_->find(*user) : hub_->all(limit);
    if (records.size() > limit)
        records.resize(limit);
    std::vector<ConnectionSummary> result;
    result.reserve(records.size());
    for (const auto& record : records)
        result.push_back({record->client, record->user, record->transport, record->name, record->version,
                          record->connectedAtWall, record->channels()});
    return result;
}

NodeInfo Node::info() const {
    NodeInfo info;
    info.projectId = projectId_;
    info.numClients = hub_->clientCount();
    info.numUsers = hub_->userCount();
    info.numChannels = broker_->channelCount();
    info.numSubscriptions = broker_->subscriptionCount();
    info.publications = broker_->publicationCount();
    info.historyBytes = broker_->historyBytes();
    info.uptime = clock_.monotonic() - startedAt_;
    return info;
}

void Node::sweep() {
    broker_->sweep();
    maps_->sweep();
}

}  // namespace xshathra::engine
