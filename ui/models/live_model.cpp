#include "ui/models/live_model.h"

#include "ui/models/display_text.h"

#include <QElapsedTimer>
#include <QMetaObject>

#include <algorithm>
#include <mutex>
#include <utility>

namespace xshathra::models {

namespace {

using capture::Direction;
using capture::Kind;
using capture::StoredEvent;

constexpr int kBackgroundMs = 250;
/// After clearing, once the view has painted its new state.
constexpr int kTrimDelayMs = 200;
/// Longest time one turn of the event loop spends on each of draining, adding rows and searching.
constexpr qint64 kSliceNs = 6'000'000;
/// Events between two looks at the clock.
constexpr std::size_t kEventsPerLook = 1024;
constexpr int kFarthestLook = 100'000;

QString toolTip(std::string_view text) {
    return text.empty()
               ? QString()
               : QStringLiteral("<span>%1</span>").arg(displayText(text, LiveModel::kPreviewChars).toHtmlEscaped());
}

bool isPing(Kind kind) { return kind == Kind::Ping || kind == Kind::Pong; }

}  // namespace

/// Where the recorder's threads find the model, or that it is gone.
struct LiveModel::WakeTarget {
    std::mutex mutex;
    LiveModel* model = nullptr;
};

LiveModel::LiveModel(capture::Recorder& recorder, capture::StoreLimits limits, QObject* parent)
    : QAbstractTableModel(parent), recorder_(recorder), store_(limits), wakeTarget_(std::make_shared<WakeTarget>()) {
    wakeTarget_->model = this;
    recorder_.setWake([target = wakeTarget_] {
        const std::lock_guard lock(target->mutex);
        if (target->model != nullptr) {
            LiveModel* model = target->model;
            QMetaObject::invokeMethod(
                model, [model] { model->tick(); }, Qt::QueuedConnection);
        }
    });
    batchTimer_.setTimerType(Qt::PreciseTimer);
    connect(&batchTimer_, &QTimer::timeout, this, &LiveModel::tick);
    searchTimer_.setInterval(0);
    connect(&searchTimer_, &QTimer::timeout, this, [this] {
        if (searchBackwards()) {
            searchTimer_.stop();
            Q_EMIT filteringFinished();
        }
    });
}

LiveModel::~LiveModel() {
    const std::lock_guard lock(wakeTarget_->mutex);
    wakeTarget_->model = nullptr;
}

int LiveModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(index_.size());
}

int LiveModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant LiveModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
        const bool figure = section == Seq || section == Delta || section == Size || section == Latency;
        return QVariant::fromValue(Qt::Alignment((figure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Seq: return tr("Seq");
        case Time: return tr("Time");
        case Delta: return QString(QChar(0x0394));
        case Dir: return QString();
        case Kind: return tr("Kind");
        case Project: return tr("Project");
        case Channel: return tr("Channel");
        case FromTo: return tr("From %1 To").arg(QChar(0x2192));
        case Size: return tr("Size");
        case Latency: return tr("Lat");
        case Preview: return tr("Preview");
        default: return {};
    }
}

QVariant LiveModel::data(const QModelIndex& index, int role) const {
    const StoredEvent* event = index.isValid() ? eventAt(index.row()) : nullptr;
    if (event == nullptr) {
        return {};
    }
    if (role == Qt::AccessibleTextRole) {
        return sentence(index.row());
    }
    if (role == Qt::ToolTipRole) {
        switch (index.column()) {
            // Marked as rich text with everything escaped: a tool tip would else decide by the content.
            case Project: return toolTip(projectName(store_.text(event->project)).toStdString());
            case Channel: return toolTip(store_.text(event->channel));
            case FromTo: return toolTip(store_.text(event->client));
            default: return {};
        }
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (index.column()) {
        case Seq: return QString::number(event->seq);
        case Time: return timeOfDay(event->wallNs) + QLatin1Char(' ') + tensOfMicroseconds(event->wallNs);
        case Delta: {
            const StoredEvent* before = eventAt(index.row() - 1);
            return before == nullptr ? noValue() : signedDuration(event->monotonicNs - before->monotonicNs);
        }
        case Dir: return event->dir == Direction::In ? tr("in") : tr("out");
        case Kind: return QString::fromLatin1(capture::name(event->kind));
        case Project: {
            const QString name = projectName(store_.text(event->project));
            return name.isEmpty() ? noValue() : name;
        }
        case Channel: return channelText(*event);
        case FromTo: return fromTo(*event);
        case Size: return listSize(event->size);
        case Latency: return event->latencyNs == 0 ? noValue() : duration(event->latencyNs);
        case Preview: return previewText(*event, payloadAt(index.row()));
        default: return {};
    }
}

std::optional<LiveModel::Position> LiveModel::positionAt(int row) const {
    if (row < 0 || static_cast<std::size_t>(row) >= index_.size()) {
        return std::nullopt;
    }
    return index_[static_cast<std::size_t>(row)];
}

const StoredEvent* LiveModel::eventAt(int row) const {
    const auto position = positionAt(row);
    return position ? store_.at(*position) : nullptr;
}

std::string_view LiveModel::payloadAt(int row) const {
    const auto position = positionAt(row);
    return position ? store_.payload(*position) : std::string_view();
}

int LiveModel::rowOf(Position position) const {
    const std::size_t row = index_.lowerBound(position);
    return row < index_.size() && index_[row] == position ? static_cast<int>(row) : -1;
}

int LiveModel::rowAtOrAfter(Position position) const { return static_cast<int>(index_.lowerBound(position)); }

int LiveModel::rowOfSeq(std::uint64_t seq) const {
    const Position position = store_.positionOfSeq(seq);
    const StoredEvent* event = store_.at(position);
    return event != nullptr && event->seq == seq ? rowOf(position) : -1;
}

bool LiveModel::matches(int row) const {
    if (filterMode_ == FilterMode::Hide || filter_.empty()) {
        return true;
    }
    const StoredEvent* event = eventAt(row);
    return event != nullptr && filter_.matches(store_, *event, payloadAt(row));
}

int LiveModel::neighbourInChannel(int row, int step) const {
    const StoredEvent* event = eventAt(row);
    if (event == nullptr || event->channel == capture::StringTable::kEmpty) {
        return -1;
    }
    for (int at = row + step, looked = 0; at >= 0 && at < rowCount() && looked < kFarthestLook; at += step, ++looked) {
        const StoredEvent* other = eventAt(at);
        if (other != nullptr && other->channel == event->channel && other->project == event->project) {
            return at;
        }
    }
    return -1;
}

int LiveModel::counterpart(int row) const {
    const StoredEvent* event = eventAt(row);
    if (event == nullptr || event->commandId == 0) {
        return -1;
    }
    const int step = event->dir == Direction::In ? 1 : -1;
    for (int at = row + step, looked = 0; at >= 0 && at < rowCount() && looked < kFarthestLook; at += step, ++looked) {
        const StoredEvent* other = eventAt(at);
        if (other != nullptr && other->commandId == event->commandId && other->client == event->client &&
            other->dir != event->dir) {
            return at;
        }
    }
    return -1;
}

std::optional<LiveModel::Position> LiveModel::previousOfChannel(Position position) const {
    const StoredEvent* event = store_.at(position);
    if (event == nullptr || event->channel == capture::StringTable::kEmpty) {
        return std::nullopt;
    }
    std::optional<Position> found;
    const Position lowest = position > kFarthestLook ? position - kFarthestLook : 0;
    store_.forEachBackwards(position, lowest, [&](Position at, const StoredEvent& other, std::string_view) {
        if (other.channel == event->channel && other.kind == event->kind && other.dir == event->dir &&
            other.project == event->project) {
            found = at;
        }
        return !found.has_value();
    });
    return found;
}

void LiveModel::setPace(Pace pace) {
    if (pace_ == pace) {
        return;
    }
    pace_ = pace;
    runTimer();
    if (pace != Pace::Hidden) {
        tick();
    }
}

void LiveModel::runTimer() {
    if (pace_ == Pace::Hidden && !tap_) {
        batchTimer_.stop();
    } else {
        batchTimer_.start(pace_ == Pace::Live ? kBatchMs : kBackgroundMs);
    }
}

void LiveModel::setTap(Tap tap) {
    tap_ = std::move(tap);
    runTimer();
}

void LiveModel::setPaused(bool paused) {
    if (paused_ == paused) {
        return;
    }
    if (paused) {
        takeArrived();
    }
    paused_ = paused;
    Q_EMIT pausedChanged(paused);
    Q_EMIT countersChanged();
}

void LiveModel::setFollowing(bool following) {
    if (following_ == following) {
        return;
    }
    following_ = following;
    drawnUpTo_ = appended_;
    Q_EMIT followingChanged(following);
}

void LiveModel::setProjectScope(const QString& projectId) {
    const std::string scope = projectId.toStdString();
    if (scope != scope_) {
        scope_ = scope;
        restart();
        // The row that stopped it is another project's.
        setFollowing(true);
    }
}

void LiveModel::setProjectNames(const QHash<QString, QString>& names) {
    decltype(projectNames_) shown;
    for (auto it = names.cbegin(); it != names.cend(); ++it) {
        shown.emplace(it.key().toStdString(), displayText(it.value().toStdString(), kPreviewChars));
    }
    if (shown == projectNames_) {
        return;
    }
    projectNames_ = std::move(shown);
    if (rowCount() > 0) {
        Q_EMIT dataChanged(index(0, Project), index(rowCount() - 1, Project));
    }
}

QString LiveModel::projectScope() const { return QString::fromStdString(scope_); }

void LiveModel::setFilterText(const QString& text) {
    if (text == filterText_) {
        return;
    }
    filterText_ = text;
    const QByteArray utf8 = text.toUtf8();
    filter_ = capture::TextFilter(std::string_view(utf8.constData(), static_cast<std::size_t>(utf8.size())));
    restart();
}

void LiveModel::setFilterMode(FilterMode mode) {
    if (mode != filterMode_) {
        filterMode_ = mode;
        restart();
    }
}

void LiveModel::setPingsShown(bool shown) {
    if (shown != pingsShown_) {
        pingsShown_ = shown;
        restart();
    }
}

void LiveModel::setLimits(capture::StoreLimits limits) {
    store_.setLimits(limits);
    removeEvicted();
    Q_EMIT countersChanged();
}

void LiveModel::clear() {
    beginResetModel();
    store_.clear();
    index_.clear();
    nextForward_ = scanBack_ = store_.end();
    notDrawn_ = appended_ = drawnUpTo_ = dropped_ = prepended_ = 0;
    searchTimer_.stop();
    endResetModel();
    Q_EMIT countersChanged();
    QTimer::singleShot(kTrimDelayMs, this, [] { capture::CaptureStore::returnFreedMemory(); });
}

LiveModel::Counters LiveModel::counters() const {
    const capture::RecorderCounters recorded = recorder_.counters();
    Counters counters;
    counters.kept = store_.size();
    counters.bytes = store_.bytes();
    counters.byteLimit = store_.limits().bytes;
    counters.evicted = recorded.evicted + store_.evicted();
    counters.cleared = store_.cleared();
    counters.waiting = recorded.waiting;
    counters.total = recorded.total;
    counters.notDrawn = notDrawn_;
    counters.rows = index_.size();
    return counters;
}

void LiveModel::noteDrawn(int first, int last) {
    if (!following_) {
        return;
    }
    // A row's number of arrival: rows in front of it that were removed count, those a search found late don't.
    const auto arrival = [this](int row) {
        const auto number = static_cast<std::int64_t>(row) + static_cast<std::int64_t>(dropped_) -
                            static_cast<std::int64_t>(prepended_);
        return number < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(number);
    };
    const std::uint64_t from = arrival(first);
    if (from > drawnUpTo_) {
        notDrawn_ += from - drawnUpTo_;
    }
    drawnUpTo_ = std::max(drawnUpTo_, arrival(last + 1));
}

void LiveModel::takeArrived() {
    while (!drainRecorder()) {
    }
    removeEvicted();
    while (!addNewRows()) {
    }
    Q_EMIT countersChanged();
}

void LiveModel::tick() {
    const Position before = store_.end();
    const bool drained = drainRecorder();
    removeEvicted();
    const bool added = addNewRows();
    if (store_.end() != before) {
        Q_EMIT countersChanged();
    }
    if (pace_ == Pace::Hidden && (!drained || !added)) {
        QMetaObject::invokeMethod(
            this, [this] { tick(); }, Qt::QueuedConnection);
    }
}

/// False when time ran out before the recorder was empty.
bool LiveModel::drainRecorder() {
    QElapsedTimer timer;
    timer.start();
    for (;;) {
        batch_.clear();
        const std::size_t taken = recorder_.drain(batch_, kEventsPerLook);
        if (tap_ && taken > 0) {
            // A copy: the tap may end itself.
            const Tap tap = tap_;
            tap(batch_);
        }
        for (const capture::Event& event : batch_) {
            store_.append(event);
        }
        if (taken < kEventsPerLook) {
            batch_.clear();
            return true;
        }
        if (timer.nsecsElapsed() > kSliceNs) {
            batch_.clear();
            return false;
        }
    }
}

void LiveModel::removeEvicted() {
    const std::size_t gone = index_.lowerBound(store_.begin());
    nextForward_ = std::max(nextForward_, store_.begin());
    scanBack_ = std::max(scanBack_, store_.begin());
    if (gone == 0) {
        return;
    }
    beginRemoveRows({}, 0, static_cast<int>(gone) - 1);
    index_.dropFront(gone);
    dropped_ += gone;
    endRemoveRows();
}

bool LiveModel::inScope(const StoredEvent& event) const {
    return (pingsShown_ || !isPing(event.kind)) && (scope_.empty() || event.project == capture::StringTable::kEmpty ||
                                                    (scopeId_ != 0 && event.project == scopeId_));
}

bool LiveModel::passes(const StoredEvent& event, std::string_view payload) const {
    return inScope(event) &&
           (filterMode_ == FilterMode::Dim || filter_.empty() || filter_.matches(store_, event, payload));
}

/// False when time ran out before all kept events were looked at.
bool LiveModel::addNewRows() {
    if (paused_ || nextForward_ >= store_.end()) {
        return true;
    }
    QElapsedTimer timer;
    timer.start();
    findScope();
    found_.clear();
    nextForward_ = store_.forEach(nextForward_, store_.end(),
                                  [&](Position at, const StoredEvent& event, std::string_view payload) {
                                      if (passes(event, payload)) {
                                          found_.push_back(at);
                                      }
                                      return at % kEventsPerLook != 0 || timer.nsecsElapsed() < kSliceNs;
                                  });
    if (!found_.empty()) {
        const int first = rowCount();
        beginInsertRows({}, first, first + static_cast<int>(found_.size()) - 1);
        for (const Position position : found_) {
            index_.append(position);
        }
        appended_ += found_.size();
        endInsertRows();
    }
    return nextForward_ >= store_.end();
}

/// One slice of the search; true when everything has been looked at.
bool LiveModel::searchBackwards() {
    QElapsedTimer timer;
    timer.start();
    findScope();
    found_.clear();
    scanBack_ = store_.forEachBackwards(scanBack_, store_.begin(),
                                        [&](Position at, const StoredEvent& event, std::string_view payload) {
                                            if (passes(event, payload)) {
                                                found_.push_back(at);
                                            }
                                            return at % kEventsPerLook != 0 || timer.nsecsElapsed() < kSliceNs;
                                        });
    if (!found_.empty()) {
        beginInsertRows({}, 0, static_cast<int>(found_.size()) - 1);
        for (const Position position : found_) {
            index_.prepend(position);
        }
        prepended_ += found_.size();
        endInsertRows();
    }
    return scanBack_ <= store_.begin();
}

void LiveModel::restart() {
    const Position top = paused_ ? nextForward_ : store_.end();
    beginResetModel();
    index_.clear();
    nextForward_ = scanBack_ = top;
    appended_ = drawnUpTo_ = dropped_ = prepended_ = 0;
    endResetModel();
    // The first slice at once: the newest screenful should not wait for the event loop.
    if (searchBackwards()) {
        searchTimer_.stop();
        Q_EMIT filterChanged();
        Q_EMIT filteringFinished();
    } else {
        searchTimer_.start();
        Q_EMIT filterChanged();
    }
    Q_EMIT countersChanged();
}

}  // namespace xshathra::models
