#pragma once

#include <QWidget>

class QHBoxLayout;

namespace xshathra::ui {

class Button;
class Label;

/// What a view shows when it has nothing: title, one sentence of fact, up to three cards with one action each. Exactly
/// one action of the whole state should be primary. Centred at 40 % of the height.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const QString& title, const QString& sentence, QWidget* parent = nullptr);

    void setTexts(const QString& title, const QString& sentence);
    /// Adds a card and returns its button, which the caller connects.
    Button* addCard(const QString& icon, const QString& title, const QString& text, const QString& action,
                    const QString& objectName, bool primary = false);
    /// A single button under the sentence, for states without cards.
    Button* addAction(const QString& text, const QString& objectName, bool primary = true);

private:
    Label* title_;
    Label* sentence_;
    QHBoxLayout* cards_;
    QHBoxLayout* buttons_;
};

}  // namespace xshathra::ui
