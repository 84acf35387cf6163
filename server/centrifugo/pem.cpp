#include "server/auth/base64.h"
#include "server/centrifugo/configuration.h"

#include <fstream>

namespace xshathra::centrifugo {

namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{1} << 20;

bool isPem(std::string_view text) { return text.find("-----BEGIN ") != std::string_view::npos; }

}  // namespace

Result<std::string> loadPem(std::string_view value) {
    if (value.empty() || isPem(value))
        return std::string(value);
    if (auto decoded = auth::decodeBase64(value); decoded && isPem(*decoded))
        return std::move(*decoded);
    std::ifstream file{std::string(value), std::ios::binary};
    std::string text;
    if (file) {
        text.resize(kMaxPemBytes);
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (!isPem(text))
        return fail("invalid_config",
                    "what stands there is neither a PEM text, nor one in base64, nor the path of a file with one.");
    return text;
}

}  // namespace xshathra::centrifugo
