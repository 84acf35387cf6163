#pragma once

#include "server/base/result.h"

#include <QJsonObject>

namespace xshathra::app {

/// Whether the instance whose `status` this is listens: only then its URL is its own. Errors: `port_in_use`, and
/// `unreachable` where it is starting or stopping, or failed.
Result<void> checkListening(const QJsonObject& status);

}  // namespace xshathra::app
