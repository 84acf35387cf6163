#include "server/auth/base64.h"
#include "server/auth/digest.h"
#include "server/auth/json_object.h"
#include "server/auth/jwt.h"
#include "server/base/ids.h"

#include <algorithm>
#include <array>
#include <span>

namespace xshathra::auth {

namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

/// Builds one flat JSON object.
class ClaimsWriter {
public:
    void text(std::string_view name, std::string_view value) {
        begin(name);
        quote(value);
    }
    void textIfAny(std::string_view name, std::string_view value) {
        if (!value.empty())
            text(name, value);
    }
    void number(std::string_view name, const std::optional<std::int64_t>& value) {
        if (value) {
            begin(name);
            json_ += std::to_string(*value);
        }
    }
    void texts(std::string_view name, const std::vector<std::string>& values) {
        if (values.empty())
            return;
        begin(name);
        json_ += '[';
        for (std::size_t i = 0; i < values.size(); ++i) {
            json_ += i == 0 ? "" : ",";
            quote(values[i]);
        }
        json_ += ']';
    }
    void rawIfAny(std::string_view name, std::string_view json) {
        if (!json.empty()) {
            begin(name);
            json_ += json;
        }
    }
    std::string finish() { return std::move(json_ += '}'); }

private:
    void begin(std::string_view name) {
        json_ += json_.size() == 1 ? "" : ",";
        quote(name);
        json_ += ':';
    }
    void quote(std::string_view value) {
        constexpr std::string_view digits = "0123456789abcdef";
        json_ += '"';
        for (const char c : value) {
            if (c == '"' || c == '\\') {
                json_ += '\\';
                json_ += c;
            } else if (static_cast<unsigned char>(c) < 0x20) {
                json_ += "\\u00";
                json_ += digits[static_cast<unsigned char>(c) >> 4];
                json_ += digits[c & 15];
            } else {
                json_ += c;
            }
        }
        json_ += '"';
    }

    std::string json_ = "{";
};

bool isUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

Result<void> requireUtf8(std::string_view text, const char* field) {
    if (!isUtf8(text))
        return fail("invalid_argument", std::string(field) + " must be UTF-8.", field);
    return {};
}

Result<void> requireJson(const std::string& json, const char* field) {
    if (!json.empty() && !isJson(json))
        return fail("invalid_argument", std::string(field) + " must be valid JSON, at most 32 levels deep.", field);
    return {};
}

template <typename Spec>
Result<void> checkCommon(const Spec& spec) {
    for (const auto& [text, field] : {std::pair{&spec.user, "userId"}, std::pair{&spec.projectId, "projectId"},
                                      std::pair{&spec.audience, "audience"}, std::pair{&spec.issuer, "issuer"}}) {
        if (auto valid = requireUtf8(*text, field); !valid)
            return valid;
    }
    return requireJson(spec.infoJson, "info");
}

/// Claims that a token may have whatever the project's options are.
constexpr std::array<std::string_view, 17> kOwnClaims{"exp",  "iat",     "nbf",    "aud",      "iss",      "projectId",
                                                      "info", "b64info", "meta",   "subs",     "channels", "channel",
                                                      "data", "b64data", "client", "override", "expire_at"};

Result<void> checkUserClaim(const SignerOptions& options) {
    if (std::find(kOwnClaims.begin(), kOwnClaims.end(), options.userIdClaim) == kOwnClaims.end())
        return {};
    return fail("invalid_argument",
                "The project's tokens have the user id in the claim \"" + options.userIdClaim +
                    "\", which means something else in the tokens that are minted here.",
                "userId");
}

template <typename Spec>
void writeCommon(ClaimsWriter& writer, const Spec& spec, const SignerOptions& options) {
    writer.text("sub", spec.user);
    if (options.userIdClaim != "sub")
        writer.text(options.userIdClaim, spec.user);
    writer.number("exp", spec.expiresAt);
    writer.number("iat", spec.issuedAt);
    writer.number("nbf", spec.notBefore);
    writer.textIfAny("aud", spec.audience.empty() ? options.audience : spec.audience);
    writer.textIfAny("iss", spec.issuer.empty() ? options.issuer : spec.issuer);
    writer.textIfAny("projectId", spec.projectId);
    writer.rawIfAny("info", spec.infoJson);
}

/// A token that the verifier would refuse for its depth or length is not handed out.
Result<std::string> signReadable(const TokenSigner& signer, const std::string& claims) {
    if (!JsonObject::parse(claims))
        return fail("invalid_argument", "info, meta and data must be nested at most 31 levels deep.", "info");
    std::string token = signer.signRaw(claims);
    if (token.size() > kMaxTokenBytes)
        return fail("invalid_argument", "The token would be longer than " + std::to_string(kMaxTokenBytes) + " bytes.",
                    "info");
    return token;
}

}  // namespace

Result<std::string> TokenSigner::sign(const ConnectTokenSpec& spec) const {
    if (auto valid = checkCommon(spec); !valid)
        return Unexpected(std::move(valid).error());
    if (auto valid = checkUserClaim(options_); !valid)
        return Unexpected(std::move(valid).error());
    for (const auto& channel : spec.channels) {
        if (auto valid = requireUtf8(channel, "channels"); !valid)
            return Unexpected(std::move(valid).error());
    }
    if (!spec.metaJson.empty() && !JsonObject::parse(spec.metaJson))
        return fail("invalid_argument", "meta must be a JSON object.", "meta");
    ClaimsWriter writer;
    writeCommon(writer, spec, options_);
    writer.texts("channels", spec.channels);
    writer.rawIfAny("meta", spec.metaJson);
    return signReadable(*this, writer.finish());
}

Result<std::string> TokenSigner::sign(const SubscribeTokenSpec& spec) const {
    if (auto valid = checkCommon(spec); !valid)
        return Unexpected(std::move(valid).error());
    if (auto valid = checkUserClaim(options_); !valid)
        return Unexpected(std::move(valid).error());
    if (spec.channel.empty())
        return fail("invalid_argument", "channel must not be empty.", "channel");
    if (auto valid = requireUtf8(spec.channel, "channel"); !valid)
        return Unexpected(std::move(valid).error());
    if (auto valid = requireJson(spec.dataJson, "data"); !valid)
        return Unexpected(std::move(valid).error());
    ClaimsWriter writer;
    writeCommon(writer, spec, options_);
    writer.text("channel", spec.channel);
    writer.rawIfAny("data", spec.dataJson);
    return signReadable(*this, writer.finish());
}

std::string TokenSigner::signRaw(std::string_view claimsJson) const {
    std::string token = encodeBase64Url(kHeader) + '.' + encodeBase64Url(claimsJson);
    const Digest signature = hmacSha256(options_.secret.expose(), token);
    token += '.';
    token += encodeBase64Url({reinterpret_cast<const char*>(signature.data()), signature.size()});
    return token;
}

Result<void> checkTokenTtl(std::int64_t seconds) {
    if (seconds >= kMinTokenTtl.count() && seconds <= kMaxTokenTtl.count())
        return {};
    return fail("invalid_argument",
                "ttlSeconds is " + std::to_string(seconds) + "; allowed are whole numbers from " +
                    std::to_string(kMinTokenTtl.count()) + " to " + std::to_string(kMaxTokenTtl.count()) + ".",
                "ttlSeconds");
}

Secret makeHmacSecret() {
    std::string bytes(kHmacSecretBytes, '\0');
    fillRandom(std::span(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()));
    Secret secret(encodeBase64Url(bytes));
    cleanse(bytes);
    return secret;
}

}  // namespace xshathra::auth
