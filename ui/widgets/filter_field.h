#pragma once

#include <QWidget>

class QLineEdit;

namespace xshathra::ui {

class Label;
class Button;

/// The one-line filter of a view: funnel icon, monospace text, state icon at the right, clear button while there is
/// text. The text is reported 150 ms after the last key, on Enter at once. Esc clears and emits cleared(). What is
/// wrong with the text is shown by setProblem(); the line it needs is a separate widget (problemLine()) that the view
/// lays over its list header, so that the list does not move.
class FilterField : public QWidget {
    Q_OBJECT
public:
    enum class State { Empty, Ok, Warn, Bad };

    FilterField(const QString& objectName, const QString& placeholder, QWidget* parent = nullptr);

    QString text() const;
    /// Sets the text and reports it at once.
    void setText(const QString& text);
    /// Shows the state icon; Ok and Empty remove the problem line.
    void setState(State state);
    State state() const { return state_; }
    /// Warn or Bad with one sentence and, if known, the nearest right spelling as a link that replaces the text.
    void setProblem(State state, const QString& sentence, const QString& suggestion = {});
    /// The line under the field, hidden while there is no problem. The view parents and places it.
    QWidget* problemLine() const;
    /// Gives the keyboard to the text and selects it.
    void focusText();
    QLineEdit* edit() const { return edit_; }

    QSize sizeHint() const override;

Q_SIGNALS:
    /// The text to filter by; empty when there is none.
    void filterChanged(const QString& text);
    /// Esc in the field or the clear button.
    void cleared();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void report();
    void arrange();

    QLineEdit* edit_;
    Button* clear_;
    QWidget* problem_;
    Label* problemText_;
    Button* problemLink_;
    class QTimer* delay_;
    State state_ = State::Empty;
    QString reported_;
    QString suggestion_;
};

}  // namespace xshathra::ui
