#pragma once

#include "server/base/shared_bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xshathra::auth {

/// The two kinds of tokens.
enum class TokenUse : std::uint8_t { Connection, Subscription };

/// Channel options that a token switches for one subscription (reference 20.1, `override`). Absent: the namespace
/// decides.
struct SubscriptionOverrides {
    std::optional<bool> presence;
    std::optional<bool> joinLeave;
    std::optional<bool> forcePushJoinLeave;
    std::optional<bool> forcePositioning;
    std::optional<bool> forceRecovery;

    friend bool operator==(const SubscriptionOverrides&, const SubscriptionOverrides&) = default;
};

/// One entry of a connection token's `subs`: a server-side subscription with its own info, data and options.
struct TokenSubscription {
    std::string channel;
    /// `info` as the token's JSON bytes untouched, or the decoded `b64info`. Absent: none.
    std::optional<SharedBytes> info;
    /// `data` as the token's JSON bytes untouched, or the decoded `b64data`. Absent: none.
    std::optional<SharedBytes> data;
    SubscriptionOverrides overrides;
};

/// What a verified connection token says (reference 20.1).
struct ConnectClaims {
    /// `sub`, or the claim that VerifierOptions::userIdClaim names. Empty: an anonymous user.
    std::string user;
    /// `projectId`. Empty when the token has none.
    std::string projectId;
    /// When the connection expires, seconds since 1970. Absent: never. From `expire_at` (0 means never), else from
    /// `exp`.
    std::optional<std::int64_t> expiresAt;
    /// `iat`, whole seconds; shown, never decided on.
    std::optional<std::int64_t> issuedAt;
    /// `conn_info`: raw JSON bytes untouched, or the decoded `b64info`.
    std::optional<SharedBytes> info;
    /// A JSON object kept on the server, raw bytes untouched.
    std::optional<SharedBytes> meta;
    /// Server-side channels. Empty when the token has `subs`, which win.
    std::vector<std::string> channels;
    /// Server-side subscriptions in the token's order; each channel occurs once.
    std::vector<TokenSubscription> subs;
};

/// What a verified subscription token says (reference 20.1). That channel, user and client fit the connection is for
/// the caller to check, since a mismatch disconnects while a bad token does not (reference 20.3).
struct SubscribeClaims {
    std::string user;
    std::string projectId;
    /// Never empty.
    std::string channel;
    /// The deprecated `client` claim. Empty: not bound to a client.
    std::string client;
    /// When the subscription expires, seconds since 1970. Absent: never.
    std::optional<std::int64_t> expiresAt;
    std::optional<std::int64_t> issuedAt;
    /// `chan_info`: raw JSON bytes untouched, or the decoded `b64info`.
    std::optional<SharedBytes> info;
    /// `data` of the subscribe result: raw JSON bytes untouched, or the decoded `b64data`.
    std::optional<SharedBytes> data;
    SubscriptionOverrides overrides;
};

}  // namespace xshathra::auth
