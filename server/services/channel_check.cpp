#include "server/services/channel_check.h"

#include "server/base/ids.h"
#include "server/base/log.h"

#include <algorithm>

namespace xshathra::services {

namespace {

constexpr std::size_t kShownBytes = 64;
constexpr std::string_view kProjectPrefix = "proj_";

/// The project that a channel's name was made for (`chat:{projectId}:{roomId}`), or nothing.
std::string_view projectOfChannel(std::string_view rest) {
    const auto segment = rest.substr(0, rest.find(':'));
    const bool isId =
        segment.substr(0, kProjectPrefix.size()) == kProjectPrefix && isUlid(segment.substr(kProjectPrefix.size()));
    return isId ? segment : std::string_view();
}

std::string namespaceNames(const Project& project) {
    std::string names;
    for (const auto& ns : project.namespaces)
        names += (names.empty() ? "" : ", ") + ns.name;
    return names.empty() ? "none" : names;
}

}  // namespace

std::string shown(std::string_view text) {
    auto cut = std::min(text.size(), kShownBytes);
    // Not in the middle of a character of UTF-8.
    while (cut < text.size() && cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80)
        --cut;
    return Log::sanitize(text.substr(0, cut)) + (cut < text.size() ? "..." : "");
}

Result<void> checkChannel(const Project& project, std::string_view channel, const std::string& field) {
    const auto& registry = *project.engine->channels;
    const auto longest = registry.layout().maxLength;
    if (channel.empty())
        return fail("invalid_argument", "The channel is empty; name one, for example \"public:lobby\".", field);
    if (channel.size() > longest)
        return fail("invalid_argument",
                    "The channel \"" + shown(channel) + "\" has " + std::to_string(channel.size()) +
                        " bytes; allowed are 1 to " + std::to_string(longest) + ".",
                    field);
    if (std::any_of(channel.begin(), channel.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        return fail("invalid_argument",
                    "The channel \"" + shown(channel) + "\" contains a control character, which is not allowed.",
                    field);
    const auto resolved = registry.resolve(channel);
    if (resolved.ns == nullptr)
        return fail("unknown_namespace",
                    "The channel \"" + shown(channel) + "\" is in the namespace \"" + shown(resolved.namespaceName) +
                        "\", which the project doesn't have; it has: " + namespaceNames(project) + ".",
                    field);
    const auto owner = projectOfChannel(resolved.rest);
    if (!owner.empty() && owner != project.id)
        return fail(
            "invalid_argument",
            "The channel \"" + shown(channel) + "\" is named after another project; this one is " + project.id + ".",
            field);
    return {};
}

}  // namespace xshathra::services
