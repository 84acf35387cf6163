#pragma once

#include "server/base/result.h"
#include "server/base/shared_bytes.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace xshathra::engine {
class NodeRegistry;
}

namespace xshathra::services {

/// A publication from a backend or a person.
struct PublishRequest {
    std::string channel;
    /// One JSON text.
    SharedBytes data;
    std::map<std::string, std::string> tags;
    std::string idempotencyKey;
    bool skipHistory = false;
    bool delta = false;
};

/// Where the publication stands in its channel's stream. Without history: offset 0 and an empty epoch.
struct PublishResult {
    std::uint64_t offset = 0;
    std::string epoch;
};

using PublishCallback = std::function<void(Result<PublishResult>)>;

/// What the services need of an engine, embedded or not. Thread-safe.
class EnginePort {
public:
    virtual ~EnginePort() = default;

    /// Calls `done` exactly once: inline, or later on any thread. Errors: `not_found` on `projectId`;
    /// `unknown_namespace` and `invalid_argument` on `channel` or `data`; `unavailable`.
    virtual void publish(std::string_view projectId, const PublishRequest& request, PublishCallback done) = 0;
};

/// The engine of this process: answers inline.
class EmbeddedEngine final : public EnginePort {
public:
    /// Must outlive the port.
    explicit EmbeddedEngine(engine::NodeRegistry& registry) : registry_(registry) {}
    void publish(std::string_view projectId, const PublishRequest& request, PublishCallback done) override;

private:
    engine::NodeRegistry& registry_;
};

}  // namespace xshathra::services
