#include "server/engine/client_session.h"
#include "server/engine/node_registry.h"
#include "server/protocol/reply_encoder.h"
#include "server/protocol/unidirectional.h"

#include <utility>

namespace xshathra::engine {

using protocol::DisconnectCode;
using protocol::ErrorCode;

namespace {

/// Without the fields that pushes don't have.
protocol::Connect asPush(protocol::ConnectResult result) {
    protocol::Connect push;
    push.client = std::move(result.client);
    push.version = std::move(result.version);
    push.data = std::move(result.data);
    push.subs = std::move(result.subs);
    push.expires = result.expires;
    push.ttl = result.ttl;
    push.ping = result.ping;
    push.pong = result.pong;
    push.session = std::move(result.session);
    push.node = std::move(result.node);
    push.time = result.time;
    return push;
}

DisconnectCode usualDisconnect(std::uint32_t error) {
    switch (ErrorCode(error)) {
        case ErrorCode::TokenExpired:
        case ErrorCode::Expired: return DisconnectCode::ConnectionExpired;
        case ErrorCode::TooManyRequests: return DisconnectCode::TooManyRequests;
        case ErrorCode::PermissionDenied: return DisconnectCode::PermissionDenied;
        default: return DisconnectCode::ServerError;
    }
}

}  // namespace

bool ClientSession::pushesDisconnect(const protocol::Disconnect& disconnect) const {
    const auto& transport = transport_.info();
    return (isEmulated(transport.kind) || !transport.bidirectional) && !transport.withoutDisconnectPush &&
           disconnect.code != std::uint32_t(DisconnectCode::ConnectionClosed);
}

protocol::Disconnect ClientSession::unidirectionalDisconnect(const protocol::ClientError& error) const {
    if (config_) {
        for (const auto& rule : config_->client.connectCodeToUnidirectionalDisconnect) {
            if (rule.code == error.code)
                return rule.to;
        }
    }
    return usualDisconnect(error.code);
}

void ClientSession::failUnidirectional(const Failure& failure, std::shared_ptr<const capture::Decision> decision) {
    struct Visitor {
        const ClientSession& self;
        std::uint32_t code = 0;
        std::string text;
        protocol::Disconnect end;

        void operator()(ErrorCode error) { (*this)(protocol::ClientError(error)); }
        void operator()(DisconnectCode disconnect) { (*this)(protocol::Disconnect(disconnect)); }
        void operator()(const std::shared_ptr<const protocol::ClientError>& error) { (*this)(*error); }
        void operator()(const std::shared_ptr<const protocol::Disconnect>& disconnect) { (*this)(*disconnect); }
        void operator()(const protocol::ClientError& error) {
            code = error.code;
            text = error.message;
            end = self.unidirectionalDisconnect(error);
        }
        void operator()(const protocol::Disconnect& disconnect) {
            code = disconnect.code;
            text = disconnect.reason;
            end = disconnect;
        }
    };
    Visitor visitor{*this, 0, {}, {}};
    std::visit([&visitor](const auto& one) { visitor(one); }, failure);
    transport_.refuseConnect(visitor.code, visitor.text);
    disconnect(visitor.end, std::move(decision));
}

void ClientSession::sendConnectPush(const Context& context, protocol::Reply reply,
                                    std::shared_ptr<const capture::Decision> decision) {
    auto* result = std::get_if<protocol::ConnectResult>(&reply.result);
    if (result == nullptr)
        return;
    protocol::Push push;
    push.message = asPush(std::move(*result));
    const auto frame = protocol::encodePush(encoding_, push);
    recordReply(context, asSent(frame), 0, std::move(decision));
    send(frame);
}

protocol::Frame ClientSession::asSent(const protocol::Frame& frame) const {
    return watched() && !transport_.info().bidirectional ? protocol::barePushFrame(frame) : frame;
}

}  // namespace xshathra::engine
