#include "server/protocol/reply_encoder.h"

#include "server/protocol/json_writer.h"
#include "server/protocol/wire.h"

#include <string>
#include <utility>

namespace xshathra::protocol {

namespace {

/// Room for the keys and numbers of a publication push, so that its string grows once only.
constexpr std::size_t kPushOverhead = 192;

std::string startMessage(std::size_t expectedSize) {
    std::string out;
    out.reserve(Frame::kHeaderRoom + expectedSize);
    out.append(Frame::kHeaderRoom, '\0');
    return out;
}

template <typename Message>
Frame encode(Encoding encoding, const Message& message) {
    auto out = startMessage(kPushOverhead);
    if (encoding == Encoding::Json) {
        json::write(out, message);
        return frameText(std::move(out));
    }
    wire::append(out, message);
    return frameBinary(std::move(out));
}

std::size_t sizeOf(const Raw& raw) { return raw ? raw->size() : 0; }

std::size_t expectedSize(std::string_view channel, const Publication& publication) {
    auto size = kPushOverhead + channel.size() + publication.data.size() + publication.epoch.size();
    if (publication.info) {
        const auto& info = *publication.info;
        size += info.user.size() + info.client.size() + sizeOf(info.connInfo) + sizeOf(info.chanInfo);
    }
    return size;
}

/// A push inside a reply, from parts: `writeMessage(object)` writes the one field besides the channel.
template <typename WriteMessage>
void writePush(std::string& out, std::int64_t id, std::string_view channel, WriteMessage&& writeMessage) {
    json::Object reply(out);
    reply.key("push");
    json::Object push(out);
    push("id", id);
    if (!channel.empty()) {
        push.key("channel");
        appendJsonString(out, channel);
    }
    writeMessage(push);
}

}  // namespace

Frame encodeReply(Encoding encoding, const Reply& reply) { return encode(encoding, reply); }

Frame encodePush(Encoding encoding, const Push& push) {
    if (encoding == Encoding::Protobuf)
        return encode(encoding, Reply{0, std::nullopt, push, {}});
    auto out = startMessage(kPushOverhead);
    writePush(out, push.id, push.channel, [&](json::Object& object) { json::writeAlternative(object, push.message); });
    return frameText(std::move(out));
}

Frame encodeBarePush(Encoding encoding, const Push& push) { return encode(encoding, push); }

Frame encodePublicationPush(Encoding encoding, std::string_view channel, const Publication& publication) {
    auto out = startMessage(expectedSize(channel, publication));
    if (encoding == Encoding::Json) {
        writePush(out, 0, channel, [&](json::Object& object) { object.field("pub", publication); });
        return frameText(std::move(out));
    }
    wire::appendPublicationPush(out, channel, publication);
    return frameBinary(std::move(out));
}

Frame encodePing(Encoding encoding) {
    static const auto json = encode(Encoding::Json, Reply());
    static const auto protobuf = encode(Encoding::Protobuf, Reply());
    return encoding == Encoding::Json ? json : protobuf;
}

Frame encodeError(Encoding encoding, std::uint32_t id, const ClientError& error) {
    return encode(encoding, Reply{id, error, {}, {}});
}

}  // namespace xshathra::protocol
