#pragma once

#include "server/base/clock.h"

#include <string>
#include <string_view>

namespace xshathra::services {

/// A duration as Go writes it, shortened: "0s", "300ms", "1h30m".
std::string formatDuration(Milliseconds duration);
/// Reads a duration as Go does ("1h15m30.5s", "300ms", "0"), from 0 up and exact to the millisecond. False, and `out`
/// as it was, otherwise.
bool parseDuration(std::string_view text, Milliseconds& out);

}  // namespace xshathra::services
