#pragma once

#include "server/base/clock.h"
#include "server/capture/decision.h"
#include "server/http/guard.h"
#include "server/http/head.h"
#include "server/http/request.h"

#include "server/transport/shared_state.h"

#include <memory>
#include <string>
#include <string_view>

namespace xshathra::transport {

// What the transport tells the capture. Every function does nothing while nobody watches.

/// A request was answered. The body is kept for API calls, never the headers (they carry keys).
void captureRequest(SharedState& shared, const http::Request& request, int status, Nanoseconds latency);

/// A request or handshake was not served. `head` is null where it could not be read.
void captureRefusal(SharedState& shared, const http::Head* head, std::string_view remote, int status,
                    std::shared_ptr<const capture::Decision> decision);

/// The decision for one failed check, after those that passed before it.
std::shared_ptr<const capture::Decision> refusedBy(std::uint32_t code, std::string check, std::string found, std::string expected,
                                                   std::string advice);

/// The connection's URL holds a token, which is not how the protocol works.
void captureTokenInUrl(SharedState& shared, std::string_view client, const std::string& parameter);

/// The client left right after the handshake without a word. `echoed` is the subprotocol of the answer, or empty.
void captureEarlyLeave(SharedState& shared, std::string_view client, std::string_view echoed, Nanoseconds after);

/// One log line a minute for each cause.
void logRefusal(SharedState& shared, const char* cause, const std::string& text);

}  // namespace xshathra::transport
