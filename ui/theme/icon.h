#pragma once

#include "ui/theme/token.h"

#include <QIcon>
#include <QPixmap>
#include <QString>

class QPainter;
class QRect;

namespace xshathra::ui {

/// An icon of resources/icons by its file name without ending ("copy", "chevron-down"), drawn in the token's colour of
/// the look now shown, sharp at every device pixel ratio. Stays right after a change of theme. Disabled icons are drawn
/// in TextOff. An unknown name asserts in debug builds and draws nothing.
[[nodiscard]] QIcon themedIcon(const QString& name, Token token = Token::Text2);

/// The same for the left side of a text button: three empty pixels at the right make the gap to the text 7.
[[nodiscard]] QIcon themedButtonIcon(const QString& name, Token token = Token::Text2);

/// The same for menus, whose chosen item is filled with the accent.
[[nodiscard]] QIcon menuIcon(const QString& name);

/// Draws an icon centred in `rect`, aligned to device pixels. For delegates and own widgets.
void paintIcon(QPainter& painter, const QRect& rect, const QString& name, Token token, int size = 16);

/// The icon of the program, in its own colours.
[[nodiscard]] QIcon applicationIcon();

/// Drops every rendered icon. Theme calls it; nobody else needs to.
void clearIconCache();

}  // namespace xshathra::ui
