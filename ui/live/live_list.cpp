#include "ui/live/live_list.h"

#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/columns.h"

#include <QAccessible>
#include <QHeaderView>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <array>

namespace xshathra::ui {

using models::LiveModel;

namespace {

/// Width that the preview keeps, at a 10 point font.
constexpr int kLeastPreview = 220;
/// The columns that a narrow list leaves out, in this order; the inspector's Frame tab has all of it.
constexpr std::array<LiveModel::Column, 4> kSpareColumns = {LiveModel::Delta, LiveModel::Latency, LiveModel::Size,
                                                            LiveModel::FromTo};

}  // namespace

LiveList::LiveList(LiveModel& model, QWidget* parent)
    : QAbstractItemView(parent), model_(model), delegate_(model), header_(new QHeaderView(Qt::Horizontal, this)) {
    setObjectName(QStringLiteral("liveList"));
    setAccessibleName(tr("Live traffic"));
    setFrameShape(QFrame::NoFrame);
    setSelectionMode(SingleSelection);
    setSelectionBehavior(SelectRows);
    setEditTriggers(NoEditTriggers);
    setTabKeyNavigation(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(ScrollPerPixel);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);

    header_->setObjectName(QStringLiteral("liveHeader"));
    header_->setAccessibleName(tr("Columns of the live traffic"));
    header_->setFocusPolicy(Qt::NoFocus);
    header_->setHighlightSections(false);
    header_->setSectionsMovable(false);
    header_->setMinimumSectionSize(24);
    header_->setModel(&model);
    header_->setFont(ui::font(TextStyle::Header));
    connect(header_, &QHeaderView::sectionResized, viewport(), qOverload<>(&QWidget::update));

    setModel(&model);
    for (int column = 0; column < LiveModel::ColumnCount; ++column) {
        header_->resizeSection(column, delegate_.columnWidth(column));
    }
    connect(header_, &QHeaderView::sectionResized, this, &LiveList::fillPreview);
    // rowsRemoved has no virtual counterpart in the view; the signal comes after the selection model has seen it too.
    connect(&model, &QAbstractItemModel::rowsRemoved, this, &LiveList::rowsRemovedNow);
    connect(&model, &LiveModel::filterChanged, this, &LiveList::fitColumns);
    connect(&model, &LiveModel::filteringFinished, this, [this] { anchorPending_ = false; });
    connect(verticalScrollBar(), &QScrollBar::sliderMoved, this, &LiveList::userScrolled);
}

int LiveList::verticalOffset() const { return verticalScrollBar()->value(); }

int LiveList::rowAt(int y) const {
    const int row = (y + verticalOffset()) / rowHeight();
    return y + verticalOffset() >= 0 && row < model_.rowCount() ? row : -1;
}

QModelIndex LiveList::indexAt(const QPoint& point) const {
    const int row = rowAt(point.y());
    const int column = header_->logicalIndexAt(point.x());
    return row < 0 || column < 0 ? QModelIndex() : model_.index(row, column);
}

QRect LiveList::visualRect(const QModelIndex& index) const {
    if (!index.isValid()) {
        return {};
    }
    return {header_->sectionViewportPosition(index.column()), index.row() * rowHeight() - verticalOffset(),
            header_->sectionSize(index.column()), rowHeight()};
}

std::pair<int, int> LiveList::visibleRows() const {
    const int rows = model_.rowCount();
    if (rows == 0) {
        return {-1, -1};
    }
    const int first = std::clamp(verticalOffset() / rowHeight(), 0, rows - 1);
    const int last = std::clamp((verticalOffset() + viewport()->height() - 1) / rowHeight(), first, rows - 1);
    return {first, last};
}

void LiveList::scrollTo(const QModelIndex& index, ScrollHint hint) {
    if (!index.isValid()) {
        return;
    }
    const int top = index.row() * rowHeight();
    const int page = viewport()->height();
    int value = verticalOffset();
    if (hint == PositionAtCenter) {
        value = top - (page - rowHeight()) / 2;
    } else if (hint == PositionAtTop || top < value) {
        value = top;
    } else if (hint == PositionAtBottom || top + rowHeight() > value + page) {
        value = top + rowHeight() - page;
    }
    const QScopedValueRollback guard(ownScroll_, true);
    verticalScrollBar()->setValue(value);
}

void LiveList::updateGeometries() {
    const int headerHeight = scaledHeight(metrics::kListHeader);
    setViewportMargins(0, headerHeight, 0, 0);
    const QRect area = viewport()->geometry();
    header_->setGeometry(area.left(), area.top() - headerHeight, area.width(), headerHeight);
    settle(0);
    QAbstractItemView::updateGeometries();
}

/// Brings the scroll range up to date. Following: to the end; otherwise moved by as many rows as came or went above.
void LiveList::settle(int shiftedRows) {
    const QScopedValueRollback guard(ownScroll_, true);
    QScrollBar* bar = verticalScrollBar();
    const int page = viewport()->height();
    const qint64 total = static_cast<qint64>(model_.rowCount()) * rowHeight();
    const int maximum = static_cast<int>(std::max<qint64>(0, total - page));
    const int wanted = model_.following() ? maximum : bar->value() + shiftedRows * rowHeight();
    bar->setPageStep(page);
    bar->setSingleStep(rowHeight());
    bar->setRange(0, maximum);
    bar->setValue(std::clamp(wanted, 0, maximum));
}

void LiveList::rowsInserted(const QModelIndex& parent, int start, int end) {
    QAbstractItemView::rowsInserted(parent, start, end);
    // Rows found by a search come in front of all others; the screen keeps what it shows.
    const bool inFront = start == 0 && end + 1 < model_.rowCount();
    settle(inFront ? end - start + 1 : 0);
    if (anchorPending_) {
        restoreCurrent();
    }
    viewport()->update();
}

void LiveList::rowsAboutToBeRemoved(const QModelIndex& parent, int start, int end) {
    removedRows_ = end - start + 1;
    if (const QModelIndex current = currentIndex(); current.isValid() && current.row() <= end) {
        // The event is gone: no other row is made current in its place.
        setCurrentIndex({});
    }
    QAbstractItemView::rowsAboutToBeRemoved(parent, start, end);
}

void LiveList::rowsRemovedNow() {
    hoveredRow_ = -1;
    settle(-removedRows_);
    viewport()->update();
}

void LiveList::reset() {
    const auto anchor = anchor_;
    {
        const QScopedValueRollback guard(changingCurrent_, true);
        QAbstractItemView::reset();
    }
    hoveredRow_ = -1;
    anchor_ = anchor && model_.store().at(*anchor) != nullptr ? anchor : std::nullopt;
    anchorPending_ = anchor_.has_value();
    settle(0);
    restoreCurrent();
    viewport()->update();
    if (anchor && !anchor_) {
        Q_EMIT currentEventChanged();
    }
}

/// Makes the remembered event's row current again and, unless following, shows it in the middle.
void LiveList::restoreCurrent() {
    const int row = anchor_ ? model_.rowOf(*anchor_) : -1;
    if (row < 0) {
        return;
    }
    anchorPending_ = false;
    const QScopedValueRollback guard(changingCurrent_, true);
    selectionModel()->setCurrentIndex(model_.index(row, 0),
                                      QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (!model_.following()) {
        scrollTo(model_.index(row, 0), PositionAtCenter);
    }
}

void LiveList::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QAbstractItemView::currentChanged(current, previous);
    if (changingCurrent_) {
        return;
    }
    anchor_ = current.isValid() ? model_.positionAt(current.row()) : std::nullopt;
    if (current.isValid()) {
        const QString sentence = model_.sentence(current.row());
        setAccessibleDescription(sentence);
        if (QAccessible::isActive()) {
            QAccessibleEvent event(this, QAccessible::DescriptionChanged);
            QAccessible::updateAccessibility(&event);
        }
    }
    Q_EMIT currentEventChanged();
}

void LiveList::goToRow(int row) {
    if (row < 0 || row >= model_.rowCount()) {
        return;
    }
    stopFollowing(tr("a row is selected"));
    setCurrentIndex(model_.index(row, 0));
    scrollTo(model_.index(row, 0));
}

void LiveList::stepRow(int step) {
    if (model_.rowCount() == 0) {
        return;
    }
    const int from = currentRow() >= 0 ? currentRow() + step : visibleRows().second;
    goToRow(std::clamp(from, 0, model_.rowCount() - 1));
}

void LiveList::follow() {
    model_.setFollowing(true);
    settle(0);
    viewport()->update();
}

void LiveList::stopFollowing(const QString& reason) {
    if (model_.following()) {
        model_.setFollowing(false);
        Q_EMIT followStopped(reason);
    }
}

void LiveList::toggleMark() {
    if (const auto* event = model_.eventAt(currentRow())) {
        if (!marks_.remove(event->seq)) {
            marks_.insert(event->seq);
        }
        viewport()->update();
    }
}

void LiveList::userScrolled() {
    const QScrollBar* bar = verticalScrollBar();
    hoveredRow_ = -1;
    if (bar->value() < bar->maximum()) {
        stopFollowing(tr("you scrolled up"));
    }
}

void LiveList::verticalScrollbarAction(int action) {
    QAbstractItemView::verticalScrollbarAction(action);
    if (action != QAbstractSlider::SliderNoAction && action != QAbstractSlider::SliderMove &&
        verticalScrollBar()->sliderPosition() < verticalScrollBar()->maximum()) {
        stopFollowing(tr("you scrolled up"));
    }
}

void LiveList::wheelEvent(QWheelEvent* event) {
    if (event->angleDelta().y() > 0 && verticalScrollBar()->maximum() > 0) {
        stopFollowing(tr("you scrolled up"));
    }
    hoveredRow_ = -1;
    QAbstractItemView::wheelEvent(event);
}

void LiveList::mousePressEvent(QMouseEvent* event) {
    if (rowAt(event->pos().y()) >= 0) {
        stopFollowing(tr("a row is selected"));
    }
    QAbstractItemView::mousePressEvent(event);
    if (event->button() == Qt::MiddleButton) {
        const int row = rowAt(event->pos().y());
        if (row >= 0) {
            setCurrentIndex(model_.index(row, 0));
            toggleMark();
        }
    }
}

void LiveList::mouseMoveEvent(QMouseEvent* event) {
    const int row = rowAt(event->pos().y());
    if (row != hoveredRow_) {
        hoveredRow_ = row;
        viewport()->update();
    }
    QAbstractItemView::mouseMoveEvent(event);
}

void LiveList::mouseDoubleClickEvent(QMouseEvent* event) {
    if (rowAt(event->pos().y()) >= 0 && event->button() == Qt::LeftButton) {
        Q_EMIT inspectRequested();
    }
}

void LiveList::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
        case Qt::Key_End:
            follow();
            event->accept();
            return;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            if (currentRow() >= 0) {
                Q_EMIT inspectRequested();
            }
            event->accept();
            return;
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
        case Qt::Key_Home:
            if (model_.rowCount() > 0) {
                stopFollowing(tr("a row is selected"));
            }
            break;
        default: break;
    }
    QAbstractItemView::keyPressEvent(event);
}

