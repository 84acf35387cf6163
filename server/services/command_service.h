#pragma once

#include "server/services/command.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace xshathra::engine {
class NodeRegistry;
}

namespace xshathra::services {

/// Connections that one Connections command lists; beyond it error 106, since a list with holes would mislead.
inline constexpr std::size_t kMaxListedConnections = 10'000;

/// Runs commands on the engine of this process: the one place that the server API, the window and the command line act
/// through. Thread-safe; waits for nothing. What a command does to connections happens on their loops soon after.
class CommandService {
public:
    /// `registry` must outlive the service; null where no engine runs, which gives error 100.
    explicit CommandService(const engine::NodeRegistry* registry,
                            std::size_t maxListedConnections = kMaxListedConnections)
        : registry_(registry), maxListedConnections_(maxListedConnections) {}

    /// Names this process in Info results. Before the service is used by other threads.
    void setNodeName(std::string name) { nodeName_ = std::move(name); }

    /// What error 100 may mean: no engine runs in this process, or it has no such project.
    bool hasEngine() const { return registry_ != nullptr; }
    bool hasProject(std::string_view projectId) const;

    /// The errors of protocol section 21.3, and 100 for an unknown project. Permissions of clients don't apply here.
    engine::ClientResult<command::Result> run(std::string_view projectId, const command::Command& command) const;

private:
    const engine::NodeRegistry* registry_;
    std::size_t maxListedConnections_;
    std::string nodeName_ = "xshathra";
};

}  // namespace xshathra::services
