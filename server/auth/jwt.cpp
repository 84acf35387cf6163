#include "server/auth/jwt.h"

#include "server/auth/base64.h"
#include "server/auth/claims_reader.h"
#include "server/auth/digest.h"
#include "server/auth/json_object.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

namespace xshathra::auth {

namespace {

/// A token split and decoded, its signature still to be compared.
struct Parts {
    std::string header;
    std::string claims;
    std::string signature;
    /// What was signed: the first two parts as they stand.
    std::string_view signedText;
};

/// What is wrong with the outer form of a token, or nothing.
std::optional<std::string> split(std::string_view token, Parts& parts) {
    if (token.empty())
        return "an empty text";
    if (token.size() > kMaxTokenBytes)
        return "a text of " + std::to_string(token.size()) + " bytes";
    const auto dots = std::count(token.begin(), token.end(), '.');
    if (dots != 2)
        return std::to_string(dots + 1) + (dots == 0 ? " part" : " parts");
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    const std::array<std::pair<std::string_view, std::string*>, 3> texts{
        {{token.substr(0, first), &parts.header},
         {token.substr(first + 1, second - first - 1), &parts.claims},
         {token.substr(second + 1), &parts.signature}}};
    constexpr std::array<std::string_view, 3> names{"header", "claims", "signature"};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto bytes = decodeBase64Url(texts[i].first);
        if (!bytes)
            return "a " + std::string(names[i]) + " that is not plain base64url";
        *texts[i].second = std::move(*bytes);
    }
    parts.signedText = token.substr(0, second);
    return std::nullopt;
}

/// A short text of the token as the list of checks may show it: printable ASCII, 32 characters at most.
std::string shown(std::string_view text) {
    std::string result;
    for (const char c : text.substr(0, 32))
        result += c >= 0x20 && c < 0x7f ? c : '?';
    return text.size() > 32 ? result + "..." : result;
}

/// What is wrong with the header, or nothing. The rules are those of reliability 2.1 row 8: `alg`, perhaps `typ`, no
/// more.
struct HeaderFault {
    TokenErrorKind kind;
    std::string found;
};

std::optional<HeaderFault> checkHeader(std::string_view json, Algorithm& algorithm) {
    const auto header = JsonObject::parse(json);
    if (!header)
        return HeaderFault{TokenErrorKind::Malformed, "a header that is not one JSON object with distinct names"};
    bool hasAlgorithm = false;
    for (const auto& member : header->members()) {
        std::string_view value;
        const bool isText = member.value.get_string().get(value) == simdjson::SUCCESS;
        if (member.name == "alg") {
            if (!isText)
                return HeaderFault{TokenErrorKind::Algorithm, "alg is not a string"};
            if (value != toString(Algorithm::HS256))
                return HeaderFault{TokenErrorKind::Algorithm, "alg " + shown(value)};
            algorithm = Algorithm::HS256;
            hasAlgorithm = true;
        } else if (member.name == "typ") {
            if (!isText || value != "JWT")
                return HeaderFault{TokenErrorKind::Algorithm, isText ? "typ " + shown(value) : "typ is not a string"};
        } else {
            return HeaderFault{TokenErrorKind::Algorithm, "header field " + shown(member.name)};
        }
    }
    if (!hasAlgorithm)
        return HeaderFault{TokenErrorKind::Algorithm, "no alg"};
    return std::nullopt;
}

/// "41 s", "14 min 59 s", "2 h 5 min", "3 d 4 h".
std::string durationText(double seconds) {
    const auto total = static_cast<std::int64_t>(std::floor(seconds));
    const auto two = [](std::int64_t big, const char* bigUnit, std::int64_t small, const char* smallUnit) {
        return std::to_string(big) + bigUnit + std::to_string(small) + smallUnit;
    };
    if (total < 60)
        return std::to_string(total) + " s";
    if (total < 3600)
        return two(total / 60, " min ", total % 60, " s");
    if (total < 86400)
        return two(total / 3600, " h ", total % 3600 / 60, " min");
    return two(total / 86400, " d ", total % 86400 / 3600, " h");
}

/// The steps of one verification: each is entered once, the rest stays "not reached".
class Steps {
public:
    explicit Steps(std::vector<Check>& checks) : checks_(checks) {}

