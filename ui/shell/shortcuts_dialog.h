#pragma once

#include <QDialog>

class QAction;
class QGridLayout;

namespace xshathra::ui {

class Actions;
class InlineError;

/// Help > Keyboard shortcuts: every action with its shortcut, which can be changed here.
class ShortcutsDialog final : public QDialog {
    Q_OBJECT
public:
    ShortcutsDialog(Actions& actions, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void addRow(QGridLayout& grid, int row, QAction* action);

    Actions& actions_;
    InlineError* error_;
};

}  // namespace xshathra::ui
