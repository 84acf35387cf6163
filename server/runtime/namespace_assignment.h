#pragma once

#include "server/base/result.h"
#include "server/engine/namespace_options.h"

#include <QStringList>

namespace xshathra::runtime {

/// `options` with the assignments of a command line carried out: `presence=true`, `history_ttl=5m`,
/// `allowed_delta_types=fossil`, `map.mode=...`; `name=` takes an option back to its default. Errors:
/// `invalid_argument` with the option's name for an unknown name or a value of the wrong type; ranges are left to the
/// service.
Result<engine::ChannelOptions> assignOptions(const engine::ChannelOptions& options, const QStringList& assignments);

}  // namespace xshathra::runtime
