#include "server/services/command_service.h"

#include "server/base/glob.h"
#include "server/engine/node_registry.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace xshathra::services {

namespace {

using command::Done;
using engine::ClientResult;
using protocol::ClientError;
using protocol::ErrorCode;
using Outcome = ClientResult<command::Result>;

Outcome failure(ErrorCode code) { return Unexpected<ClientError>(ClientError(code)); }

/// An answer of the node as the command's outcome.
template <typename T>
Outcome outcome(ClientResult<T> answer) {
    if (!answer)
        return Unexpected<ClientError>(std::move(answer).error());
    if constexpr (std::is_void_v<T>)
        return command::Result(Done());
    else
        return command::Result(std::move(*answer));
}

class Runner {
public:
    Runner(engine::Node& node, const engine::NodeRegistry& registry, const std::string& nodeName,
           std::size_t maxListedConnections)
        : node_(node), registry_(registry), nodeName_(nodeName), maxListedConnections_(maxListedConnections) {}

    Outcome operator()(const command::Publish& c) const { return outcome(node_.publish(c.channel, c.data, c.options)); }

    Outcome operator()(const command::Broadcast& c) const {
        if (c.channels.empty())
            return failure(ErrorCode::BadRequest);
        return command::Result(command::BroadcastResult{node_.broadcast(c.channels, c.data, c.options)});
    }

    Outcome operator()(const command::Subscribe& c) const {
        return outcome(node_.subscribe(c.target, c.channel, c.options));
    }

    Outcome operator()(const command::Unsubscribe& c) const {
        if (c.channel.empty())
            return command::Result(Done());
        return outcome(node_.unsubscribe(c.target, c.channel));
    }

    Outcome operator()(const command::Disconnect& c) const {
        return outcome(node_.disconnect(c.target, c.reason, c.whitelist));
    }

    Outcome operator()(const command::Refresh& c) const {
        return outcome(node_.refresh(c.target, c.expireAt, c.expired, c.info));
    }

    Outcome operator()(const command::Presence& c) const {
        auto members = node_.presence(c.channel);
        if (!members)
            return Unexpected<ClientError>(std::move(members).error());
        std::sort(members->begin(), members->end(), [](const auto& a, const auto& b) { return a.client < b.client; });
        return command::Result(command::PresenceResult{std::move(*members)});
    }

    Outcome operator()(const command::PresenceStats& c) const { return outcome(node_.presenceStats(c.channel)); }

    Outcome operator()(const command::History& c) const { return outcome(node_.history(c.channel, c.options)); }

    Outcome operator()(const command::HistoryRemove& c) const { return outcome(node_.historyRemove(c.channel)); }

    Outcome operator()(const command::Channels& c) const {
        if (!Glob(c.pattern).isValid())
            return failure(ErrorCode::Internal);
        auto channels = node_.channels(c.pattern);
        std::erase_if(channels, [](const auto& channel) { return channel.numClients == 0; });
        return command::Result(command::ChannelsResult{std::move(channels)});
    }

    Outcome operator()(const command::Connections& c) const {
        if (!c.expression.empty())
            return failure(ErrorCode::NotAvailable);
        auto connections = node_.connections(c.user, maxListedConnections_ + 1);
        if (connections.size() > maxListedConnections_)
            return failure(ErrorCode::LimitExceeded);
        std::sort(connections.begin(), connections.end(),
                  [](const auto& a, const auto& b) { return a.client < b.client; });
        return command::Result(command::ConnectionsResult{std::move(connections)});
    }

    Outcome operator()(const command::Info&) const {
        return command::Result(
            command::InfoResult{registry_.nodeUid(), nodeName_, registry_.config()->version, node_.info()});
    }

    Outcome operator()(const command::Rpc& c) const {
        return failure(c.method.empty() ? ErrorCode::BadRequest : ErrorCode::MethodNotFound);
    }

    Outcome operator()(const command::MapPublish& c) const {
        auto options = c.options;
        if (!engine::fromString(c.keyMode, options.keyMode))
            return failure(ErrorCode::BadRequest);
        return outcome(node_.mapPublish(c.channel, c.key, c.data, options));
    }

    Outcome operator()(const command::MapRemove& c) const {
        return outcome(node_.mapRemove(c.channel, c.key, c.options));
    }

    Outcome operator()(const command::MapReadState& c) const { return outcome(node_.mapReadState(c.channel, c.query)); }

    Outcome operator()(const command::MapReadStream& c) const {
        return outcome(node_.mapReadStream(c.channel, c.query));
    }

    Outcome operator()(const command::MapStats& c) const {
        const auto keys = node_.mapStats(c.channel);
        if (!keys)
            return Unexpected<ClientError>(keys.error());
        return command::Result(command::MapStatsResult{*keys});
    }

    Outcome operator()(const command::MapClear& c) const { return outcome(node_.mapClear(c.channel)); }

    Outcome operator()(const command::SharedPollPublish& c) const {
        return outcome(node_.sharedPollPublish(c.channel, c.key, c.data, c.version, c.epoch));
    }

private:
    engine::Node& node_;
    const engine::NodeRegistry& registry_;
    const std::string& nodeName_;
    std::size_t maxListedConnections_;
};

}  // namespace

bool CommandService::hasProject(std::string_view projectId) const {
    return registry_ != nullptr && registry_->find(projectId) != nullptr;
}

Outcome CommandService::run(std::string_view projectId, const command::Command& command) const {
    const auto node = registry_ == nullptr ? nullptr : registry_->find(projectId);
    if (!node)
        return failure(ErrorCode::Internal);
    return std::visit(Runner(*node, *registry_, nodeName_, maxListedConnections_), command);
}

}  // namespace xshathra::services
