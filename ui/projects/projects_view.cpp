#include "ui/projects/projects_view.h"

#include "server/services/config_store.h"
#include "server/services/project_service.h"
#include "ui/projects/project_delegate.h"
#include "ui/projects/project_form.h"
#include "ui/projects/project_page.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/button.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/label.h"

#include <QHBoxLayout>
#include <QListView>
#include <QPainter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;

constexpr int kListWidth = 268;
/// Of the list where the page needs the room more.
constexpr int kNarrowListWidth = 210;
constexpr int kNarrow = 900;

/// The header over the list: two words on the header's ground.
class ListHeading final : public QWidget {
public:
    ListHeading() {
        setFixedHeight(scaledHeight(metrics::kListHeader));
        auto* row = new QHBoxLayout(this);
        row->setContentsMargins(metrics::kSpace16, 0, metrics::kCellPadding, 0);
        row->addWidget(new Label(u"Project"_s, TextStyle::Header, Token::Text3));
        row->addStretch();
        row->addWidget(new Label(u"Open"_s, TextStyle::Header, Token::Text3));
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.fillRect(rect(), Theme::current().c(Token::Header));
        paintHorizontalLine(painter, 0, 0, width(), Token::Line);
        paintHorizontalLine(painter, 0, height() - hairline(painter), width(), Token::Line);
    }
};

/// The column of projects with a hairline at its right.
class ListColumn final : public QWidget {
protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        paintVerticalLine(painter, width() - hairline(painter), 0, height(), Token::Line);
    }
};

}  // namespace

ProjectsView::ProjectsView(services::ConfigStore& store, services::ProjectService& projects,
                           services::NamespaceService& namespaces, const Clock& clock, QWidget* parent)
    : QWidget(parent),
      projects_(projects),
      model_(new models::ProjectListModel(store, this)),
      list_(named(new QListView, u"projects.list"_s, u"Projects"_s)),
      form_(new ProjectForm(ProjectForm::Purpose::Create)),
      stack_(new QStackedWidget),
      page_(new ProjectPage(projects, namespaces, clock)) {
    setObjectName(u"projects"_s);
    setFocusProxy(list_);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    listColumn_ = buildList();
    listColumn_->setFixedWidth(kListWidth);
    row->addWidget(listColumn_);
    auto* empty = new EmptyState(u"No project"_s, u"A project has its own keys, channels and namespaces."_s);
    auto* first = empty->addAction(u"Create a project"_s, u"projects.empty.create"_s);
    stack_->addWidget(empty);
    stack_->addWidget(page_);
    row->addWidget(stack_, 1);

    connect(first, &QPushButton::clicked, this, &ProjectsView::beginCreate);
    connect(add_, &QPushButton::clicked, this, &ProjectsView::beginCreate);
    connect(form_, &ProjectForm::submitted, this, &ProjectsView::create);
    connect(form_, &ProjectForm::cancelled, this, [this] {
        form_->hide();
        list_->setFocus(Qt::OtherFocusReason);
    });
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this](const QModelIndex& now) { showRow(now.row()); });
    connect(model_, &QAbstractItemModel::dataChanged, this, &ProjectsView::followModel);
    connect(model_, &QAbstractItemModel::rowsInserted, this, &ProjectsView::followModel);
    connect(model_, &QAbstractItemModel::rowsRemoved, this, &ProjectsView::followModel);
    connect(page_, &ProjectPage::testMessageRequested, this, &ProjectsView::testMessageRequested);
    connect(page_, &ProjectPage::removeRequested, this, &ProjectsView::remove);
    connect(page_, &ProjectPage::notice, this, &ProjectsView::notice);
    connect(page_, &ProjectPage::failed, this, &ProjectsView::failed);
    connect(page_->snippets(), &SnippetsCard::trafficRequested, this,
            [this] { Q_EMIT trafficRequested(currentProject()); });
    list_->setCurrentIndex(model_->index(0));
    followModel();
}

