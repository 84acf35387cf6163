#pragma once

#include "server/engine/transport.h"
#include "server/http/head.h"

#include <string>

namespace xshathra::engine {
class NodeRegistry;
}

namespace xshathra::transport {

/// What the engine is told of a connection that began with this request; `kind` and the encoding are the caller's to
/// fill in. Keeps of the header fields those that the registry names.
engine::TransportInfo describe(const engine::NodeRegistry& registry, const http::Head& head, std::string remote);

}  // namespace xshathra::transport
