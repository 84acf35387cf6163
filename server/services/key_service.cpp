#include "server/services/key_service.h"

#include "server/auth/digest.h"
#include "server/services/config_store.h"

namespace xshathra::services {

namespace {

Unexpected<KeyRefusal> refuse(KeyRefusalKind kind, std::string message, std::string projectId = {}) {
    return Unexpected<KeyRefusal>(KeyRefusal{kind, std::move(message), std::move(projectId)});
}

}  // namespace

Error KeyRefusal::error() const {
    return {kind == KeyRefusalKind::ClientKey   ? "forbidden"
            : kind == KeyRefusalKind::NotServed ? "unavailable"
                                                : "unauthorized",
            message,
            {}};
}

Expected<KeyIdentity, KeyRefusal> KeyService::authenticate(std::string_view key) const {
    if (key.empty())
        return refuse(KeyRefusalKind::Missing,
                      "No API key was given; send the header \"Authorization: apikey SERVER_API_KEY\" with the "
                      "project's server key.");
    const auto parsed = auth::parseApiKey(key);
    if (!parsed)
        return refuse(KeyRefusalKind::Mistyped, auth::describe(parsed.error()));
    const auto match = store_.current()->findKey(parsed->hash);
    // A key that nobody has is compared too, so that it takes the work of a known one.
    const bool same = auth::equalDigests(match.key.hash, parsed->hash);
    if (!match.project || !same)
        return refuse(KeyRefusalKind::Unknown,
                      "The API key is well-formed, but no project has it; copy the key again from Projects & Keys of "
                      "this server.");
    if (match.key.ended || (match.key.expiresAt && *match.key.expiresAt <= clock_.wall()))
        return refuse(KeyRefusalKind::Expired,
                      "The API key was rotated and its grace time is over; copy the new key from Projects & Keys.",
                      match.project->id);
    return KeyIdentity{match.project->id, match.key.kind, auth::fingerprint(key), match.key.expiresAt.has_value()};
}

Expected<KeyIdentity, KeyRefusal> KeyService::authenticateServer(std::string_view key) const {
    auto identity = authenticate(key);
    if (identity && identity->kind == auth::KeyKind::Client)
        return refuse(KeyRefusalKind::ClientKey,
                      "This is a client key, which only identifies an app; use the project's server key, which starts "
                      "with xsk_.",
                      identity->projectId);
    const auto project = identity ? store_.current()->find(identity->projectId) : nullptr;
    if (project && !project->fault.empty())
        return refuse(KeyRefusalKind::NotServed,
                      "The key's project is not served, because its configuration can't be used; the server's log and "
                      "`xshathra project show` say why.",
                      project->id);
    return identity;
}

Expected<ServerApiIdentity, KeyRefusal> KeyService::authenticateServerApi(std::string_view key) const {
    const auto config = store_.current();
    if (!key.empty()) {
        const auto hash = auth::sha256(key);
        if (const auto project = config->findServerApiKey(hash))
            return ServerApiIdentity{{project->id, auth::KeyKind::Server, auth::fingerprint(key), false},
                                     project->serverApi};
    }
    auto identity = authenticateServer(key);
    const auto project = config->find(identity ? identity->projectId : config->engine->defaultProject);
    if (identity && project)
        return ServerApiIdentity{std::move(*identity), project->serverApi};
    if (project && project->serverApi.insecure)
        return ServerApiIdentity{{project->id, auth::KeyKind::Server, {}, false}, project->serverApi};
    return Unexpected<KeyRefusal>(identity ? KeyRefusal{KeyRefusalKind::Unknown, "The project of this key is gone."}
                                           : identity.error());
}

}  // namespace xshathra::services
