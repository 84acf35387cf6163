#include "server/engine/token_checks.h"

#include <algorithm>
#include <string>

namespace xshathra::engine {

const auth::TokenVerifier* subscriptionVerifier(const ProjectConfig& project) {
    return project.subscriptionTokenVerifier ? project.subscriptionTokenVerifier.get() : project.tokenVerifier.get();
}

Failure tokenFailure(const auth::TokenError& error, const Failure& aboutTime, const Failure& invalid) {
    if (error.kind == auth::TokenErrorKind::Payload)
        return protocol::ErrorCode::Internal;
    return error.isAboutTime() ? aboutTime : invalid;
}

std::string_view userInHeaders(const ProjectConfig& project, const TransportInfo& transport) {
    const auto& wanted = project.client.userIdHttpHeader;
    if (wanted.empty() || !transport.headers)
        return {};
    const auto same = [&wanted](const auto& header) {
        return std::equal(header.first.begin(), header.first.end(), wanted.begin(), wanted.end(),
                          [](char kept, char asked) {
                              return kept == (asked >= 'A' && asked <= 'Z' ? static_cast<char>(asked + 32) : asked);
                          });
    };
    const auto found = std::find_if(transport.headers->begin(), transport.headers->end(), same);
    return found == transport.headers->end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string> channelsOf(const auth::ConnectClaims& claims) {
    auto channels = claims.channels;
    for (const auto& sub : claims.subs)
        channels.push_back(sub.channel);
    // Centrifuge passes over a channel without a name.
    channels.erase(std::remove(channels.begin(), channels.end(), std::string()), channels.end());
    return channels;
}

}  // namespace xshathra::engine
