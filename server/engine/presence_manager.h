#pragma once

#include "server/protocol/messages.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
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
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    template <typename T>
    using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
    struct Channel {
        Map<protocol::ClientInfo> members;
        Map<std::uint32_t> connectionsOfUser;
    };
    struct Stripe {
        mutable std::mutex mutex;
        Map<Channel> channels;
    };

    static void dropUser(Channel& channel, const std::string& user);
    Stripe& stripeOf(std::string_view channel) { return stripes_[Hash{}(channel) % stripes_.size()]; }
    const Stripe& stripeOf(std::string_view channel) const { return stripes_[Hash{}(channel) % stripes_.size()]; }

    std::array<Stripe, 32> stripes_;
};

}  // namespace xshathra::engine
