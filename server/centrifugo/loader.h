#pragma once

#include "server/base/result.h"
#include "server/centrifugo/configuration.h"
#include "server/centrifugo/document.h"
#include "server/services/project_service.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xshathra::centrifugo {

/// Where a configuration comes from. What stands lower wins.
struct Source {
    /// `.json`, `.yaml`, `.yml` or `.toml`; empty: none.
    std::string file;
    /// Whether `CENTRIFUGO_...` variables are options.
    bool readVariables = false;
    /// Path and value of options of the command line.
    std::vector<std::pair<std::string, std::string>> options;
    /// Variables of the process that start with `CENTRIFUGO_`.
    Environment environment;
    /// It is to become one project among others, so that options of the server as a whole are noted as not acted on.
    bool forProject = false;
};

struct Loaded {
    /// What is set, defaults left out.
    Value options;
    Configuration configuration;
    /// One line each for people: options that Centrifugo doesn't know, and options that are not acted on.
    std::vector<std::string> notes;
};

/// Reads and checks a configuration. Errors: `invalid_config`, one line for each fault (at most kMaxShownFaults), each
/// with file, line, option, value and what is allowed.
Result<Loaded> load(const Source& source);

/// The same for a text that stands for a file; `name` is how faults call it.
Result<Loaded> loadText(std::string_view text, const std::string& name, const Source& source);

/// Faults that an error lists.
inline constexpr std::size_t kMaxShownFaults = 20;

/// A project with that configuration, to be created by the services.
services::NewProject projectFor(const Loaded& loaded, std::string name);

/// One line for people who import: how connections whose tokens name no project reach this one.
std::string noteOnTokens(std::string_view projectId);

/// `CENTRIFUGO_...` variables of this process.
Environment environmentOfProcess();

}  // namespace xshathra::centrifugo
