#pragma once

#include "ui/live/inspector.h"
#include "ui/live/inspector_splitter.h"
#include "ui/live/nearest_filter.h"
#include "ui/models/live_model.h"

#include <QWidget>

class QAction;
class QMenu;
class QStackedLayout;

namespace xshathra::ui {

class Banner;
class Button;
class EmptyState;
class FilterField;
class FindStrip;
class FollowStrip;
class Label;
class LiveList;
class ToggleGroup;

/// The Live traffic view: filter, list, and inspector over a LiveModel. Its actions are the ones the menu bar and the
/// command palette show too.
class LiveView final : public QWidget {
    Q_OBJECT

public:
    /// The model must outlive the view.
    explicit LiveView(models::LiveModel& model, QWidget* parent = nullptr);

    models::LiveModel& model() { return model_; }
    LiveList* list() { return list_; }
    Inspector* inspector() { return inspector_; }

    /// What the empty state says: where the server listens (`127.0.0.1:3001`; empty while it does not), how many
    /// clients are connected, and whether capture is on.
    void setListening(const QString& address);
    void setConnections(std::uint64_t connections);
    void setRecording(bool recording);
    /// Meaning of codes for the inspector.
    void setCodeAdvisor(CodeAdvisor advisor);

    /// Fills the filter field and filters.
    void setFilter(const QString& text);
    /// Selects the row of a sequence number and opens the inspector. False if it is not in the list.
    bool showSeq(std::uint64_t seq);
    /// Selects the newest row that is an event of this kind in this channel. False if there is none.
    bool showNewest(capture::Kind kind, const QString& channel);
    /// Widths of the columns, to be kept between starts; an unknown state changes nothing.
    QByteArray saveColumns() const;
    void restoreColumns(const QByteArray& state);
    /// Side and sizes of the inspector, to be kept between starts.
    const InspectorPlace& inspectorPlace() const { return splitter_->place(); }
    void setInspectorPlace(const InspectorPlace& place) { splitter_->setPlace(place); }
    void focusFilter();
    /// Opens the line that finds without hiding, goes on to the next (1) or previous (-1) match, or asks for a sequence
    /// number.
    void beginFind();
    void findNext(int step);
    void beginGoTo();
    void setInspectorShown(bool shown);
    bool inspectorShown() const;

    QAction* clearAction() { return clear_; }

Q_SIGNALS:
    /// Buttons of the empty state.
    void testMessageRequested();
    void copySnippetRequested();
    void copyCurlRequested();
    void startRecordingRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildBar();
    void buildStates();
    void buildActions();
    QAction* listAction(const QString& text, const QString& objectName, const QKeySequence& key);
    void showRowMenu(const QPoint& at);
    void updateCount();
    void updateStrip();
    void updateStates();
    void describeEmpty();
    void describeNoMatch();
    void updateFollow();
    void placeStates();
    void inspectCurrent();
    void goToCounterpart();
    void copyPayload();
    void copyLine();
    void escape();
    void updateFull();

    models::LiveModel& model_;
    FilterField* filter_;
    Label* count_;
    ToggleGroup* mode_;
    Button* followButton_;
    Button* more_;
    LiveList* list_;
    FollowStrip* strip_;
    FindStrip* find_;
    Banner* full_;
    QWidget* listArea_;
    InspectorSplitter* splitter_;
    Inspector* inspector_;
    EmptyState* empty_;
    Button* emptyRecord_;
    Button* emptySend_;
    EmptyState* noMatch_;
    Button* dropWord_;
    NearestFilter nearest_;
    /// Evictions up to the last clearing, and whether the person has closed the notice of those since.
    std::uint64_t evictedBefore_ = 0;
    bool fullDismissed_ = false;
    QString stopReason_;
    QString listens_;
    std::uint64_t connections_ = 0;
    bool recording_ = true;

    QAction* pause_;
    QAction* clear_;
    QAction* follow_;
    QAction* inspectorAction_;
    QAction* pings_;
};

}  // namespace xshathra::ui
