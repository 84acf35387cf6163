#include "server/services/publish_service.h"

#include "server/protocol/json.h"
#include "server/services/channel_check.h"
#include "server/services/command_service.h"
#include "server/services/config_store.h"
#include "server/services/lookup.h"

#include <utility>
#include <variant>

namespace xshathra::services {

namespace {

Result<void> checkTags(const std::map<std::string, std::string>& tags) {
    if (tags.size() > kMaxTags)
        return fail(
            "invalid_argument",
            "tags has " + std::to_string(tags.size()) + " entries; allowed are up to " + std::to_string(kMaxTags) + ".",
            "tags");
    for (const auto& [name, value] : tags) {
        if (name.empty() || name.size() > kMaxTagLength || value.size() > kMaxTagLength)
            return fail("invalid_argument",
                        "The tag \"" + shown(name) + "\" is not allowed; a tag's name has 1 to " +
                            std::to_string(kMaxTagLength) + " bytes and its value at most as many.",
                        "tags");
    }
    return {};
}

Result<void> checkRequest(const Project& project, const PublishRequest& request) {
    if (auto channel = checkChannel(project, request.channel, "channel"); !channel)
        return channel;
    if (request.data.empty())
        return fail("invalid_argument", "data is missing; send any JSON value, for example {\"text\":\"hello\"}.",
                    "data");
    if (request.data.size() > kMaxPublishSize)
        return fail("invalid_argument",
                    "data has " + std::to_string(request.data.size()) + " bytes; allowed are up to " +
                        std::to_string(kMaxPublishSize) + ".",
                    "data");
    if (!protocol::isValidJson(request.data.view()))
        return fail("invalid_argument", "data is not valid JSON.", "data");
    if (auto tags = checkTags(request.tags); !tags)
        return tags;
    if (request.idempotencyKey.size() > kMaxIdempotencyKeyLength)
        return fail("invalid_argument",
                    "idempotency_key has " + std::to_string(request.idempotencyKey.size()) +
                        " bytes; allowed are up to " + std::to_string(kMaxIdempotencyKeyLength) + ".",
                    "idempotency_key");
    return {};
}

}  // namespace

Result<PublishResult> PublishService::publish(std::string_view projectId, PublishRequest request) const {
    const auto project = servedProject(*store_.current(), projectId);
    if (!project)
        return Unexpected<Error>(project.error());
    if (auto checked = checkRequest(**project, request); !checked)
        return Unexpected<Error>(checked.error());
    engine::PublishOptions options;
    options.skipHistory = request.skipHistory;
    options.tags = std::move(request.tags);
    options.idempotencyKey = std::move(request.idempotencyKey);
    options.delta = request.delta;
    options.knownJson = true;
    auto published = commands_.run(
        projectId, command::Publish{request.channel, protocol::stripLineBreaks(request.data), std::move(options)});
    if (!published)
        return Unexpected<Error>(errorFor(published.error(), projectId, request.channel));
    return std::get<PublishResult>(std::move(*published));
}

Error PublishService::errorFor(const protocol::ClientError& error, std::string_view projectId,
                               const std::string& channel) const {
    switch (static_cast<protocol::ErrorCode>(error.code)) {
        case protocol::ErrorCode::UnknownChannel:
            return {"unknown_namespace", "The project has no namespace for the channel \"" + channel + "\".",
                    "channel"};
        case protocol::ErrorCode::BadRequest:
            return {"invalid_argument",
                    "The channel \"" + channel +
                        "\" doesn't take this publication: its namespace demands another data format or type.",
                    "data"};
        default: break;
    }
    if (!commands_.hasEngine())
        return {"unavailable", "No engine is running; start the server first.", {}};
    if (!commands_.hasProject(projectId))
        return {"not_found", "The engine has no project \"" + std::string(projectId) + "\".", "projectId"};
    return {"unavailable", "The engine refused: " + error.message + " (" + std::to_string(error.code) + ").", {}};
}

}  // namespace xshathra::services
