#include "ui/live/live_view.h"

#include "ui/live/find_strip.h"
#include "ui/live/follow_strip.h"
#include "ui/live/live_list.h"
#include "ui/models/display_text.h"
#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/button.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/filter_field.h"
#include "ui/widgets/label.h"
#include "ui/widgets/toggle_group.h"
#include "ui/widgets/view_bar.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>
#include <string_view>

namespace xshathra::ui {

using models::LiveModel;

namespace {

/// Before the state of the header, which says nothing about which columns its widths are for.
constexpr const char* kColumnsFormat = "with project:";

}  // namespace

LiveView::LiveView(LiveModel& model, QWidget* parent) : QWidget(parent), model_(model) {
    setObjectName(QStringLiteral("liveView"));
    list_ = new LiveList(model);
    strip_ = new FollowStrip;
    find_ = new FindStrip(model, *list_);
    full_ = new Banner(QStringLiteral("liveFull"));
    connect(full_->addAction(tr("Clear capture"), QStringLiteral("liveFull.clear")), &QPushButton::clicked, this,
            [this] { model_.clear(); });
    connect(full_, &Banner::closed, this, [this] { fullDismissed_ = true; });
    inspector_ = new Inspector(model);
    listArea_ = new QWidget;
    auto* listColumn = new QVBoxLayout(listArea_);
    listColumn->setContentsMargins(0, 0, 0, 0);
    listColumn->setSpacing(0);
    listColumn->addWidget(list_, 1);
    listColumn->addWidget(strip_);
    splitter_ = new InspectorSplitter(listArea_, inspector_);
    setFocusProxy(list_);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    buildActions();
    buildBar();
    buildStates();
    column->addWidget(findChild<ViewBar*>());
    column->addWidget(full_);
    column->addWidget(find_);
    column->addWidget(splitter_, 1);

    list_->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(list_, &QWidget::customContextMenuRequested, this, &LiveView::showRowMenu);
    list_->viewport()->installEventFilter(this);
    connect(list_, &LiveList::currentEventChanged, this, &LiveView::inspectCurrent);
    connect(list_, &LiveList::inspectRequested, this, [this] { setInspectorShown(true); });
    connect(list_, &LiveList::followStopped, this, [this](const QString& reason) {
        stopReason_ = reason;
        updateStrip();
    });
    connect(list_->verticalScrollBar(), &QScrollBar::valueChanged, this, &LiveView::updateStrip);
    connect(strip_, &FollowStrip::activated, this, [this] {
        if (model_.paused()) {
            model_.setPaused(false);
        } else {
            list_->follow();
        }
        list_->setFocus();
    });
    connect(inspector_, &Inspector::closeRequested, this, [this] {
        setInspectorShown(false);
        list_->setFocus();
    });
    connect(inspector_, &Inspector::counterpartRequested, this, &LiveView::goToCounterpart);

    connect(&model_, &LiveModel::countersChanged, this, [this] {
        updateCount();
        updateStrip();
        updateStates();
        updateFull();
    });
    connect(&model_, &LiveModel::filterChanged, this, [this] {
        updateCount();
        updateStates();
    });
    connect(&model_, &LiveModel::filteringFinished, this, [this] {
        updateCount();
        updateStates();
    });
    connect(&model_, &LiveModel::followingChanged, this, &LiveView::updateFollow);
    connect(&model_, &LiveModel::pausedChanged, this, [this](bool paused) {
        pause_->setChecked(paused);
        pause_->setText(paused ? tr("Resume view") : tr("Pause view"));
        updateStrip();
    });
    connect(&model_, &QAbstractItemModel::modelReset, this, [this] {
        if (model_.store().empty()) {
            inspector_->inspect(std::nullopt);
            // A cleared capture has room again; what was lost before is told of no more.
            evictedBefore_ = model_.counters().evicted;
            fullDismissed_ = false;
            full_->hide();
        }
        updateCount();
        updateStates();
    });
    updateFollow();
    updateCount();
    updateStates();
}

QAction* LiveView::listAction(const QString& text, const QString& objectName, const QKeySequence& key) {
    auto* action = new QAction(text, this);
    action->setObjectName(objectName);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetShortcut);
    list_->addAction(action);
    return action;
}

