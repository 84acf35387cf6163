#include "ui/projects/project_page.h"

#include "server/services/project_service.h"
#include "ui/projects/keys_card.h"
#include "ui/projects/namespace_dialog.h"
#include "ui/projects/namespaces_card.h"
#include "ui/projects/project_form.h"
#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/button.h"
#include "ui/widgets/view_bar.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QHBoxLayout>
#include <QMenu>
#include <QScrollArea>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;

QString text(std::string_view utf8) { return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())); }

}  // namespace

ProjectPage::ProjectPage(services::ProjectService& projects, services::NamespaceService& namespaces, const Clock& clock,
                         QWidget* parent)
    : QWidget(parent),
      projects_(projects),
      namespaces_(namespaces),
      bar_(new ViewBar(QString())),
      environment_(makeEnvironmentBox(u"project.environment"_s)),
      renameForm_(new ProjectForm(ProjectForm::Purpose::Rename)),
      keys_(new KeysCard(projects, clock)),
      snippets_(new SnippetsCard(projects)),
      namespacesCard_(new NamespacesCard) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);

    test_ = new Button(u"Send a test message"_s, u"project.test"_s);
    test_->setIconName(u"send"_s);
    more_ = Button::iconOnly(u"more"_s, u"More actions"_s, u"project.more"_s);
    auto* menu = new QMenu(more_);
    auto* renameAction = menu->addAction(u"Rename"_s);
    renameAction->setObjectName(u"project.rename"_s);
    anonymous_ = menu->addAction(u"Allow connections without a token (by client key)"_s);
    anonymous_->setObjectName(u"project.anonymous"_s);
    anonymous_->setCheckable(true);
    menu->addSeparator();
    auto* removeAction = menu->addAction(menuIcon(u"trash"_s), u"Delete the project"_s);
    removeAction->setObjectName(u"project.remove"_s);
    bar_->row()->addWidget(environment_);
    bar_->row()->addStretch();
    bar_->row()->addWidget(test_);
    bar_->row()->addWidget(more_);
    column->addWidget(bar_);
    renameForm_->hide();
    column->addWidget(renameForm_);

    auto* scroll = new QScrollArea;
    scroll->setObjectName(u"project.scroll"_s);
    scroll->setAccessibleName(u"Project"_s);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto* contents = new QWidget;
    auto* cards = new QVBoxLayout(contents);
    cards->setContentsMargins(metrics::kPageMargin, metrics::kPageMargin, metrics::kPageMargin, metrics::kPageMargin);
    cards->setSpacing(metrics::kCardGap);
    cards->addWidget(keys_);
    cards->addWidget(snippets_);
    cards->addWidget(namespacesCard_);
    cards->addStretch();
    scroll->setWidget(contents);
    column->addWidget(scroll, 1);

    connect(test_, &QPushButton::clicked, this, [this] {
        if (project_)
            Q_EMIT testMessageRequested(text(project_->id));
    });
    connect(more_, &QPushButton::clicked, this,
            [this, menu] { menu->popup(more_->mapToGlobal(QPoint(0, more_->height()))); });
    connect(renameAction, &QAction::triggered, this, &ProjectPage::beginRename);
    connect(anonymous_, &QAction::triggered, this, &ProjectPage::setAnonymous);
    connect(removeAction, &QAction::triggered, this, [this] {
        if (project_)
            Q_EMIT removeRequested(text(project_->id));
    });
    connect(environment_, &QComboBox::activated, this, &ProjectPage::setEnvironment);
    connect(renameForm_, &ProjectForm::submitted, this, &ProjectPage::rename);
    connect(renameForm_, &ProjectForm::cancelled, this, &ProjectPage::endRename);
    connect(keys_, &KeysCard::notice, this, &ProjectPage::notice);
    connect(keys_, &KeysCard::failed, this, &ProjectPage::failed);
    connect(snippets_, &SnippetsCard::failed, this, &ProjectPage::failed);
    connect(namespacesCard_, &NamespacesCard::editRequested, this, &ProjectPage::editNamespaces);
}

void ProjectPage::setProject(services::ProjectPtr project) {
    if (project && project_ && project->id != project_->id)
        renameForm_->hide();
    project_ = std::move(project);
    if (!project_)
        return;
    bar_->setTitle(text(project_->name));
    environment_->setCurrentIndex(environment_->findData(text(services::toString(project_->environment))));
    anonymous_->setChecked(project_->options.allowAnonymous);
    keys_->setProject(project_);
    snippets_->setProject(project_);
    namespacesCard_->setProject(project_);
    if (dialog_)
        dialog_->setProject(project_);
}

void ProjectPage::focusTestMessage() {
    test_->setFocus(Qt::OtherFocusReason);
    test_->setDefault(true);
}

void ProjectPage::beginRename() {
    if (!project_)
        return;
    renameForm_->show();
    renameForm_->begin(text(project_->name));
}

void ProjectPage::rename() {
    renameForm_->setBusy(true);
    projects_.rename(project_->id, renameForm_->name().toStdString())
        .then(this, [this](const Result<services::ProjectPtr>& result) {
            if (!result) {
                renameForm_->showError(result.error());
                return;
            }
            endRename();
        });
}

/// The keyboard goes back to where the renaming began.
void ProjectPage::endRename() {
    const bool hadFocus = renameForm_->isAncestorOf(QApplication::focusWidget());
    renameForm_->hide();
    if (hadFocus)
        more_->setFocus(Qt::OtherFocusReason);
}

void ProjectPage::setEnvironment() {
    const auto chosen = services::environmentFromString(environment_->currentData().toString().toStdString());
    if (!project_ || !chosen)
        return;
    projects_.setEnvironment(project_->id, *chosen).then(this, [this](const Result<services::ProjectPtr>& result) {
        if (!result) {
            Q_EMIT failed(text(result.error().message));
            setProject(project_);
        }
    });
}

void ProjectPage::setAnonymous(bool allowed) {
    if (!project_)
        return;
    auto options = project_->options;
    options.allowAnonymous = allowed;
    projects_.setOptions(project_->id, options).then(this, [this, allowed](const Result<services::ProjectPtr>& result) {
        if (!result) {
            Q_EMIT failed(text(result.error().message));
            setProject(project_);
        } else {
            Q_EMIT notice(allowed ? u"Connections without a token are allowed, by the client key"_s
                                  : u"Every connection needs a token now"_s);
        }
    });
}

void ProjectPage::editNamespaces(const QString& name) {
    if (!project_)
        return;
    if (!dialog_) {
        dialog_ = new NamespaceDialog(namespaces_, project_, this);
        dialog_->setAttribute(Qt::WA_DeleteOnClose);
    }
    dialog_->showNamespace(name);
    dialog_->open();
}

}  // namespace xshathra::ui
