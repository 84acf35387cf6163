#pragma once

#include "server/engine/striped_map.h"
#include "server/protocol/messages.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// Who is in which channel of one project. An entry lives until the connection leaves. Thread-safe (striped locks).
class PresenceManager {
public:
    struct Stats {
        std::uint32_t numClients = 0;
        std::uint32_t numUsers = 0;
    };

    /// Adds or updates a member; false when the channel already has `maxMembers` others.
    [[nodiscard]] bool add(std::string_view channel, const protocol::ClientInfo& info, std::size_t maxMembers);
    void remove(std::string_view channel, std::string_view client);
    std::vector<protocol::ClientInfo> members(std::string_view channel) const;
    /// All anonymous clients together count as one user.
    Stats stats(std::string_view channel) const;

private:
    struct Channel {
        StringMap<protocol::ClientInfo> members;
        StringMap<std::uint32_t> connectionsOfUser;
    };

    static void dropUser(Channel& channel, const std::string& user);

    StripedMap<Channel, 32> channels_;
};

}  // namespace xshathra::engine
