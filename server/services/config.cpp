#include "server/services/config.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace xshathra::services {

namespace {

constexpr std::array<std::pair<Environment, std::string_view>, 3> kEnvironments{
    {{Environment::Development, "development"},
     {Environment::Staging, "staging"},
     {Environment::Production, "production"}}};

}  // namespace

std::string_view toString(Environment environment) {
    for (const auto& [value, word] : kEnvironments) {
        if (value == environment)
            return word;
    }
    return {};
}

std::optional<Environment> environmentFromString(std::string_view word) {
    for (const auto& [value, candidate] : kEnvironments) {
        if (candidate == word)
            return value;
    }
    return std::nullopt;
}

const KeyInfo* Project::currentKey(auth::KeyKind kind) const {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [kind](const auto& key) { return key.kind == kind && !key.expiresAt; });
    return found == keys.end() ? nullptr : &*found;
}

const KeyInfo* Project::previousKey(auth::KeyKind kind) const {
    const auto found = std::find_if(
        keys.begin(), keys.end(), [kind](const auto& key) { return key.kind == kind && key.expiresAt && !key.ended; });
    return found == keys.end() ? nullptr : &*found;
}

std::string Project::trouble() const {
    if (!fault.empty())
        return fault;
    return apiKeyHolder.empty() ? std::string()
                                : "Its http_api.key is also that of the project \"" + apiKeyHolder +
                                      "\", which is the one that the key means.";
}

ProjectPtr Config::find(std::string_view projectId) const {
    const auto found = byId_.find(projectId);
    return found == byId_.end() ? nullptr : found->second;
}

Config::KeyMatch Config::findKey(const auth::Digest& hash) const {
    const auto found = byKey_.find(hash);
    return found == byKey_.end() ? KeyMatch() : found->second;
}

ProjectPtr Config::findServerApiKey(const auth::Digest& hash) const {
    const auto found = byServerApiKey_.find(hash);
    return found == byServerApiKey_.end() ? nullptr : found->second;
}

void Config::index() {
    byId_.clear();
    byKey_.clear();
    byServerApiKey_.clear();
    for (const auto& project : projects) {
        byId_.emplace(project->id, project);
        for (const auto& key : project->keys)
            byKey_.emplace(key.hash, KeyMatch{project, key});
        if (project->serverApi.keyHash && project->apiKeyHolder.empty())
            byServerApiKey_.emplace(*project->serverApi.keyHash, project);
    }
}

std::size_t Config::DigestHash::operator()(const auth::Digest& digest) const {
    // A digest is as random as a hash can be.
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
}

}  // namespace xshathra::services