QModelIndex LiveList::moveCursor(CursorAction action, Qt::KeyboardModifiers) {
    const int rows = model_.rowCount();
    if (rows == 0) {
        return {};
    }
    const int page = std::max(1, viewport()->height() / rowHeight() - 1);
    int row = currentRow() >= 0 ? currentRow() : visibleRows().second;
    switch (action) {
        case MoveUp:
        case MovePrevious: row -= currentRow() >= 0 ? 1 : 0; break;
        case MoveDown:
        case MoveNext: row += currentRow() >= 0 ? 1 : 0; break;
        case MovePageUp: row -= page; break;
        case MovePageDown: row += page; break;
        case MoveHome: row = 0; break;
        case MoveEnd: row = rows - 1; break;
        case MoveLeft:
        case MoveRight: break;
    }
    return model_.index(std::clamp(row, 0, rows - 1), 0);
}

void LiveList::setSelection(const QRect& rect, QItemSelectionModel::SelectionFlags flags) {
    const int row = rowAt(rect.normalized().top());
    if (row >= 0) {
        selectionModel()->select(model_.index(row, 0), flags | QItemSelectionModel::Rows);
    }
}

QRegion LiveList::visualRegionForSelection(const QItemSelection& selection) const {
    QRegion region;
    for (const QItemSelectionRange& range : selection) {
        region +=
            QRect(0, range.top() * rowHeight() - verticalOffset(), viewport()->width(), range.height() * rowHeight());
    }
    return region & viewport()->rect();
}

