#include "ui/shell/main_window.h"

#include "ui/overview/first_run_card.h"
#include "ui/overview/overview_page.h"
#include "ui/overview/server_commands.h"
#include "ui/overview/trail_steps.h"
#include "ui/shell/actions.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/navigation.h"
#include "ui/shell/panes.h"
#include "ui/shell/project_switcher.h"
#include "ui/shell/status_line.h"
#include "ui/shell/tool_bar.h"
#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/button.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/label.h"
#include "ui/widgets/rule.h"
#include "ui/widgets/toast.h"

#include <QAction>
#include <QActionGroup>
#include <QCloseEvent>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace xshathra::ui {

namespace {

constexpr int kWidth = 1'360;
constexpr int kHeight = 850;
constexpr int kMinWidth = 960;
constexpr int kMinHeight = 600;
constexpr int kNumberedViews = 9;

}  // namespace

MainWindow::MainWindow(ServerStatus& status, ServerCommands& commands, QSettings& settings)
    : status_(status), commands_(commands), settings_(settings), actions_(new Actions(*this, settings)) {
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(QStringLiteral("Xshathra Console"));
    setWindowIcon(applicationIcon());
    setMinimumSize(kMinWidth, kMinHeight);
    resize(kWidth, kHeight);
    setContextMenuPolicy(Qt::NoContextMenu);
    buildActions();
    buildMenus();
    buildCentre();
    buildNotices();

    overview_ = new OverviewPage(status_, commands_);
    connect(overview_, &OverviewPage::showRequested, this, &MainWindow::problemShowRequested);
    connect(overview_, &OverviewPage::snippetsRequested, this, [this] { showView(QStringLiteral("projects")); });
    connect(overview_, &OverviewPage::projectsRequested, this, [this] { showView(QStringLiteral("projects")); });
    connect(overview_->firstRun(), &FirstRunCard::testMessageSent, this, [this] { showView(QStringLiteral("live")); });
    addView({QStringLiteral("overview"), QStringLiteral("Overview"), QStringLiteral("overview"), 0,
             [this] { return overview_; }, [this](QWidget*) { overview_->focusStart(); }});

    connect(&status_, &ServerStatus::stateChanged, this, &MainWindow::showServerState);
    connect(&status_, &ServerStatus::addressChanged, this, &MainWindow::showServerState);
    connect(&status_, &ServerStatus::trailChanged, this, &MainWindow::showTrail);
    connect(&status_, &ServerStatus::recordingChanged, this,
            [this] { actions_->find(QStringLiteral("capture.record"))->setChecked(status_.recording()); });
    actions_->find(QStringLiteral("capture.record"))->setChecked(status_.recording());
    connect(actions_, &Actions::shortcutsChanged, this, [this] {
        for (const auto& view : std::as_const(views_))
            navigation_->item(view.spec.id)->setKeys(view.action->shortcut().toString(QKeySequence::NativeText));
    });
    restore();
    showServerState();
    showTrail();
    showView(QStringLiteral("overview"));
}

MainWindow::~MainWindow() = default;

