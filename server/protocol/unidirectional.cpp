#include "server/protocol/unidirectional.h"

#include "server/protocol/command_decoder.h"
#include "server/protocol/json.h"

#include <string>
#include <utility>
#include <variant>

namespace xshathra::protocol {

namespace {

constexpr std::string_view kCommandStart = "{\"id\":1,\"connect\":";
constexpr std::string_view kCommandEnd = "}";
static_assert(kCommandStart.size() + kCommandEnd.size() == kConnectFrameOverhead);
constexpr std::string_view kPushStart = "{\"push\":";

}  // namespace

std::optional<SharedBytes> connectFrame(std::string_view request) {
    if (!isValidJson(request))
        return std::nullopt;
    std::string command(kCommandStart);
    command.reserve(request.size() + kConnectFrameOverhead);
    appendWithoutLineBreaks(command, isJsonNull(request) ? "{}" : request);
    command += kCommandEnd;
    const SharedBytes frame(std::move(command));
    DecodeLimits limits;
    limits.messageBytes = SIZE_MAX;  // the request was bounded where it was read
    const auto decoded = decodeCommands(Encoding::Json, frame, limits);
    if (decoded.error || decoded.commands.size() != 1 ||
        !std::holds_alternative<ConnectRequest>(decoded.commands.front().request))
        return std::nullopt;
    return frame;
}

SharedBytes barePush(const Frame& frame) {
    auto message = frame.message();
    if (message.view().starts_with(kPushStart) && message.view().ends_with('}'))
        return message.slice(kPushStart.size(), message.size() - kPushStart.size() - 1);
    return message;
}

Frame barePushFrame(const Frame& frame) {
    const auto bare = barePush(frame);
    std::string out(Frame::kHeaderRoom, '\0');
    out.append(bare.view());
    return frameText(std::move(out));
}

}  // namespace xshathra::protocol