bool LiveList::viewportEvent(QEvent* event) {
    switch (event->type()) {
        case QEvent::Leave:
            if (hoveredRow_ >= 0) {
                hoveredRow_ = -1;
                viewport()->update();
            }
            break;
        case QEvent::ToolTip: {
            const auto* help = static_cast<QHelpEvent*>(event);
            const QString text = model_.data(indexAt(help->pos()), Qt::ToolTipRole).toString();
            QToolTip::showText(help->globalPos(), text, viewport());
            return true;
        }
        default: break;
    }
    return QAbstractItemView::viewportEvent(event);
}

void LiveList::resizeEvent(QResizeEvent* event) {
    QAbstractItemView::resizeEvent(event);
    updateGeometries();
    fitColumns();
}

void LiveList::fitColumns() {
    for (const auto column : kSpareColumns)
        header_->setSectionHidden(column, false);
    header_->setSectionHidden(LiveModel::Project, !model_.projectScope().isEmpty());
    int taken = 0;
    for (int column = 0; column < LiveModel::Preview; ++column)
        taken += header_->sectionSize(column);
    const int least = kLeastPreview * delegate_.columnWidth(LiveModel::Seq) / LiveDelegate::kSeqWidth;
    for (const auto column : kSpareColumns) {
        if (taken + least <= viewport()->width())
            break;
        taken -= header_->sectionSize(column);
        header_->setSectionHidden(column, true);
    }
    fillPreview();
}

