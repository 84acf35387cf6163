#pragma once

#include "server/runtime/options.h"

namespace xshathra::app {

/// Runs the server without a window until it is asked to stop: `xshathra serve`, and `xshathra-console` without a
/// display. Prints where it listens (with `json` as one line for scripts) and returns the exit code. A QCoreApplication
/// must exist.
int runHeadless(const runtime::RuntimeOptions& options, bool json);

}  // namespace xshathra::app
