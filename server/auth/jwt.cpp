#include "server/auth/jwt.h"

#include "server/auth/claims_reader.h"
#include "server/auth/digest.h"
#include "server/auth/json_object.h"
#include "server/auth/token_parts.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace xshathra::auth {

namespace {

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

bool isUsable(const VerificationKey& key, Nanoseconds wall) {
    const bool here =
        isSymmetric(key.algorithm) ? !key.secret.empty() : key.publicKey && key.publicKey->serves(key.algorithm);
    return here && (!key.validUntil || wall < *key.validUntil);
}

/// Each key's name once.
std::string keyNames(const VerificationKeys& keys) {
    std::vector<std::string> seen;
    std::string names;
    for (const auto& key : keys.keys) {
        if (std::find(seen.begin(), seen.end(), key.name) != seen.end())
            continue;
        seen.push_back(key.name);
        names += (names.empty() ? "" : " or ") + key.name;
    }
    return names.empty() ? "a configured key" : names;
}

/// Each algorithm once.
std::string algorithmNames(const VerificationKeys& keys) {
    std::vector<Algorithm> seen;
    std::string names;
    for (const auto& key : keys.keys) {
        if (std::find(seen.begin(), seen.end(), key.algorithm) != seen.end())
            continue;
        seen.push_back(key.algorithm);
        names += (names.empty() ? "" : " or ") + std::string(toString(key.algorithm));
    }
    return names.empty() ? "of a configured key" : names;
}

bool isSignedBy(const VerificationKey& key, const TokenParts& parts) {
    if (isSymmetric(key.algorithm))
        return isHmac(key.algorithm, key.secret.expose(), parts.signedText, parts.signature);
    return key.publicKey->verifies(key.algorithm, parts.signedText, parts.signature);
}

struct VerifyInput {
    std::string_view token;
    std::string_view expectedProject;
    TokenUse use;
};

/// One verification: its steps are planned, then entered in order; what comes after a refusal stays "not reached".
class Run {
public:
    Run(const VerifyInput& input, const VerifierOptions& options, Nanoseconds wall)
        : input_(input), options_(options), wall_(wall), lenient_(options.rules == TokenRules::Centrifugo) {
        plan();
    }

    Expected<RawClaims, TokenError> verify() {
        const bool passed = form() && header() && readAll() && patterns() && signature() && names() && project() &&
                            channelAndTimes() && payload();
        if (!passed)
            return Unexpected(std::move(error_));
        return std::move(claims_);
    }

    std::vector<Check> takeChecks() { return std::move(checks_); }
    const std::optional<KeyRequest>& keyNeeded() const { return keyNeeded_; }

private:
    void plan(std::string name, std::string expected) {
        checks_.push_back({std::move(name), Outcome::NotReached, {}, std::move(expected)});
    }
    void plan();
    bool pass(std::string_view name, std::string found) {
        settle(name, Outcome::Pass, std::move(found));
        return true;
    }
    bool refuse(std::string_view name, TokenErrorKind kind, std::string found, std::string detail) {
        settle(name, Outcome::Fail, std::move(found));
        error_ = {kind, std::move(detail)};
        return false;
    }
    void settle(std::string_view name, Outcome outcome, std::string found) {
        if (auto* check = find(name)) {
            check->outcome = outcome;
            check->found = std::move(found);
        }
    }
    Check* find(std::string_view name) {
        const auto at =
            std::find_if(checks_.begin(), checks_.end(), [&](const Check& check) { return check.name == name; });
        return at == checks_.end() ? nullptr : &*at;
    }

    bool form();
    bool header();
    bool readAll();
    bool patterns();
    bool signature();
    bool signatureByKeySet();
    bool names();
    bool project();
    bool channelAndTimes();
    bool channel();
    bool expiry();
    bool notBefore();
    bool payload();

