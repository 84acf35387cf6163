#include "server/engine/node.h"
#include "server/engine/node_registry.h"
#include "server/services/engine_port.h"

namespace xshathra::services {

namespace {

Error errorFor(const protocol::ClientError& error, const PublishRequest& request) {
    if (error.code == static_cast<std::uint32_t>(protocol::ErrorCode::UnknownChannel))
        return {"unknown_namespace", "The project has no namespace for the channel \"" + request.channel + "\".",
                "channel"};
    if (error.code == static_cast<std::uint32_t>(protocol::ErrorCode::BadRequest))
        return {"invalid_argument",
                "The channel \"" + request.channel +
                    "\" doesn't take this publication: its namespace demands another data format or type.",
                "data"};
    return {"unavailable", "The engine refused: " + error.message + " (" + std::to_string(error.code) + ").", {}};
}

}  // namespace

void EmbeddedEngine::publish(std::string_view projectId, const PublishRequest& request, PublishCallback done) {
    const auto node = registry_.find(projectId);
    if (!node)
        return done(fail("not_found", "The engine has no project \"" + std::string(projectId) + "\".", "projectId"));
    engine::PublishOptions options;
    options.skipHistory = request.skipHistory;
    options.tags = request.tags;
    options.idempotencyKey = request.idempotencyKey;
    options.delta = request.delta;
    options.knownJson = true;
    auto published = node->publish(request.channel, request.data, options);
    if (!published)
        return done(Unexpected<Error>(errorFor(published.error(), request)));
    done(PublishResult{published->offset, std::move(published->epoch)});
}

}  // namespace xshathra::services
