#pragma once

#include <cstdint>
#include <string_view>

namespace xshathra::protocol {

/// How the messages of one connection are written (protocol section 2). Fixed for the connection's life by its
/// handshake.
enum class Encoding : std::uint8_t { Json, Protobuf };

/// "json" or "protobuf", the words of proxies, metrics and the console.
constexpr std::string_view toString(Encoding encoding) { return encoding == Encoding::Json ? "json" : "protobuf"; }

}  // namespace xshathra::protocol
