#pragma once

#include <QWidget>

class QLineEdit;

namespace xshathra::ui {

class Label;
class Button;

/// Icon and one sentence in the error colour under a field, with an optional link to the remedy. Keeps its space while
/// empty, so that nothing moves when it appears.
class InlineError : public QWidget {
    Q_OBJECT
public:
    explicit InlineError(const QString& objectName, QWidget* parent = nullptr);

    /// Shows the sentence; empty hides it. Announced to screen readers.
    void setError(const QString& sentence, const QString& remedy = {});
    QString error() const;

Q_SIGNALS:
    /// The remedy link was activated.
    void remedyRequested();

private:
    class IconLabel* icon_;
    Label* text_;
    Button* link_;
};

/// A field with its label above and its error line below.
class FormField : public QWidget {
    Q_OBJECT
public:
    /// The edit gets `objectName`, the error line `objectName` + ".error". The label names the edit for screen readers.
    FormField(const QString& label, const QString& objectName, QWidget* parent = nullptr);

    QLineEdit* edit() const { return edit_; }
    InlineError* errorLine() const { return error_; }
    /// Marks the field and shows the sentence; empty removes both.
    void setError(const QString& sentence, const QString& remedy = {});

private:
    QLineEdit* edit_;
    InlineError* error_;
};

/// Gives any line edit the error border (or takes it away).
void setFieldError(QLineEdit* edit, bool bad);

}  // namespace xshathra::ui
