#include "ui/shell/shortcuts_dialog.h"

#include "ui/shell/actions.h"
#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/form_field.h"
#include "ui/widgets/label.h"

#include <QAction>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QScrollArea>
#include <QVBoxLayout>

namespace xshathra::ui {

ShortcutsDialog::ShortcutsDialog(Actions& actions, QWidget* parent)
    : QDialog(parent), actions_(actions), error_(new InlineError(QStringLiteral("shortcuts.error"))) {
    constexpr int kWidth = 520;
    constexpr int kHeight = 560;
    setObjectName(QStringLiteral("shortcuts"));
    setWindowTitle(QStringLiteral("Keyboard shortcuts"));
    resize(kWidth, kHeight);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::kSpace16, metrics::kSpace16, metrics::kSpace16, metrics::kSpace12);
    column->setSpacing(metrics::kSpace8);
    auto* words =
        new Label(QStringLiteral("Click a shortcut and press the new keys. In lists, single letters work too: "
                                 "J and K for the next and previous row, P to pause, M to mark."),
                  TextStyle::Small, Token::Text2);
    words->setWordWrap(true);
    column->addWidget(words);
    auto* content = new QWidget;
    auto* grid = new QGridLayout(content);
    grid->setContentsMargins(0, 0, metrics::kSpace8, 0);
    grid->setHorizontalSpacing(metrics::kSpace12);
    grid->setVerticalSpacing(metrics::kSpace4);
    grid->setColumnStretch(0, 1);
    int row = 0;
    for (auto* action : actions.all())
        addRow(*grid, row++, action);
    auto* area = new QScrollArea;
    area->setObjectName(QStringLiteral("shortcuts.list"));
    area->setFocusPolicy(Qt::NoFocus);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setWidget(content);
    column->addWidget(area, 1);
    auto* foot = new QHBoxLayout;
    auto* close =
        new Button(QStringLiteral("Close"), QStringLiteral("shortcuts.close"), nullptr, Button::Kind::Primary);
    foot->addWidget(error_, 1);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    close->setFocus(Qt::OtherFocusReason);
}

void ShortcutsDialog::addRow(QGridLayout& grid, int row, QAction* action) {
    constexpr int kEditWidth = 160;
    const auto name = Actions::wordsOf(action);
    auto* edit = new QKeySequenceEdit(action->shortcut());
    edit->setObjectName(QStringLiteral("shortcuts.") + Actions::nameOf(action));
    edit->setAccessibleName(QStringLiteral("Shortcut of %1").arg(name));
    edit->setFixedWidth(kEditWidth);
    edit->setClearButtonEnabled(true);
    edit->installEventFilter(this);
    if (auto* line = edit->findChild<QLineEdit*>())
        line->setAccessibleName(edit->accessibleName());
    auto* reset = Button::iconOnly(QStringLiteral("undo"), QStringLiteral("Built-in shortcut of %1").arg(name),
                                   edit->objectName() + QStringLiteral(".reset"), nullptr, Button::Size::Small);
    grid.addWidget(new Label(name), row, 0);
    grid.addWidget(edit, row, 1);
    grid.addWidget(reset, row, 2);
    connect(edit, &QKeySequenceEdit::editingFinished, this, [this, edit, action] {
        const auto wanted = edit->keySequence();
        if (actions_.setShortcut(action, wanted)) {
            error_->setError({});
            return;
        }
        error_->setError(QStringLiteral("%1 is taken by \"%2\".")
                             .arg(wanted.toString(QKeySequence::NativeText), Actions::wordsOf(actions_.user(wanted))));
        edit->setKeySequence(action->shortcut());
    });
    connect(edit, &QKeySequenceEdit::keySequenceChanged, this, [this, action](const QKeySequence& keys) {
        // The button in the field, which ends no editing.
        if (keys.isEmpty() && !action->shortcut().isEmpty())
            actions_.setShortcut(action, keys);
    });
    connect(reset, &QPushButton::clicked, this, [this, edit, action] {
        actions_.resetShortcut(action);
        edit->setKeySequence(action->shortcut());
        error_->setError({});
    });
}

/// Esc and Enter alone close the dialog, as everywhere, and are no shortcuts.
bool ShortcutsDialog::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::KeyPress) {
        auto* press = static_cast<QKeyEvent*>(event);
        const bool leaves =
            press->key() == Qt::Key_Escape || press->key() == Qt::Key_Return || press->key() == Qt::Key_Enter;
        if (leaves && press->modifiers() == Qt::NoModifier) {
            keyPressEvent(press);
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

}  // namespace xshathra::ui
