#include "server/services/publish_service.h"

#include "server/protocol/json.h"
#include "server/services/channel_check.h"
#include "server/services/config_store.h"

#include <utility>

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

void PublishService::publish(std::string_view projectId, PublishRequest request, PublishCallback done) {
    const auto project = store_.current()->find(projectId);
    if (!project)
        return done(fail("not_found", "There is no project \"" + shown(projectId) + "\".", "projectId"));
    if (auto checked = checkRequest(*project, request); !checked)
        return done(Unexpected<Error>(checked.error()));
    request.data = protocol::stripLineBreaks(request.data);
    engine_.publish(projectId, request, std::move(done));
}

}  // namespace xshathra::services