void LiveList::fillPreview() { stretchLastColumn(*header_, header_->width(), header_->minimumSectionSize()); }

void LiveList::focusInEvent(QFocusEvent* event) {
    // The base class would make the first row current.
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void LiveList::focusOutEvent(QFocusEvent* event) {
    QAbstractItemView::focusOutEvent(event);
    viewport()->update();
}

void LiveList::changeEvent(QEvent* event) {
    QAbstractItemView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::ApplicationFontChange ||
        event->type() == QEvent::StyleChange) {
        delegate_.refresh();
        header_->setFont(ui::font(TextStyle::Header));
        updateGeometries();
        fitColumns();
    }
}

void LiveList::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.fillRect(event->rect(), Theme::current().c(Token::Base));
    ++frames_;
    const auto [first, last] = visibleRows();
    if (first < 0) {
        return;
    }
    const bool dims = model_.filterMode() == LiveModel::FilterMode::Dim && !model_.filterText().isEmpty();
    const int current = currentRow();
    for (int row = first; row <= last; ++row) {
        const QRect rect(0, row * rowHeight() - verticalOffset(), viewport()->width(), rowHeight());
        if (!rect.intersects(event->rect())) {
            continue;
        }
        LiveDelegate::RowState state;
        state.current = row == current;
        state.selected = row == current && selectionModel()->isRowSelected(row, {});
        state.focused = hasFocus();
        state.hovered = row == hoveredRow_;
        state.marked = !marks_.isEmpty() && marks_.contains(model_.eventAt(row)->seq);
        state.dimmed = dims && !model_.matches(row);
        delegate_.paintRow(painter, rect, row, *header_, state);
    }
    model_.noteDrawn(first, last);
}

}  // namespace xshathra::ui
