#pragma once

#include "ui/theme/token.h"

#include <QColor>
#include <QObject>
#include <QPalette>

#include <memory>

class QApplication;

namespace xshathra::ui {

class SystemScheme;

/// What the person chose under View > Theme.
enum class ThemeChoice { System, Light, Dark };

/// The look of the whole window: colours by token, palette, style and the one style sheet of the application.
///
/// One object lives as long as the QApplication and is made by the composition (or a test) before the first widget.
/// Everything runs on the GUI thread. Widgets and delegates reach it through current(), as they reach the palette
/// through the application; they repaint by themselves on changed(), since the application updates every widget.
class Theme final : public QObject {
    Q_OBJECT
public:
    /// Takes over style, palette and style sheet of `app`. The palette found here stays the system's one.
    explicit Theme(QApplication& app);
    ~Theme() override;

    /// The installed theme. Exactly one must exist.
    [[nodiscard]] static Theme& current();
    /// True if a theme exists; for widgets that are destroyed after it.
    [[nodiscard]] static bool exists();

    /// The colour of `token` in the look now shown.
    [[nodiscard]] QColor c(Token token) const { return color(token, dark_); }
    /// The colour of `token` in a look, whichever is shown. For tests and for previews.
    [[nodiscard]] static QColor color(Token token, bool dark);

    /// True while the dark look is shown.
    [[nodiscard]] bool dark() const { return dark_; }
    /// The person's choice; System follows the desktop.
    [[nodiscard]] ThemeChoice choice() const { return choice_; }
    /// Applies a choice at once. Saving it is the caller's business.
    void setChoice(ThemeChoice choice);

    /// The palette of a look, role by role from the tokens.
    [[nodiscard]] static QPalette palette(bool dark);
    /// The style sheet of a look: the template with every @token replaced.
    [[nodiscard]] static QString styleSheet(bool dark);

Q_SIGNALS:
    /// Colours have changed; palette and style sheet are already the new ones and the icon cache is empty.
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void apply();
    void systemChanged();

    QApplication& app_;
    std::unique_ptr<SystemScheme> system_;
    ThemeChoice choice_ = ThemeChoice::System;
    bool dark_ = false;
    bool applied_ = false;
    bool applying_ = false;
};

}  // namespace xshathra::ui
