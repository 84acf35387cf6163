#pragma once

#include "ui/theme/token.h"
#include "ui/widgets/badge.h"

#include <QString>

namespace xshathra::ui {

/// The colours of a tone: text on its fill, the fill, the border, and a dot.
struct ToneTokens {
    Token text;
    Token fill;
    Token line;
    Token dot;
};

/// Colours by tone.
[[nodiscard]] ToneTokens toneTokens(Tone tone);
/// The icon that tells a tone without colour.
[[nodiscard]] QString toneIcon(Tone tone);

}  // namespace xshathra::ui
