#pragma once

#include "server/capture/store.h"
#include "ui/theme/token.h"

namespace xshathra::ui {

/// The colour of an event's kind. A disconnect of code 3500 or above, after which clients stay away, is an error.
Token kindToken(capture::Kind kind, std::uint32_t code);

/// Whether the event is shown as an error: an error reply, a refusal, a final disconnect, an HTTP status of 400 or
/// above.
bool isErrorEvent(const capture::StoredEvent& event);

}  // namespace xshathra::ui
