#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xshathra::protocol {

/// What scanJson() found.
struct JsonScan {
    enum class Outcome : std::uint8_t { Valid, Malformed, TooDeep };

    Outcome outcome = Outcome::Malformed;
    /// The deepest nesting of objects and arrays; 0 for a scalar.
    std::size_t depth = 0;
};

/// The grammar part of isValidJson(): everything but UTF-8.
JsonScan scanJson(std::string_view text, std::size_t maxDepth);

}  // namespace xshathra::protocol
