#pragma once

#include "server/services/engine_port.h"

#include <cstddef>
#include <string_view>

namespace xshathra::services {

class ConfigStore;

/// Bytes of an idempotency key.
inline constexpr std::size_t kMaxIdempotencyKeyLength = 255;
/// Tags of one publication, and bytes of a tag's name and value.
inline constexpr std::size_t kMaxTags = 32;
inline constexpr std::size_t kMaxTagLength = 255;
/// Bytes of `data`: the body limit of the REST API.
inline constexpr std::size_t kMaxPublishSize = std::size_t{1} << 20;

/// Publishes for backends and for the window. Thread-safe: REST calls it on I/O threads.
class PublishService {
public:
    /// Both must outlive the service.
    PublishService(const ConfigStore& store, EnginePort& engine) : store_(store), engine_(engine) {}

    /// Checks the request, removes line breaks between the JSON tokens of `data`, and publishes. `done` is called
    /// exactly once, inline or later. Errors as EnginePort::publish(), and `invalid_argument` on `channel`, `data`,
    /// `tags`, `idempotency_key`.
    void publish(std::string_view projectId, PublishRequest request, PublishCallback done);

private:
    const ConfigStore& store_;
    EnginePort& engine_;
};

}  // namespace xshathra::services
