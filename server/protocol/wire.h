#pragma once

#include "server/protocol/emulation.h"
#include "server/protocol/messages.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The Protobuf form of messages, without the length prefix. Generated code stays behind this border.
namespace xshathra::protocol::wire {

enum class ParseOutcome : std::uint8_t {
    Good,
    /// Not the message, or nested deeper than allowed.
    Malformed,
    /// A command with more than one request.
    Ambiguous,
};

/// Append the length prefix and the message.
void append(std::string& out, const Command& command);
void append(std::string& out, const Reply& reply);
/// The publication as a push inside a reply.
void appendPublicationPush(std::string& out, std::string_view channel, const Publication& publication);
/// The push without a reply around it.
void append(std::string& out, const Push& push);

/// `depth` counts the message itself as 1.
ParseOutcome parse(std::string_view bytes, std::size_t depth, Command& command);
ParseOutcome parse(std::string_view bytes, std::size_t depth, Reply& reply);
/// False when it is malformed.
bool parse(std::string_view bytes, std::size_t depth, EmulationRequest& request);
void appendWithoutLength(std::string& out, const EmulationRequest& request);

}  // namespace xshathra::protocol::wire