void LiveView::buildActions() {
    pause_ = listAction(tr("Pause view"), QStringLiteral("livePauseAction"), Qt::Key_P);
    pause_->setCheckable(true);
    connect(pause_, &QAction::triggered, this, [this](bool on) { model_.setPaused(on); });

    clear_ = new QAction(tr("Clear capture"), this);
    clear_->setObjectName(QStringLiteral("liveClearAction"));
    clear_->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_Delete);
    clear_->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(clear_, &QAction::triggered, this, [this] { model_.clear(); });

    follow_ = new QAction(tr("Follow"), this);
    follow_->setObjectName(QStringLiteral("liveFollowAction"));
    follow_->setCheckable(true);
    connect(follow_, &QAction::triggered, this, [this](bool on) {
        if (on) {
            list_->follow();
        } else {
            stopReason_ = tr("you switched it off");
            model_.setFollowing(false);
        }
    });

    inspectorAction_ = new QAction(tr("Inspector"), this);
    inspectorAction_->setObjectName(QStringLiteral("liveInspectorAction"));
    inspectorAction_->setCheckable(true);
    inspectorAction_->setShortcut(Qt::Key_F4);
    inspectorAction_->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(inspectorAction_, &QAction::triggered, this, &LiveView::setInspectorShown);

    pings_ = new QAction(tr("Show pings"), this);
    pings_->setObjectName(QStringLiteral("livePingsAction"));
    pings_->setCheckable(true);
    connect(pings_, &QAction::triggered, this, [this](bool on) { model_.setPingsShown(on); });

    auto* filterAction = new QAction(tr("Filter"), this);
    filterAction->setObjectName(QStringLiteral("liveFilterAction"));
    filterAction->setShortcut(Qt::CTRL | Qt::Key_L);
    filterAction->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(filterAction, &QAction::triggered, this, &LiveView::focusFilter);
    for (QAction* action : {clear_, inspectorAction_, filterAction, follow_, pings_}) {
        addAction(action);
    }

    const auto add = [this](const QString& text, const QString& name, const QKeySequence& key, auto run) {
        connect(listAction(text, name, key), &QAction::triggered, this, run);
    };
    add(tr("Filter"), QStringLiteral("liveSlashAction"), Qt::Key_Slash, [this] { focusFilter(); });
    add(tr("Next row"), QStringLiteral("liveNextAction"), Qt::Key_J, [this] { list_->stepRow(1); });
    add(tr("Previous row"), QStringLiteral("livePreviousAction"), Qt::Key_K, [this] { list_->stepRow(-1); });
    add(tr("Next of this channel"), QStringLiteral("liveNextInChannelAction"), Qt::Key_N,
        [this] { list_->goToRow(model_.neighbourInChannel(list_->currentRow(), 1)); });
    add(tr("Previous of this channel"), QStringLiteral("livePreviousInChannelAction"), Qt::SHIFT | Qt::Key_N,
        [this] { list_->goToRow(model_.neighbourInChannel(list_->currentRow(), -1)); });
    add(tr("Matching reply or command"), QStringLiteral("liveCounterpartAction"), Qt::Key_R,
        [this] { goToCounterpart(); });
    add(tr("Originating command"), QStringLiteral("liveCommandAction"), Qt::SHIFT | Qt::Key_R,
        [this] { goToCounterpart(); });
    add(tr("Mark"), QStringLiteral("liveMarkAction"), Qt::Key_M, [this] { list_->toggleMark(); });
    add(tr("Bytes or tree"), QStringLiteral("liveHexAction"), Qt::Key_X, [this] {
        setInspectorShown(true);
        inspector_->setTab(inspector_->tab() == Inspector::Tab::Hex ? Inspector::Tab::Tree : Inspector::Tab::Hex);
    });
    add(tr("Copy payload"), QStringLiteral("liveCopyAction"), QKeySequence::Copy, [this] { copyPayload(); });
    add(tr("Copy row"), QStringLiteral("liveCopyRowAction"), Qt::CTRL | Qt::SHIFT | Qt::Key_C, [this] { copyLine(); });
    add(tr("Leave filter or inspector"), QStringLiteral("liveEscapeAction"), Qt::Key_Escape, [this] { escape(); });
}

