// Any bytes as the body of a server API request. The first byte chooses the form; payloads that come out must be what
// connections can carry.
#include "server/protocol/json.h"
#include "server/rest/server_api_decoder.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

using namespace xshathra;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

void check(const rest::DecodedCommand& decoded) {
    if (!decoded)
        return;
    std::visit(
        [](const auto& command) {
            if constexpr (requires { command.options.knownJson; }) {
                if (command.options.knownJson && !command.data.empty()) {
                    require(protocol::isValidJson(command.data.view()));
                    require(command.data.view().find_first_of("\r\n") == std::string_view::npos);
                }
            }
        },
        *decoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t form = data[0] % (rest::kApiMethods.size() + 2);
    if (form < rest::kApiMethods.size()) {
        const auto decoded = rest::decodeCommand(rest::kApiMethods[form].method, body);
        if (decoded)
            check(*decoded);
        // White space around the body means nothing.
        require(rest::decodeCommand(rest::kApiMethods[form].method, "\n " + std::string(body) + "\t").has_value() ==
                decoded.has_value());
    } else if (form == rest::kApiMethods.size()) {
        const auto batch = rest::decodeBatch(body);
        if (batch) {
            require(batch->entries.size() <= body.size());
            for (const auto& entry : batch->entries)
                check(entry.command);
        }
    } else {
        const auto commands = rest::decodeCommandForm(body);
        if (commands) {
            require(commands->size() <= body.size());
            for (const auto& one : *commands)
                check(one.command);
        }
    }
    return 0;
}
