#include "ui/overview/problems_view.h"

#include "ui/overview/problems_model.h"
#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStyledItemDelegate>

namespace xshathra::ui {

namespace {

const QString& explainWord() {
    static const auto word = QStringLiteral("Explain");
    return word;
}

const QString& showWord() {
    static const auto word = QStringLiteral("Show in Live");
    return word;
}

constexpr int kLinkGap = 14;

/// Paints a row without the style's text layout.
class ProblemDelegate final : public QStyledItemDelegate {
public:
    ProblemDelegate(ProblemsView& view, ProblemsModel& model) : view_(view), model_(model) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto& theme = Theme::current();
        const auto& problem = model_.at(index.row());
        const bool current = view_.currentIndex().row() == index.row();
        const bool focused = current && view_.hasFocus();
        const bool hovered = view_.hoveredRow() == index.row();
        if (focused || hovered)
            painter->fillRect(option.rect, theme.c(focused ? Token::Sel : Token::Hover));
        if (index.row() > 0)
            paintHorizontalLine(*painter, option.rect.left(), option.rect.top(), option.rect.width(), Token::Line);
        if (focused && index.column() == 0)
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 2, option.rect.height()),
                              theme.c(Token::Accent));

        auto box = option.rect.adjusted(metrics::kCellPadding, 0, -metrics::kCellPadding, 0);
        const auto text = [&](TextStyle style, Token token, int alignment, Qt::TextElideMode elide) {
            const auto f = ui::font(style);
            painter->setFont(f);
            painter->setPen(theme.c(token));
            painter->drawText(box, alignment | Qt::AlignVCenter | Qt::TextSingleLine,
                              QFontMetrics(f).elidedText(index.data().toString(), elide, box.width()));
        };
        switch (index.column()) {
            case ProblemsModel::Times: text(TextStyle::Mono, Token::Text, Qt::AlignRight, Qt::ElideNone); break;
            case ProblemsModel::What:
                paintIcon(*painter, QRect(box.left(), box.top(), metrics::kIcon, box.height()),
                          problem.warning ? QStringLiteral("warn") : QStringLiteral("error"),
                          problem.warning ? Token::Warn : Token::Err);
                box.setLeft(box.left() + metrics::kIcon + metrics::kIconGap);
                text(TextStyle::List, Token::Text, Qt::AlignLeft, Qt::ElideRight);
                break;
            case ProblemsModel::Cause: text(TextStyle::List, Token::Text2, Qt::AlignLeft, Qt::ElideRight); break;
            case ProblemsModel::Who: text(TextStyle::Mono, Token::Text, Qt::AlignLeft, Qt::ElideMiddle); break;
            case ProblemsModel::Last: text(TextStyle::Mono, Token::Text2, Qt::AlignRight, Qt::ElideNone); break;
            default:
                painter->setFont(ui::font(TextStyle::List));
                painter->setPen(theme.c(Token::AccentText));
                painter->drawText(view_.linkRect(index.row(), ProblemsView::Link::Explain), Qt::AlignVCenter,
                                  explainWord());
                if (focused || hovered)
                    painter->drawText(view_.linkRect(index.row(), ProblemsView::Link::Show), Qt::AlignVCenter,
                                      showWord());
        }
    }

private:
    ProblemsView& view_;
    ProblemsModel& model_;
};

}  // namespace

ProblemsView::ProblemsView(ProblemsModel& model, QWidget* parent) : QTableView(parent), model_(model) {
    setObjectName(QStringLiteral("overview.problems"));
    setAccessibleName(QStringLiteral("Recent problems"));
    setModel(&model);
    auto* delegate = new ProblemDelegate(*this, model);
    delegate->setParent(this);
    setItemDelegate(delegate);
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setTabKeyNavigation(false);
    setWordWrap(false);
    setMouseTracking(true);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    verticalHeader()->hide();
    verticalHeader()->setMinimumSectionSize(1);
    verticalHeader()->setDefaultSectionSize(scaledHeight(metrics::kCardRow));
    horizontalHeader()->setFixedHeight(scaledHeight(metrics::kListHeader));
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsClickable(false);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    const auto fit = [this] {
        fitColumns();
        updateGeometry();
    };
    connect(&model, &QAbstractItemModel::layoutChanged, this, fit);
    connect(&model, &QAbstractItemModel::dataChanged, this, &ProblemsView::fitColumns);
}

QSize ProblemsView::sizeHint() const {
    const auto rows = model_.rowCount();
    return {QTableView::sizeHint().width(),
            horizontalHeader()->height() + rows * verticalHeader()->defaultSectionSize()};
}

