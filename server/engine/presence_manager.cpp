#include "server/engine/presence_manager.h"

namespace xshathra::engine {

void PresenceManager::dropUser(Channel& channel, const std::string& user) {
    const auto found = channel.connectionsOfUser.find(user);
    if (found != channel.connectionsOfUser.end() && --found->second == 0)
        channel.connectionsOfUser.erase(found);
}

bool PresenceManager::add(std::string_view name, const protocol::ClientInfo& info, std::size_t maxMembers) {
    auto& stripe = channels_.of(name);
    const std::lock_guard lock(stripe.mutex);
    auto found = stripe.entries.find(name);
    if (found == stripe.entries.end())
        found = stripe.entries.try_emplace(std::string(name)).first;
    auto& channel = found->second;
    const auto member = channel.members.find(info.client);
    if (member != channel.members.end()) {
        dropUser(channel, member->second.user);
        member->second = info;
    } else {
        if (channel.members.size() >= maxMembers) {
            if (channel.members.empty())
                stripe.entries.erase(found);
            return false;
        }
        channel.members.emplace(info.client, info);
    }
    ++channel.connectionsOfUser[info.user];
    return true;
}

void PresenceManager::remove(std::string_view name, std::string_view client) {
    auto& stripe = channels_.of(name);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(name);
    if (found == stripe.entries.end())
        return;
    auto& channel = found->second;
    const auto member = channel.members.find(client);
    if (member == channel.members.end())
        return;
    dropUser(channel, member->second.user);
    channel.members.erase(member);
    if (channel.members.empty())
        stripe.entries.erase(found);
}

std::vector<protocol::ClientInfo> PresenceManager::members(std::string_view name) const {
    const auto& stripe = channels_.of(name);
    const std::lock_guard lock(stripe.mutex);
    std::vector<protocol::ClientInfo> result;
    const auto found = stripe.entries.find(name);
    if (found == stripe.entries.end())
        return result;
    result.reserve(found->second.members.size());
    for (const auto& [client, info] : found->second.members)
        result.push_back(info);
    return result;
}

PresenceManager::Stats PresenceManager::stats(std::string_view name) const {
    const auto& stripe = channels_.of(name);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.entries.find(name);
    if (found == stripe.entries.end())
        return {};
    return {std::uint32_t(found->second.members.size()), std::uint32_t(found->second.connectionsOfUser.size())};
}

}  // namespace xshathra::engine
