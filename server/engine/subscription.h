#pragma once

#include "server/base/clock.h"
#include "server/base/shared_bytes.h"
#include "server/engine/loop_channel.h"

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
    /// Null while the subscription is being established.
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
    /// The client has to send sub_refresh in time (otherwise a backend does).
    bool clientSideRefresh = true;
    /// Wall time in seconds since 1970.
    std::optional<std::int64_t> expireAt;
    std::optional<SharedBytes> info;
    Nanoseconds positionCheckedAt{};
};

}  // namespace xshathra::engine
