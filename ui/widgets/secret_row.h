#pragma once

#include <QWidget>

class QHBoxLayout;

namespace xshathra::ui {

class Button;
class CopyButton;
class Label;

/// A secret on one line: masked (first characters, dots, last two), Reveal, Copy. Revealed, it stands in a second line
/// where the first has no room for all of it. The plain text is asked for by
/// signals and never kept longer than it is shown: it goes when focus leaves the row, on Hide, when the window is
/// deactivated, and after 60 s.
class SecretRow : public QWidget {
    Q_OBJECT
public:
    /// Object names: `objectName` + ".reveal", ".copy". `what` is the accessible name, as "Server key of Arena-dev".
    SecretRow(const QString& what, const QString& objectName, QWidget* parent = nullptr);

    /// What to show masked: prefix such as "xsk_live_" and the last characters.
    void setMasked(const QString& prefix, const QString& lastCharacters);
    /// Answers revealRequested(): shows the plain text until focus leaves.
    void reveal(const QString& plain);
    /// Answers copyRequested(): copies it as a secret and shows the copied state.
    void copy(const QString& plain);
    /// Hides the plain text now.
    void conceal();
    bool revealed() const { return revealed_; }
    /// Further buttons at the right (Rotate).
    QHBoxLayout* actions() const { return actions_; }

Q_SIGNALS:
    void revealRequested();
    void copyRequested();

protected:
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void timerEvent(QTimerEvent* event) override;

private:
    void showText();

    Label* text_;
    Label* below_;
    Button* reveal_;
    CopyButton* copy_;
    QHBoxLayout* actions_;
    QString masked_;
    QString plain_;
    int timer_ = 0;
    bool revealed_ = false;
};

}  // namespace xshathra::ui