    const VerifyInput input_;
    const VerifierOptions& options_;
    const Nanoseconds wall_;
    const bool lenient_;
    std::vector<Check> checks_;
    TokenError error_;
    std::optional<KeyRequest> keyNeeded_;
    TokenParts parts_;
    TokenHeader header_;
    std::optional<Algorithm> algorithm_;
    RawClaims claims_;
    GroupTexts groups_;
};

void Run::plan() {
    plan("format", "three parts in base64url: header.claims.signature");
    const std::string algorithms = options_.skipSignature ? "any"
                                   : options_.jwks        ? "RS256 to RS512, ES256 to ES512 or EdDSA, with a kid"
                                                          : algorithmNames(options_.keys);
    plan("algorithm", "alg " + algorithms + (lenient_ ? "" : ", typ JWT or none, no other header field"));
    plan("claims", "sub, exp and the other known claims, each with its right type");
    if (options_.issuerPattern)
        plan("issuer", "a match of " + shown(options_.issuerPattern->expression()));
    if (options_.audiencePattern)
        plan("audience", "a match of " + shown(options_.audiencePattern->expression()));
    plan("signature", options_.skipSignature ? "anything, since signatures are not checked"
                      : options_.jwks        ? "made with the key of the key set that kid names"
                                             : "made with the " + keyNames(options_.keys));
    if (options_.issuer)
        plan("issuer", shown(*options_.issuer));
    if (options_.audience)
        plan("audience", shown(*options_.audience));
    if (!input_.expectedProject.empty() && !lenient_)
        plan("project", shown(input_.expectedProject));
    const bool connection = input_.use == TokenUse::Connection;
    plan("channel", connection ? "no channel claim in a connection token" : "a channel claim");
    plan("expiry", options_.requireExpiry ? "exp in the future" : "exp in the future, or none");
    plan("not before", "nbf in the past, or none");
    if (lenient_ && !connection)
        std::rotate(checks_.end() - 3, checks_.end() - 2, checks_.end());
    if (lenient_)
        plan("payload", "b64info and b64data in base64, or none");
}

bool Run::form() {
    auto fault = splitToken(input_.token, options_.rules, parts_);
    // The one thing that github.com/cristalhq/jwt is strict about.
    if (!fault && lenient_ && input_.token.substr(0, 3) != "eyJ")
        fault = "a header that does not begin with {\" and a letter";
    if (fault)
        return refuse("format", TokenErrorKind::Malformed, *fault, "This is no token: " + *fault + ".");
    return pass("format", "three parts");
}

bool Run::header() {
    auto header = readHeader(parts_.header, options_.rules);
    if (!header) {
        const auto& fault = header.error();
        return refuse("algorithm", fault.kind, fault.found, "The token's header is refused: " + fault.found + ".");
    }
    header_ = std::move(*header);
    algorithm_ = algorithmFromString(header_.algorithm);
    const auto& keys = options_.keys.keys;
    const bool hasKey =
        options_.skipSignature ||
        (algorithm_ && (options_.jwks ? !isSymmetric(*algorithm_)
                                      : std::any_of(keys.begin(), keys.end(), [this](const VerificationKey& key) {
                                            return key.algorithm == *algorithm_;
                                        })));
    const std::string found = header_.algorithm.empty() ? "no alg" : "alg " + shown(header_.algorithm);
    if (!hasKey)
        return refuse("algorithm", TokenErrorKind::Algorithm, found, "The token's header is refused: " + found + ".");
    return pass("algorithm", algorithm_ ? std::string(toString(*algorithm_)) : found);
}

bool Run::readAll() {
    auto claims = readClaims(parts_.claims, input_.use, options_.userIdClaim, options_.rules);
    if (!claims) {
        const auto& fault = claims.error();
        find("claims")->expected = fault.expected;
        return refuse("claims", fault.malformed ? TokenErrorKind::Malformed : TokenErrorKind::Claims, fault.found,
                      "The token's claims are refused: " + fault.found + ".");
    }
    claims_ = std::move(*claims);
    return pass("claims", "readable");
}

/// Before the signature, since what the groups match may say whose keys are needed.
bool Run::patterns() {
    if (options_.issuerPattern) {
        auto groups = options_.issuerPattern->match(claims_.issuer);
        if (!groups)
            return refuse("issuer", TokenErrorKind::Issuer, claims_.issuer.empty() ? "no iss" : shown(claims_.issuer),
                          "The token comes from another issuer.");
        groups_ = std::move(*groups);
        pass("issuer", shown(claims_.issuer));
    }
    if (options_.audiencePattern) {
        const auto& list = claims_.audience;
        std::optional<GroupTexts> groups;
        auto matching = list.begin();
        for (; matching != list.end() && !(groups = options_.audiencePattern->match(*matching)); ++matching) {
        }
        if (!groups)
            return refuse("audience", TokenErrorKind::Audience, list.empty() ? "no aud" : shown(list.front()),
                          "The token is meant for another audience.");
        for (auto& [name, text] : *groups)
            groups_[name] = std::move(text);
        pass("audience", shown(*matching));
    }
    return true;
}

bool Run::signature() {
    if (options_.skipSignature)
        return pass("signature", "not checked");
    if (options_.jwks)
        return signatureByKeySet();
    for (const auto& key : options_.keys.keys) {
        if (key.algorithm == *algorithm_ && isUsable(key, wall_) && isSignedBy(key, parts_))
            return pass("signature", "made with the " + key.name);
    }
    const auto length = hmacLength(*algorithm_);
    const std::string found = parts_.signature.empty() ? "no signature"
                              : length != 0 && parts_.signature.size() != length
                                  ? "a signature of " + std::to_string(parts_.signature.size()) + " bytes"
                                  : "made with another key, or changed afterwards";
    return refuse("signature", TokenErrorKind::Signature, found, "The token's signature is not valid: " + found + ".");
}

bool Run::signatureByKeySet() {
    if (header_.keyId.empty())
        return refuse("signature", TokenErrorKind::Key, "no kid", "The token's header names no key (kid).");
    const auto url = options_.jwks->expand(groups_);
    if (!url)
        return refuse("signature", TokenErrorKind::Key, "claims that lead to another URL",
                      "The URL of the token's keys would have parts that are not allowed.");
    const KeyRequest request{*url, header_.keyId};
    const auto key = options_.keySource ? options_.keySource->find(request) : nullptr;
    if (!key) {
        if (options_.keySource)
            keyNeeded_ = request;
        return refuse("signature", TokenErrorKind::Key, "key " + shown(header_.keyId) + " is not at hand",
                      "The key \"" + shown(header_.keyId) + "\" can't be had from " + shown(*url) + ".");
    }
    if (key->algorithm && *key->algorithm != *algorithm_)
        return refuse("signature", TokenErrorKind::Signature,
                      "the key is for " + std::string(toString(*key->algorithm)),
                      "The token's algorithm is not its key's.");
    if (!key->key.verifies(*algorithm_, parts_.signedText, parts_.signature)) {
        const std::string found = key->key.serves(*algorithm_) ? "made with another key, or changed afterwards"
                                                               : "the key is " + std::string(describe(key->key.kind()));
        return refuse("signature", TokenErrorKind::Signature, found,
                      "The token's signature is not valid: " + found + ".");
    }
    return pass("signature", "made with the key " + shown(header_.keyId));
}

bool Run::names() {
    if (options_.issuer) {
        if (claims_.issuer != *options_.issuer)
            return refuse("issuer", TokenErrorKind::Issuer, claims_.issuer.empty() ? "no iss" : shown(claims_.issuer),
                          "The token comes from another issuer.");
        pass("issuer", shown(claims_.issuer));
    }
    if (options_.audience) {
        const auto& list = claims_.audience;
        if (std::find(list.begin(), list.end(), *options_.audience) == list.end())
            return refuse("audience", TokenErrorKind::Audience,
                          list.empty() ? "no aud" : shown(list.front()) + (list.size() > 1 ? " and others" : ""),
                          "The token is meant for another audience.");
        pass("audience", shown(*options_.audience));
    }
    return true;
}

bool Run::project() {
    if (input_.expectedProject.empty() || lenient_)
        return true;
    const auto& found = input_.use == TokenUse::Connection ? claims_.connect.projectId : claims_.subscribe.projectId;
    if (!found.empty() && found != input_.expectedProject)
        return refuse("project", TokenErrorKind::Project, shown(found), "The token belongs to another project.");
    return pass("project", found.empty() ? "no projectId" : shown(found));
}

bool Run::channelAndTimes() {
    if (lenient_ && input_.use == TokenUse::Subscription)
        return expiry() && notBefore() && channel();
    return channel() && expiry() && notBefore();
}

bool Run::channel() {
    if (input_.use == TokenUse::Connection && !claims_.channel.empty())
        return refuse("channel", TokenErrorKind::Channel, "channel " + shown(claims_.channel),
                      "This is a subscription token: a connection token has no channel claim.");
    if (input_.use == TokenUse::Subscription && claims_.channel.empty())
        return refuse("channel", TokenErrorKind::Channel, "no channel claim",
                      "This is a connection token: a subscription token names its channel.");
    return pass("channel", claims_.channel.empty() ? "no channel claim" : shown(claims_.channel));
}

bool Run::expiry() {
    const auto leeway = static_cast<double>(options_.leeway.count());
    if (!claims_.expiry) {
        if (options_.requireExpiry)
            return refuse("expiry", TokenErrorKind::Claims, "no exp", "The token has no exp claim.");
        return pass("expiry", "no exp");
    }
    const double left = *claims_.expiry - static_cast<double>(wall_.count()) / 1e9;
    if (left + leeway <= 0) {
        const std::string ago = durationText(-left);
        return refuse("expiry", TokenErrorKind::Expired, "expired " + ago + " ago",
                      "The token expired " + ago + " ago.");
    }
    return pass("expiry", left > 0 ? "valid for another " + durationText(left) : "expired within the leeway");
}

bool Run::notBefore() {
    if (!claims_.notBefore)
        return pass("not before", "no nbf");
    const double early = *claims_.notBefore - static_cast<double>(wall_.count()) / 1e9;
    if (early > static_cast<double>(options_.leeway.count())) {
        const std::string wait = durationText(early);
        return refuse("not before", TokenErrorKind::NotYetValid, "valid in " + wait,
                      "The token is valid only in " + wait + ".");
    }
    return pass("not before", "reached");
}

bool Run::payload() {
    if (claims_.badPayload) {
        const auto& found = claims_.badPayload->found;
        const bool ownFault = input_.use == TokenUse::Connection && !claims_.badPayloadInSubs;
        return refuse("payload", ownFault ? TokenErrorKind::Payload : TokenErrorKind::Claims, found,
                      "The token's claims are refused: " + found + ".");
    }
    return !lenient_ || pass("payload", "readable, or none");
}

}  // namespace

