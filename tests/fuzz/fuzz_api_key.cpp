// Any text as an API key: what parses is exactly of the form that is generated, and one changed character breaks it.
#include "server/auth/api_key.h"

#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace xshathra::auth;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto masked = maskApiKey(text);
    require(masked.size() <= kApiKeyPrefixLength + 3 + 4);
    const auto parsed = parseApiKey(text);
    if (!parsed) {
        require(!describe(parsed.error()).empty());
        return 0;
    }
    require(text.size() == kApiKeyLength);
    require(text.starts_with(parsed->kind == KeyKind::Server ? "xsk_" : "xck_"));
    require(text.substr(4, 5) == (parsed->environment == KeyEnvironment::Live ? "live_" : "test_"));
    for (const char c : text.substr(kApiKeyPrefixLength))
        require(std::isalnum(static_cast<unsigned char>(c)) != 0);
    require(equalDigests(parsed->hash, hashApiKey(text)));
    for (std::size_t i = kApiKeyPrefixLength; i < text.size(); ++i) {
        std::string changed(text);
        changed[i] = changed[i] == 'z' ? 'y' : 'z';
        if (changed != text)
            require(!parseApiKey(changed));
    }
    return 0;
}