void LiveView::buildBar() {
    auto* bar = new ViewBar(tr("Live traffic"), this);
    filter_ = new FilterField(QStringLiteral("liveFilter"), tr("Filter, for example  lobby publish \"hp\":27"));
    filter_->edit()->setAccessibleName(tr("Filter the live traffic"));
    filter_->edit()->setToolTip(tr("Words in channel, client, user, kind or payload (/ in the list)"));
    count_ = new Label({}, TextStyle::Small, Token::Text2);
    count_->setObjectName(QStringLiteral("liveCount"));
    mode_ = new ToggleGroup({tr("Hide"), tr("Dim")}, QStringLiteral("liveFilterMode"), tr("Events that don't match"));
    followButton_ =
        new Button(tr("Follow"), QStringLiteral("liveFollow"), nullptr, Button::Kind::Standard, Button::Size::Small);
    followButton_->setIconName(QStringLiteral("follow"));
    followButton_->setCheckable(true);
    followButton_->setToolTip(tr("Stay at the newest row (End)"));
    connect(followButton_, &QPushButton::clicked, follow_, &QAction::trigger);
    more_ =
        Button::iconOnly(QStringLiteral("more"), tr("More"), QStringLiteral("liveMore"), nullptr, Button::Size::Small);
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("liveMoreMenu"));
    menu->addAction(pings_);
    menu->addAction(pause_);
    menu->addAction(inspectorAction_);
    menu->addSeparator();
    menu->addAction(clear_);
    more_->setMenu(menu);

    QHBoxLayout* row = bar->row();
    row->addWidget(filter_, 1);
    row->addWidget(count_);
    row->addWidget(mode_);
    row->addWidget(followButton_);
    row->addWidget(more_);

    connect(filter_, &FilterField::filterChanged, this, [this](const QString& text) {
        model_.setFilterText(text.trimmed());
        filter_->setState(text.trimmed().isEmpty() ? FilterField::State::Empty : FilterField::State::Ok);
    });
    connect(filter_, &FilterField::cleared, this, [this] { list_->setFocus(); });
    // Enter in the field goes on in the list.
    connect(filter_->edit(), &QLineEdit::returnPressed, this, [this] { list_->setFocus(); });
    connect(mode_, &ToggleGroup::currentIndexChanged, this, [this](int index) {
        model_.setFilterMode(index == 0 ? LiveModel::FilterMode::Hide : LiveModel::FilterMode::Dim);
    });
}