std::string_view toString(TokenErrorKind kind) {
    switch (kind) {
        case TokenErrorKind::Malformed: return "malformed";
        case TokenErrorKind::Algorithm: return "algorithm";
        case TokenErrorKind::Signature: return "signature";
        case TokenErrorKind::Claims: return "claims";
        case TokenErrorKind::Key: return "key";
        case TokenErrorKind::Issuer: return "issuer";
        case TokenErrorKind::Audience: return "audience";
        case TokenErrorKind::Project: return "project";
        case TokenErrorKind::Channel: return "channel";
        case TokenErrorKind::Expired: return "expired";
        case TokenErrorKind::NotYetValid: return "not_yet_valid";
        case TokenErrorKind::Payload: return "payload";
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

void VerificationKeys::addHmac(const Secret& secret, const std::string& name, std::optional<Nanoseconds> validUntil) {
    if (secret.empty())
        return;
    for (const auto algorithm : {Algorithm::HS256, Algorithm::HS384, Algorithm::HS512})
        keys.push_back({algorithm, secret, name, validUntil});
}

void VerificationKeys::addPublic(const PublicKey& key, const std::string& name) {
    for (const auto algorithm : {Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::ES256,
                                 Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA}) {
        if (key.serves(algorithm))
            keys.push_back({algorithm, Secret(), name, std::nullopt, key});
    }
}

TokenVerifier::TokenVerifier(const Clock& clock, VerifierOptions options)
    : clock_(clock), options_(std::move(options)) {
    options_.leeway = std::clamp(options_.leeway, Seconds(0), kMaxTokenLeeway);
}

Verification<ConnectClaims> TokenVerifier::verifyConnection(std::string_view token,
                                                            std::string_view expectedProject) const {
    Run run({token, expectedProject, TokenUse::Connection}, options_, clock_.wall());
    auto claims = run.verify();
    if (!claims)
        return {Unexpected(std::move(claims).error()), run.takeChecks(), run.keyNeeded()};
    return {std::move(claims->connect), run.takeChecks(), std::nullopt};
}

Verification<SubscribeClaims> TokenVerifier::verifySubscription(std::string_view token,
                                                                std::string_view expectedProject) const {
    Run run({token, expectedProject, TokenUse::Subscription}, options_, clock_.wall());
    auto claims = run.verify();
    if (!claims)
        return {Unexpected(std::move(claims).error()), run.takeChecks(), run.keyNeeded()};
    return {std::move(claims->subscribe), run.takeChecks(), std::nullopt};
}

std::optional<KeyRequest> TokenVerifier::neededKey(std::string_view token, TokenUse use) const {
    if (!options_.jwks || !options_.keySource || options_.skipSignature)
        return std::nullopt;
    Run run({token, {}, use}, options_, clock_.wall());
    (void)run.verify();
    return run.keyNeeded();
}

std::optional<std::string> unverifiedProjectId(std::string_view token) {
    TokenParts parts;
    if (splitToken(token, TokenRules::Centrifugo, parts))
        return std::nullopt;
    const auto claims = JsonObject::parse(parts.claims, TokenRules::Centrifugo);
    const auto* project = claims ? claims->find("projectId") : nullptr;
    if (project == nullptr || project->text.empty())
        return std::nullopt;
    return project->text;
}

Result<DecodedToken> decodeToken(std::string_view token) {
    TokenParts parts;
    if (const auto fault = splitToken(token, TokenRules::Product, parts))
        return fail("invalid_token", "This is no token: " + *fault + ".");
    if (!JsonObject::parse(parts.header))
        return fail("invalid_token", "The token's header is not a JSON object.");
    if (!JsonObject::parse(parts.claims))
        return fail("invalid_token", "The token's claims are not a JSON object.");
    return DecodedToken{std::move(parts.header), std::move(parts.claims)};
}

}  // namespace xshathra::auth
