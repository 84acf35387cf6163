#include "server/engine/proxy.h"

#include <algorithm>
#include <cctype>

namespace xshathra::engine {

std::string_view toString(ProxyKind kind) {
    switch (kind) {
        case ProxyKind::Connect: return "connect";
        case ProxyKind::Refresh: return "refresh";
        case ProxyKind::Subscribe: return "subscribe";
        case ProxyKind::SubRefresh: return "sub_refresh";
        case ProxyKind::Publish: return "publish";
        case ProxyKind::Rpc: return "rpc";
        case ProxyKind::MapPublish: return "map_publish";
        case ProxyKind::MapRemove: return "map_remove";
        case ProxyKind::SharedPollRefresh: break;
    }
    return "shared_poll_refresh";
}

ProxyKind kindOf(const ProxyRequest& request) { return static_cast<ProxyKind>(request.index()); }

std::string ProxyAnswer::describe() const {
    const auto ms = std::to_string(std::chrono::duration_cast<Milliseconds>(took).count()) + " ms";
    if (status != 0)
        return std::to_string(status) + " in " + ms;
    return "no answer after " + ms;
}

}  // namespace xshathra::engine
