#pragma once

#include <string>
#include <string_view>

namespace xshathra::centrifugo {

/// Why an option is not acted on.
struct NotActedOn {
    /// A word for the table in the documentation: "cluster", "grpc", "consumers", ...
    std::string_view group;
    /// One clause for people.
    std::string_view reason;
};

/// Null where the option at the path (with `[]` for the elements of lists) is acted on, or isn't one.
const NotActedOn* notActedOn(std::string_view path);
/// The same where the configuration is one project among others, and the server's own options are its settings.
const NotActedOn* notActedOnInProjects(std::string_view path);

/// "broker.redis.address (line 12) is not acted on: ..."
std::string noteFor(std::string_view path, std::string_view place, const NotActedOn& why);

}  // namespace xshathra::centrifugo
