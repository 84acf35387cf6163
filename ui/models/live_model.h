#pragma once

#include "server/capture/recorder.h"
#include "server/capture/store.h"
#include "server/capture/text_filter.h"
#include "ui/models/row_index.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QString>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace xshathra::models {

/// The traffic list: drains a Recorder into a CaptureStore and shows, as rows, the kept events that pass the scope and
/// the filter, oldest first.
///
/// It is the recorder's one consumer. While running a 33 ms timer takes what has arrived, appends one batch of rows,
/// and removes what was evicted. Filtering a full store is done in slices between other events, from the newest event
/// backwards, so that a screenful is there at once and the window never stalls; rows found late are inserted in front.
/// No QString is made for a row before somebody asks for it. GUI thread only; the recorder must outlive the model.
class LiveModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    using Position = capture::CaptureStore::Position;

    enum Column { Seq, Time, Delta, Dir, Kind, Project, Channel, FromTo, Size, Latency, Preview, ColumnCount };

    /// What happens to events that don't match the filter.
    enum class FilterMode { Hide, Dim };

    /// How eagerly the recorder is drained.
    enum class Pace {
        /// Every 33 ms: the list is on the screen.
        Live,
        /// Four times a second: another view is on the screen, and its figures should move.
        Background,
        /// Only when the recorder is half full: the window is hidden, no timer runs.
        Hidden,
    };

    struct Counters {
        /// Events in the store, in all projects.
        std::uint64_t kept = 0;
        /// Their memory and its limit, in bytes.
        std::uint64_t bytes = 0;
        std::uint64_t byteLimit = 0;
        /// Events lost to a limit, in the recorder or in the store.
        std::uint64_t evicted = 0;
        /// Events dropped by clear().
        std::uint64_t cleared = 0;
        /// Events that the recorder still holds.
        std::uint64_t waiting = 0;
        /// Everything recorded: kept + evicted + cleared + waiting, exactly, when nothing is being recorded.
        std::uint64_t total = 0;
        /// Rows that passed through while following, more than a frame could show, so that nobody saw them. All kept.
        std::uint64_t notDrawn = 0;
        /// Rows of the list.
        std::uint64_t rows = 0;
    };

    /// Longest text made for a preview, in UTF-16 units.
    static constexpr int kPreviewChars = 256;
    static constexpr int kBatchMs = 33;

    explicit LiveModel(capture::Recorder& recorder, capture::StoreLimits limits = {}, QObject* parent = nullptr);
    ~LiveModel() override;

    // --- Model -----------------------------------------------------------------------------------------------------
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    /// Display: what the column shows. ToolTip: the whole text. AccessibleText: the row as one sentence.
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    // --- Rows for delegates and inspectors ---------------------------------------------------------------------------
    const capture::CaptureStore& store() const { return store_; }
    /// The position of a row in the store; nothing for a row that is not there.
    std::optional<Position> positionAt(int row) const;
    /// Null for a row that is not there. Valid until control returns to the event loop.
    const capture::StoredEvent* eventAt(int row) const;
    std::string_view payloadAt(int row) const;
    /// The row that shows this position, or -1.
    int rowOf(Position position) const;
    /// The row of this position or the next one shown; rowCount() if there is none.
    int rowAtOrAfter(Position position) const;
    int rowOfSeq(std::uint64_t seq) const;
    /// Whether the row passes the filter; always true in Hide mode.
    bool matches(int row) const;
    QString fromTo(const capture::StoredEvent& event) const;
    QString previewText(const capture::StoredEvent& event, std::string_view payload) const;
    QString channelText(const capture::StoredEvent& event) const;
    /// The name of the project of this id; the id where no name is known. Empty for no project.
    QString projectName(std::string_view id) const;
    /// One sentence for screen readers and the clipboard.
    QString sentence(int row) const;

    /// The nearest row after (step 1) or before (-1) this one with the same channel, or -1. Looks at 100,000 rows at
    /// most.
    int neighbourInChannel(int row, int step) const;
    /// The reply to a command or the command of a reply, or -1. Looks at 100,000 rows at most.
    int counterpart(int row) const;
    /// The last event before `position` with the same channel, kind and direction, or nothing.
    std::optional<Position> previousOfChannel(Position position) const;

    // --- State -----------------------------------------------------------------------------------------------------
    void setPace(Pace pace);
    Pace pace() const { return pace_; }

    /// Stops adding rows; events go on being kept.
    void setPaused(bool paused);
    bool paused() const { return paused_; }
    /// Events kept since pausing that are not rows yet.
    std::uint64_t heldBack() const { return paused_ ? store_.end() - nextForward_ : 0; }

    /// Whether the view stays at the newest row. Only remembered here, for the view, the menu and the tests.
    void setFollowing(bool following);
    bool following() const { return following_; }

    /// Empty shows all projects. What belongs to no project, as a request that was refused before its project was
    /// known, is always shown. Another scope is followed from its newest row.
    void setProjectScope(const QString& projectId);
    QString projectScope() const;
    /// Names of projects by their ids; replaces all.
    void setProjectNames(const QHash<QString, QString>& names);
    void setFilterText(const QString& text);
    QString filterText() const { return filterText_; }
    void setFilterMode(FilterMode mode);
    FilterMode filterMode() const { return filterMode_; }
    /// Pings and pongs are hidden by default.
    void setPingsShown(bool shown);
    /// Whether older events are still being looked at.
    bool filtering() const { return scanBack_ > store_.begin(); }
    /// Whether there are kept events and none of them is a row, with nothing left to look at.
    bool nothingMatches() const {
        return index_.empty() && !store_.empty() && !filtering() && forwardEnd() == nextForward_;
    }

    void setLimits(capture::StoreLimits limits);
    /// Drops all kept events.
    void clear();

    /// Hands every batch on as it is drained, before it is kept; empty ends that. The recorder has one consumer, and
    /// this is how others see its events too. While there is a tap the recorder is drained at least at the Background
    /// pace, also while hidden.
    using Tap = std::function<void(const std::vector<capture::Event>& events)>;
    void setTap(Tap tap);

    Counters counters() const;
    /// The list has painted the rows from `first` to `last`; makes notDrawn right.
    void noteDrawn(int first, int last);

    /// Takes what has arrived, now, and appends its rows. What the timer does; for tests and before saving.
    void takeArrived();

