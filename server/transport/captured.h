#pragma once

#include "server/base/clock.h"
#include "server/http/annotation.h"
#include "server/http/head.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/transport/shared_state.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace xshathra::transport {

// What the transport tells the capture. Every function does nothing while nobody watches.

/// A request has come, and what its handler says of it; recorded before the handler acts, so that it stands before what
/// it causes. The body is kept for API calls, never the headers (they carry keys). `number` ties it to its answer.
void captureRequest(SharedState& shared, const http::Request& request, const http::Annotation& about,
                    std::uint32_t number);

/// It was answered: the body of an API call's answer, and the decision with the checks that were passed and the one
/// that failed.
void captureAnswer(SharedState& shared, const http::Request& request, const http::Annotation& about,
                   std::uint32_t number, const http::Response& response, Nanoseconds latency);

/// A request or handshake was not served, by response.failed. `head` is null where it could not be read.
void captureRefusal(SharedState& shared, const http::Head* head, std::string_view remote,
                    const http::Response& response);

/// The connection's URL holds a token, which is not how the protocol works.
void captureTokenInUrl(SharedState& shared, std::string_view client, const std::string& parameter);

/// The client left right after the handshake without a word. `echoed` is the subprotocol of the answer, or empty.
void captureEarlyLeave(SharedState& shared, std::string_view client, std::string_view echoed, Nanoseconds after);

/// One log line a minute for each cause.
void logRefusal(SharedState& shared, const char* cause, const std::string& text);

}  // namespace xshathra::transport
