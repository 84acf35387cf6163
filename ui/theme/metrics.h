#pragma once

namespace xshathra::ui::metrics {

// The spacing scale, in pixels.
inline constexpr int kSpace2 = 2;
inline constexpr int kSpace4 = 4;
inline constexpr int kSpace6 = 6;
inline constexpr int kSpace8 = 8;
inline constexpr int kSpace12 = 12;
inline constexpr int kSpace16 = 16;
inline constexpr int kSpace20 = 20;
inline constexpr int kSpace28 = 28;

inline constexpr int kPageMargin = 16;
inline constexpr int kCardGap = 12;
inline constexpr int kCardPadding = 16;
inline constexpr int kCellPadding = 8;
inline constexpr int kIconGap = 7;

// Heights at a 10 point font; pass them through scaledHeight().
inline constexpr int kViewBar = 45;
inline constexpr int kSubBar = 35;
inline constexpr int kPaneHeading = 26;
inline constexpr int kStatusBar = 27;
inline constexpr int kListHeader = 26;
inline constexpr int kLiveRow = 22;
inline constexpr int kRow = 26;
inline constexpr int kRowWithIcon = 24;
inline constexpr int kCardRow = 32;
inline constexpr int kControl = 28;
inline constexpr int kControlSmall = 24;
inline constexpr int kControlTiny = 20;
inline constexpr int kTab = 36;

// Radii.
inline constexpr int kRadiusBadge = 4;
inline constexpr int kRadiusControl = 5;
inline constexpr int kRadiusNavigation = 6;
inline constexpr int kRadiusCard = 8;

// Icon sizes.
inline constexpr int kIconSmall = 14;
inline constexpr int kIcon = 16;
inline constexpr int kIconLarge = 24;

}  // namespace xshathra::ui::metrics