void MainWindow::buildActions() {
    const auto on = [this](QAction* action, auto run) { connect(action, &QAction::triggered, this, run); };
    on(actions_->add(QStringLiteral("edit.palette"), QStringLiteral("&Go to, run, find..."),
                     {Qt::CTRL | Qt::Key_K, Qt::CTRL | Qt::SHIFT | Qt::Key_P}, QStringLiteral("search")),
       [this] { openPalette(); });
    on(actions_->add(QStringLiteral("edit.filter"), QStringLiteral("Go to the &filter"), {Qt::CTRL | Qt::Key_L},
                     QStringLiteral("filter")),
       [this] { focusFilter(); });
    on(actions_->add(QStringLiteral("edit.find"), QStringLiteral("&Find in the traffic..."), {Qt::CTRL | Qt::Key_F}),
       [this] { Q_EMIT findRequested(); });
    on(actions_->add(QStringLiteral("edit.findNext"), QStringLiteral("Find &next"), {Qt::Key_F3}),
       [this] { Q_EMIT findNextRequested(1); });
    on(actions_->add(QStringLiteral("edit.findPrevious"), QStringLiteral("Find &previous"), {Qt::SHIFT | Qt::Key_F3}),
       [this] { Q_EMIT findNextRequested(-1); });
    on(actions_->add(QStringLiteral("edit.goTo"), QStringLiteral("Go to &sequence number..."), {Qt::CTRL | Qt::Key_G}),
       [this] { Q_EMIT goToRequested(); });
    on(actions_->add(QStringLiteral("file.quit"), QStringLiteral("&Quit"), {Qt::CTRL | Qt::Key_Q}),
       [this] { close(); });

    auto* pause =
        actions_->add(QStringLiteral("capture.pause"), QStringLiteral("&Pause view"), {}, QStringLiteral("pause"));
    pause->setCheckable(true);
    on(pause, [this](bool paused) {
        setPaused(paused);
        Q_EMIT pauseChanged(paused);
    });
    auto* record = actions_->add(QStringLiteral("capture.record"), QStringLiteral("&Recording"), {Qt::CTRL | Qt::Key_R},
                                 QStringLiteral("record"));
    record->setCheckable(true);
    on(record, [this](bool recording) { commands_.setRecording(recording); });
    on(actions_->add(QStringLiteral("capture.clear"), QStringLiteral("&Clear capture"),
                     {Qt::CTRL | Qt::SHIFT | Qt::Key_Delete}, QStringLiteral("clear")),
       [this] { Q_EMIT clearRequested(); });

    on(actions_->add(QStringLiteral("project.new"), QStringLiteral("&New project..."), {Qt::CTRL | Qt::Key_N},
                     QStringLiteral("plus")),
       [this] { Q_EMIT newProjectRequested(); });

    on(actions_->add(QStringLiteral("server.copyWebSocket"), QStringLiteral("Copy &WebSocket URL"), {},
                     QStringLiteral("copy")),
       [this] { copyToClipboard(status_.address().webSocket); });
    on(actions_->add(QStringLiteral("server.copyRest"), QStringLiteral("Copy &REST URL"), {}, QStringLiteral("copy")),
       [this] { copyToClipboard(status_.address().restBase); });
    on(actions_->add(QStringLiteral("server.start"), QStringLiteral("&Start server"), {}, QStringLiteral("play")),
       [this] { commands_.start(); });
    on(actions_->add(QStringLiteral("server.restart"), QStringLiteral("R&estart server"), {},
                     QStringLiteral("restart")),
       [this] { commands_.restart(); });
    on(actions_->add(QStringLiteral("server.stop"), QStringLiteral("S&top server"), {}, QStringLiteral("stop")),
       [this] { commands_.stop(); });
    on(actions_->add(QStringLiteral("server.port"), QStringLiteral("Change &port..."), {}), [this] { changePort(); });

    on(actions_->add(QStringLiteral("view.collapse"), QStringLiteral("&Collapse navigation"), {Qt::CTRL | Qt::Key_B}),
       [this](bool) {
           auto* action = actions_->find(QStringLiteral("view.collapse"));
           navigation_->setCollapsed(action->isChecked());
           settings_.setValue(QStringLiteral("window/collapsed"), action->isChecked());
       });
    actions_->find(QStringLiteral("view.collapse"))->setCheckable(true);
    on(actions_->add(QStringLiteral("view.nextPane"), QStringLiteral("&Next pane"), {Qt::Key_F6}),
       [this] { cyclePane(1); });
    on(actions_->add(QStringLiteral("view.previousPane"), QStringLiteral("&Previous pane"), {Qt::SHIFT | Qt::Key_F6}),
       [this] { cyclePane(-1); });
    auto* themes = new QActionGroup(this);
    const auto theme = [&](const QString& name, const QString& text, ThemeChoice choice) {
        auto* action = actions_->add(name, text);
        // In its menu the word alone is enough; elsewhere it isn't.
        action->setToolTip(QStringLiteral("Theme: ") + action->toolTip());
        action->setCheckable(true);
        themes->addAction(action);
        on(action, [this, choice] { setTheme(choice); });
    };
    theme(QStringLiteral("view.theme.system"), QStringLiteral("&System"), ThemeChoice::System);
    theme(QStringLiteral("view.theme.light"), QStringLiteral("&Light"), ThemeChoice::Light);
    theme(QStringLiteral("view.theme.dark"), QStringLiteral("&Dark"), ThemeChoice::Dark);

    on(actions_->add(QStringLiteral("help.shortcuts"), QStringLiteral("&Keyboard shortcuts..."), {Qt::Key_F1},
                     QStringLiteral("help")),
       [this] { showShortcuts(*this, *actions_); });
    on(actions_->add(QStringLiteral("help.about"), QStringLiteral("&About Xshathra Console..."), {},
                     QStringLiteral("info")),
       [this] { showAbout(*this); });
}

