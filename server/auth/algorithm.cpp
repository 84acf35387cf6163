#include "server/auth/algorithm.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace xshathra::auth {

namespace {

constexpr std::array<std::string_view, 10> kNames{"HS256", "HS384", "HS512", "RS256", "RS384",
                                                  "RS512", "ES256", "ES384", "ES512", "EdDSA"};

}  // namespace

std::string_view toString(Algorithm algorithm) { return kNames[static_cast<std::size_t>(algorithm)]; }

std::optional<Algorithm> algorithmFromString(std::string_view name) {
    const auto* const at = std::find(kNames.begin(), kNames.end(), name);
    if (at == kNames.end())
        return std::nullopt;
    return static_cast<Algorithm>(at - kNames.begin());
}

}  // namespace xshathra::auth
