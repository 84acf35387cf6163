#include "app/cli/exit_codes.h"

#include <array>
#include <string_view>
#include <utility>

namespace xshathra::app {

int exitCodeFor(const Error& error) {
    static constexpr std::array<std::pair<std::string_view, ExitCode>, 11> kTable{{
        {"not_found", kExitNotFound},
        {"unreachable", kExitUnreachable},
        {"unavailable", kExitUnreachable},
        {"port_in_use", kExitPortInUse},
        {"data_folder_in_use", kExitDataFolder},
        {"data_folder", kExitDataFolder},
        {"master_key", kExitDataFolder},
        {"invalid_setting", kExitUsage},
        {"invalid_config", kExitUsage},
        {"tls", kExitUsage},
        {"bind", kExitUsage},
    }};
    for (const auto& [code, exitCode] : kTable) {
        if (error.code == code)
            return exitCode;
    }
    if (error.code.starts_with("storage"))
        return kExitDataFolder;
    // A refusal that names a field is about a value that was given.
    return error.field.empty() ? kExitFailure : kExitUsage;
}

}  // namespace xshathra::app