QWidget* ProjectsView::buildList() {
    auto* column = new ListColumn;
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 1, 0);
    layout->setSpacing(0);
    auto* bar = new QWidget;
    bar->setFixedHeight(scaledHeight(metrics::kViewBar));
    auto* barRow = new QHBoxLayout(bar);
    barRow->setContentsMargins(metrics::kSpace16, 0, metrics::kSpace16, 0);
    add_ = new Button(u"New project"_s, u"projects.add"_s, nullptr, Button::Kind::Standard, Button::Size::Small);
    add_->setIconName(u"plus"_s);
    barRow->addWidget(add_);
    barRow->addStretch();
    newKeys_ = new Label({}, TextStyle::MonoSmall, Token::Text3);
    newKeys_->setObjectName(u"projects.add.keys"_s);
    barRow->addWidget(newKeys_);
    layout->addWidget(bar);
    form_->hide();
    layout->addWidget(form_);
    layout->addWidget(new ListHeading);
    list_->setModel(model_);
    list_->setItemDelegate(new ProjectDelegate(list_));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setMouseTracking(true);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    layout->addWidget(list_, 1);
    return column;
}

QString ProjectsView::currentProject() const {
    return list_->currentIndex().data(models::ProjectListModel::IdRole).toString();
}

void ProjectsView::showProject(const QString& projectId) {
    const auto row = model_->rowOf(projectId);
    if (row >= 0)
        list_->setCurrentIndex(model_->index(row));
    else
        awaited_ = projectId;
}

void ProjectsView::beginCreate() {
    form_->show();
    form_->begin({});
}

void ProjectsView::beginRename() { page_->beginRename(); }

void ProjectsView::setNewProjectShortcut(const QString& keys) { newKeys_->setText(keys); }

void ProjectsView::focusTestMessage() { page_->focusTestMessage(); }

void ProjectsView::setAddresses(const SnippetAddresses& addresses) { page_->snippets()->setAddresses(addresses); }

void ProjectsView::setConnections(const QHash<QString, int>& connections) { model_->setConnections(connections); }

void ProjectsView::setNews(const QString& projectId, const ConnectionNews& news) {
    if (news_.value(projectId) == news)
        return;
    news_.insert(projectId, news);
    if (projectId == currentProject())
        page_->snippets()->setNews(news);
}

void ProjectsView::create() {
    services::NewProject project;
    project.name = form_->name().toStdString();
    project.environment = services::environmentFromString(form_->environment().toStdString())
                              .value_or(services::Environment::Development);
    form_->setBusy(true);
    projects_.create(std::move(project)).then(this, [this](const Result<services::ProjectPtr>& result) {
        if (!result) {
            form_->showError(result.error());
            return;
        }
        form_->hide();
        showProject(QString::fromStdString((*result)->id));
        focusTestMessage();
    });
}

void ProjectsView::remove(const QString& projectId) {
    projects_.remove(projectId.toStdString()).then(this, [this, projectId](const Result<services::ProjectPtr>& result) {
        if (!result)
            Q_EMIT failed(QString::fromStdString(result.error().message));
        else
            Q_EMIT removed(projectId, QStringLiteral("%1 was deleted").arg(QString::fromStdString((*result)->name)));
    });
}

void ProjectsView::undoRemove(const QString& projectId) {
    projects_.restore(projectId.toStdString())
        .then(this, [this, projectId](const Result<services::ProjectPtr>& result) {
            if (!result)
                Q_EMIT failed(QString::fromStdString(result.error().message));
            else
                showProject(projectId);
        });
}

void ProjectsView::showRow(int row) {
    const auto project = model_->project(row);
    stack_->setCurrentWidget(project ? static_cast<QWidget*>(page_) : stack_->widget(0));
    if (!project)
        return;
    page_->setProject(project);
    const auto id = QString::fromStdString(project->id);
    page_->snippets()->setNews(news_.value(id));
    Q_EMIT currentProjectChanged(id);
}

void ProjectsView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    listColumn_->setFixedWidth(width() < kNarrow ? kNarrowListWidth : kListWidth);
}

void ProjectsView::followModel() {
    if (!awaited_.isEmpty()) {
        const auto row = model_->rowOf(awaited_);
        if (row >= 0) {
            awaited_.clear();
            list_->setCurrentIndex(model_->index(row));
            return;
        }
    }
    if (!list_->currentIndex().isValid() && model_->rowCount() > 0)
        list_->setCurrentIndex(model_->index(0));
    if (const auto project = model_->project(list_->currentIndex().row()))
        page_->setProject(project);
    else
        stack_->setCurrentIndex(0);
}

}  // namespace xshathra::ui