void MainWindow::buildMenus() {
    auto* bar = menuBar();
    bar->setObjectName(QStringLiteral("menuBar"));
    bar->setAccessibleName(QStringLiteral("Menus"));
    const auto menu = [&](const QString& title, const QString& name, std::initializer_list<const char*> actions) {
        auto* made = bar->addMenu(title);
        made->setObjectName(name);
        for (const auto* action : actions) {
            if (*action == '\0')
                made->addSeparator();
            else
                made->addAction(actions_->find(QString::fromLatin1(action)));
        }
        return made;
    };
    menu(QStringLiteral("&File"), QStringLiteral("menu.file"), {"project.new", "", "file.quit"});
    menu(QStringLiteral("&Edit"), QStringLiteral("menu.edit"),
         {"edit.palette", "edit.filter", "", "edit.find", "edit.findNext", "edit.findPrevious", "edit.goTo"});
    viewMenu_ = menu(QStringLiteral("&View"), QStringLiteral("menu.view"), {});
    firstThemeSeparator_ = viewMenu_->addSeparator();
    auto* themes = viewMenu_->addMenu(menuIcon(QStringLiteral("theme")), QStringLiteral("&Theme"));
    for (const auto* name : {"view.theme.system", "view.theme.light", "view.theme.dark"})
        themes->addAction(actions_->find(QString::fromLatin1(name)));
    viewMenu_->addAction(actions_->find(QStringLiteral("view.collapse")));
    viewMenu_->addSeparator();
    viewMenu_->addAction(actions_->find(QStringLiteral("view.nextPane")));
    viewMenu_->addAction(actions_->find(QStringLiteral("view.previousPane")));
    menu(QStringLiteral("&Capture"), QStringLiteral("menu.capture"),
         {"capture.pause", "capture.record", "", "capture.clear"});
    menu(QStringLiteral("&Project"), QStringLiteral("menu.project"), {"project.new"});
    serverMenu_ = menu(QStringLiteral("&Server"), QStringLiteral("menu.server"),
                       {"server.copyWebSocket", "server.copyRest", "", "server.start", "server.restart", "server.stop",
                        "", "server.port"});
    menu(QStringLiteral("&Help"), QStringLiteral("menu.help"), {"help.shortcuts", "", "help.about"});
}

void MainWindow::buildCentre() {
    auto* centre = new QWidget;
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    toolBar_ = new ToolBar(status_, *actions_, *serverMenu_);
    column->addWidget(toolBar_);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    navigation_ = new Navigation;
    row->addWidget(navigation_);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    serverBanner_ = new Banner(QStringLiteral("banner.server"));
    right->addWidget(serverBanner_);
    trailBar_ = new QWidget;
    right->addWidget(trailBar_);
    stack_ = new QStackedWidget;
    stack_->setObjectName(QStringLiteral("views"));
    right->addWidget(stack_, 1);
    row->addLayout(right, 1);
    column->addLayout(row, 1);
    statusLine_ = new StatusLine(status_);
    column->addWidget(statusLine_);
    setCentralWidget(centre);
    toast_ = new Toast(stack_);
    palette_ = new CommandPalette(this);
    connect(navigation_, &Navigation::chosen, this, &MainWindow::showView);
    connect(toolBar_->projects(), &ProjectSwitcher::newProjectRequested, this, &MainWindow::newProjectRequested);
}

void MainWindow::buildNotices() {
    serverBanner_->setClosable(false);
    bannerPort_ = serverBanner_->addAction(QStringLiteral("Use another port"), QStringLiteral("banner.usePort"));
    bannerRetry_ = serverBanner_->addAction(QStringLiteral("Try again"), QStringLiteral("banner.retry"));
    connect(bannerPort_, &QPushButton::clicked, this, [this] {
        if (status_.state() == ServerState::Failed)
            changePort();
        else if (status_.portConflict() && status_.portConflict()->suggestedPort != 0)
            commands_.usePort(status_.portConflict()->suggestedPort);
    });
    connect(bannerRetry_, &QPushButton::clicked, this, [this] {
        if (status_.state() == ServerState::Stopped)
            commands_.start();
        else
            commands_.retry();
    });

    trailBar_->setObjectName(QStringLiteral("trail"));
    auto* column = new QVBoxLayout(trailBar_);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(metrics::kPageMargin, metrics::kSpace6, metrics::kSpace8, metrics::kSpace6);
    row->setSpacing(metrics::kSpace12);
    row->addWidget(new Label(QStringLiteral("Test message"), TextStyle::BodyStrong), 0, Qt::AlignVCenter);
    trailSteps_ = new TrailSteps;
    row->addWidget(trailSteps_, 1);
    auto* next = new Button(QStringLiteral("Connect your app"), QStringLiteral("trail.next"), nullptr,
                            Button::Kind::Standard, Button::Size::Small);
    next->setIconName(QStringLiteral("code"));
    auto* close = Button::iconOnly(QStringLiteral("close"), QStringLiteral("Close the test message"),
                                   QStringLiteral("trail.close"), nullptr, Button::Size::Small);
    row->addWidget(next, 0, Qt::AlignVCenter);
    row->addWidget(close, 0, Qt::AlignVCenter);
    column->addLayout(row);
    column->addWidget(new Rule);
    trailBar_->hide();
    connect(next, &QPushButton::clicked, this, [this] {
        status_.setTrail({});
        showView(status_.firstRun() || !hasView(QStringLiteral("projects")) ? QStringLiteral("overview")
                                                                            : QStringLiteral("projects"));
    });
    connect(close, &QPushButton::clicked, this, [this] { status_.setTrail({}); });
}

