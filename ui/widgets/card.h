#pragma once

#include "ui/widgets/badge.h"

#include <QFrame>

class QHBoxLayout;
class QVBoxLayout;

namespace xshathra::ui {

class Label;
class Button;

/// A raised box with a hairline border and radius 8. With a title it has a title row, to whose right controls can be
/// added. Contents go into body().
class Card : public QFrame {
    Q_OBJECT
public:
    explicit Card(QWidget* parent = nullptr);
    Card(const QString& title, QWidget* parent);

    /// Where contents go; margins 16, spacing 8.
    QVBoxLayout* body() const { return body_; }
    /// Widgets at the right of the title row. Needs a title.
    QHBoxLayout* titleActions() const { return actions_; }
    /// A list is inside: base fill, contents flush to the border.
    void setFlush(bool on);
    /// Secondary words right of the title.
    void setSubtitle(const QString& text);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVBoxLayout* outer_;
    QVBoxLayout* body_;
    QHBoxLayout* actions_ = nullptr;
    Label* subtitle_ = nullptr;
    bool flush_ = false;
};

/// Says how something stands: icon, strong word, facts, remedy at the right, in the tone's tint. One line, unless the
/// strong words need more.
class StateCard : public QFrame {
    Q_OBJECT
public:
    explicit StateCard(QWidget* parent = nullptr);

    /// Replaces everything but the actions. `facts` are in monospace if `mono`.
    void setState(Tone tone, const QString& word, const QString& facts = {}, bool mono = false);
    /// At the bottom of a card, without a border of its own.
    void setFlush(bool on);
    /// Puts the facts at the right edge instead of behind the word.
    void setFactsAtRight(bool on);
    /// Widgets at the right.
    QHBoxLayout* actions() const { return actions_; }

    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();

    class IconLabel* icon_;
    Label* word_;
    Label* facts_;
    QHBoxLayout* row_;
    QHBoxLayout* actions_;
    Tone tone_ = Tone::Neutral;
    bool flush_ = false;
};

}  // namespace xshathra::ui
