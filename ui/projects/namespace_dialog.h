#pragma once

#include "server/services/config.h"

#include <QDialog>
#include <QHash>

#include <functional>

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLineEdit;
class QListWidget;
class QSpinBox;
class QVBoxLayout;

namespace xshathra::services {
class NamespaceService;
}

namespace xshathra::ui {

class Button;
class FormField;
class InlineError;

/// Edits the namespaces of one project: the list at the left, the options of the current one at the right in
/// Centrifugo's words. What is wrong stands under its field while it is typed; a namespace is stored by *Save* and is
/// in force at once. What was changed and not saved is given up only when the person says so.
class NamespaceDialog final : public QDialog {
    Q_OBJECT
public:
    /// The service must outlive the dialog.
    NamespaceDialog(services::NamespaceService& service, services::ProjectPtr project, QWidget* parent = nullptr);

    /// Shows this namespace; an unknown name shows the first.
    void showNamespace(const QString& name);
    /// The project has changed elsewhere or by this dialog.
    void setProject(services::ProjectPtr project);

    void reject() override;

private:
    void buildForm(QVBoxLayout* column);
    QCheckBox* addCheck(QGridLayout* grid, int row, int column, const QString& option, const QString& label);
    void load(const engine::NamespaceOptions& options);
    engine::NamespaceOptions read() const;
    void validate();
    void chooseRow(int row);
    void selectEdited();
    bool changed() const { return read() != loaded_; }
    void leave(std::function<void()> next);
    void beginNew();
    void save();
    void removeCurrent();
    void showError(const Error& error);
    QString currentName() const;

    services::NamespaceService& service_;
    services::ProjectPtr project_;
    /// The options that the form shows, with those that it has no field for.
    engine::NamespaceOptions shown_;
    /// What the form said when it was filled.
    engine::NamespaceOptions loaded_;
    /// What to do once unsaved changes are given up.
    std::function<void()> next_;
    /// Name of the namespace that is edited, empty for a new one.
    QString editing_;
    QListWidget* list_;
    FormField* name_;
    QHash<QString, QCheckBox*> checks_;
    QSpinBox* historySize_;
    FormField* historyTtl_;
    FormField* regex_;
    QComboBox* dataFormat_;
    QComboBox* recoveryMode_;
    InlineError* problem_;
    Button* save_;
    Button* remove_;
};

}  // namespace xshathra::ui
