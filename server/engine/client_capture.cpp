#include "server/capture/recorder.h"
#include "server/engine/client_session.h"
#include "server/engine/node_registry.h"

#include <utility>

namespace xshathra::engine {

bool ClientSession::watched() const { return registry_.recorder().active(); }

capture::Event ClientSession::event(capture::Direction direction, capture::Kind kind, std::string_view channel) const {
    if (idBytes_.empty())
        idBytes_ = SharedBytes::copyOf(id_);
    if (userBytes_.view() != user_)
        userBytes_ = SharedBytes::copyOf(user_);
    capture::Event event;
    event.dir = direction;
    event.kind = kind;
    event.binary = encoding_ == protocol::Encoding::Protobuf;
    if (node_)
        event.project = node_->projectIdBytes();
    if (!channel.empty())
        event.channel = SharedBytes::copyOf(channel);
    event.client = idBytes_;
    event.user = userBytes_;
    return event;
}

void ClientSession::recordCommand(const Context& context, const protocol::Command& command,
                                  std::shared_ptr<const capture::Decision> decision) {
    if (context.recorded || !watched())
        return;
    auto in = event(capture::Direction::In, context.kind, context.channel);
    in.payload = command.wire;
    in.commandId = command.id;
    if (decision)
        in.code = decision->code;
    in.decision = std::move(decision);
    if (const auto* connect = std::get_if<protocol::ConnectRequest>(&command.request)) {
        if (!connect->name.empty() || !connect->version.empty())
            in.note = SharedBytes(connect->name + " " + connect->version);
    }
    registry_.recorder().record(std::move(in));
}

void ClientSession::recordReply(const Context& context, const protocol::Frame& frame, std::uint32_t code,
                                std::shared_ptr<const capture::Decision> decision) {
    if (!watched())
        return;
    auto out = event(capture::Direction::Out, code != 0 ? capture::Kind::Error : capture::Kind::Reply, context.channel);
    out.payload = frame.message();
    out.commandId = context.id;
    out.code = code;
    out.recipients = 1;
    out.latency = loop_.clock().monotonic() - context.startedAt;
    out.decision = std::move(decision);
    registry_.recorder().record(std::move(out));
}

void ClientSession::recordPush(capture::Kind kind, std::string_view channel, const protocol::Frame& frame,
                               std::uint32_t code) {
    if (!watched())
        return;
    auto out = event(capture::Direction::Out, kind, channel);
    out.payload = frame.message();
    out.recipients = 1;
    out.code = code;
    out.decision = failureDecision_;
    registry_.recorder().record(std::move(out));
}

void ClientSession::recordRefusal(capture::Kind kind, std::string_view channel,
                                  std::shared_ptr<const capture::Decision> decision) {
    if (!decision || !watched())
        return;
    auto out = event(capture::Direction::Out, kind, channel);
    out.code = decision->code;
    out.decision = std::move(decision);
    registry_.recorder().record(std::move(out));
}

void ClientSession::recordDisconnect(const protocol::Disconnect& disconnect,
                                     std::shared_ptr<const capture::Decision> decision, std::string_view note,
                                     bool byPeer) {
    if (!watched())
        return;
    auto end = event(byPeer ? capture::Direction::In : capture::Direction::Out, capture::Kind::Disconnect, {});
    end.code = disconnect.code;
    end.decision = std::move(decision);
    end.note = SharedBytes::copyOf(note.empty() ? std::string_view(disconnect.reason) : note);
    registry_.recorder().record(std::move(end));
}

}  // namespace xshathra::engine
