#include "server/transport/describe.h"

#include "server/base/ascii.h"
#include "server/engine/node_registry.h"
#include "server/http/target.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace xshathra::transport {

namespace {

std::shared_ptr<const engine::RequestHeaders> keptHeaders(const engine::NodeRegistry& registry,
                                                          const http::Head& head) {
    const auto names = registry.keptHeaders();
    if (!names || names->empty())
        return nullptr;
    auto kept = std::make_shared<engine::RequestHeaders>();
    for (const auto& field : head.fields) {
        auto name = toLower(field.name);
        if (std::binary_search(names->begin(), names->end(), name))
            kept->emplace_back(std::move(name), field.value);
    }
    return kept->empty() ? nullptr : kept;
}

}  // namespace

engine::TransportInfo describe(const engine::NodeRegistry& registry, const http::Head& head, std::string remote) {
    engine::TransportInfo info;
    info.remoteAddress = std::move(remote);
    info.origin = head.header("Origin");
    info.userAgent = head.header("User-Agent");
    info.host = head.header("Host");
    info.query = head.query;
    info.clientApiKey = http::queryValue(head.query, "client_api_key").value_or(std::string());
    info.headers = keptHeaders(registry, head);
    return info;
}

}  // namespace xshathra::transport
