#pragma once

#include "server/auth/jwt.h"

#include <optional>
#include <string>
#include <vector>

namespace xshathra::test {

/// The secrets of the table's tokens.
inline constexpr const char* kCurrentSecret = "current-secret-of-the-token-table";
inline constexpr const char* kPreviousSecret = "previous-secret-of-the-token-table";
/// The wall time of the table, seconds since 1970: ManualClock's start.
inline constexpr std::int64_t kNow = 1767225600;

/// One token with what becomes of it as a connection token.
struct TokenRow {
    std::string name;
    std::string token;
    /// Absent: accepted.
    std::optional<auth::TokenErrorKind> refusal;
};

/// header.claims signed with HMAC-SHA-256 under `secret`, whatever the texts hold.
std::string signedToken(const std::string& header, const std::string& claims,
                        const std::string& secret = kCurrentSecret);
/// The same with the right header.
std::string tokenOf(const std::string& claims);

std::vector<TokenRow> tokenRows();

}  // namespace xshathra::test
