#pragma once

#include "server/base/shared_bytes.h"
#include "server/protocol/frame.h"

#include <cstddef>
#include <optional>
#include <string_view>

/// Unidirectional connections (section 1.8): they speak JSON, give one connect request and get bare pushes.
namespace xshathra::protocol {

/// The frame with the connect command that a connection's request (the object under `connect`) stands for, as
/// decodeCommands() takes it. `null` is an empty request. Nothing where the text is not one JSON value of that form.
[[nodiscard]] std::optional<SharedBytes> connectFrame(std::string_view request);

/// Bytes that connectFrame() puts around a request, at most.
inline constexpr std::size_t kConnectFrameOverhead = 19;

/// The push inside a JSON message of encodePush() or encodePublicationPush(): the bytes that encodeBarePush() makes, as
/// a part of the same memory. Other messages, such as a ping, as they are.
[[nodiscard]] SharedBytes barePush(const Frame& frame);

/// barePush() with a WebSocket header of its own.
[[nodiscard]] Frame barePushFrame(const Frame& frame);

}  // namespace xshathra::protocol
