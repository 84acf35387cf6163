#pragma once

#include "server/base/result.h"
#include "server/base/shared_bytes.h"
#include "server/services/command.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace xshathra::services {

class CommandService;
class ConfigStore;

/// Bytes of an idempotency key.
inline constexpr std::size_t kMaxIdempotencyKeyLength = 255;
/// Tags of one publication, and bytes of a tag's name and value.
inline constexpr std::size_t kMaxTags = 32;
inline constexpr std::size_t kMaxTagLength = 255;
/// Bytes of `data`: the body limit of the REST API.
inline constexpr std::size_t kMaxPublishSize = std::size_t{1} << 20;

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

using PublishResult = engine::PublishResult;

/// Publishes for backends and for the window: command::Publish behind checks that name the field at fault. Thread-safe;
/// waits for nothing. REST calls it on I/O threads.
class PublishService {
public:
    /// Both must outlive the service.
    PublishService(const ConfigStore& store, const CommandService& commands) : store_(store), commands_(commands) {}

    /// Checks the request, removes line breaks between the JSON tokens of `data`, and publishes. Errors: `not_found` on
    /// `projectId`, there too `unavailable` where it isn't served; `invalid_argument` on `channel`, `data`, `tags`,
    /// `idempotency_key`; `unknown_namespace` on `channel`; `unavailable`.
    [[nodiscard]] Result<PublishResult> publish(std::string_view projectId, PublishRequest request) const;

private:
    Error errorFor(const protocol::ClientError& error, std::string_view projectId, const std::string& channel) const;

    const ConfigStore& store_;
    const CommandService& commands_;
};

}  // namespace xshathra::services
