#pragma once

#include <QProcessEnvironment>

#include <optional>
#include <string>

namespace xshathra::app {

/// Why no window can be opened, as the second half of a sentence; nothing where one probably can. Qt ends the process
/// where it finds no display, so this has to be known before. Tries the sockets that DISPLAY and WAYLAND_DISPLAY name
/// on this machine; what lies on another machine counts as reachable, and so does everything where the platform's
/// windows need no such socket. Returns within milliseconds.
std::optional<std::string> whyNoDisplay(const QProcessEnvironment& environment);

}  // namespace xshathra::app
