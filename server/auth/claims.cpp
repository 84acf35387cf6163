#include "server/auth/claims.h"

#include "server/auth/base64.h"
#include "server/auth/claims_reader.h"
#include "server/auth/json_object.h"
#include "server/auth/user_claim.h"

#include <charconv>
#include <cmath>
#include <utility>

namespace xshathra::auth {

namespace {

// Beyond 2^53 a double no longer counts single seconds.
constexpr double kMaxNumericDate = 9007199254740992.0;

std::string_view typeName(JsonType type) {
    switch (type) {
        case JsonType::Array: return "a list";
        case JsonType::Object: return "an object";
        case JsonType::String: return "a string";
        case JsonType::Boolean: return "a boolean";
        case JsonType::Null: return "null";
        case JsonType::Number: break;
    }
    return "a number";
}

/// Reads claims one by one and remembers the first that has the wrong type, so that the code that names them stays
/// flat.
class Reader {
public:
    Reader(const JsonObject& object, std::string context, TokenRules rules)
        : object_(object), context_(std::move(context)), lenient_(rules == TokenRules::Centrifugo), rules_(rules) {}

    const std::optional<ClaimFault>& fault() const { return fault_; }
    const std::optional<ClaimFault>& badPayload() const { return badPayload_; }

    std::string text(std::string_view name) {
        const auto* value = object_.find(name);
        if (value == nullptr)
            return {};
        if (value->type != JsonType::String)
            refuse(name, *value, "a string");
        return value->text;
    }

    std::optional<double> date(std::string_view name) {
        const auto* value = object_.find(name);
        if (value == nullptr)
            return std::nullopt;
        auto seconds = value->number();
        if (!seconds && lenient_ && value->type == JsonType::String)
            seconds = numberIn(value->text);
        if (!seconds) {
            refuse(name, *value, "a number of seconds since 1970");
            return std::nullopt;
        }
        if (std::fabs(*seconds) <= kMaxNumericDate)
            return seconds;
        if (!lenient_) {
            fail(context_ + std::string(name) + " is out of range", "seconds since 1970, at most 2^53");
            return std::nullopt;
        }
        // What Go makes of a time past the range of its integers is the distant past.
        return *seconds > 0 && *seconds < 9.2e18 ? kMaxNumericDate : -kMaxNumericDate;
    }

    std::optional<std::int64_t> integer(std::string_view name) {
        const auto* value = object_.find(name);
        if (value == nullptr)
            return std::nullopt;
        const auto number = value->integer();
        if (!number)
            refuse(name, *value, "a whole number");
        return number.value_or(0);
    }

    /// Centrifugo passes `null` on as the value that it is.
    std::optional<SharedBytes> raw(std::string_view name) {
        const auto* value = lenient_ ? object_.findOrNull(name) : object_.find(name);
        return value == nullptr ? std::nullopt : std::optional(SharedBytes::copyOf(value->raw));
    }

    /// `b64<name>` where it is present and not empty, else the JSON of `<name>`.
    std::optional<SharedBytes> payload(const std::string& name) {
        const std::string encoded = text("b64" + name);
        if (encoded.empty())
            return raw(name);
        auto bytes = decodeBase64(encoded, lenient_ ? Base64Rules::Lenient : Base64Rules::Canonical);
        if (bytes)
            return SharedBytes(std::move(*bytes));
        if (!lenient_)
            fail(context_ + "b64" + name + " is not base64", "base64 with padding");
        else if (!badPayload_)
            badPayload_ = ClaimFault{false, context_ + "b64" + name + " is not base64", "base64 with padding"};
        return std::nullopt;
    }

    std::vector<std::string> texts(std::string_view name) {
        const auto* value = object_.find(name);
        return value == nullptr ? std::vector<std::string>() : textsIn(name, *value);
    }

