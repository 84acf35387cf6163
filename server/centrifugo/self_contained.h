#pragma once

#include "server/base/result.h"
#include "server/centrifugo/document.h"
#include "server/centrifugo/loader.h"

#include <string>

namespace xshathra::centrifugo {

/// The options of a configuration as JSON that means the same in every process and folder: `variables` are put in, and
/// the certificates and keys that proxies name by their files. What can't be read stays as it is. Errors:
/// `invalid_config`: longer than kMaxFileBytes, or a variable isn't set.
Result<std::string> selfContained(const Loaded& loaded, const Environment& variables);

}  // namespace xshathra::centrifugo
