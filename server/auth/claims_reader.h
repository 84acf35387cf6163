#pragma once

#include "server/auth/claims.h"
#include "server/auth/token_rules.h"
#include "server/base/expected.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::auth {

/// A claim with the wrong type: what was found and what is right, for the list of checks.
struct ClaimFault {
    /// The JSON itself is at fault, not one claim.
    bool malformed = false;
    std::string found;
    std::string expected;
};

/// All claims that this server knows, read and checked for their types but not yet decided on. Private to the module.
struct RawClaims {
    ConnectClaims connect;
    SubscribeClaims subscribe;
    std::string channel;
    /// Seconds since 1970, fractions allowed (RFC 7519 section 2, NumericDate).
    std::optional<double> expiry;
    std::optional<double> notBefore;
    std::vector<std::string> audience;
    std::string issuer;
    /// A `b64info` or `b64data` that is not base64: judged after everything else under Centrifugo's rules. It makes the
    /// token invalid, but beside the claims of a connection token it is an error of its own.
    std::optional<ClaimFault> badPayload;
    bool badPayloadInSubs = false;
};

/// Reads the claims from their JSON text. `userIdClaim` names the claim with the user id.
Expected<RawClaims, ClaimFault> readClaims(std::string_view json, TokenUse use, std::string_view userIdClaim,
                                           TokenRules rules);

}  // namespace xshathra::auth