    void plan(std::string name, std::string expected) {
        checks_.push_back({std::move(name), Outcome::NotReached, {}, std::move(expected)});
    }
    void pass(std::string_view name, std::string found) { settle(name, Outcome::Pass, std::move(found)); }
    Unexpected<TokenError> refuse(std::string_view name, TokenErrorKind kind, std::string found, std::string detail) {
        settle(name, Outcome::Fail, std::move(found));
        return Unexpected(TokenError{kind, std::move(detail)});
    }
    void expect(std::string_view name, std::string expected) {
        if (Check* check = find(name))
            check->expected = std::move(expected);
    }

private:
    Check* find(std::string_view name) {
        const auto at =
            std::find_if(checks_.begin(), checks_.end(), [&](const Check& check) { return check.name == name; });
        return at == checks_.end() ? nullptr : &*at;
    }
    void settle(std::string_view name, Outcome outcome, std::string found) {
        if (Check* check = find(name)) {
            check->outcome = outcome;
            check->found = std::move(found);
        }
    }

    std::vector<Check>& checks_;
};

bool isUsable(const VerificationKey& key, Nanoseconds wall) {
    return !key.secret.empty() && (!key.validUntil || wall < *key.validUntil);
}

std::string keyNames(const VerificationKeys& keys) {
    std::string names;
    for (const auto& key : keys.keys)
        names += (names.empty() ? "" : " or ") + key.name;
    return names.empty() ? "a configured key" : names;
}

/// The name of the key that made the signature, or nothing.
std::optional<std::string> signingKey(const Parts& parts, Algorithm algorithm, const VerificationKeys& keys,
                                      Nanoseconds wall) {
    Digest given{};
    if (parts.signature.size() != given.size())
        return std::nullopt;
    std::memcpy(given.data(), parts.signature.data(), given.size());
    for (const auto& key : keys.keys) {
        if (key.algorithm == algorithm && isUsable(key, wall) &&
            equalDigests(given, hmacSha256(key.secret.expose(), parts.signedText)))
            return key.name;
    }
    return std::nullopt;
}

void planSteps(Steps& steps, const VerifierOptions& options, std::string_view expectedProject, TokenUse use) {
    steps.plan("format", "three parts in base64url: header.claims.signature");
    steps.plan("algorithm", "alg HS256, typ JWT or none, no other header field");
    steps.plan("claims", "sub, exp and the other known claims, each with its right type");
    steps.plan("signature", "made with the " + keyNames(options.keys));
    if (options.issuer)
        steps.plan("issuer", shown(*options.issuer));
    if (options.audience)
        steps.plan("audience", shown(*options.audience));
    if (!expectedProject.empty())
        steps.plan("project", shown(expectedProject));
    steps.plan("channel", use == TokenUse::Connection ? "no channel claim in a connection token" : "a channel claim");
    steps.plan("expiry", options.requireExpiry ? "exp in the future" : "exp in the future, or none");
    steps.plan("not before", "nbf in the past, or none");
}

struct VerifyInput {
    std::string_view token;
    std::string_view expectedProject;
    TokenUse use;
};

std::optional<Unexpected<TokenError>> checkTimes(Steps& steps, const RawClaims& claims, const VerifierOptions& options,
                                                 Nanoseconds wall) {
    const double now = static_cast<double>(wall.count()) / 1e9;
    const auto leeway = static_cast<double>(options.leeway.count());
    if (!claims.expiry) {
        if (options.requireExpiry)
            return steps.refuse("expiry", TokenErrorKind::Claims, "no exp", "The token has no exp claim.");
        steps.pass("expiry", "no exp");
    } else if (const double left = *claims.expiry - now; left + leeway <= 0) {
        const std::string ago = durationText(-left);
        return steps.refuse("expiry", TokenErrorKind::Expired, "expired " + ago + " ago",
                            "The token expired " + ago + " ago.");
    } else {
        steps.pass("expiry", left > 0 ? "valid for another " + durationText(left) : "expired within the leeway");
    }
    if (!claims.notBefore) {
        steps.pass("not before", "no nbf");
    } else if (const double early = *claims.notBefore - now; early > leeway) {
        const std::string wait = durationText(early);
        return steps.refuse("not before", TokenErrorKind::NotYetValid, "valid in " + wait,
                            "The token is valid only in " + wait + ".");
    } else {
        steps.pass("not before", "reached");
    }
    return std::nullopt;
}

Expected<RawClaims, TokenError> verify(const VerifyInput& input, const VerifierOptions& options, Nanoseconds wall,
                                       std::vector<Check>& checks) {
    Steps steps(checks);
    planSteps(steps, options, input.expectedProject, input.use);

    Parts parts;
    if (auto fault = split(input.token, parts))
        return steps.refuse("format", TokenErrorKind::Malformed, *fault, "This is no token: " + *fault + ".");
    steps.pass("format", "three parts");

    Algorithm algorithm = Algorithm::HS256;
    if (auto fault = checkHeader(parts.header, algorithm))
        return steps.refuse("algorithm", fault->kind, fault->found,
                            "The token's header is refused: " + fault->found + ".");
    steps.pass("algorithm", "HS256");

    auto claims = readClaims(parts.claims, input.use, options.userIdClaim);
    if (!claims) {
        const auto& fault = claims.error();
        steps.expect("claims", fault.expected);
        return steps.refuse("claims", fault.malformed ? TokenErrorKind::Malformed : TokenErrorKind::Claims, fault.found,
                            "The token's claims are refused: " + fault.found + ".");
    }
    steps.pass("claims", "readable");

    const auto key = signingKey(parts, algorithm, options.keys, wall);
    if (!key) {
        const std::string found = parts.signature.empty() ? "no signature"
                                  : parts.signature.size() != 32U
                                      ? "a signature of " + std::to_string(parts.signature.size()) + " bytes"
                                      : "made with another key, or changed afterwards";
        return steps.refuse("signature", TokenErrorKind::Signature, found,
                            "The token's signature is not valid: " + found + ".");
    }
    steps.pass("signature", "made with the " + *key);

    if (options.issuer) {
        if (claims->issuer != *options.issuer)
            return steps.refuse("issuer", TokenErrorKind::Issuer,
                                claims->issuer.empty() ? "no iss" : shown(claims->issuer),
                                "The token comes from another issuer.");
        steps.pass("issuer", shown(claims->issuer));
    }
    if (options.audience) {
        const auto& list = claims->audience;
        if (std::find(list.begin(), list.end(), *options.audience) == list.end())
            return steps.refuse("audience", TokenErrorKind::Audience,
                                list.empty() ? "no aud" : shown(list.front()) + (list.size() > 1 ? " and others" : ""),
                                "The token is meant for another audience.");
        steps.pass("audience", shown(*options.audience));
    }
    if (!input.expectedProject.empty()) {
        const auto& project =
            input.use == TokenUse::Connection ? claims->connect.projectId : claims->subscribe.projectId;
        if (!project.empty() && project != input.expectedProject)
            return steps.refuse("project", TokenErrorKind::Project, shown(project),
                                "The token belongs to another project.");
        steps.pass("project", project.empty() ? "no projectId" : shown(project));
    }
    if (input.use == TokenUse::Connection && !claims->channel.empty())
        return steps.refuse("channel", TokenErrorKind::Channel, "channel " + shown(claims->channel),
                            "This is a subscription token: a connection token has no channel claim.");
    if (input.use == TokenUse::Subscription && claims->channel.empty())
        return steps.refuse("channel", TokenErrorKind::Channel, "no channel claim",
                            "This is a connection token: a subscription token names its channel.");
    steps.pass("channel", claims->channel.empty() ? "no channel claim" : shown(claims->channel));

    if (auto refused = checkTimes(steps, *claims, options, wall))
        return *refused;
    return claims.value();
}

}  // namespace

