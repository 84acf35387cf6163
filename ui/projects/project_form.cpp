#include "ui/projects/project_form.h"

#include "ui/theme/metrics.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/button.h"
#include "ui/widgets/form_field.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;

}  // namespace

QComboBox* makeEnvironmentBox(const QString& objectName, QWidget* parent) {
    auto* box = named(new QComboBox(parent), objectName, QStringLiteral("Environment"));
    for (const auto& word : {u"development"_s, u"staging"_s, u"production"_s})
        box->addItem(word, word);
    return box;
}

ProjectForm::ProjectForm(Purpose purpose, QWidget* parent) : QWidget(parent) {
    const bool create = purpose == Purpose::Create;
    const QString prefix = create ? u"projects.create"_s : u"projects.rename"_s;
    setObjectName(prefix);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::kSpace16, metrics::kSpace12, metrics::kSpace16, metrics::kSpace12);
    column->setSpacing(metrics::kSpace8);
    name_ = new FormField(create ? u"Name of the new project"_s : u"Name"_s, prefix + u".name"_s);
    column->addWidget(name_);
    auto* row = new QHBoxLayout;
    row->setSpacing(metrics::kSpace8);
    if (create) {
        environment_ = makeEnvironmentBox(prefix + u".environment"_s);
        column->addWidget(environment_);
    }
    row->addStretch();
    auto* cancel = new Button(u"Cancel"_s, prefix + u".cancel"_s, nullptr, Button::Kind::Quiet);
    submit_ = new Button(create ? u"Create"_s : u"Rename"_s, prefix + u".submit"_s, nullptr, Button::Kind::Primary);
    row->addWidget(cancel);
    row->addWidget(submit_);
    column->addLayout(row);

    connect(submit_, &QPushButton::clicked, this, &ProjectForm::submitted);
    connect(cancel, &QPushButton::clicked, this, &ProjectForm::cancelled);
    connect(name_->edit(), &QLineEdit::returnPressed, this, [this] {
        if (submit_->isEnabled())
            Q_EMIT submitted();
    });
    connect(name_->edit(), &QLineEdit::textEdited, this, [this] { name_->setError({}); });
}

void ProjectForm::begin(const QString& name) {
    name_->edit()->setText(name);
    name_->setError({});
    if (environment_ != nullptr)
        environment_->setCurrentIndex(0);
    setBusy(false);
    name_->edit()->setFocus(Qt::OtherFocusReason);
    name_->edit()->selectAll();
}

QString ProjectForm::name() const { return name_->edit()->text(); }

QString ProjectForm::environment() const {
    return environment_ != nullptr ? environment_->currentData().toString() : QString();
}

void ProjectForm::setBusy(bool busy) { submit_->setEnabled(!busy); }

void ProjectForm::showError(const Error& error) {
    setBusy(false);
    name_->setError(QString::fromStdString(error.message));
    name_->edit()->setFocus(Qt::OtherFocusReason);
}

void ProjectForm::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        Q_EMIT cancelled();
        return;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace xshathra::ui
