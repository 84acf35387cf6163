#include "ui/shell/panes.h"

#include "ui/shell/about_dialog.h"
#include "ui/shell/shortcuts_dialog.h"

#include <QApplication>
#include <QSplitter>

namespace xshathra::ui {

namespace {

/// The visible parts of the outermost splitter in a pane, or the pane itself.
QList<QWidget*> partsOf(QWidget* pane) {
    const auto splitters = pane->findChildren<QSplitter*>();
    for (auto* splitter : splitters) {
        if (!splitter->isVisible())
            continue;
        QList<QWidget*> parts;
        for (int i = 0; i < splitter->count(); ++i) {
            if (splitter->widget(i)->isVisible())
                parts.append(splitter->widget(i));
        }
        if (parts.size() > 1)
            return parts;
        break;
    }
    return {pane};
}

QWidget* firstFocusable(QWidget* pane) {
    auto* widget = pane->nextInFocusChain();
    for (auto* at = widget; at != nullptr && at != pane; at = at->nextInFocusChain()) {
        if (pane->isAncestorOf(at) && at->isVisible() && at->isEnabled() && (at->focusPolicy() & Qt::TabFocus) != 0)
            return at;
    }
    return (pane->focusPolicy() & Qt::TabFocus) != 0 ? pane : nullptr;
}

}  // namespace

void cyclePane(const QList<QWidget*>& panes, int step) {
    QList<QWidget*> parts;
    for (auto* pane : panes) {
        if (pane->isVisible())
            parts += partsOf(pane);
    }
    if (parts.isEmpty())
        return;
    const auto* now = QApplication::focusWidget();
    qsizetype at = -1;
    for (qsizetype i = 0; i < parts.size(); ++i) {
        if (now != nullptr && (parts.at(i) == now || parts.at(i)->isAncestorOf(now)))
            at = i;
    }
    for (qsizetype tried = 0; tried < parts.size(); ++tried) {
        at = (at + step + parts.size()) % parts.size();
        if (auto* target = firstFocusable(parts.at(at))) {
            target->setFocus(Qt::TabFocusReason);
            return;
        }
    }
}

void showShortcuts(QWidget& window, Actions& actions) {
    auto* dialog = new ShortcutsDialog(actions, &window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void showAbout(QWidget& window) {
    auto* dialog = new AboutDialog(&window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

}  // namespace xshathra::ui
