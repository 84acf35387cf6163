#include "ui/shell/actions.h"

#include "ui/theme/icon.h"

#include <QAction>
#include <QSettings>
#include <QWidget>

#include <algorithm>

namespace xshathra::ui {

namespace {

QString settingOf(const QString& name) { return QStringLiteral("shortcuts/") + name; }

}  // namespace

Actions::Actions(QWidget& window, QSettings& settings) : QObject(&window), window_(window), settings_(settings) {}

QAction* Actions::add(const QString& name, const QString& text, const QList<QKeySequence>& shortcuts,
                      const QString& icon) {
    Q_ASSERT(!byName_.contains(name));
    auto* action = new QAction(text, this);
    action->setObjectName(name);
    const auto own = settings_.value(settingOf(name));
    if (own.isValid()) {
        const QKeySequence sequence(own.toString(), QKeySequence::PortableText);
        action->setShortcuts(sequence.isEmpty() ? QList<QKeySequence>() : QList<QKeySequence>{sequence});
    } else {
        action->setShortcuts(shortcuts);
    }
    if (!icon.isEmpty())
        action->setIcon(menuIcon(icon));
    action->setIconVisibleInMenu(!icon.isEmpty());
    builtIn_.insert(action, shortcuts);
    byName_.insert(name, action);
    order_.append(action);
    window_.addAction(action);
    return action;
}

QString Actions::nameOf(const QAction* action) { return action->objectName(); }

QString Actions::wordsOf(const QAction* action) {
    // Qt makes it of the text, unless another one was set.
    return action->toolTip();
}

QString Actions::hintOf(const QAction* action) {
    const auto shortcut = action->shortcut().toString(QKeySequence::NativeText);
    return shortcut.isEmpty() ? wordsOf(action) : QStringLiteral("%1   %2").arg(wordsOf(action), shortcut);
}

bool Actions::setShortcut(QAction* action, const QKeySequence& shortcut) {
    if (!shortcut.isEmpty()) {
        const auto* other = user(shortcut);
        if (other != nullptr && other != action)
            return false;
    }
    action->setShortcuts(shortcut.isEmpty() ? QList<QKeySequence>() : QList<QKeySequence>{shortcut});
    settings_.setValue(settingOf(nameOf(action)), shortcut.toString(QKeySequence::PortableText));
    Q_EMIT shortcutsChanged();
    return true;
}

void Actions::resetShortcut(QAction* action) {
    action->setShortcuts(builtIn_.value(action));
    settings_.remove(settingOf(nameOf(action)));
    Q_EMIT shortcutsChanged();
}

QAction* Actions::user(const QKeySequence& shortcut) const {
    const auto it = std::find_if(order_.cbegin(), order_.cend(),
                                 [&](const QAction* action) { return action->shortcuts().contains(shortcut); });
    return it == order_.cend() ? nullptr : *it;
}

}  // namespace xshathra::ui
