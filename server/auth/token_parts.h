#pragma once

#include "server/auth/jwt.h"
#include "server/auth/token_rules.h"
#include "server/base/expected.h"

#include <optional>
#include <string>
#include <string_view>

namespace xshathra::auth {

/// A token split and decoded, its signature still to be checked. Private to the module.
struct TokenParts {
    std::string header;
    std::string claims;
    std::string signature;
    /// What was signed: the first two parts as they stand.
    std::string_view signedText;
};

/// What is wrong with the outer form of a token, or nothing.
std::optional<std::string> splitToken(std::string_view token, TokenRules rules, TokenParts& parts);

struct TokenHeader {
    /// `alg` as it stands, also where it is none that is known.
    std::string algorithm;
    /// `kid`, or empty.
    std::string keyId;
};

struct HeaderFault {
    TokenErrorKind kind;
    std::string found;
};

/// Reads the header. The product's rules allow `alg` and `typ: JWT`, no more; Centrifugo's ignore all fields but `alg`
/// and `kid`, of which those that it knows must be strings.
Expected<TokenHeader, HeaderFault> readHeader(std::string_view json, TokenRules rules);

/// A short text of the token as the list of checks may show it: printable ASCII, 32 characters at most.
std::string shown(std::string_view text);

}  // namespace xshathra::auth
