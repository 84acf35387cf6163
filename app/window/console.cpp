#include "app/window/console.h"

#include "app/window/code_texts.h"
#include "server/services/config_store.h"
#include "server/services/project_service.h"
#include "ui/live/live_list.h"
#include "ui/live/live_view.h"
#include "ui/overview/first_run_card.h"
#include "ui/overview/overview_page.h"
#include "ui/projects/projects_view.h"
#include "ui/projects/snippets.h"
#include "ui/shell/actions.h"
#include "ui/shell/navigation.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/toast.h"

#include <QAction>
#include <QCoreApplication>
#include <QFuture>
#include <QSettings>
#include <QStackedWidget>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

const QString& liveId() {
    static const auto id = u"live"_s;
    return id;
}

const QString& projectsId() {
    static const auto id = u"projects"_s;
    return id;
}

constexpr auto kColumnsKey = "live/columns"_L1;
constexpr auto kInspectorRightKey = "live/inspectorRight"_L1;
constexpr auto kInspectorHeightKey = "live/inspectorHeight"_L1;
constexpr auto kInspectorWidthKey = "live/inspectorWidth"_L1;

}  // namespace

Console::Console(runtime::ServerRuntime& server, QSettings& settings, QObject* parent)
    : QObject(parent),
      server_(server),
      settings_(settings),
      live_(server.recorder()),
      binding_(server, live_, status_, settings),
      window_(std::make_unique<ui::MainWindow>(status_, binding_, settings)) {
    window_->addView({projectsId(), u"Projects & Keys"_s, u"projects"_s, 0, [this] { return makeProjects(); },
                      [this](QWidget* view) {
                          QWidget* start = projects_ ? projects_.data() : view;
                          start->setFocus(Qt::OtherFocusReason);
                      }});
    window_->addView({liveId(), u"Live traffic"_s, u"live"_s, 1, [this] { return makeLive(); },
                      [this](QWidget*) { liveView_->list()->setFocus(Qt::OtherFocusReason); }});
    connectWindow();
    connect(&server_, &runtime::ServerRuntime::servicesReady, this, &Console::fillProjects);
    connect(&server_, &runtime::ServerRuntime::windowRequested, this, &Console::show);
    connect(&status_, &ui::ServerStatus::addressChanged, this, &Console::pushAddress);
    connect(&status_, &ui::ServerStatus::projectsChanged, this, &Console::pushProjectNames);
    connect(&status_, &ui::ServerStatus::stateChanged, this, &Console::pushListening);
    connect(&status_, &ui::ServerStatus::figuresChanged, this, &Console::pushListening);
    connect(&window_->actions(), &ui::Actions::shortcutsChanged, this, &Console::pushShortcuts);
    connect(&status_, &ui::ServerStatus::recordingChanged, this, [this] {
        if (liveView_)
            liveView_->setRecording(status_.recording());
    });
    connect(&status_, &ui::ServerStatus::currentProjectChanged, this, [this] {
        live_.setProjectScope(status_.currentProject());
        // The steps of a test message are those of the project that was shown.
        status_.setTrail({});
        if (projects_ && !status_.currentProject().isEmpty() && projects_->currentProject() != status_.currentProject())
            projects_->showProject(status_.currentProject());
    });
    live_.setProjectScope(status_.currentProject());
    pushProjectNames();
    // The recorder has one reader, the list; whoever else follows the traffic gets its events from there.
    connect(&server_, &runtime::ServerRuntime::captureObserved, this, [this](bool observed) {
        live_.setTap(observed ? models::LiveModel::Tap([this](const auto& events) { server_.shareCapture(events); })
                              : models::LiveModel::Tap());
    });
}

Console::~Console() {
    if (!liveView_)
        return;
    settings_.setValue(kColumnsKey, liveView_->saveColumns());
    const auto& place = liveView_->inspectorPlace();
    settings_.setValue(kInspectorRightKey, place.right);
    settings_.setValue(kInspectorHeightKey, place.height);
    settings_.setValue(kInspectorWidthKey, place.width);
}

void Console::show() {
    // One that is minimised comes back in the size it had.
    window_->setWindowState(window_->windowState() & ~Qt::WindowMinimized);
    window_->show();
    window_->raise();
    window_->activateWindow();
}

void Console::end() {
    window_->close();
    QCoreApplication::exit();
}

