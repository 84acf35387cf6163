#include "server/protocol/emulation.h"

#include "server/protocol/decode_error.h"
#include "server/protocol/json.h"
#include "server/protocol/json_reader.h"
#include "server/protocol/wire.h"

#include <utility>

namespace xshathra::protocol {

std::optional<EmulationRequest> decodeEmulation(Encoding encoding, const SharedBytes& body) {
    EmulationRequest request;
    if (encoding == Encoding::Protobuf) {
        if (!wire::parse(body.view(), DecodeLimits::kMaxDepth, request))
            return std::nullopt;
        return request;
    }
    if (!isJsonNull(body.view()) && json::parse(body, DecodeLimits::kMaxDepth, request))
        return std::nullopt;
    return request;
}

std::string encodeEmulation(Encoding encoding, const EmulationRequest& request) {
    std::string out;
    if (encoding == Encoding::Protobuf) {
        wire::appendWithoutLength(out, request);
        return out;
    }
    out = "{\"session\":";
    appendJsonString(out, request.session);
    out += ",\"node\":";
    appendJsonString(out, request.node);
    if (request.commands) {
        out += ",\"data\":";
        appendJsonString(out, request.commands->view());
    }
    return out += '}';
}

}  // namespace xshathra::protocol
