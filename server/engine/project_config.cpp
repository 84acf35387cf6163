#include "server/engine/project_config.h"

#include <utility>

namespace xshathra::engine {

std::vector<OptionError> ClientOptions::validate() const {
    std::vector<OptionError> errors;
    const auto duration = [&errors](const char* option, Milliseconds value, bool zeroAllowed) {
        if (value.count() < 0 || (value.count() == 0 && !zeroAllowed) || value > ChannelOptions::kMaxDuration)
            errors.push_back({option, std::to_string(value.count()) + "ms is out of range; allowed are " +
                                          (zeroAllowed ? "0 (off)" : "1ms") + " to ten years."});
    };
    const auto count = [&errors](const char* option, std::size_t value, std::size_t min, std::size_t max) {
        if (value < min || value > max)
            errors.push_back({option, std::to_string(value) + " is out of range; allowed are " + std::to_string(min) +
                                          " to " + std::to_string(max) + "."});
    };
    duration("client.ping_interval", pingInterval, true);
    duration("client.pong_timeout", pongTimeout, true);
    if (pingInterval.count() > 0 && pongTimeout >= pingInterval)
        errors.push_back({"client.pong_timeout", std::to_string(pongTimeout.count()) +
                                                     "ms must be shorter than client.ping_interval (" +
                                                     std::to_string(pingInterval.count()) + "ms)."});
    duration("client.expired_close_delay", expiredCloseDelay, true);
    duration("client.expired_sub_close_delay", expiredSubCloseDelay, true);
    duration("client.presence_update_interval", presenceUpdateInterval, false);
    duration("client.channel_position_check_delay", channelPositionCheckDelay, true);
    count("client.queue_max_size", queueMaxSize, 1024, std::size_t{1} << 30);
    count("client.channel_limit", channelLimit, 0, 100'000);
    count("client.history_max_publication_limit", historyMaxPublicationLimit, 0, 100'000);
    count("client.recovery_max_publication_limit", recoveryMaxPublicationLimit, 0, 100'000);
    count("client.presence_max_members", presenceMaxMembers, 1, 1'000'000);
    if (subscribeToUserPersonalChannel.enabled && !subscribeToUserPersonalChannel.nameSpace.empty() &&
        !isNamespaceName(subscribeToUserPersonalChannel.nameSpace))
        errors.push_back({"client.subscribe_to_user_personal_channel.personal_channel_namespace",
                          "\"" + subscribeToUserPersonalChannel.nameSpace + "\" is not a namespace name."});
    return errors;
}

}  // namespace xshathra::engine
