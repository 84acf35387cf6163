#pragma once

#include "app/cli/arguments.h"

namespace xshathra::app {

/// Carries out every command but `serve`, prints its result, and returns the exit code. Runs event loops; a
/// QCoreApplication must exist.
int runCommand(const Invocation& invocation);

}  // namespace xshathra::app