std::string_view toString(Algorithm) {
    return "HS256";
}

std::string_view toString(TokenErrorKind kind) {
    switch (kind) {
        case TokenErrorKind::Malformed:
            return "malformed";
        case TokenErrorKind::Algorithm:
            return "algorithm";
        case TokenErrorKind::Signature:
            return "signature";
        case TokenErrorKind::Claims:
            return "claims";
        case TokenErrorKind::Issuer:
            return "issuer";
        case TokenErrorKind::Audience:
            return "audience";
        case TokenErrorKind::Project:
            return "project";
        case TokenErrorKind::Channel:
            return "channel";
        case TokenErrorKind::Expired:
            return "expired";
        case TokenErrorKind::NotYetValid:
            return "not_yet_valid";
    }
    return "malformed";
}

VerificationKeys VerificationKeys::hs256(Secret current, Secret previous,
                                         std::optional<Nanoseconds> previousValidUntil) {
    VerificationKeys result;
    if (!current.empty())
        result.keys.push_back({Algorithm::HS256, std::move(current), "current key", std::nullopt});
    if (!previous.empty())
        result.keys.push_back({Algorithm::HS256, std::move(previous), "previous key", previousValidUntil});
    return result;
}

TokenVerifier::TokenVerifier(const Clock& clock, VerifierOptions options)
    : clock_(clock), options_(std::move(options)) {
    options_.leeway = std::clamp(options_.leeway, Seconds(0), kMaxTokenLeeway);
}

