#pragma once

#include "server/base/expected.h"
#include "server/engine/proxy.h"
#include "server/httpclient/http_client.h"

#include <string>

namespace xshathra::proxy {

/// The body of a call, as Centrifugo's HTTP proxies send it (protocol section 23): the members that are empty are left
/// out, save `user` where Centrifugo has it. Payloads go in byte for byte, or as base64 with binary_encoding. The error
/// is a sentence: a payload that isn't JSON can't travel in a JSON body.
Expected<std::string, std::string> buildBody(const engine::ProxyCall& call);

/// The header fields of a call: the static ones, replaced by emulated ones that are allowed, replaced by the client's
/// own that are allowed; the content type last. Fields that belong to one connection (Host, Content-Length, Connection
/// and the like) are never passed on.
httpclient::Headers buildHeaders(const engine::ProxyOptions& options, const engine::ProxyCaller& caller);

}  // namespace xshathra::proxy
