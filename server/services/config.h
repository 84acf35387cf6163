#pragma once

#include "server/auth/api_key.h"
#include "server/auth/jwt.h"
#include "server/base/clock.h"
#include "server/base/string_map.h"
#include "server/engine/namespace_options.h"
#include "server/engine/project_config.h"
#include "server/services/server_api_access.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace xshathra::services {

/// What a project is for; keys of staging projects carry `test` in their prefix.
enum class Environment : std::uint8_t { Development, Staging, Production };

/// `development`, `staging`, `production`.
std::string_view toString(Environment environment);
std::optional<Environment> environmentFromString(std::string_view word);

/// What a project allows beyond its namespaces.
struct ProjectOptions {
    /// Connections without a token, which then name the project by `?client_api_key=`.
    bool allowAnonymous = false;

    friend bool operator==(const ProjectOptions&, const ProjectOptions&) = default;
};

/// What everybody may know of an API key. The key itself only comes from ProjectService::revealKey().
struct KeyInfo {
    std::string id;
    auth::KeyKind kind = auth::KeyKind::Server;
    auth::Digest hash{};
    /// For screens: prefix, ellipsis, last four characters.
    std::string masked;
    /// Wall time.
    Nanoseconds createdAt{};
    /// Wall time until which a rotated key is still valid; absent on the current key.
    std::optional<Nanoseconds> expiresAt;
    /// The grace time is over. The key is only remembered so that who still uses it is told why it is refused.
    bool ended = false;
};

/// How tokens of one kind are minted for a project.
struct TokenSigning {
    /// Null: the common signer does, unless there is a refusal.
    std::shared_ptr<const auth::TokenSigner> signer;
    /// Why no token can be minted here that the project would accept, one sentence for people. Empty: one can.
    std::string refusal;
};

/// A project as all parts of the program see it. Immutable.
struct Project {
    /// `proj_` and a ULID.
    std::string id;
    std::string name;
    Environment environment = Environment::Development;
    /// Wall time.
    Nanoseconds createdAt{};
    ProjectOptions options;
    ServerApiAccess serverApi;
    /// It was made from a configuration file, whose other options are kept with it.
    bool imported = false;
    TokenSigning connectionTokens;
    TokenSigning subscriptionTokens;
    /// Why it is not served, one sentence for people: what is stored of it can't be used now, for example because an
    /// environment variable that it names is gone. Such a project is not in the engine and its keys are refused; it can
    /// be looked at, exported and removed. Empty: it is served.
    std::string fault;
    /// Name of the project that has the same server API key and is the one that the key means. Empty: no other has it.
    std::string apiKeyHolder;
    /// Current keys, those in their grace time, and those that ended in the last days.
    std::vector<KeyInfo> keys;
    /// In the order of the console's list.
    std::vector<engine::NamespaceOptions> namespaces;
    /// Options of channels whose name has no namespace.
    engine::ChannelOptions withoutNamespace;
    /// The same for the engine. Never null.
    std::shared_ptr<const engine::ProjectConfig> engine;

    /// The key that is not on its way out. Never null in a project of a Config.
    const KeyInfo* currentKey(auth::KeyKind kind) const;
    /// The rotated key in its grace time, or null.
    const KeyInfo* previousKey(auth::KeyKind kind) const;
    /// What people are to be told is wrong with it: `fault`, or that its server API key is another's. Empty: nothing.
    std::string trouble() const;
};

using ProjectPtr = std::shared_ptr<const Project>;

/// Everything that answers need, as of one commit. Immutable, shared by all threads: minting a token or checking a key
/// touches no database.
struct Config {
    /// Counts the snapshots of this process.
    std::uint64_t revision = 0;
    /// Oldest first. Removed projects are not in it, also while their removal can be undone.
    std::vector<ProjectPtr> projects;
    std::shared_ptr<const auth::TokenSigner> signer;
    std::shared_ptr<const auth::TokenVerifier> verifier;
    /// Wall time at which the previous engine secret ends or has ended. Absent: none is stored.
    std::optional<Nanoseconds> previousSecretEnds;
    /// The same for the engine.
    std::shared_ptr<const engine::EngineConfig> engine;

    struct KeyMatch {
        ProjectPtr project;
        KeyInfo key;
    };

    /// Null where there is none.
    ProjectPtr find(std::string_view projectId) const;
    /// The holder of a key's hash. Null project where there is none.
    KeyMatch findKey(const auth::Digest& hash) const;
    /// The project whose ServerApiAccess has this hash, the oldest of several. Null where there is none.
    ProjectPtr findServerApiKey(const auth::Digest& hash) const;

    /// Fills the look-up tables from `projects`.
    void index();

private:
    struct DigestHash {
        std::size_t operator()(const auth::Digest& digest) const;
    };
    StringMap<ProjectPtr> byId_;
    std::unordered_map<auth::Digest, KeyMatch, DigestHash> byKey_;
    std::unordered_map<auth::Digest, ProjectPtr, DigestHash> byServerApiKey_;
};

using ConfigPtr = std::shared_ptr<const Config>;

}  // namespace xshathra::services
