#pragma once

#include "server/base/result.h"
#include "server/centrifugo/format.h"
#include "server/centrifugo/value.h"
#include "server/services/config.h"

#include <string>
#include <string_view>

namespace xshathra::centrifugo {

/// The Centrifugo v6 configuration of a project, defaults left out: `document` (what it was imported from, without its
/// namespaces; empty: nothing), and the namespaces and options that the project has now. Errors: `invalid_config`.
Result<Value> exported(std::string_view document, const services::Project& project);

}  // namespace xshathra::centrifugo
