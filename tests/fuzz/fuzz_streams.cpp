// Any bytes as what HTTP streams and unidirectional connections post, or as a Fossil delta. The first byte chooses; in
// the last case the second one says how much of the rest is the base.
#include "server/protocol/command_decoder.h"
#include "server/protocol/emulation.h"
#include "server/protocol/fossil_delta.h"
#include "server/protocol/unidirectional.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace xshathra;
using namespace xshathra::protocol;

namespace {

void require(bool condition) {
    if (!condition)
        std::abort();
}

void checkEmulation(Encoding encoding, std::string_view body) {
    const auto decoded = decodeEmulation(encoding, SharedBytes::copyOf(body));
    if (!decoded)
        return;
    const auto again = decodeEmulation(encoding, SharedBytes(encodeEmulation(encoding, *decoded)));
    require(again && again->session == decoded->session && again->node == decoded->node);
}

/// A request never becomes anything but one connect command.
void checkConnect(std::string_view body) {
    const auto frame = connectFrame(body);
    if (!frame)
        return;
    const auto decoded = decodeCommands(Encoding::Json, *frame);
    require(!decoded.error && decoded.commands.size() == 1);
    require(std::holds_alternative<ConnectRequest>(decoded.commands[0].request));
}

/// What is made can be applied; what is only received never reads past its ends or makes more than allowed.
void checkDelta(std::string_view base, std::string_view other) {
    const auto made = applyFossilDelta(base, makeFossilDelta(base, other));
    require(made && *made == other);
    const auto applied = applyFossilDelta(base, other, 4096);
    require(!applied || applied->size() <= 4096);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2)
        return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] & 3U) {
        case 0: checkEmulation(Encoding::Json, rest); break;
        case 1: checkEmulation(Encoding::Protobuf, rest); break;
        case 2: checkConnect(rest); break;
        default: {
            const auto body = rest.substr(1);
            const auto split = std::size_t(data[1]) * body.size() / 255;
            checkDelta(body.substr(0, split), body.substr(split));
        }
    }
    return 0;
}
