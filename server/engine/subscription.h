#pragma once

#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/engine/loop_channel.h"
#include "server/engine/namespace_options.h"
#include "server/engine/shared_poll.h"
#include "server/protocol/messages.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace xshathra::engine {

class ClientSession;

/// A client's subscription to one channel. Belongs to the client's loop; its address is stable.
struct Subscription {
    ClientSession* session = nullptr;
    std::string channel;
    SubscriptionType type = SubscriptionType::Stream;
    /// Null while the subscription is being established, and for ever for shared poll.
    std::shared_ptr<LoopChannel> target;
    /// Place among the target's subscribers.
    std::uint32_t index = 0;
    bool serverSide = false;
    bool positioned = false;
    bool recoverable = false;
    /// The client gets join and leave pushes.
    bool pushJoinLeave = false;
    bool emitJoinLeave = false;
    bool emitPresence = false;
    /// The client gets publications in the forms of delta compression.
    bool delta = false;
    /// Publications that the client doesn't want are left out. Null: it wants all.
    std::unique_ptr<const protocol::FilterNode> filter;
    /// The client has to send sub_refresh in time (otherwise a backend does).
    bool clientSideRefresh = true;
    /// The backend is being asked whether it may go on.
    bool refreshing = false;
    /// Wall time in seconds since 1970.
    std::optional<std::int64_t> expireAt;
    std::optional<SharedBytes> info;
    Nanoseconds positionCheckedAt{};
    /// Maps in which the client, and its user, is a key while it is subscribed. Empty: none.
    std::string clientsPresenceChannel;
    std::string usersPresenceChannel;
    /// The client's own key goes with the subscription.
    bool removeClientKey = false;
    /// Only for shared poll.
    std::unique_ptr<PollTracking> tracking;

    /// There is something to look after from time to time.
    bool needsTick() const {
        return expireAt || positioned || !clientsPresenceChannel.empty() || !usersPresenceChannel.empty() ||
               (tracking && tracking->minExpireAt > 0);
    }
    /// For the broker, with the encoding of the client.
    SubscriberTraits traits(protocol::Encoding encoding) const {
        return {encoding, pushJoinLeave, delta, filter != nullptr};
    }
};

}  // namespace xshathra::engine
