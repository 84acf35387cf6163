#include "server/engine/json_info.h"
#include "server/engine/map_broker.h"
#include "server/engine/node.h"
#include "server/protocol/json.h"

#include <utility>

namespace xshathra::engine {

using protocol::ClientError;
using protocol::ErrorCode;

namespace {

Unexpected<ClientError> failure(ErrorCode code) { return Unexpected<ClientError>(ClientError(code)); }

/// A map by its channel, as the server API may use it.
ClientResult<ResolvedChannel> resolveMap(const ProjectConfig& config, std::string_view channel) {
    if (channel.empty())
        return failure(ErrorCode::BadRequest);
    const auto resolved = config.channels->resolve(channel);
    if (resolved.ns == nullptr)
        return failure(ErrorCode::UnknownChannel);
    if (!isMap(resolved.options().subscriptionType))
        return failure(ErrorCode::BadRequest);
    return resolved;
}

ClientResult<MapUpdateResult> toClient(Expected<MapUpdateResult, ErrorCode> outcome) {
    if (!outcome)
        return failure(outcome.error());
    return std::move(*outcome);
}

/// What was read as a page, or why nothing was.
template <typename Page>
ClientResult<Page> toPage(MapBroker::StreamResult& read) {
    if (read.error)
        return failure(*read.error);
    Page page;
    page.entries.reserve(read.publications.size());
    for (const auto& publication : read.publications) {
        page.notJson = page.notJson || publication->notJson;
        page.entries.push_back({*publication, changedAt(*publication)});
    }
    page.offset = read.offset;
    page.epoch = std::move(read.epoch);
    return page;
}

}  // namespace

ClientResult<MapUpdateResult> Node::mapPublishResolved(const ResolvedChannel& resolved, std::string_view channel,
                                                       std::string_view key, SharedBytes data,
                                                       const MapPublishOptions& options) {
    const auto& map = resolved.options().map;
    // Centrifugo answers so to whatever reaches for a map in a namespace without one.
    if (map.mode == MapMode::Unset)
        return failure(ErrorCode::Internal);
    MapBroker::PublishRequest request{channel, MapSetup::of(map), {}, options};
    auto& publication = request.publication;
    publication.key = key;
    publication.notJson = !options.knownJson && !data.empty() && !protocol::isValidJson(data.view());
    if (options.info) {
        publication.info = options.info;
        publication.notJson = publication.notJson || !isJson(*options.info);
    }
    publication.data = std::move(data);
    publication.tags = options.tags;
    return toClient(maps_->publish(std::move(request)));
}

ClientResult<MapUpdateResult> Node::mapRemoveResolved(const ResolvedChannel& resolved, std::string_view channel,
                                                      std::string_view key, const MapRemoveOptions& options) {
    const auto& map = resolved.options().map;
    if (map.mode == MapMode::Unset)
        return failure(ErrorCode::Internal);
    return toClient(maps_->remove(channel, key, MapSetup::of(map), options));
}

ClientResult<MapUpdateResult> Node::mapPublish(std::string_view channel, std::string_view key, SharedBytes data,
                                               const MapPublishOptions& options) {
    if (key.empty())
        return failure(ErrorCode::BadRequest);
    const auto snapshot = config();
    const auto resolved = resolveMap(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    if (!options.delta && resolved->options().deltaPublish) {
        auto withDelta = options;
        withDelta.delta = true;
        return mapPublishResolved(*resolved, channel, key, std::move(data), withDelta);
    }
    return mapPublishResolved(*resolved, channel, key, std::move(data), options);
}

ClientResult<MapUpdateResult> Node::mapRemove(std::string_view channel, std::string_view key,
                                              const MapRemoveOptions& options) {
    if (key.empty())
        return failure(ErrorCode::BadRequest);
    const auto snapshot = config();
    const auto resolved = resolveMap(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    return mapRemoveResolved(*resolved, channel, key, options);
}

ClientResult<MapStatePage> Node::mapReadState(std::string_view channel, const MapStateQuery& query) {
    const auto snapshot = config();
    const auto resolved = resolveMap(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    auto read = maps_->readState(channel, MapSetup::of(resolved->options().map), query);
    auto page = toPage<MapStatePage>(read);
    if (page)
        page->cursor = std::move(read.cursor);
    return page;
}

ClientResult<MapStreamPage> Node::mapReadStream(std::string_view channel, const MapStreamQuery& query) {
    const auto snapshot = config();
    const auto resolved = resolveMap(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    auto read = maps_->readStream(channel, MapSetup::of(resolved->options().map), query);
    return toPage<MapStreamPage>(read);
}

ClientResult<std::size_t> Node::mapStats(std::string_view channel) {
    const auto snapshot = config();
    const auto resolved = resolveMap(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    return maps_->keyCount(channel);
}

ClientResult<void> Node::mapClear(std::string_view channel) {
    const auto snapshot = config();
    const auto resolved = resolveMap(*snapshot, channel);
    if (!resolved)
        return Unexpected<ClientError>(resolved.error());
    maps_->clear(channel);
    return {};
}

}  // namespace xshathra::engine
