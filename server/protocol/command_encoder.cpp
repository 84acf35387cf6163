#include "server/protocol/command_encoder.h"

#include "server/protocol/json_writer.h"
#include "server/protocol/wire.h"

#include <string>
#include <utility>

namespace xshathra::protocol {

SharedBytes encodeCommands(Encoding encoding, std::span<const Command> commands) {
    std::string out;
    for (const auto& command : commands) {
        if (encoding == Encoding::Protobuf) {
            wire::append(out, command);
            continue;
        }
        if (!out.empty())
            out += '\n';
        json::write(out, command);
    }
    return SharedBytes(std::move(out));
}

SharedBytes encodeCommand(Encoding encoding, const Command& command) { return encodeCommands(encoding, {&command, 1}); }

SharedBytes encodePong(Encoding encoding) { return encodeCommand(encoding, Command()); }

}  // namespace xshathra::protocol
