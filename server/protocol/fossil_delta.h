#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xshathra::protocol {

/// The Fossil delta of `target` against `base` (section 11.1): what a subscriber that has `base` needs to make
/// `target`. Takes the same matches as the encoder of Centrifugo, so that both give the same bytes. Costs about one
/// pass over both texts; the result may be longer than `target`, which the caller then sends instead. Texts up to 2^31
/// - 1 bytes. Any thread.
std::string makeFossilDelta(std::string_view base, std::string_view target);

/// Makes the target again. Nothing when the delta is damaged, cut, doesn't fit the base, fails its checksum, or
/// announces more than `maxSize` bytes. Any thread.
std::optional<std::string> applyFossilDelta(std::string_view base, std::string_view delta,
                                            std::size_t maxSize = std::size_t{1} << 26);

}  // namespace xshathra::protocol
