#pragma once

#include "server/protocol/decode_error.h"
#include "server/protocol/emulation.h"
#include "server/protocol/messages.h"

#include <cstddef>
#include <optional>
#include <string_view>

/// Reads messages from JSON (section 2.3), payloads as slices of the frame they came in.
namespace xshathra::protocol::json {

struct ParseError {
    DecodeError::Kind kind = DecodeError::Kind::Malformed;
    /// The known field at fault; static storage. Empty when it is none.
    std::string_view field;
};

/// Parses `line`, which holds one message as valid or invalid JSON, and stays alive as long as the message. The message
/// is of no use after an error.
std::optional<ParseError> parse(const SharedBytes& line, std::size_t maxDepth, Command& command);
std::optional<ParseError> parse(const SharedBytes& line, std::size_t maxDepth, Reply& reply);
/// `commands` are the content of the string `data`.
std::optional<ParseError> parse(const SharedBytes& body, std::size_t maxDepth, EmulationRequest& request);

}  // namespace xshathra::protocol::json
