#pragma once

#include <QFont>

namespace xshathra::ui {

/// The type styles of the window. All sizes are relative to the system's font, so that the person's setting rules.
enum class TextStyle {
    Display,      ///< first run
    Figure,       ///< the figure of a metric card
    EmptyTitle,   ///< empty states
    ViewTitle,    ///< view bar, one per view
    Body,         ///< forms, buttons, menus
    BodyStrong,   ///< card titles, selected navigation
    List,         ///< words in lists
    Small,        ///< status bar, field labels, secondary lines
    SmallMedium,  ///< small with weight: pane headings, names in check rows
    Header,       ///< list headers
    Badge,        ///< badges and chips
    Mono,         ///< wire text and figures in lists, code
    MonoBody,     ///< keys and addresses at body size
    MonoSmall,    ///< shortcuts, counters, time marks
};

/// The font of a style, from the application's font now. Monospace styles use monoFamily().
[[nodiscard]] QFont font(TextStyle style);

/// The family for wire text: the system's fixed font unless setMonoFamily() named another one or the system's fuses
/// characters into ligatures.
[[nodiscard]] QString monoFamily();
/// Names another family; empty restores the system's.
void setMonoFamily(const QString& family);

/// Height in pixels of a part that is `value` high at a 10 point font and must grow with larger ones.
[[nodiscard]] int scaledHeight(int value);

}  // namespace xshathra::ui
