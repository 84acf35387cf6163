#pragma once

#include "server/services/config.h"
#include "ui/projects/snippets_card.h"

#include <QPointer>
#include <QWidget>

class QAction;
class QComboBox;

namespace xshathra {
class Clock;
}
namespace xshathra::services {
class NamespaceService;
class ProjectService;
}  // namespace xshathra::services

namespace xshathra::ui {

class Button;
class KeysCard;
class NamespaceDialog;
class NamespacesCard;
class ProjectForm;
class ViewBar;

/// One project: its keys, snippets and namespaces, and what can be done with it.
class ProjectPage final : public QWidget {
    Q_OBJECT
public:
    ProjectPage(services::ProjectService& projects, services::NamespaceService& namespaces, const Clock& clock,
                QWidget* parent = nullptr);

    void setProject(services::ProjectPtr project);
    const services::ProjectPtr& project() const { return project_; }
    SnippetsCard* snippets() const { return snippets_; }
    /// Gives the keyboard to *Send a test message*, so that Enter sends it.
    void focusTestMessage();
    /// Turns the name into a field.
    void beginRename();

Q_SIGNALS:
    void testMessageRequested(const QString& projectId);
    void removeRequested(const QString& projectId);
    void notice(const QString& text);
    void failed(const QString& message);

private:
    void rename();
    void endRename();
    void setEnvironment();
    void setAnonymous(bool allowed);
    void editNamespaces(const QString& name);

    services::ProjectService& projects_;
    services::NamespaceService& namespaces_;
    services::ProjectPtr project_;
    ViewBar* bar_;
    QComboBox* environment_;
    Button* test_;
    Button* more_;
    QAction* anonymous_;
    ProjectForm* renameForm_;
    KeysCard* keys_;
    SnippetsCard* snippets_;
    NamespacesCard* namespacesCard_;
    /// Deletes itself when it is closed, or goes with the page.
    QPointer<NamespaceDialog> dialog_;
};

}  // namespace xshathra::ui
