#pragma once

#include "server/base/result.h"

#include <QWidget>

class QComboBox;

namespace xshathra::ui {

class Button;
class FormField;

/// The few lines in which a project is named: for a new one with its environment, or to rename one. Errors stand under
/// the field.
class ProjectForm final : public QWidget {
    Q_OBJECT
public:
    enum class Purpose { Create, Rename };

    ProjectForm(Purpose purpose, QWidget* parent = nullptr);

    /// Empties the form (or fills it with the present name), shows no error, and takes the keyboard.
    void begin(const QString& name);
    QString name() const;
    /// `development`, `staging` or `production`.
    QString environment() const;
    /// While the answer is awaited nothing can be submitted twice.
    void setBusy(bool busy);
    /// What the service said, under the field; the text is kept.
    void showError(const Error& error);

Q_SIGNALS:
    void submitted();
    void cancelled();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    FormField* name_;
    QComboBox* environment_ = nullptr;
    Button* submit_;
};

/// The environments in a combo box, as the data of its items `development`, `staging`, `production`.
[[nodiscard]] QComboBox* makeEnvironmentBox(const QString& objectName, QWidget* parent = nullptr);

}  // namespace xshathra::ui
