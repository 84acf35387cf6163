#include "server/auth/jwks.h"

#include "server/auth/base64.h"
#include "server/auth/json_object.h"

#include <algorithm>
#include <utility>

namespace xshathra::auth {

namespace {

std::string textOf(const JsonObject& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->type == JsonType::String ? value->text : std::string();
}

/// The bytes of a base64url member, or an empty text.
std::string bytesOf(const JsonObject& object, std::string_view name) {
    return decodeBase64Url(textOf(object, name), Base64Rules::Lenient).value_or(std::string());
}

std::optional<PublicKey> keyOf(const JsonObject& object) {
    const auto kind = textOf(object, "kty");
    const auto curve = textOf(object, "crv");
    const bool isPrivate = object.find("d") != nullptr;
    if (kind == "RSA" && !isPrivate)
        return PublicKey::rsa(bytesOf(object, "n"), bytesOf(object, "e"));
    if (kind == "EC" && !isPrivate) {
        using Curve = std::pair<std::string_view, PublicKey::Kind>;
        for (const auto& [name, value] : {Curve{"P-256", PublicKey::Kind::P256}, Curve{"P-384", PublicKey::Kind::P384},
                                          Curve{"P-521", PublicKey::Kind::P521}}) {
            if (curve == name)
                return PublicKey::ec(value, bytesOf(object, "x"), bytesOf(object, "y"));
        }
    }
    if (kind == "OKP" && curve == "Ed25519" && !isPrivate)
        return PublicKey::ed25519(bytesOf(object, "x"));
    return std::nullopt;
}

std::shared_ptr<const JsonWebKey> readKey(std::string_view json) {
    const auto object = JsonObject::parse(json, TokenRules::Centrifugo);
    if (!object || textOf(*object, "use") != "sig")
        return nullptr;
    auto id = textOf(*object, "kid");
    auto key = id.empty() ? std::nullopt : keyOf(*object);
    if (!key)
        return nullptr;
    std::optional<Algorithm> algorithm;
    // Centrifugo doesn't look at `alg` of Ed25519 keys, which serve but one.
    if (const auto name = textOf(*object, "alg"); !name.empty() && key->kind() != PublicKey::Kind::Ed25519) {
        algorithm = algorithmFromString(name);
        if (!algorithm || !key->serves(*algorithm))
            return nullptr;
    }
    return std::make_shared<const JsonWebKey>(JsonWebKey{std::move(id), algorithm, std::move(*key)});
}

}  // namespace

Result<std::vector<std::shared_ptr<const JsonWebKey>>> parseJwks(std::string_view json) {
    if (json.size() > kMaxJwksBytes)
        return fail("invalid_jwks", "The key set has " + std::to_string(json.size()) + " bytes; at most " +
                                        std::to_string(kMaxJwksBytes) + " are allowed.");
    const auto object = JsonObject::parse(json, TokenRules::Centrifugo);
    const auto* list = object ? object->find("keys") : nullptr;
    const auto array =
        list == nullptr ? std::nullopt : JsonArray::parse(list->raw, maxTokenJsonDepth(TokenRules::Centrifugo));
    if (!array)
        return fail("invalid_jwks", "The answer is no JSON Web Key Set: an object with a list \"keys\" is needed.");
    std::vector<std::shared_ptr<const JsonWebKey>> keys;
    for (const auto& value : array->values()) {
        if (keys.size() == kMaxJwksKeys)
            break;
        auto key = readKey(value.raw);
        if (!key)
            continue;
        const auto same =
            std::find_if(keys.begin(), keys.end(), [&key](const auto& one) { return one->id == key->id; });
        if (same == keys.end())
            keys.push_back(std::move(key));
        else
            *same = std::move(key);
    }
    return keys;
}

}  // namespace xshathra::auth
