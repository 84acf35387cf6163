#pragma once

namespace xshathra::app {

class Backend;
class Output;
struct Invocation;

/// `xshathra tail`: follows the channels of the invocation as a client of the running server, or without channels
/// everything that the server captures. Returns the exit code, after the asked number of messages, at Ctrl+C, when
/// nobody reads the output any more, or when the server has gone.
int tail(const Output& output, Backend& backend, const Invocation& invocation);

}  // namespace xshathra::app
