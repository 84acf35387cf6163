#include "server/auth/claims.h"

#include "server/auth/base64.h"
#include "server/auth/claims_reader.h"
#include "server/auth/json_object.h"

#include <cmath>
#include <utility>

namespace xshathra::auth {

namespace {

// Beyond 2^53 a double no longer counts single seconds.
constexpr double kMaxNumericDate = 9007199254740992.0;

Unexpected<ClaimFault> wrong(std::string found, std::string expected) {
    return Unexpected(ClaimFault{false, std::move(found), std::move(expected)});
}

std::string_view typeName(simdjson::dom::element value) {
    switch (value.type()) {
        case simdjson::dom::element_type::ARRAY:
            return "a list";
        case simdjson::dom::element_type::OBJECT:
            return "an object";
        case simdjson::dom::element_type::STRING:
            return "a string";
        case simdjson::dom::element_type::BOOL:
            return "a boolean";
        case simdjson::dom::element_type::NULL_VALUE:
            return "null";
        default:
            return "a number";
    }
}

/// Reads claims one by one and remembers the first that has the wrong type, so that the code that names them stays
/// flat.
class Reader {
public:
    Reader(const JsonObject& object, std::string context) : object_(object), context_(std::move(context)) {}

    const std::optional<ClaimFault>& fault() const { return fault_; }

    std::string text(std::string_view name) {
        const auto* member = object_.find(name);
        std::string_view value;
        if (member == nullptr)
            return {};
        if (member->value.get_string().get(value) != simdjson::SUCCESS)
            refuse(*member, "a string");
        return std::string(value);
    }

    /// A user id of another system may be a number; its digits are taken as they stand.
    std::string textOrInteger(std::string_view name) {
        const auto* member = object_.find(name);
        if (member != nullptr && (member->value.is_int64() || member->value.is_uint64()))
            return std::string(member->raw);
        return text(name);
    }

    std::optional<double> date(std::string_view name) {
        const auto* member = object_.find(name);
        if (member == nullptr)
            return std::nullopt;
        double value = 0;
        if (!member->value.is_number() || member->value.get_double().get(value) != simdjson::SUCCESS) {
            refuse(*member, "a number of seconds since 1970");
            return std::nullopt;
        }
        if (!(std::fabs(value) <= kMaxNumericDate)) {
            fail(context_ + std::string(name) + " is out of range", "seconds since 1970, at most 2^53");
            return std::nullopt;
        }
        return value;
    }

    std::optional<std::int64_t> integer(std::string_view name) {
        const auto* member = object_.find(name);
        if (member == nullptr)
            return std::nullopt;
        std::int64_t value = 0;
        if (member->value.get_int64().get(value) != simdjson::SUCCESS)
            refuse(*member, "a whole number");
        return value;
    }

    std::optional<SharedBytes> raw(std::string_view name) {
        const auto* member = object_.find(name);
        return member == nullptr ? std::nullopt : std::optional(SharedBytes::copyOf(member->raw));
    }

    /// `b64<name>` where it is present and not empty, else the JSON of `<name>`.
    std::optional<SharedBytes> payload(const std::string& name) {
        const std::string encoded = text("b64" + name);
        if (encoded.empty())
            return raw(name);
        auto bytes = decodeBase64(encoded);
        if (!bytes) {
            fail(context_ + "b64" + name + " is not base64", "base64 with padding");
            return std::nullopt;
        }
        return SharedBytes(std::move(*bytes));
    }

    std::vector<std::string> texts(std::string_view name) {
        const auto* member = object_.find(name);
        std::vector<std::string> list;
        if (member == nullptr)
            return list;
        simdjson::dom::array array;
        if (member->value.get_array().get(array) != simdjson::SUCCESS) {
            refuse(*member, "a list of strings");
            return list;
        }
        for (const auto element : array) {
            std::string_view value;
            if (element.get_string().get(value) != simdjson::SUCCESS) {
                fail(context_ + std::string(name) + " holds " + std::string(typeName(element)), "a list of strings");
                break;
            }
            list.emplace_back(value);
        }
        return list;
    }