Verification<ConnectClaims> TokenVerifier::verifyConnection(std::string_view token,
                                                            std::string_view expectedProject) const {
    std::vector<Check> checks;
    auto claims = verify({token, expectedProject, TokenUse::Connection}, options_, clock_.wall(), checks);
    if (!claims)
        return {Unexpected(std::move(claims).error()), std::move(checks)};
    return {std::move(claims->connect), std::move(checks)};
}

Verification<SubscribeClaims> TokenVerifier::verifySubscription(std::string_view token,
                                                                std::string_view expectedProject) const {
    std::vector<Check> checks;
    auto claims = verify({token, expectedProject, TokenUse::Subscription}, options_, clock_.wall(), checks);
    if (!claims)
        return {Unexpected(std::move(claims).error()), std::move(checks)};
    return {std::move(claims->subscribe), std::move(checks)};
}

std::optional<std::string> unverifiedProjectId(std::string_view token) {
    Parts parts;
    if (split(token, parts))
        return std::nullopt;
    const auto claims = JsonObject::parse(parts.claims);
    const auto* member = claims ? claims->find("projectId") : nullptr;
    std::string_view project;
    if (member == nullptr || member->value.get_string().get(project) != simdjson::SUCCESS || project.empty())
        return std::nullopt;
    return std::string(project);
}

Result<DecodedToken> decodeToken(std::string_view token) {
    Parts parts;
    if (const auto fault = split(token, parts))
        return fail("invalid_token", "This is no token: " + *fault + ".");
    if (!JsonObject::parse(parts.header))
        return fail("invalid_token", "The token's header is not a JSON object.");
    if (!JsonObject::parse(parts.claims))
        return fail("invalid_token", "The token's claims are not a JSON object.");
    return DecodedToken{std::move(parts.header), std::move(parts.claims)};
}

}  // namespace xshathra::auth
