#include "server/engine/client_session.h"

#include <utility>

namespace xshathra::engine {

using protocol::ErrorCode;

ClientSession::Outcome ClientSession::changeMap(const Context& context, const protocol::PublishRequest& request) {
    DecisionBuilder decision(watched());
    auto key = request.key;
    bool proxied = false;
    const auto resolved =
        policy::changeMap(question(request.channel), id_, request.removed, key, proxied, decision);
    const char* summary = request.removed ? "The removal was refused." : "The publish was refused.";
    if (!resolved)
        return refuseWith(resolved.error(), decision, summary);
    if (request.removed)
        return finishMapChange(context, node_->mapRemoveResolved(*resolved, request.channel, key, {}));
    MapPublishOptions options;
    options.info = clientInfo(find(request.channel));
    options.knownJson = encoding_ == protocol::Encoding::Json;
    options.delta = resolved->options().deltaPublish;
    // The map keeps the value, and with a slice of it the client's whole frame.
    return finishMapChange(context, node_->mapPublishResolved(*resolved, request.channel, key,
                                                              SharedBytes::copyOf(request.data.view()), options));
}

ClientSession::Outcome ClientSession::finishMapChange(const Context& context,
                                                      const ClientResult<MapUpdateResult>& changed) {
    if (!changed) {
        DecisionBuilder decision(watched());
        decision.fail("Map", "no change", "a map that takes the key",
                      "Keys are limited in length and number, and the namespace needs a map.mode.");
        return refuseWith(ErrorCode(changed.error().code), decision, "The map couldn't be changed.");
    }
    // A suppressed change is none, but no error either.
    protocol::Reply reply;
    reply.result = protocol::PublishResult{};
    sendReply(context, std::move(reply));
    return std::nullopt;
}

}  // namespace xshathra::engine
