#pragma once

#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QString>

class QAction;
class QSettings;
class QWidget;

namespace xshathra::ui {

/// Every action of the window by a fixed name, with its shortcuts. The person's own shortcuts come from the settings
/// (`shortcuts/NAME`, portable text) and replace the built-in ones.
class Actions final : public QObject {
    Q_OBJECT
public:
    /// `window` gets every action, so that shortcuts work wherever the keyboard is.
    Actions(QWidget& window, QSettings& settings);

    /// Adds an action. `text` may have an accelerator; `icon` is a name of resources/icons or empty.
    QAction* add(const QString& name, const QString& text, const QList<QKeySequence>& shortcuts = {},
                 const QString& icon = {});
    /// The action of that name; null if there is none.
    QAction* find(const QString& name) const { return byName_.value(name); }
    /// In the order they were added.
    const QList<QAction*>& all() const { return order_; }
    /// The name an action was added with.
    static QString nameOf(const QAction* action);
    /// What it does as plain words, without accelerator and dots: "Clear capture", "Theme: Dark".
    static QString wordsOf(const QAction* action);
    /// The words and the shortcut: "Clear capture   Ctrl+Shift+Del".
    static QString hintOf(const QAction* action);

    /// Changes a shortcut and remembers it. An empty one switches it off. False if another action has it.
    bool setShortcut(QAction* action, const QKeySequence& shortcut);
    /// Back to the built-in shortcuts of an action.
    void resetShortcut(QAction* action);
    /// The action that uses a shortcut; null if none.
    QAction* user(const QKeySequence& shortcut) const;

Q_SIGNALS:
    void shortcutsChanged();

private:
    QWidget& window_;
    QSettings& settings_;
    QHash<QString, QAction*> byName_;
    QHash<const QAction*, QList<QKeySequence>> builtIn_;
    QList<QAction*> order_;
};

}  // namespace xshathra::ui
