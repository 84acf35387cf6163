#pragma once

#include "server/base/result.h"
#include "server/services/config.h"
#include "ui/models/project_list_model.h"
#include "ui/projects/snippets_card.h"

#include <QWidget>

class QListView;
class QStackedWidget;

namespace xshathra {
class Clock;
}
namespace xshathra::services {
class ConfigStore;
class NamespaceService;
class ProjectService;
}  // namespace xshathra::services

namespace xshathra::ui {

class Button;
class Label;
class ProjectForm;
class ProjectPage;

/// The Projects & Keys view: the projects at the left, the current one at the right.
class ProjectsView final : public QWidget {
    Q_OBJECT
public:
    /// All must outlive the view.
    ProjectsView(services::ConfigStore& store, services::ProjectService& projects,
                 services::NamespaceService& namespaces, const Clock& clock, QWidget* parent = nullptr);

    /// The project that is shown, or empty.
    QString currentProject() const;
    void showProject(const QString& projectId);
    /// Opens the form for a new project (Ctrl+N).
    void beginCreate();
    /// Turns the current project's name into a field.
    void beginRename();
    /// The keys of *New project*, shown beside its button.
    void setNewProjectShortcut(const QString& keys);
    /// Gives the keyboard to *Send a test message*.
    void focusTestMessage();
    void setAddresses(const SnippetAddresses& addresses);
    /// Open connections by project id.
    void setConnections(const QHash<QString, int>& connections);
    void setNews(const QString& projectId, const ConnectionNews& news);

Q_SIGNALS:
    void currentProjectChanged(const QString& projectId);
    void testMessageRequested(const QString& projectId);
    void trafficRequested(const QString& projectId);
    /// A short message for the toast.
    void notice(const QString& text);
    void failed(const QString& message);
    /// A project was deleted: `text` for the toast, whose *Undo* should call undoRemove().
    void removed(const QString& projectId, const QString& text);

protected:
    void resizeEvent(QResizeEvent* event) override;

public Q_SLOTS:
    /// Brings a deleted project back; possible for services::kUndoTime.
    void undoRemove(const QString& projectId);

private:
    QWidget* buildList();
    void create();
    void remove(const QString& projectId);
    void showRow(int row);
    void followModel();

    services::ProjectService& projects_;
    models::ProjectListModel* model_;
    QWidget* listColumn_ = nullptr;
    QListView* list_;
    Label* newKeys_ = nullptr;
    Button* add_;
    ProjectForm* form_;
    QStackedWidget* stack_;
    ProjectPage* page_;
    QHash<QString, ConnectionNews> news_;
    /// A project that was just made: shown as soon as its row is there.
    QString awaited_;
};

}  // namespace xshathra::ui