    /// `aud` may be one string or a list (RFC 7519 section 4.1.3).
    std::vector<std::string> textOrTexts(std::string_view name) {
        const auto* value = lenient_ ? object_.findOrNull(name) : object_.find(name);
        if (value == nullptr)
            return {};
        if (value->type == JsonType::String)
            return {value->text};
        return textsIn(name, *value);
    }

    /// The object of that name, read anew from its own bytes so that twice the same name is seen there too.
    std::optional<JsonObject> object(std::string_view name) {
        const auto* value = object_.find(name);
        if (value == nullptr)
            return std::nullopt;
        if (value->type != JsonType::Object) {
            refuse(name, *value, "an object");
            return std::nullopt;
        }
        auto nested = JsonObject::parse(value->raw, rules_);
        if (!nested)
            fail(context_ + std::string(name) + " has the same name twice", "distinct names");
        return nested;
    }

    SubscriptionOverrides overrides() {
        SubscriptionOverrides result;
        const auto nested = object("override");
        if (!nested)
            return result;
        result.presence = overrideIn(*nested, "presence");
        result.joinLeave = overrideIn(*nested, "join_leave");
        result.forcePushJoinLeave = overrideIn(*nested, "force_push_join_leave");
        result.forcePositioning = overrideIn(*nested, "force_positioning");
        result.forceRecovery = overrideIn(*nested, "force_recovery");
        return result;
    }

    void fail(std::string found, std::string expected) {
        if (!fault_)
            fault_ = ClaimFault{false, std::move(found), std::move(expected)};
    }

private:
    static std::optional<double> numberIn(std::string_view text) {
        double value = 0;
        const auto* const end = text.data() + text.size();
        const auto result = std::from_chars(text.data(), end, value);
        return result.ec == std::errc() && result.ptr == end && std::isfinite(value) ? std::optional(value)
                                                                                     : std::nullopt;
    }

    std::vector<std::string> textsIn(std::string_view name, const JsonValue& value) {
        std::vector<std::string> list;
        const auto array =
            value.type == JsonType::Array ? JsonArray::parse(value.raw, maxTokenJsonDepth(rules_)) : std::nullopt;
        if (!array) {
            refuse(name, value, "a list of strings");
            return list;
        }
        for (const auto& element : array->values()) {
            if (element.type != JsonType::String) {
                fail(context_ + std::string(name) + " holds " + std::string(typeName(element.type)),
                     "a list of strings");
                break;
            }
            list.push_back(element.text);
        }
        return list;
    }

    std::optional<bool> overrideIn(const JsonObject& nested, std::string_view name) {
        const auto* member = nested.find(name);
        if (member == nullptr)
            return std::nullopt;
        const auto inner = member->type == JsonType::Object ? JsonObject::parse(member->raw, rules_) : std::nullopt;
        const auto* value = inner ? inner->find("value") : nullptr;
        // Centrifugo reads an empty override as one that is false.
        if (inner && value == nullptr && lenient_)
            return false;
        if (value == nullptr || value->type != JsonType::Boolean)
            fail(context_ + "override." + std::string(name) + " has another form", "{\"value\": true or false}");
        return value != nullptr && value->isTrue();
    }

    void refuse(std::string_view name, const JsonValue& value, std::string_view expected) {
        fail(context_ + std::string(name) + " is " + std::string(typeName(value.type)),
             context_ + std::string(name) + ": " + std::string(expected));
    }