    /// `aud` may be one string or a list (RFC 7519 section 4.1.3).
    std::vector<std::string> textOrTexts(std::string_view name) {
        const auto* member = object_.find(name);
        if (member != nullptr && member->value.is_string())
            return {text(name)};
        return texts(name);
    }

    /// The object of that name, read anew from its own bytes so that twice the same name is seen there too.
    std::optional<JsonObject> object(std::string_view name) {
        const auto* member = object_.find(name);
        if (member == nullptr)
            return std::nullopt;
        if (!member->value.is_object()) {
            refuse(*member, "an object");
            return std::nullopt;
        }
        auto nested = JsonObject::parse(member->raw);
        if (!nested)
            fail(context_ + std::string(name) + " has the same name twice", "distinct names");
        return nested;
    }

    SubscriptionOverrides overrides() {
        SubscriptionOverrides result;
        const auto nested = object("override");
        if (!nested)
            return result;
        const auto read = [&](std::string_view name) -> std::optional<bool> {
            const auto* member = nested->find(name);
            if (member == nullptr)
                return std::nullopt;
            bool value = false;
            if (member->value["value"].get_bool().get(value) != simdjson::SUCCESS)
                fail(context_ + "override." + std::string(name) + " has another form", "{\"value\": true or false}");
            return value;
        };
        result.presence = read("presence");
        result.joinLeave = read("join_leave");
        result.forcePushJoinLeave = read("force_push_join_leave");
        result.forcePositioning = read("force_positioning");
        result.forceRecovery = read("force_recovery");
        return result;
    }

    void fail(std::string found, std::string expected) {
        if (!fault_)
            fault_ = ClaimFault{false, std::move(found), std::move(expected)};
    }

private:
    void refuse(const JsonObject::Member& member, std::string_view expected) {
        fail(context_ + member.name + " is " + std::string(typeName(member.value)),
             context_ + member.name + ": " + std::string(expected));
    }

    const JsonObject& object_;
    std::string context_;
    std::optional<ClaimFault> fault_;
};

std::optional<std::int64_t> expiryOf(const std::optional<std::int64_t>& expireAt, const std::optional<double>& expiry) {
    if (expireAt)
        return *expireAt > 0 ? expireAt : std::nullopt;
    if (expiry)
        return static_cast<std::int64_t>(std::floor(*expiry));
    return std::nullopt;
}

Expected<std::vector<TokenSubscription>, ClaimFault> readSubscriptions(Reader& reader) {
    std::vector<TokenSubscription> result;
    const auto subs = reader.object("subs");
    if (!subs)
        return result;
    for (const auto& member : subs->members()) {
        TokenSubscription subscription;
        subscription.channel = member.name;
        if (!member.value.is_null()) {
            const auto options = JsonObject::parse(member.raw);
            if (!options)
                return wrong("an entry of subs is not an object with distinct names",
                             "channel: {info, data, override}");
            Reader entry(*options, "subs: ");
            subscription.info = entry.payload("info");
            subscription.data = entry.payload("data");
            subscription.overrides = entry.overrides();
            if (entry.fault())
                return Unexpected(*entry.fault());
        }
        result.push_back(std::move(subscription));
    }
    return result;
}

}  // namespace

Expected<RawClaims, ClaimFault> readClaims(std::string_view json, TokenUse use, std::string_view userIdClaim) {
    const auto object = JsonObject::parse(json);
    if (!object)
        return Unexpected(ClaimFault{true, "claims that can't be read", "one JSON object with distinct names"});
    Reader reader(*object, "");
    RawClaims claims;
    const std::string user = userIdClaim == "sub" ? reader.text("sub") : reader.textOrInteger(userIdClaim);
    const std::string projectId = reader.text("projectId");
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
        auto subs = readSubscriptions(reader);
        if (!subs)
            return Unexpected(std::move(subs).error());
        claims.connect.subs = std::move(*subs);
        if (!claims.connect.subs.empty())
            claims.connect.channels.clear();
    } else {
        claims.subscribe = {user,     projectId, claims.channel,         reader.text("client"), expiresAt,
                            issuedAt, info,      reader.payload("data"), reader.overrides()};
    }
    if (reader.fault())
        return Unexpected(*reader.fault());
    return claims;
}

}  // namespace xshathra::auth