void Console::connectWindow() {
    auto* window = window_.get();
    connect(window, &ui::MainWindow::viewShown, this, [this](const QString& id) {
        if (id == liveId())
            window_->navigationItem(liveId())->setUnseen(false);
        pushPace();
    });
    connect(window, &ui::MainWindow::exposedChanged, this, [this](bool exposed) {
        exposed_ = exposed;
        binding_.setExposed(exposed);
        pushPace();
    });
    connect(window, &ui::MainWindow::pauseChanged, this, [this](bool on) { live_.setPaused(on); });
    connect(&live_, &models::LiveModel::pausedChanged, window, &ui::MainWindow::setPaused);
    connect(window, &ui::MainWindow::clearRequested, this, [this] { live_.clear(); });
    connect(window, &ui::MainWindow::newProjectRequested, this, [this] {
        window_->showView(projectsId());
        if (projects_)
            projects_->beginCreate();
    });
    connect(window, &ui::MainWindow::problemShowRequested, this,
            [this](const ui::Problem& problem) { showCaptured(problem.seq); });
    connect(window, &ui::MainWindow::findRequested, this, [this] {
        window_->showView(liveId());
        liveView_->beginFind();
    });
    connect(window, &ui::MainWindow::findNextRequested, this, [this](int step) {
        window_->showView(liveId());
        liveView_->findNext(step);
    });
    connect(window, &ui::MainWindow::goToRequested, this, [this] {
        window_->showView(liveId());
        liveView_->beginGoTo();
    });
    connect(window->overview()->firstRun(), &ui::FirstRunCard::projectReady, this, [this] {
        window_->showView(projectsId());
        if (projects_)
            projects_->focusTestMessage();
    });
    connect(&binding_, &ServerBinding::problemsSeen, this, [this] {
        if (window_->currentView() != liveId())
            window_->navigationItem(liveId())->setUnseen(true);
    });
    connect(&binding_, &ServerBinding::gathered, this, &Console::showConnections);
    connect(&binding_, &ServerBinding::testMessageArrived, this, [this](const QString& channel) {
        if (!liveView_)
            return;
        live_.takeArrived();
        liveView_->showNewest(capture::Kind::Push, channel);
    });
}

void Console::showCaptured(std::uint64_t seq) {
    window_->showView(liveId());
    if (liveView_->showSeq(seq))
        return;
    const auto* kept = live_.store().at(live_.store().positionOfSeq(seq));
    if (kept == nullptr || kept->seq != seq) {
        window_->toast()->showMessage(u"That event is no longer in the capture."_s);
        return;
    }
    // Another project, the filter or the pause hides it.
    live_.setPaused(false);
    liveView_->setFilter({});
    status_.setCurrentProject({});
    if (!liveView_->showSeq(seq))
        window_->toast()->showMessage(u"That event is kept; the list is still looking for it."_s);
}

void Console::showConnections() {
    if (!projects_)
        return;
    projects_->setConnections(binding_.connections());
    for (const auto& project : status_.projects())
        projects_->setNews(project.id, binding_.newsOf(project.id));
}

QWidget* Console::makeProjects() {
    projectsHolder_ = new QStackedWidget;
    auto* waiting = new ui::EmptyState(u"Projects appear when the server has opened its data folder"_s,
                                       u"The notice above says what is in the way, if something is."_s);
    projectsHolder_->addWidget(waiting);
    fillProjects();
    return projectsHolder_;
}

void Console::fillProjects() {
    if (!projectsHolder_ || projects_ || !server_.hasServices())
        return;
    projects_ = new ui::ProjectsView(server_.config(), server_.projects(), server_.namespaces(), server_.clock());
    projectsHolder_->addWidget(projects_);
    projectsHolder_->setCurrentWidget(projects_);
    auto* view = projects_.data();
    auto* toast = window_->toast();
    connect(view, &ui::ProjectsView::currentProjectChanged, this, [this](const QString& id) {
        if (!id.isEmpty() && !status_.currentProject().isEmpty())
            status_.setCurrentProject(id);
    });
    connect(view, &ui::ProjectsView::testMessageRequested, this, &Console::sendTestMessage);
    connect(view, &ui::ProjectsView::trafficRequested, this, [this](const QString& id) {
        status_.setCurrentProject(id);
        window_->showView(liveId());
    });
    connect(view, &ui::ProjectsView::notice, toast, [toast](const QString& text) { toast->showMessage(text); });
    connect(view, &ui::ProjectsView::failed, toast,
            [toast](const QString& text) { toast->showMessage(text, u"error"_s); });
    connect(view, &ui::ProjectsView::removed, this, [toast, view](const QString& id, const QString& text) {
        toast->showUndo(text, [view = QPointer(view), id] {
            if (view)
                view->undoRemove(id);
        });
    });
    pushAddress();
    pushShortcuts();
    showConnections();
    if (!status_.currentProject().isEmpty())
        view->showProject(status_.currentProject());
}