void MainWindow::addView(ViewSpec spec) {
    const auto id = spec.id;
    Q_ASSERT(!views_.contains(id));
    const auto number = static_cast<int>(order_.size()) + 1;
    QList<QKeySequence> shortcuts;
    if (number <= kNumberedViews)
        shortcuts.append(QKeySequence(QKeyCombination(Qt::CTRL, static_cast<Qt::Key>(Qt::Key_0 + number))));
    auto title = spec.title;
    title.replace(QLatin1Char('&'), QStringLiteral("&&"));
    auto* action = actions_->add(QStringLiteral("go.") + id, title, shortcuts, spec.icon);
    connect(action, &QAction::triggered, this, [this, id] { showView(id); });
    viewMenu_->insertAction(firstThemeSeparator_, action);
    auto* entry = navigation_->addItem(spec.group, id, spec.title, spec.icon);
    entry->setKeys(action->shortcut().toString(QKeySequence::NativeText));
    views_.insert(id, View{std::move(spec), nullptr, action});
    order_.append(id);
}

void MainWindow::showView(const QString& id) {
    const auto it = views_.find(id);
    if (it == views_.end())
        return;
    if (it->widget == nullptr) {
        it->widget = it->spec.make();
        stack_->addWidget(it->widget);
    }
    current_ = id;
    navigation_->setCurrent(id);
    stack_->setCurrentWidget(it->widget);
    if (it->spec.focus)
        it->spec.focus(it->widget);
    else
        it->widget->setFocus(Qt::OtherFocusReason);
    Q_EMIT viewShown(id);
}

QWidget* MainWindow::viewWidget(const QString& id) const {
    const auto it = views_.constFind(id);
    return it == views_.cend() ? nullptr : it->widget;
}

NavigationItem* MainWindow::navigationItem(const QString& id) const { return navigation_->item(id); }

void MainWindow::setPaused(bool on) {
    actions_->find(QStringLiteral("capture.pause"))->setChecked(on);
    statusLine_->setPaused(on);
}

void MainWindow::setTheme(ThemeChoice choice) {
    Theme::current().setChoice(choice);
    settings_.setValue(QStringLiteral("window/theme"), static_cast<int>(choice));
    actions_->find(QStringLiteral("view.theme.system"))->setChecked(choice == ThemeChoice::System);
    actions_->find(QStringLiteral("view.theme.light"))->setChecked(choice == ThemeChoice::Light);
    actions_->find(QStringLiteral("view.theme.dark"))->setChecked(choice == ThemeChoice::Dark);
}

void MainWindow::showServerState() {
    const auto state = status_.state();
    const auto enable = [this](const char* name, bool on) {
        actions_->find(QString::fromLatin1(name))->setEnabled(on);
    };
    enable("server.start", state == ServerState::Stopped || state == ServerState::Failed);
    enable("server.stop", state == ServerState::Running);
    enable("server.restart", state == ServerState::Running);
    enable("server.port", state != ServerState::Starting && state != ServerState::Stopping);

    const auto& conflict = status_.portConflict();
    bannerPort_->setVisible(false);
    bannerRetry_->setText(state == ServerState::Stopped ? QStringLiteral("Start") : QStringLiteral("Try again"));
    switch (state) {
        case ServerState::PortInUse:
            bannerPort_->setVisible(conflict && conflict->suggestedPort != 0);
            if (conflict)
                bannerPort_->setText(QStringLiteral("Use %1 and update snippets").arg(conflict->suggestedPort));
            serverBanner_->present(Tone::Err, QStringLiteral("Port %1 is taken").arg(status_.address().port),
                                   conflict ? QStringLiteral("by %1").arg(conflict->holder) : QString());
            break;
        case ServerState::Failed:
            bannerPort_->setVisible(true);
            bannerPort_->setText(QStringLiteral("Change port..."));
            serverBanner_->present(Tone::Err, QStringLiteral("The server could not start"), status_.failure());
            break;
        case ServerState::Stopped:
            serverBanner_->present(Tone::Warn, QStringLiteral("The server is stopped"),
                                   QStringLiteral("Clients can't connect."));
            break;
        default: serverBanner_->hide();
    }
}

