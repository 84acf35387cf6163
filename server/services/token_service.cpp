#include "server/services/token_service.h"

#include "server/auth/jwt.h"
#include "server/services/channel_check.h"
#include "server/services/config_store.h"
#include "server/services/lookup.h"

#include <utility>

namespace xshathra::services {

namespace {

struct Grant {
    ConfigPtr config;
    ProjectPtr project;
    std::int64_t issuedAt = 0;
    std::int64_t ttl = 0;
};

Result<void> checkUser(std::string_view userId) {
    const auto allowed = "allowed are 1 to " + std::to_string(kMaxUserIdLength) + " bytes";
    if (userId.empty())
        return fail("invalid_argument", "userId is missing or empty; " + allowed + ".", "userId");
    if (userId.size() > kMaxUserIdLength)
        return fail("invalid_argument", "userId has " + std::to_string(userId.size()) + " bytes; " + allowed + ".",
                    "userId");
    return {};
}

/// What both kinds of token need: the project, the user and the time.
Result<Grant> prepare(const ConfigStore& store, const Clock& clock, std::string_view projectId, std::string_view userId,
                      std::optional<std::int64_t> ttlSeconds) {
    Grant grant;
    grant.config = store.current();
    auto project = servedProject(*grant.config, projectId);
    if (!project)
        return Unexpected<Error>(project.error());
    grant.project = std::move(*project);
    if (auto user = checkUser(userId); !user)
        return Unexpected<Error>(user.error());
    grant.ttl = ttlSeconds.value_or(auth::kDefaultTokenTtl.count());
    if (auto ttl = auth::checkTokenTtl(grant.ttl); !ttl)
        return Unexpected<Error>(ttl.error());
    grant.issuedAt = clock.wallSeconds();
    return grant;
}

Result<void> checkChannels(const Project& project, const std::vector<std::string>& channels) {
    if (channels.size() > kMaxTokenChannels)
        return fail("invalid_argument",
                    "channels has " + std::to_string(channels.size()) + " entries; allowed are up to " +
                        std::to_string(kMaxTokenChannels) + ".",
                    "channels");
    for (const auto& channel : channels) {
        if (auto checked = checkChannel(project, channel, "channels"); !checked)
            return fail("invalid_argument", checked.error().message, "channels");
    }
    return {};
}

Result<void> checkInfo(std::string_view info) {
    if (info.empty())
        return {};
    if (info.size() > kMaxTokenInfoSize)
        return fail("invalid_argument",
                    "info has " + std::to_string(info.size()) + " bytes; allowed are up to " +
                        std::to_string(kMaxTokenInfoSize) + ".",
                    "info");
    const auto first = info.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || info[first] != '{')
        return fail("invalid_argument", "info must be a JSON object, for example {\"name\":\"Ana\"}.", "info");
    return {};
}

template <typename Spec>
Result<MintedToken> minted(const Grant& grant, const TokenSigning& signing, const Spec& spec) {
    if (!signing.refusal.empty())
        return fail("cannot_sign", signing.refusal, "projectId");
    auto token = (signing.signer ? *signing.signer : *grant.config->signer).sign(spec);
    if (!token)
        return Unexpected<Error>(token.error());
    return MintedToken{std::move(*token), grant.ttl};
}

}  // namespace

Result<MintedToken> TokenService::mintConnection(std::string_view projectId, const ConnectTokenRequest& request) const {
    auto grant = prepare(store_, clock_, projectId, request.userId, request.ttlSeconds);
    if (!grant)
        return Unexpected<Error>(grant.error());
    if (auto channels = checkChannels(*grant->project, request.channels); !channels)
        return Unexpected<Error>(channels.error());
    if (auto info = checkInfo(request.info); !info)
        return Unexpected<Error>(info.error());
    auth::ConnectTokenSpec spec;
    spec.user = request.userId;
    spec.projectId = grant->project->id;
    spec.issuedAt = grant->issuedAt;
    spec.expiresAt = grant->issuedAt + grant->ttl;
    spec.channels = request.channels;
    spec.infoJson = request.info;
    return minted(*grant, grant->project->connectionTokens, spec);
}

Result<MintedToken> TokenService::mintSubscription(std::string_view projectId,
                                                   const SubscribeTokenRequest& request) const {
    auto grant = prepare(store_, clock_, projectId, request.userId, request.ttlSeconds);
    if (!grant)
        return Unexpected<Error>(grant.error());
    if (auto channel = checkChannel(*grant->project, request.channel, "channel"); !channel)
        return fail("invalid_argument", channel.error().message, "channel");
    auth::SubscribeTokenSpec spec;
    spec.user = request.userId;
    spec.projectId = grant->project->id;
    spec.channel = request.channel;
    spec.issuedAt = grant->issuedAt;
    spec.expiresAt = grant->issuedAt + grant->ttl;
    return minted(*grant, grant->project->subscriptionTokens, spec);
}

}  // namespace xshathra::services