void LiveView::buildStates() {
    empty_ = new EmptyState({}, {}, listArea_);
    empty_->setObjectName(QStringLiteral("liveEmpty"));
    auto* copy =
        empty_->addCard(QStringLiteral("plug"), tr("Connect your app"),
                        tr("Use the server's address and a token of your project. Frames appear here as they pass."),
                        tr("Copy snippet"), QStringLiteral("liveEmpty.snippet"));
    copy->setIconName(QStringLiteral("copy"));
    emptySend_ =
        empty_->addCard(QStringLiteral("send"), tr("Send a test message"),
                        tr("The console connects a client of its own, subscribes to public:hello and publishes "
                           "through the REST API."),
                        tr("Send test message"), QStringLiteral("liveEmpty.test"), true);
    emptySend_->setIconName(QStringLiteral("send"));
    auto* curl =
        empty_->addCard(QStringLiteral("code"), tr("Publish from a terminal"),
                        tr("One curl command with your server key: what a backend does. The request and the push "
                           "appear here."),
                        tr("Copy curl"), QStringLiteral("liveEmpty.curl"));
    curl->setIconName(QStringLiteral("copy"));
    emptyRecord_ = empty_->addAction(tr("Start recording"), QStringLiteral("liveEmpty.record"), false);
    emptyRecord_->setIconName(QStringLiteral("record"));
    connect(copy, &QPushButton::clicked, this, &LiveView::copySnippetRequested);
    connect(emptySend_, &QPushButton::clicked, this, &LiveView::testMessageRequested);
    connect(curl, &QPushButton::clicked, this, &LiveView::copyCurlRequested);
    connect(emptyRecord_, &QPushButton::clicked, this, &LiveView::startRecordingRequested);

    noMatch_ = new EmptyState({}, {}, listArea_);
    noMatch_->setObjectName(QStringLiteral("liveNoMatch"));
    dropWord_ = noMatch_->addAction(tr("Filter without it"), QStringLiteral("liveNoMatch.drop"), true);
    auto* all = noMatch_->addAction(tr("Clear the filter"), QStringLiteral("liveNoMatch.clear"), false);
    connect(dropWord_, &QPushButton::clicked, this, [this] { setFilter(nearest_.filter); });
    connect(all, &QPushButton::clicked, this, [this] {
        setFilter({});
        list_->setFocus();
    });
    setListening({});
    setRecording(true);
}

void LiveView::setListening(const QString& address) {
    listens_ = address;
    emptySend_->setEnabled(!address.isEmpty());
    emptySend_->setToolTip(address.isEmpty() ? tr("The server is not running.") : QString());
    describeEmpty();
}

void LiveView::setConnections(std::uint64_t connections) {
    if (connections != connections_) {
        connections_ = connections;
        describeEmpty();
    }
}

void LiveView::setRecording(bool recording) {
    recording_ = recording;
    emptyRecord_->setVisible(!recording);
    describeEmpty();
}

/// Nothing was kept, or nothing of this project.
void LiveView::describeEmpty() {
    QString title = tr("Nothing captured yet");
    if (!model_.store().empty()) {
        title = tr("Nothing captured in this project yet");
    } else if (model_.counters().cleared > 0) {
        title = tr("Nothing captured since the capture was cleared");
    }
    QString where = tr("The server is not running.");
    if (!listens_.isEmpty()) {
        where = connections_ == 0   ? tr("The server listens on %1 and no client is connected.").arg(listens_)
                : connections_ == 1 ? tr("The server listens on %1, and 1 client is connected.").arg(listens_)
                                    : tr("The server listens on %1, and %2 clients are connected.")
                                          .arg(listens_, models::grouped(connections_));
    }
    if (!model_.store().empty()) {
        where = tr("The %1 kept messages are pings, or of other projects.")
                    .arg(models::grouped(static_cast<std::uint64_t>(model_.store().size())));
    }
    empty_->setTexts(
        title, (recording_ ? tr("Recording is on. ") : tr("Recording is off: what passes is not kept. ")) + where);
}

void LiveView::setCodeAdvisor(CodeAdvisor advisor) { inspector_->setCodeAdvisor(std::move(advisor)); }

void LiveView::setFilter(const QString& text) { filter_->setText(text); }

bool LiveView::showSeq(std::uint64_t seq) {
    model_.takeArrived();
    const int row = model_.rowOfSeq(seq);
    if (row < 0) {
        return false;
    }
    list_->goToRow(row);
    list_->scrollTo(list_->currentIndex(), QAbstractItemView::PositionAtCenter);
    setInspectorShown(true);
    return true;
}

bool LiveView::showNewest(capture::Kind kind, const QString& channel) {
    model_.takeArrived();
    const std::string name = channel.toStdString();
    constexpr int kLook = 10'000;
    for (int row = model_.rowCount() - 1, looked = 0; row >= 0 && looked < kLook; --row, ++looked) {
        const auto* event = model_.eventAt(row);
        if (event->kind == kind && model_.store().text(event->channel) == name) {
            return showSeq(event->seq);
        }
    }
    return false;
}