void MainWindow::showTrail() {
    trailSteps_->setSteps(status_.trail());
    trailBar_->setVisible(!status_.trail().isEmpty());
}

void MainWindow::openPalette() {
    QList<PaletteEntry> entries;
    for (auto* action : actions_->all()) {
        const auto name = Actions::nameOf(action);
        if (name == QLatin1String("edit.palette"))
            continue;
        const bool view = name.startsWith(QLatin1String("go."));
        const auto title = view ? views_.value(name.mid(3)).spec.title : Actions::wordsOf(action);
        const auto icon = view ? views_.value(name.mid(3)).spec.icon : QStringLiteral("command");
        entries.append({title, view ? QStringLiteral("View") : QStringLiteral("Command"), icon,
                        action->shortcut().toString(QKeySequence::NativeText), action->isEnabled(),
                        [action] { action->trigger(); }});
    }
    // Views first: that is what most people are after.
    std::stable_partition(entries.begin(), entries.end(),
                          [](const PaletteEntry& entry) { return entry.kind == QLatin1String("View"); });
    for (const auto& project : status_.projects()) {
        entries.append(
            {project.name, QStringLiteral("Project"), QStringLiteral("projects"), {}, true, [this, id = project.id] {
                 status_.setCurrentProject(id);
             }});
    }
    palette_->openWith(std::move(entries));
}

void MainWindow::changePort() {
    constexpr int kLowest = 1;
    constexpr int kHighest = 65'535;
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("changePort"));
    dialog->setWindowTitle(QStringLiteral("Change port"));
    dialog->setLabelText(QStringLiteral("Port (connections are closed, and apps need the new address):"));
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setIntRange(kLowest, kHighest);
    dialog->setIntValue(status_.address().port);
    connect(dialog, &QInputDialog::intValueSelected, this,
            [this](int port) { commands_.usePort(static_cast<std::uint16_t>(port)); });
    dialog->open();
}

void MainWindow::focusFilter() {
    auto* widget = viewWidget(current_);
    auto* field = widget != nullptr ? widget->findChild<FilterField*>() : nullptr;
    if (field == nullptr) {
        showView(QStringLiteral("live"));
        widget = viewWidget(QStringLiteral("live"));
        field = widget != nullptr ? widget->findChild<FilterField*>() : nullptr;
    }
    if (field != nullptr)
        field->focusText();
}

void MainWindow::cyclePane(int step) {
    ui::cyclePane({navigation_, toolBar_, serverBanner_, trailBar_, stack_, toast_}, step);
}

void MainWindow::restore() {
    const auto geometry = settings_.value(QStringLiteral("window/geometry")).toByteArray();
    if (!geometry.isEmpty())
        restoreGeometry(geometry);
    const auto theme = settings_.value(QStringLiteral("window/theme"), 0).toInt();
    setTheme(theme == static_cast<int>(ThemeChoice::Dark)    ? ThemeChoice::Dark
             : theme == static_cast<int>(ThemeChoice::Light) ? ThemeChoice::Light
                                                             : ThemeChoice::System);
    const bool collapsed = settings_.value(QStringLiteral("window/collapsed"), false).toBool();
    actions_->find(QStringLiteral("view.collapse"))->setChecked(collapsed);
    navigation_->setCollapsed(collapsed);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    toast_->dismiss();
    settings_.setValue(QStringLiteral("window/geometry"), saveGeometry());
    QMainWindow::closeEvent(event);
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    // A window that comes back from the task bar keeps its keyboard focus.
    if (!event->spontaneous() && current_ == QLatin1String("overview"))
        overview_->focusStart();
    Q_EMIT exposedChanged(true);
}

void MainWindow::hideEvent(QHideEvent* event) {
    QMainWindow::hideEvent(event);
    Q_EMIT exposedChanged(false);
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange)
        Q_EMIT exposedChanged(isVisible() && !isMinimized());
}

}  // namespace xshathra::ui
