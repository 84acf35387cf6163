#include "server/engine/client_session.h"

#include <utility>

namespace xshathra::engine {

using protocol::ErrorCode;

ClientSession::Outcome ClientSession::changeMap(const Context& context, const protocol::PublishRequest& request) {
    DecisionBuilder decision(watched());
    auto key = request.key;
    bool proxied = false;
    const auto resolved = policy::changeMap(question(request.channel), id_, request.removed, key, proxied, decision);
    const char* summary = request.removed ? "The removal was refused." : "The publish was refused.";
    if (!resolved)
        return refuseWith(resolved.error(), decision, summary);
    if (proxied)
        return askMapChange(context, request, resolved->options().map);
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

ClientSession::Outcome ClientSession::askMapChange(const Context& context, const protocol::PublishRequest& request,
                                                   const MapOptions& options) {
    ProxyRequest question = MapPublishProxyRequest{request.channel, request.key, request.data};
    if (request.removed)
        question = MapRemoveProxyRequest{request.channel, request.key};
    auto call =
        proxyCall(config_, request.removed ? options.removeProxyName : options.publishProxyName, std::move(question));
    return ask(
        context, std::move(call),
        [](ClientSession& self, const Context& held, const protocol::Command& command, const ProxyAnswer& answer) {
            return self.onMapAnswer(held, std::get<protocol::PublishRequest>(command.request), answer);
        });
}

ClientSession::Outcome ClientSession::onMapAnswer(const Context& context, const protocol::PublishRequest& request,
                                                  const ProxyAnswer& answer) {
    DecisionBuilder decision(watched());
    const auto kind = request.removed ? ProxyKind::MapRemove : ProxyKind::MapPublish;
    if (const auto failure = policy::failureOf(answer, kind, decision))
        return refuseWith(*failure, decision, "The map couldn't be changed.");
    const auto resolved = config().channels->resolve(request.channel);
    if (resolved.ns == nullptr) {
        decision.fail("Namespace", "it is gone meanwhile", "a configured namespace", "Add the namespace again.");
        return refuseWith(ErrorCode::UnknownChannel, decision, "The map couldn't be changed.");
    }
    auto key = request.key;
    if (request.removed) {
        MapRemoveOptions options;
        if (const auto* result = answer.as<MapRemoveProxyResult>()) {
            if (!result->key.empty())
                key = result->key;
            if (!result->tags.empty())
                options.tags = result->tags;
            options.idempotencyKey = result->idempotencyKey;
        }
        return finishMapChange(context, node_->mapRemoveResolved(resolved, request.channel, key, options));
    }
    MapPublishOptions options;
    options.info = clientInfo(find(request.channel));
    options.knownJson = encoding_ == protocol::Encoding::Json;
    auto data = SharedBytes::copyOf(request.data.view());
    if (const auto* result = answer.as<MapPublishProxyResult>()) {
        if (!result->key.empty())
            key = result->key;
        if (result->data) {
            data = *result->data;
            options.knownJson = false;
        }
        options.tags = result->tags;
        // A word that is none replaces, as in Centrifugo.
        if (!fromString(result->keyMode, options.keyMode))
            options.keyMode = MapKeyMode::Replace;
        options.idempotencyKey = result->idempotencyKey;
        options.delta = result->delta;
        options.version = result->version;
        options.versionEpoch = result->versionEpoch;
    }
    return finishMapChange(context,
                           node_->mapPublishResolved(resolved, request.channel, key, std::move(data), options));
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
    return replyWith(context, protocol::PublishResult{});
}

}  // namespace xshathra::engine