QByteArray LiveView::saveColumns() const { return kColumnsFormat + list_->header()->saveState(); }

void LiveView::restoreColumns(const QByteArray& state) {
    if (!state.startsWith(kColumnsFormat)) {
        return;
    }
    list_->header()->restoreState(state.mid(static_cast<qsizetype>(std::string_view(kColumnsFormat).size())));
    list_->fitColumns();
}

void LiveView::focusFilter() { filter_->focusText(); }

bool LiveView::inspectorShown() const { return !inspector_->isHidden(); }

void LiveView::setInspectorShown(bool shown) {
    inspectorAction_->setChecked(shown);
    if (shown == inspectorShown()) {
        return;
    }
    inspector_->setVisible(shown);
    if (shown) {
        inspector_->inspect(list_->currentPosition());
        splitter_->settle();
        if (list_->currentRow() >= 0) {
            list_->scrollTo(list_->currentIndex());
        }
    }
}

void LiveView::inspectCurrent() {
    if (!inspectorShown() && list_->currentPosition()) {
        setInspectorShown(true);
    } else if (inspectorShown() && (list_->currentPosition() || model_.store().empty())) {
        // An event that was evicted while it was inspected stays in the inspector, which has a copy.
        inspector_->inspect(list_->currentPosition());
    }
}

void LiveView::goToCounterpart() { list_->goToRow(model_.counterpart(list_->currentRow())); }

void LiveView::copyPayload() {
    if (const auto position = list_->currentPosition()) {
        const std::string_view payload = model_.store().payload(*position);
        copyToClipboard(QString::fromUtf8(payload.data(), static_cast<qsizetype>(payload.size())));
    }
}

void LiveView::copyLine() {
    if (list_->currentRow() >= 0) {
        QStringList cells;
        for (int column = 0; column < LiveModel::ColumnCount; ++column) {
            cells << model_.index(list_->currentRow(), column).data().toString();
        }
        copyToClipboard(cells.join(QLatin1Char('\t')));
    }
}

void LiveView::escape() {
    if (!model_.filterText().isEmpty()) {
        setFilter({});
    } else if (inspectorShown()) {
        setInspectorShown(false);
    }
}

void LiveView::showRowMenu(const QPoint& at) {
    const int row = list_->currentRow();
    const auto* event = model_.eventAt(row);
    if (event == nullptr) {
        return;
    }
    QMenu menu(this);
    menu.setObjectName(QStringLiteral("liveRowMenu"));
    const QString channel = QString::fromUtf8(model_.store().text(event->channel).data(),
                                              static_cast<qsizetype>(model_.store().text(event->channel).size()));
    const QString user = QString::fromUtf8(model_.store().text(event->user).data(),
                                           static_cast<qsizetype>(model_.store().text(event->user).size()));
    const auto filterFor = [this](const QString& value) {
        setFilter(value.contains(QLatin1Char(' ')) ? QLatin1Char('"') + value + QLatin1Char('"') : value);
    };
    menu.addAction(tr("Copy payload"), this, [this] { copyPayload(); });
    menu.addAction(tr("Copy row"), this, [this] { copyLine(); });
    if (!channel.isEmpty()) {
        menu.addAction(tr("Copy channel name"), this, [channel] { copyToClipboard(channel); });
        menu.addSeparator();
        menu.addAction(tr("Filter for this channel"), this, [filterFor, channel] { filterFor(channel); });
    }
    if (!user.isEmpty()) {
        menu.addAction(tr("Filter for this user"), this, [filterFor, user] { filterFor(user); });
    }
    menu.addSeparator();
    auto* counterpart = menu.addAction(event->dir == capture::Direction::In ? tr("Show reply") : tr("Show command"),
                                       this, [this] { goToCounterpart(); });
    counterpart->setEnabled(model_.counterpart(row) >= 0);
    menu.addAction(list_->isMarked(event->seq) ? tr("Remove mark") : tr("Mark"), this, [this] { list_->toggleMark(); });
    menu.exec(list_->viewport()->mapToGlobal(at));
}

