#pragma once

#include "server/protocol/json.h"
#include "server/protocol/messages.h"

namespace xshathra::engine {

/// Whether a client's info can be written into JSON messages; `b64info` of a token may hold anything.
inline bool isJson(const protocol::ClientInfo& info) {
    for (const auto* part : {&info.connInfo, &info.chanInfo}) {
        if (part->has_value() && !(*part)->empty() && !protocol::isValidJson((*part)->view()))
            return false;
    }
    return true;
}

}  // namespace xshathra::engine