    const JsonObject& object_;
    std::string context_;
    bool lenient_;
    TokenRules rules_;
    std::optional<ClaimFault> fault_;
    std::optional<ClaimFault> badPayload_;
};

std::optional<std::int64_t> expiryOf(const std::optional<std::int64_t>& expireAt, const std::optional<double>& expiry) {
    if (expireAt)
        return *expireAt > 0 ? expireAt : std::nullopt;
    if (expiry)
        return static_cast<std::int64_t>(std::floor(*expiry));
    return std::nullopt;
}

/// One entry of `subs`, or the fault in it.
std::optional<ClaimFault> readSubscription(const JsonObject::Member& member, TokenRules rules, RawClaims& claims) {
    TokenSubscription subscription;
    subscription.channel = member.name;
    if (!member.value.isNull()) {
        const auto options = JsonObject::parse(member.value.raw, rules);
        if (!options)
            return ClaimFault{false, "an entry of subs is not an object with distinct names",
                              "channel: {info, data, override}"};
        Reader entry(*options, "subs: ", rules);
        subscription.info = entry.payload("info");
        subscription.data = entry.payload("data");
        subscription.overrides = entry.overrides();
        if (entry.fault())
            return entry.fault();
        if (entry.badPayload() && !claims.badPayload) {
            claims.badPayload = entry.badPayload();
            claims.badPayloadInSubs = true;
        }
    }
    // A channel that stands there twice has passed the rules, so the last one counts.
    auto& subs = claims.connect.subs;
    for (auto& other : subs) {
        if (other.channel == subscription.channel) {
            other = std::move(subscription);
            return std::nullopt;
        }
    }
    subs.push_back(std::move(subscription));
    return std::nullopt;
}

std::optional<ClaimFault> readSubscriptions(Reader& reader, TokenRules rules, RawClaims& claims) {
    const auto subs = reader.object("subs");
    if (!subs)
        return std::nullopt;
    for (const auto& member : subs->members()) {
        if (auto fault = readSubscription(member, rules, claims))
            return fault;
    }
    return std::nullopt;
}

Expected<std::optional<JsonObject>, ClaimFault> claimsObject(std::string_view json, TokenRules rules) {
    auto object = JsonObject::parse(json, rules);
    // Go reads `null` into an empty set of claims.
    if (!object && rules == TokenRules::Centrifugo && json == "null")
        object = JsonObject::parse("{}", rules);
    if (!object)
        return Unexpected(ClaimFault{true, "claims that can't be read", "one JSON object with distinct names"});
    return object;
}

}  // namespace

Expected<RawClaims, ClaimFault> readClaims(std::string_view json, TokenUse use, std::string_view userIdClaim,
                                           TokenRules rules) {
    const auto object = claimsObject(json, rules);
    if (!object)
        return Unexpected(object.error());
    Reader reader(**object, "", rules);
    RawClaims claims;
    std::string user = reader.text("sub");
    if (userIdClaim != "sub")
        user = textOfClaim(json, userIdClaim);
    const bool lenient = rules == TokenRules::Centrifugo;
    // It is a claim of this product's; in a backend's token it may be anything.
    std::string projectId;
    if (const auto* value = (*object)->find("projectId");
        !lenient || (value != nullptr && value->type == JsonType::String))
        projectId = reader.text("projectId");
    if (lenient)
        (void)reader.text("jti");
    claims.channel = reader.text("channel");
    claims.expiry = reader.date("exp");
    claims.notBefore = reader.date("nbf");
    claims.audience = reader.textOrTexts("aud");
    claims.issuer = reader.text("iss");
    const auto expiresAt = expiryOf(reader.integer("expire_at"), claims.expiry);
    const auto issuedAt = expiryOf(std::nullopt, reader.date("iat"));
    const auto info = reader.payload("info");
    if (use == TokenUse::Connection) {
        claims.connect = {user, projectId, expiresAt, issuedAt, info, reader.raw("meta"), reader.texts("channels"), {}};
        if (auto fault = readSubscriptions(reader, rules, claims))
            return Unexpected(std::move(*fault));
        if (!claims.connect.subs.empty())
            claims.connect.channels.clear();
    } else {
        claims.subscribe = {user,     projectId, claims.channel,         reader.text("client"), expiresAt,
                            issuedAt, info,      reader.payload("data"), reader.overrides()};
    }
    if (reader.fault())
        return Unexpected(*reader.fault());
    if (!claims.badPayload)
        claims.badPayload = reader.badPayload();
    return claims;
}

}  // namespace xshathra::auth
