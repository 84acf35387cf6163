#include "server/protocol/codes.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace xshathra::protocol {

namespace {

constexpr std::array kErrors{
    ErrorText{ErrorCode::Internal, "internal server error", true,
              "The server failed on this command; look at its log, SDKs try again by themselves."},
    ErrorText{ErrorCode::Unauthorized, "unauthorized", false,
              "The connection has no identity for this; connect with a token that names a user."},
    ErrorText{ErrorCode::UnknownChannel, "unknown channel", false,
              "No namespace fits the text before the channel's first colon; add the namespace to the project or "
              "correct the name."},
    ErrorText{ErrorCode::PermissionDenied, "permission denied", false,
              "The rules of the namespace or the token forbid this; open the decision of this row to see which check "
              "failed."},
    ErrorText{ErrorCode::MethodNotFound, "method not found", false,
              "No RPC method has this name; correct the name or configure a proxy for it."},
    ErrorText{ErrorCode::AlreadySubscribed, "already subscribed", false,
              "The connection has a subscription to this channel, perhaps one that the server made; keep one "
              "Subscription object a channel."},
    ErrorText{ErrorCode::LimitExceeded, "limit exceeded", false,
              "A limit of the server is used up, such as channels per connection; unsubscribe from what isn't needed "
              "or raise the limit."},
    ErrorText{ErrorCode::BadRequest, "bad request", false,
              "A value of the command isn't allowed, such as the channel's name or the payload's format; open the "
              "decision for the field."},
    ErrorText{ErrorCode::NotAvailable, "not available", false,
              "The feature is off here; switch on presence, history or the proxy in the channel's namespace."},
    ErrorText{ErrorCode::TokenExpired, "token expired", false,
              "The token's time has passed or not yet begun; SDKs ask your backend for a new one, so check that its "
              "endpoint answers."},
    ErrorText{ErrorCode::Expired, "expired", false,
              "The connection or subscription was over before it began; give a later expiry time."},
    ErrorText{
        ErrorCode::TooManyRequests, "too many requests", true,
        "The client sends faster than its limit; send less often or raise the limit, SDKs try again by themselves."},
    ErrorText{ErrorCode::UnrecoverablePosition, "unrecoverable position", false,
              "What the client missed is no longer in history; load the state from your backend, then subscribe anew."},
    ErrorText{ErrorCode::ConcurrentPagination, "concurrent pagination", true,
              "A page of this subscription is still being read; wait for its answer before asking for the next one."},
};

constexpr std::array kDisconnects{
    DisconnectText{DisconnectCode::ConnectionClosed, "connection closed",
                   "The client left by itself; nothing is wrong."},
    DisconnectText{DisconnectCode::Shutdown, "shutdown", "The server stops; SDKs connect again once it is back."},
    DisconnectText{DisconnectCode::ServerError, "internal server error",
                   "The server failed and gave the connection up; look at its log, SDKs connect again."},
    DisconnectText{DisconnectCode::ConnectionExpired, "connection expired",
                   "The connection's token ran out and no new one came in time; check the SDK's token callback."},
    DisconnectText{DisconnectCode::SubscriptionExpired, "subscription expired",
                   "A server-side subscription's token ran out; let your backend give it a later expiry."},
    DisconnectText{DisconnectCode::Slow, "slow",
                   "The client read more slowly than messages came for it; send it less, or look at its network."},
    DisconnectText{DisconnectCode::WriteError, "write error",
                   "The client's network took no bytes within the write timeout; SDKs connect again."},
    DisconnectText{DisconnectCode::InsufficientState, "insufficient state",
                   "A server-side subscription has missed messages; SDKs connect again and recover them."},
    DisconnectText{DisconnectCode::ForceReconnect, "force reconnect",
                   "The server asked the client to connect anew; SDKs do."},
    DisconnectText{DisconnectCode::NoPong, "no pong",
                   "The client didn't answer a ping; its network is gone or the program was suspended."},
    DisconnectText{DisconnectCode::TooManyRequests, "too many requests",
                   "The client kept sending faster than its limit; send less often or raise the limit."},
    DisconnectText{
        DisconnectCode::StateInvalidated, "state invalidated",
        "The server dropped what it knew of the client; new SDKs forget tokens and positions and connect again."},
    DisconnectText{DisconnectCode::InvalidToken, "invalid token",
                   "The token's form, signature or claims are wrong; open the decision to see which check failed, then "
                   "mint a new one."},
    DisconnectText{DisconnectCode::BadRequest, "bad request",
                   "The client broke the protocol or connected without a token; look at the row before this one and "
                   "use a current SDK."},
    DisconnectText{DisconnectCode::Stale, "stale",
                   "No connect command came in time after the connection was opened; send it first, as SDKs do."},
    DisconnectText{
        DisconnectCode::ForceDisconnect, "force disconnect",
        "Your backend or somebody at the console closed the connection; SDKs stay away until connect is called."},
    DisconnectText{DisconnectCode::ConnectionLimit, "connection limit",
                   "The user has as many connections as allowed; close one, or raise the limit."},
    DisconnectText{
        DisconnectCode::ChannelLimit, "channel limit",
        "The server would have subscribed the client to more channels than allowed; name fewer, or raise the limit."},
    DisconnectText{
        DisconnectCode::InappropriateProtocol, "inappropriate protocol",
        "A payload that isn't JSON met a JSON connection; publish JSON to this channel, or connect with Protobuf."},
    DisconnectText{DisconnectCode::PermissionDenied, "permission denied",
                   "The connection isn't allowed at all, such as an anonymous one; use a token that names a user."},
    DisconnectText{
        DisconnectCode::NotAvailable, "not available",
        "The client used what this server doesn't have, such as an asynchronous message; use publish or RPC."},
    DisconnectText{DisconnectCode::TooManyErrors, "too many errors",
                   "The client kept sending commands that fail; correct the first error before trying again."},
};

constexpr std::array kUnsubscribes{
    UnsubscribeText{UnsubscribeCode::ClientUnsubscribed, "client unsubscribed",
                    "The client gave the subscription up; nothing is wrong."},
    UnsubscribeText{UnsubscribeCode::ClientDisconnected, "client disconnected",
                    "The subscription ended with its connection."},
    UnsubscribeText{UnsubscribeCode::Server, "server unsubscribe",
                    "Your backend or somebody at the console took the subscription away; SDKs don't subscribe again."},
    UnsubscribeText{UnsubscribeCode::InsufficientState, "insufficient state",
                    "The subscription has missed messages; SDKs subscribe again and recover them."},
    UnsubscribeText{UnsubscribeCode::Expired, "subscription expired",
                    "The subscription's token ran out; SDKs ask for a new one and subscribe again."},
    UnsubscribeText{
        UnsubscribeCode::StateInvalidated, "state invalidated",
        "The server dropped the subscription's state; new SDKs forget token and position and subscribe again."},
};

template <typename Table>
auto findIn(const Table& table, std::uint32_t code) {
    const auto found =
        std::ranges::find(table, code, [](const auto& row) { return static_cast<std::uint32_t>(row.code); });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace

std::span<const ErrorText> errorTexts() { return kErrors; }
std::span<const DisconnectText> disconnectTexts() { return kDisconnects; }
std::span<const UnsubscribeText> unsubscribeTexts() { return kUnsubscribes; }

const ErrorText* findError(std::uint32_t code) { return findIn(kErrors, code); }
const DisconnectText* findDisconnect(std::uint32_t code) { return findIn(kDisconnects, code); }
const UnsubscribeText* findUnsubscribe(std::uint32_t code) { return findIn(kUnsubscribes, code); }

const ErrorText& textOf(ErrorCode code) {
    const auto* row = findError(static_cast<std::uint32_t>(code));
    assert(row != nullptr);
    return *row;
}

const DisconnectText& textOf(DisconnectCode code) {
    const auto* row = findDisconnect(static_cast<std::uint32_t>(code));
    assert(row != nullptr);
    return *row;
}

const UnsubscribeText& textOf(UnsubscribeCode code) {
    const auto* row = findUnsubscribe(static_cast<std::uint32_t>(code));
    assert(row != nullptr);
    return *row;
}

ClientError::ClientError(ErrorCode errorCode)
    : code(static_cast<std::uint32_t>(errorCode)),
      message(textOf(errorCode).message),
      temporary(textOf(errorCode).temporary) {}

Disconnect::Disconnect(DisconnectCode disconnectCode)
    : code(static_cast<std::uint32_t>(disconnectCode)), reason(textOf(disconnectCode).reason) {}

Unsubscribe::Unsubscribe(UnsubscribeCode unsubscribeCode)
    : code(static_cast<std::uint32_t>(unsubscribeCode)), reason(textOf(unsubscribeCode).reason) {}

}  // namespace xshathra::protocol
