#pragma once

#include "server/protocol/frame.h"

#include <cstdint>
#include <memory>

namespace xshathra::engine {

class LoopChannel;
class PublicationForms;

enum class DeliveryKind : std::uint8_t { Publication, Join, Leave };

/// One channel message on its way to the subscribers that one loop has: already encoded, shared by all of them.
struct Delivery {
    std::shared_ptr<LoopChannel> target;
    DeliveryKind kind = DeliveryKind::Publication;
    /// There is a JSON subscriber but the payload isn't JSON: such subscribers are closed with 3506.
    bool notJson = false;
    /// Incarnation of the channel's stream: changes with the epoch.
    std::uint32_t stream = 0;
    /// Position in everything that was sent to the channel, whether kept in history or not. From 1.
    std::uint64_t sequence = 0;
    /// Position in the stream, or 0 for what isn't in it.
    std::uint64_t offset = 0;
    /// Empty where no subscriber of the channel takes that form.
    protocol::Frame json;
    protocol::Frame protobuf;
    /// For subscribers with delta compression or a filter; null where there is none.
    std::shared_ptr<PublicationForms> forms;
};

}  // namespace xshathra::engine