void LiveView::updateCount() {
    const LiveModel::Counters counters = model_.counters();
    const bool filtered = !model_.filterText().isEmpty() || counters.rows != counters.kept;
    QString text;
    if (counters.kept > 0) {
        text = filtered && model_.filterMode() == LiveModel::FilterMode::Hide
                   ? tr("%1 of %2").arg(models::grouped(counters.rows), models::grouped(counters.kept))
                   : models::grouped(counters.kept);
    }
    count_->setText(text);
}

void LiveView::updateFull() {
    const LiveModel::Counters counters = model_.counters();
    const std::uint64_t lost = counters.evicted - evictedBefore_;
    if (lost == 0 || fullDismissed_) {
        return;
    }
    constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
    full_->present(Tone::Warn, tr("The capture is full"),
                   tr("%1 oldest messages were dropped. It keeps the newest %2, up to %3 MB.")
                       .arg(models::grouped(lost), models::grouped(model_.store().limits().events),
                            models::grouped(counters.byteLimit / kMegabyte)));
}

void LiveView::beginFind() { find_->beginFind(); }

void LiveView::findNext(int step) { find_->findNext(step); }

void LiveView::beginGoTo() { find_->beginGoTo(); }

void LiveView::updateFollow() {
    followButton_->setChecked(model_.following());
    follow_->setChecked(model_.following());
    updateStrip();
}

void LiveView::updateStrip() {
    const bool paused = model_.paused();
    if (paused) {
        strip_->showPaused(model_.heldBack());
    } else if (!model_.following()) {
        const auto [first, last] = list_->visibleRows();
        const int newer = last < 0 ? 0 : model_.rowCount() - 1 - last;
        strip_->showStopped(stopReason_.isEmpty() ? tr("you switched it off") : stopReason_,
                            static_cast<std::uint64_t>(std::max(0, newer)));
    }
    strip_->setVisible((paused || !model_.following()) && model_.rowCount() > 0);
}

void LiveView::updateStates() {
    const bool noMatch = model_.nothingMatches();
    const bool nothing = model_.store().empty() || (noMatch && model_.filterText().isEmpty());
    if (nothing) {
        describeEmpty();
        // What it shows is gone or another project's, and the first steps need the room.
        setInspectorShown(false);
    } else if (noMatch) {
        describeNoMatch();
    }
    empty_->setVisible(nothing);
    noMatch_->setVisible(!nothing && noMatch);
    if (nothing || noMatch) {
        placeStates();
    }
}

void LiveView::describeNoMatch() {
    if (noMatch_->isHidden()) {
        nearest_ = findNearestFilter(model_.store(), model_.filterText());
        dropWord_->setVisible(!nearest_.filter.isEmpty());
    }
    noMatch_->setTexts(
        tr("0 of %1 match").arg(models::grouped(model_.store().size())),
        nearest_.filter.isEmpty()
            ? tr("No kept message has these words in its channel, client, user, kind or payload.")
            : tr("Nearest: %1 match without \"%2\"")
                  .arg(models::grouped(nearest_.matches), models::displayText(nearest_.dropped.toStdString(), 60)));
}

void LiveView::placeStates() {
    const QRect area = list_->viewport()->geometry().translated(list_->pos());
    for (QWidget* state : {static_cast<QWidget*>(empty_), static_cast<QWidget*>(noMatch_)}) {
        state->setGeometry(area);
        state->raise();
    }
}

bool LiveView::eventFilter(QObject* watched, QEvent* event) {
    if (watched == list_->viewport() && event->type() == QEvent::Resize) {
        placeStates();
        updateStrip();
    }
    return QWidget::eventFilter(watched, event);
}

void LiveView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    placeStates();
}

void LiveView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    model_.setPace(LiveModel::Pace::Live);
}

void LiveView::hideEvent(QHideEvent* event) {
    QWidget::hideEvent(event);
    model_.setPace(window()->isVisible() ? LiveModel::Pace::Background : LiveModel::Pace::Hidden);
}

}  // namespace xshathra::ui
