#pragma once

#include "server/base/result.h"

namespace xshathra::app {

/// What the programs end with; part of the contract with scripts (`xshathra --help`).
enum ExitCode : int {
    kExitOk = 0,
    /// The server refused, or something went wrong on the way; the message says what.
    kExitFailure = 1,
    /// The command line, a setting or a value given is wrong.
    kExitUsage = 2,
    /// What was named does not exist.
    kExitNotFound = 3,
    /// Another program listens on the port.
    kExitPortInUse = 4,
    /// No server runs, or it does not answer.
    kExitUnreachable = 5,
    /// The data folder is held by another instance, or can't be opened.
    kExitDataFolder = 6,
};

/// The exit code for a refusal of the services or the control socket.
int exitCodeFor(const Error& error);

}  // namespace xshathra::app
