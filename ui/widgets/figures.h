#pragma once

#include <QString>

#include <cstdint>

namespace xshathra::ui {

/// "48,112": comma thousands, whatever the locale.
[[nodiscard]] QString formatCount(std::uint64_t value);
/// "812", "3.1k", "12k": for rates only.
[[nodiscard]] QString formatRate(double perSecond);
/// "96", "9,999", then "12 KB", "61 MB": binary units, whole numbers from ten up.
[[nodiscard]] QString formatBytes(std::uint64_t bytes);
/// "8 s", "1 min", "2 h", "3 d": how long ago, coarse.
[[nodiscard]] QString formatAge(std::int64_t seconds);
/// "0.2 ms", "14 ms", "1.2 s": a duration given in nanoseconds. Negative is an en dash (no value).
[[nodiscard]] QString formatDuration(std::int64_t nanoseconds);

}  // namespace xshathra::ui
