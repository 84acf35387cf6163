#pragma once

#include <QWidget>

namespace xshathra::ui {

class Button;
class Label;
class IconLabel;

/// One check of a decision: name, what came of it, and for a failure what was found and what was expected, with the
/// remedy as a button. Rows stand in the order of evaluation.
class CheckRow : public QWidget {
    Q_OBJECT
public:
    enum class Outcome { Pass, Fail, NotReached };

    explicit CheckRow(QWidget* parent = nullptr);

    /// Fills the row. For Pass `found` is the value shown after the name; for Fail both are shown in a tinted block;
    /// for NotReached neither.
    void setCheck(Outcome outcome, const QString& name, const QString& found, const QString& expected,
                  const QString& advice = {});
    /// The primary button at the right of a failed row, hidden for others. `text` empty removes it.
    Button* setRemedy(const QString& text, const QString& objectName);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Outcome outcome_ = Outcome::NotReached;
    IconLabel* icon_;
    Label* name_;
    Label* value_;
    QWidget* details_;
    Label* found_;
    Label* expected_;
    Label* advice_;
    Button* remedy_ = nullptr;
};

}  // namespace xshathra::ui