Q_SIGNALS:
    /// Counters changed; at most once a batch.
    void countersChanged();
    void pausedChanged(bool paused);
    void followingChanged(bool following);
    /// Filter text, mode, scope or pings changed; rows are reset before.
    void filterChanged();
    /// A search has looked at everything.
    void filteringFinished();

private:
    struct WakeTarget;

    void tick();
    void runTimer();
    bool drainRecorder();
    void removeEvicted();
    bool addNewRows();
    bool searchBackwards();
    void restart();
    bool passes(const capture::StoredEvent& event, std::string_view payload) const;
    bool inScope(const capture::StoredEvent& event) const;
    void findScope() { scopeId_ = scope_.empty() ? 0 : store_.texts().find(scope_); }
    Position forwardEnd() const { return paused_ ? nextForward_ : store_.end(); }

    capture::Recorder& recorder_;
    capture::CaptureStore store_;
    RowIndex index_;
    std::shared_ptr<WakeTarget> wakeTarget_;
    QTimer batchTimer_;
    QTimer searchTimer_;
    std::vector<capture::Event> batch_;
    std::vector<Position> found_;
    Tap tap_;

    Pace pace_ = Pace::Hidden;
    bool paused_ = false;
    bool following_ = true;
    bool pingsShown_ = false;
    FilterMode filterMode_ = FilterMode::Hide;
    QString filterText_;
    capture::TextFilter filter_;
    std::string scope_;
    /// Ready to be shown, by id.
    std::map<std::string, QString, std::less<>> projectNames_;
    /// The number of scope_ in the store's texts, looked up before each slice; 0 while no kept event has it.
    capture::StringTable::Id scopeId_ = 0;
    /// The next event to look at for a new row, and the one above those a search has yet to look at.
    Position nextForward_ = 0;
    Position scanBack_ = 0;

    std::uint64_t notDrawn_ = 0;
    /// Rows appended since the last reset, and how many of them the list has had a chance to show.
    std::uint64_t appended_ = 0;
    std::uint64_t drawnUpTo_ = 0;
    /// Rows of the current appended_ count that were removed at the front again.
    std::uint64_t dropped_ = 0;
    /// Rows inserted at the front by a search; they don't count as arriving.
    std::uint64_t prepended_ = 0;
};

}  // namespace xshathra::models
