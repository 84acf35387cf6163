#include "server/base/ids.h"
#include "server/engine/client_session.h"
#include "server/engine/node_registry.h"
#include "server/protocol/reply_encoder.h"

#include <cstring>

namespace xshathra::engine {

using protocol::DisconnectCode;

namespace {

/// A random point in the second half of the interval, so that clients that came together aren't pinged together.
Nanoseconds firstPingDelay(Nanoseconds interval) {
    unsigned char bytes[sizeof(std::uint64_t)];
    fillRandom(bytes);
    std::uint64_t random = 0;
    std::memcpy(&random, bytes, sizeof random);
    const auto half = std::uint64_t(interval.count()) / 2;
    return Nanoseconds(half + (half > 0 ? random % half : 0));
}

}  // namespace

void ClientSession::onStale() { disconnect(DisconnectCode::Stale); }

void ClientSession::startPings() {
    const Nanoseconds interval = config().client.pingInterval;
    if (interval.count() > 0)
        setTimer(pingTimer_, firstPingDelay(interval), &ClientSession::onPing);
}

void ClientSession::onPing() {
    const auto& options = config().client;
    const auto& transport = transport_.info();
    awaitsPong_ = true;
    if (transport.nativePing)
        transport_.sendNativePing();
    if (!transport.nativePing || !transport.bidirectional) {
        const auto frame = protocol::encodePing(encoding_);
        recordPush(capture::Kind::Ping, {}, frame, 0);
        send(frame);
        if (slow_)
            return disconnect(DisconnectCode::Slow);
    }
    if (options.pongTimeout.count() > 0 && (transport.bidirectional || transport.nativePing))
        setTimer(pongTimer_, options.pongTimeout, &ClientSession::onPongTimeout);
    if (options.pingInterval.count() > 0)
        setTimer(pingTimer_, options.pingInterval, &ClientSession::onPing);
}

void ClientSession::onPongTimeout() {
    if (awaitsPong_)
        disconnect(DisconnectCode::NoPong);
}

ClientSession::Outcome ClientSession::pong() {
    if (!awaitsPong_ || transport_.info().nativePing) {
        DecisionBuilder decision(watched());
        decision.fail("Pong", "no ping is waiting for an answer", "at most one pong for each ping",
                      "Commands other than send need an id above 0; one without is taken for a pong.");
        failureDecision_ = decision.refused(std::uint32_t(DisconnectCode::BadRequest), "A pong came without a ping.");
        return DisconnectCode::BadRequest;
    }
    awaitsPong_ = false;
    clearTimer(pongTimer_);
    return std::nullopt;
}

void ClientSession::handleNativePong() {
    // Unasked native pongs are allowed (RFC 6455 5.5.3).
    if (state_ != State::Connected || !transport_.info().nativePing)
        return;
    awaitsPong_ = false;
    clearTimer(pongTimer_);
}

}  // namespace xshathra::engine
