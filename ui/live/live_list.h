#pragma once

#include "ui/live/live_delegate.h"
#include "ui/models/live_model.h"

#include <QAbstractItemView>
#include <QSet>

#include <optional>

class QHeaderView;

namespace xshathra::ui {

/// The list of the Live view: rows of one fixed height over a LiveModel of up to a million rows. Nothing is kept per
/// row, so that appending a batch, dropping evicted rows and filtering cost the same however long the list is.
///
/// While the model follows, the newest row stays at the lower edge. Otherwise the rows on the screen keep their place
/// whatever arrives or leaves. The current row is remembered by its position in the store and found again after the
/// rows were filtered anew. Columns of less use give way to the preview where the list is narrow; the project has a
/// column while the model shows all of them.
class LiveList final : public QAbstractItemView {
    Q_OBJECT

public:
    explicit LiveList(models::LiveModel& model, QWidget* parent = nullptr);

    int currentRow() const { return currentIndex().row(); }
    /// The event of the current row, also while a filter hides it.
    std::optional<models::LiveModel::Position> currentPosition() const { return anchor_; }
    /// Makes a row current and scrolls to it; stops following.
    void goToRow(int row);
    void stepRow(int step);
    /// Scrolls to the newest row and follows.
    void follow();

    /// Marks or unmarks the current row.
    void toggleMark();
    bool isMarked(std::uint64_t seq) const { return marks_.contains(seq); }

    /// Rows at least partly on the screen, first and last; -1 when there are none.
    std::pair<int, int> visibleRows() const;
    /// Frames painted so far, for measuring.
    std::uint64_t framesPainted() const { return frames_; }
    QHeaderView* header() const { return header_; }
    /// Leaves out columns until the preview has room; after the widths or the model's scope were changed from outside.
    void fitColumns();
    int rowHeight() const { return delegate_.rowHeight(); }

    QModelIndex indexAt(const QPoint& point) const override;
    QRect visualRect(const QModelIndex& index) const override;
    void scrollTo(const QModelIndex& index, ScrollHint hint = EnsureVisible) override;
    void keyboardSearch(const QString&) override {}
    void reset() override;

Q_SIGNALS:
    /// Another event is current, or none.
    void currentEventChanged();
    /// Enter or a double click on a row.
    void inspectRequested();
    /// Following stopped; the reason completes "Follow is off because ...".
    void followStopped(const QString& reason);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void updateGeometries() override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void rowsInserted(const QModelIndex& parent, int start, int end) override;
    void rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end) override;
    void verticalScrollbarAction(int action) override;

    QModelIndex moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) override;
    int horizontalOffset() const override { return 0; }
    int verticalOffset() const override;
    bool isIndexHidden(const QModelIndex&) const override { return false; }
    void setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags flags) override;
    QRegion visualRegionForSelection(const QItemSelection& selection) const override;

private:
    int rowAt(int y) const;
    void rowsRemovedNow();
    void settle(int shiftedRows);
    void userScrolled();
    void stopFollowing(const QString& reason);
    void restoreCurrent();
    void fillPreview();

    models::LiveModel& model_;
    LiveDelegate delegate_;
    QHeaderView* header_;
    std::optional<models::LiveModel::Position> anchor_;
    /// The anchor's row is to be brought to the middle once a running search has found it.
    bool anchorPending_ = false;
    bool changingCurrent_ = false;
    bool ownScroll_ = false;
    int removedRows_ = 0;
    int hoveredRow_ = -1;
    QSet<quint64> marks_;
    std::uint64_t frames_ = 0;
};

}  // namespace xshathra::ui
