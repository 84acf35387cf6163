#pragma once

#include "server/base/expected.h"
#include "server/base/shared_bytes.h"
#include "server/protocol/codes.h"
#include "server/rest/server_api_method.h"
#include "server/services/command.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Requests of the server API (protocol section 21), read as Centrifugo reads them: unknown fields are ignored, names
/// match whatever their case, `null` leaves a field at its default, the last of several equal names counts.
namespace xshathra::rest {

/// The body isn't the JSON that the method takes: HTTP 400 with nothing done.
struct Malformed {
    /// What is wrong, one sentence for a person.
    std::string reason;
};

/// A command, or the error that answers it without being run: 107 for a `b64...` field that is no base64, or a `null`
/// in a batch; 104 for a command without a known method.
using DecodedCommand = Expected<services::command::Command, protocol::ErrorCode>;

struct DecodedBatch {
    struct Entry {
        /// Meaningless where `command` is an error.
        ApiMethod method = ApiMethod::Publish;
        DecodedCommand command;
    };
    std::vector<Entry> entries;
};

/// One command of the command form.
struct DecodedFormCommand {
    std::uint32_t id = 0;
    /// Error 107 also where `params` are malformed.
    DecodedCommand command;
};

/// The body of `<prefix>/<method>`.
Expected<DecodedCommand, Malformed> decodeCommand(ApiMethod method, std::string_view body);
/// The body of `<prefix>/batch`. Its `parallel` is read and has no effect: commands run one after the other, which is
/// one of the orders it allows.
Expected<DecodedBatch, Malformed> decodeBatch(std::string_view body);
/// The body of `<prefix>`: any number of `{"id", "method", "params"}`, one after the other.
Expected<std::vector<DecodedFormCommand>, Malformed> decodeCommandForm(std::string_view body);

}  // namespace xshathra::rest
