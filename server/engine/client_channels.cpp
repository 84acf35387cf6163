#include "server/engine/client_session.h"
#include "server/engine/json_info.h"
#include "server/engine/presence_manager.h"

#include <algorithm>
#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

ChannelQuestion ClientSession::question(std::string_view channel) {
    return {config(), channel, user_, find(channel) != nullptr};
}

Failure ClientSession::refuseWith(const Failure& failure, DecisionBuilder& decision, std::string summary) {
    failureDecision_ = decision.refused(codeOf(failure), std::move(summary));
    return failure;
}

ClientSession::Outcome ClientSession::publish(const Context& context, const protocol::PublishRequest& request) {
    if (request.type == int(SubscriptionType::Map))
        return changeMap(context, request);
    DecisionBuilder decision(watched());
    const auto& data = request.data;
    const auto resolved = policy::publish(question(request.channel), data.view(), decision);
    if (!resolved)
        return refuseWith(resolved.error(), decision, "The publish was refused.");
    if (resolved->options().publishProxyEnabled)
        return askPublish(context, request, resolved->options());
    PublishOptions options;
    options.info = clientInfo(find(request.channel));
    options.knownJson = encoding_ == protocol::Encoding::Json;
    options.delta = resolved->options().deltaPublish;
    // The payload is a part of the client's frame. Kept in history as it is, it would keep the whole frame alive.
    const auto payload = resolved->options().hasHistory() ? SharedBytes::copyOf(data.view()) : data;
    const auto published = node_->publishResolved(config(), *resolved, request.channel, payload, options);
    if (!published)
        return refuseWith(ErrorCode(published.error().code), decision, "The publish was refused.");
    return replyWith(context, protocol::PublishResult{});
}

ClientSession::Outcome ClientSession::presence(const Context& context, const protocol::PresenceRequest& request) {
    DecisionBuilder decision(watched());
    if (const auto allowed = policy::presence(question(request.channel), decision); !allowed)
        return refuseWith(allowed.error(), decision, "Reading presence was refused.");
    const bool json = encoding_ == protocol::Encoding::Json;
    protocol::PresenceResult result;
    for (auto& info : node_->presenceManager().members(request.channel)) {
        if (json && !isJson(info))
            return DisconnectCode::InappropriateProtocol;
        auto client = info.client;
        result.presence.emplace(std::move(client), std::move(info));
    }
    return replyWith(context, std::move(result));
}

ClientSession::Outcome ClientSession::presenceStats(const Context& context,
                                                    const protocol::PresenceStatsRequest& request) {
    DecisionBuilder decision(watched());
    if (const auto allowed = policy::presence(question(request.channel), decision); !allowed)
        return refuseWith(allowed.error(), decision, "Reading presence was refused.");
    const auto stats = node_->presenceManager().stats(request.channel);
    protocol::PresenceStatsResult result;
    result.numClients = stats.numClients;
    result.numUsers = stats.numUsers;
    return replyWith(context, result);
}

ClientSession::Outcome ClientSession::history(const Context& context, const protocol::HistoryRequest& request) {
    DecisionBuilder decision(watched());
    if (const auto allowed = policy::history(question(request.channel), decision); !allowed)
        return refuseWith(allowed.error(), decision, "Reading history was refused.");
    if (request.reverse && request.since && request.since->offset == 0) {
        decision.fail("Since", "reverse from offset 0", "an offset above 0, or no since",
                      "Leave since out to read from the newest publication backwards.");
        return refuseWith(ErrorCode::BadRequest, decision, "There is nothing before offset 0.");
    }
    const auto max = std::int64_t(config().client.historyMaxPublicationLimit);
    HistoryOptions options;
    options.limit = request.limit;
    if (max > 0)
        options.limit = request.limit < 0 ? max : std::min<std::int64_t>(request.limit, max);
    options.since = request.since;
    options.reverse = request.reverse;
    auto page = node_->history(request.channel, options);
    if (!page) {
        decision.fail("Epoch", request.since ? request.since->epoch : std::string(), "the stream's epoch",
                      "The stream was restarted: read it again without a position.");
        return refuseWith(ErrorCode(page.error().code), decision, "Reading history was refused.");
    }
    if (page->notJson && encoding_ == protocol::Encoding::Json)
        return DisconnectCode::InappropriateProtocol;
    protocol::HistoryResult result;
    result.publications = std::move(page->publications);
    result.offset = page->offset;
    result.epoch = std::move(page->epoch);
    return replyWith(context, std::move(result));
}

ClientSession::Outcome ClientSession::sendMessage() {
    DecisionBuilder decision(watched());
    decision.fail("Send handler", "none", "no send command", "Publish into a channel, or use rpc with a proxy.");
    return refuseWith(DisconnectCode::NotAvailable, decision, "Nobody receives messages of the send command.");
}

}  // namespace xshathra::engine
