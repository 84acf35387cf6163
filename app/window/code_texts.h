#pragma once

#include "server/capture/event.h"
#include "ui/live/inspector.h"

namespace xshathra::app {

/// What a code means and what to do next, from the protocol's tables; for HTTP from the statuses that this server
/// answers with.
ui::CodeText codeText(capture::Kind kind, std::uint32_t code);

}  // namespace xshathra::app
