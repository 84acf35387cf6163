#pragma once

#include "server/base/shared_bytes.h"
#include "server/engine/proxy.h"

namespace xshathra::proxy {

using Outcome = decltype(engine::ProxyAnswer::outcome);

/// What the body of a 200 answer says: `disconnect` before `error` before `result`, save for the refreshes, which
/// Centrifugo reads for their result alone. A ProxyFailure when it isn't the JSON that belongs to the kind; error 100
/// when a base64 member can't be decoded.
Outcome parseAnswer(engine::ProxyKind kind, const SharedBytes& body);

/// What another status comes to by the proxy's transforms; a ProxyFailure when none covers it. The shared-poll refresh
/// has no transforms, as in Centrifugo.
Outcome outcomeOfStatus(const engine::ProxyOptions& options, engine::ProxyKind kind, int status);

}  // namespace xshathra::proxy
