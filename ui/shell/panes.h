#pragma once

#include <QList>

class QWidget;

namespace xshathra::ui {

class Actions;

/// Moves the keyboard to the next (step 1) or previous (-1) of the panes that are visible and hold something focusable.
/// A splitter inside a pane makes each of its parts a pane.
void cyclePane(const QList<QWidget*>& panes, int step);

/// Opens the list of shortcuts.
void showShortcuts(QWidget& window, Actions& actions);
/// Opens Help > About.
void showAbout(QWidget& window);

}  // namespace xshathra::ui