QWidget* Console::makeLive() {
    liveView_ = new ui::LiveView(live_);
    auto* view = liveView_.data();
    // The window has these keys for every view.
    view->clearAction()->setShortcuts({});
    if (auto* filter = view->findChild<QAction*>(u"liveFilterAction"_s))
        filter->setShortcuts({});
    view->setCodeAdvisor(&codeText);
    view->setRecording(status_.recording());
    view->restoreColumns(settings_.value(kColumnsKey).toByteArray());
    view->setInspectorPlace({settings_.value(kInspectorRightKey, false).toBool(),
                             settings_.value(kInspectorHeightKey, 0).toInt(),
                             settings_.value(kInspectorWidthKey, 0).toInt()});
    pushListening();
    connect(view, &ui::LiveView::testMessageRequested, this, [this] { sendTestMessage(status_.currentProject()); });
    connect(view, &ui::LiveView::copySnippetRequested, this, [this] {
        ui::copyToClipboard(binding_.snippet(status_.currentProject()));
        window_->toast()->showMessage(u"The centrifuge-js snippet is on the clipboard."_s, u"check"_s);
    });
    connect(view, &ui::LiveView::copyCurlRequested, this, &Console::copyCurl);
    connect(view, &ui::LiveView::startRecordingRequested, this, [this] { binding_.setRecording(true); });
    return view;
}

void Console::pushAddress() {
    const auto endpoints = server_.endpoints();
    if (projects_)
        projects_->setAddresses({endpoints.origin, endpoints.webSocket, endpoints.token, endpoints.publish});
    pushListening();
}

void Console::pushListening() {
    if (!liveView_)
        return;
    const bool running = status_.state() == ui::ServerState::Running;
    liveView_->setListening(running ? status_.address().hostAndPort : QString());
    liveView_->setConnections(status_.figures().connections);
}

void Console::pushShortcuts() {
    const auto* action = window_->actions().find(u"project.new"_s);
    if (projects_)
        projects_->setNewProjectShortcut(action->shortcut().toString(QKeySequence::NativeText));
}

void Console::pushProjectNames() {
    QHash<QString, QString> names;
    for (const auto& project : status_.projects())
        names.insert(project.id, project.name);
    live_.setProjectNames(names);
}

void Console::pushPace() {
    using Pace = models::LiveModel::Pace;
    live_.setPace(!exposed_ ? Pace::Hidden : window_->currentView() == liveId() ? Pace::Live : Pace::Background);
}

void Console::sendTestMessage(const QString& projectId) {
    auto id = projectId;
    if (id.isEmpty() && !status_.projects().isEmpty())
        id = status_.projects().constFirst().id;
    if (id.isEmpty())
        return;
    window_->showView(liveId());
    binding_.sendTestMessage(id);
}

void Console::copyCurl() {
    auto id = status_.currentProject();
    if (id.isEmpty() && !status_.projects().isEmpty())
        id = status_.projects().constFirst().id;
    if (id.isEmpty() || !server_.hasServices())
        return;
    server_.projects()
        .revealKey(id.toStdString(), auth::KeyKind::Server)
        .then(this, [this, id](const Result<auth::Secret>& key) {
            if (!key) {
                window_->toast()->showMessage(QString::fromStdString(key.error().message), u"error"_s);
                return;
            }
            const auto endpoints = server_.endpoints();
            ui::SnippetFacts facts;
            facts.projectId = id;
            facts.serverKey = QString::fromStdString(std::string(key->expose()));
            facts.webSocketUrl = endpoints.webSocket;
            facts.tokenUrl = endpoints.token;
            facts.publishUrl = endpoints.publish;
            facts.origin = endpoints.origin;
            for (const auto& snippet : ui::makeSnippets(facts)) {
                if (snippet.id == u"curl-publish"_s)
                    ui::copyToClipboard(snippet.code, true);
            }
            window_->toast()->showMessage(u"A curl command with the server key is on the clipboard for 60 s."_s,
                                          u"check"_s);
        });
}

}  // namespace xshathra::app