QRect ProblemsView::linkRect(int row, Link link) const {
    const QFontMetrics fonts(ui::font(TextStyle::List));
    auto box = visualRect(model_.index(row, ProblemsModel::Actions));
    box.setLeft(box.left() + metrics::kCellPadding);
    const auto explain = fonts.horizontalAdvance(explainWord());
    if (link == Link::Show)
        return {box.left() + explain + kLinkGap, box.top(), fonts.horizontalAdvance(showWord()), box.height()};
    return {box.left(), box.top(), explain, box.height()};
}

ProblemsView::Link ProblemsView::linkAt(const QPoint& position) const {
    const auto row = rowAt(position.y());
    if (row < 0)
        return Link::None;
    if (linkRect(row, Link::Explain).contains(position))
        return Link::Explain;
    return linkRect(row, Link::Show).contains(position) ? Link::Show : Link::None;
}

void ProblemsView::fitColumns() {
    const QFontMetrics words(ui::font(TextStyle::List));
    const QFontMetrics mono(ui::font(TextStyle::Mono));
    const auto pad = 2 * metrics::kCellPadding;
    const auto digits = [&](int count) { return mono.horizontalAdvance(QString(count, QLatin1Char('0'))) + pad; };
    const auto widest = [&](ProblemsModel::Column column, int least) {
        for (int row = 0; row < model_.rowCount(); ++row)
            least = qMax(least, mono.horizontalAdvance(model_.index(row, column).data().toString()) + pad);
        return least;
    };
    // Figures are never cut. Names are, where the sentences need the room more.
    const auto times = widest(ProblemsModel::Times, digits(5));
    const auto last = widest(ProblemsModel::Last, digits(6));
    const auto actions = words.horizontalAdvance(explainWord() + showWord()) + kLinkGap + pad;
    const auto all = viewport()->width() - times - last - actions;
    constexpr int kWhoShare = 5;
    const auto who = qMin(widest(ProblemsModel::Who, digits(8)), qBound(digits(8), all / kWhoShare, digits(18)));
    const auto rest = qMax(0, all - who);
    constexpr double kWhatShare = 0.46;
    const auto what = static_cast<int>(rest * kWhatShare);
    setColumnWidth(ProblemsModel::Times, times);
    setColumnWidth(ProblemsModel::What, what);
    setColumnWidth(ProblemsModel::Cause, rest - what);
    setColumnWidth(ProblemsModel::Who, who);
    setColumnWidth(ProblemsModel::Last, last);
    setColumnWidth(ProblemsModel::Actions, actions);
}

void ProblemsView::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    fitColumns();
}

void ProblemsView::focusInEvent(QFocusEvent* event) {
    QTableView::focusInEvent(event);
    if (!currentIndex().isValid() && model_.rowCount() > 0)
        setCurrentIndex(model_.index(0, ProblemsModel::What));
    viewport()->update();
}

void ProblemsView::mouseMoveEvent(QMouseEvent* event) {
    const auto row = rowAt(event->position().toPoint().y());
    if (row != hovered_) {
        hovered_ = row;
        viewport()->update();
    }
    viewport()->setCursor(linkAt(event->position().toPoint()) == Link::None ? Qt::ArrowCursor : Qt::PointingHandCursor);
}

void ProblemsView::leaveEvent(QEvent* event) {
    hovered_ = -1;
    viewport()->update();
    QTableView::leaveEvent(event);
}

void ProblemsView::mouseReleaseEvent(QMouseEvent* event) {
    QTableView::mouseReleaseEvent(event);
    if (event->button() != Qt::LeftButton)
        return;
    const auto position = event->position().toPoint();
    const auto link = linkAt(position);
    const auto row = rowAt(position.y());
    if (link == Link::Explain)
        Q_EMIT explainRequested(model_.at(row));
    else if (link == Link::Show)
        Q_EMIT showRequested(model_.at(row));
}

void ProblemsView::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && currentIndex().isValid()) {
        Q_EMIT explainRequested(model_.at(currentIndex().row()));
        return;
    }
    QTableView::keyPressEvent(event);
}

void ProblemsView::contextMenuEvent(QContextMenuEvent* event) {
    const auto row = event->reason() == QContextMenuEvent::Mouse
                         ? rowAt(viewport()->mapFromGlobal(event->globalPos()).y())
                         : currentIndex().row();
    if (row < 0)
        return;
    const auto problem = model_.at(row);
    QMenu menu(this);
    menu.addAction(explainWord(), this, [this, problem] { Q_EMIT explainRequested(problem); });
    menu.addAction(showWord(), this, [this, problem] { Q_EMIT showRequested(problem); });
    menu.exec(event->globalPos());
}

}  // namespace xshathra::ui
