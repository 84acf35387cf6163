#pragma once

#include <QString>

namespace xshathra::ui {

/// Names an interactive widget for tests (objectName) and for screen readers (accessible name), in one line so that
/// neither is forgotten. Returns `widget`.
template <class W>
W* named(W* widget, const QString& objectName, const QString& accessibleName) {
    widget->setObjectName(objectName);
    widget->setAccessibleName(accessibleName);
    return widget;
}

}  // namespace xshathra::ui
