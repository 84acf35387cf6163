#include "ui/projects/namespaces_card.h"

#include "ui/theme/icon.h"
#include "ui/theme/metrics.h"
#include "ui/theme/paint.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/button.h"
#include "ui/widgets/columns.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <numeric>

namespace xshathra::ui {

namespace {

using namespace Qt::StringLiterals;
using Model = models::NamespaceTableModel;

class NamespaceDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const auto& theme = Theme::current();
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        const bool active =
            option.state.testFlag(QStyle::State_Active) && option.widget != nullptr && option.widget->hasFocus();
        if (selected)
            painter->fillRect(option.rect, theme.c(active ? Token::Sel : Token::SelOff));
        else if (option.state.testFlag(QStyle::State_MouseOver))
            painter->fillRect(option.rect, theme.c(Token::Hover));
        if (selected && index.column() == 0)
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 2, option.rect.height()),
                              theme.c(active ? Token::Accent : Token::Ctl));
        if (index.row() > 0)
            paintHorizontalLine(*painter, option.rect.left(), option.rect.top(), option.rect.width(), Token::Line);

        auto rect = option.rect.adjusted(index.column() == 0 ? metrics::kSpace16 : metrics::kCellPadding, 0,
                                         -metrics::kCellPadding, 0);
        const auto flag = index.data(Model::FlagRole);
        const auto column = index.column();
        if ((column == Model::Presence || column == Model::Recovery) && flag.toBool()) {
            paintIcon(*painter, QRect(rect.left(), rect.top(), metrics::kIcon, rect.height()), u"check"_s, Token::Ok);
            return;
        }
        if (column == Model::Subscribe && flag.toBool()) {
            paintIcon(*painter, QRect(rect.left(), rect.top(), metrics::kIconSmall, rect.height()), u"lock"_s,
                      Token::Text2, metrics::kIconSmall);
            rect.setLeft(rect.left() + metrics::kIconSmall + metrics::kSpace6);
        }
        const bool wire = column == Model::Name || column == Model::History || column == Model::Pattern;
        painter->setFont(font(wire ? TextStyle::Mono : TextStyle::List));
        painter->setPen(theme.c(column == Model::Subscribe ? Token::Text2 : Token::Text));
        painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(),
                                                            wire ? Qt::ElideMiddle : Qt::ElideRight, rect.width()));
    }
};

/// Names of the columns over their cells: the first one starts at the card's margin.
class NamespaceHeader final : public QHeaderView {
public:
    NamespaceHeader() : QHeaderView(Qt::Horizontal) {}

protected:
    void paintSection(QPainter* painter, const QRect& rect, int column) const override {
        painter->fillRect(rect, Theme::current().c(Token::Header));
        paintHorizontalLine(*painter, rect.left(), rect.bottom(), rect.width(), Token::Line);
        painter->setFont(ui::font(TextStyle::Header));
        painter->setPen(Theme::current().c(Token::Text3));
        painter->drawText(rect.adjusted(column == 0 ? metrics::kSpace16 : metrics::kCellPadding, 0, 0, 0),
                          Qt::AlignLeft | Qt::AlignVCenter, model()->headerData(column, Qt::Horizontal).toString());
    }
};

}  // namespace

NamespacesCard::NamespacesCard(QWidget* parent)
    : Card(u"Namespaces"_s, parent),
      model_(new Model(this)),
      table_(named(new QTableView, u"namespaces.table"_s, u"Namespaces"_s)) {
    setFlush(true);
    auto* edit = new Button(u"Edit"_s, u"namespaces.edit"_s, nullptr, Button::Kind::Quiet, Button::Size::Small);
    edit->setIconName(u"edit"_s);
    edit->setAccessibleName(u"Edit the namespaces"_s);
    titleActions()->addWidget(edit);

    table_->setHorizontalHeader(new NamespaceHeader);
    table_->setModel(model_);
    table_->setItemDelegate(new NamespaceDelegate(table_));
    table_->setFrameShape(QFrame::NoFrame);
    table_->setShowGrid(false);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table_->setTabKeyNavigation(false);
    table_->setMouseTracking(true);
    table_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setMinimumSectionSize(1);
    table_->verticalHeader()->setDefaultSectionSize(scaledHeight(metrics::kRow));
    auto* header = table_->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsClickable(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setFixedHeight(scaledHeight(metrics::kListHeader));
    header->setMinimumSectionSize(1);
    table_->viewport()->installEventFilter(this);
    body()->addWidget(table_);

    connect(model_, &QAbstractItemModel::modelReset, this, &NamespacesCard::fitHeight);
    connect(model_, &QAbstractItemModel::modelReset, this, &NamespacesCard::fitColumns);
    connect(edit, &QPushButton::clicked, this, [this] {
        const auto row = table_->currentIndex().row();
        Q_EMIT editRequested(row < 0 ? QString() : model_->index(row, Model::Name).data().toString());
    });
    connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
        Q_EMIT editRequested(index.siblingAtColumn(Model::Name).data().toString());
    });
    fitHeight();
    fitColumns();
}

void NamespacesCard::setProject(services::ProjectPtr project) { model_->setProject(std::move(project)); }

bool NamespacesCard::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize)
        fitColumns();
    return Card::eventFilter(watched, event);
}

/// The design's widths where there is room. Otherwise what the columns can spare goes first, then the words of who may
/// subscribe are cut, which have their icon; figures never are.
void NamespacesCard::fitColumns() {
    constexpr std::array<int, Model::Pattern> kWidths{130, 190, 80, 130, 90};
    constexpr int kPatternWidth = 210;
    constexpr int kLeastPattern = 80;
    const QFontMetrics words(ui::font(TextStyle::List));
    const QFontMetrics mono(ui::font(TextStyle::Mono));
    const QFontMetrics heads(ui::font(TextStyle::Header));
    std::array<int, Model::Pattern> least{};
    std::array<int, Model::Pattern> wanted{};
    for (std::size_t i = 0; i < least.size(); ++i) {
        const auto column = static_cast<int>(i);
        const auto& fonts = column == Model::Name || column == Model::History ? mono : words;
        auto width = heads.horizontalAdvance(model_->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
        const auto lock = column == Model::Subscribe ? metrics::kIconSmall + metrics::kSpace6 : 0;
        for (int row = 0; row < model_->rowCount(); ++row)
            width = std::max(width, fonts.horizontalAdvance(model_->index(row, column).data().toString()) + lock);
        const auto left = column == 0 ? metrics::kSpace16 : metrics::kCellPadding;
        least.at(i) = std::min(width + left + metrics::kCellPadding + 2, 2 * kWidths.at(i));
        wanted.at(i) = std::max(least.at(i), kWidths.at(i));
    }
    const auto width = table_->viewport()->width();
    const auto missing = std::accumulate(least.begin(), least.end(), kLeastPattern) - width;
    auto& subscribe = least.at(Model::Subscribe);
    subscribe -= std::clamp(missing, 0, subscribe / 2);
    const auto leastOfAll = std::accumulate(least.begin(), least.end(), 0);
    const auto spare = std::accumulate(wanted.begin(), wanted.end(), 0) - leastOfAll;
    const auto share = spare == 0 ? 0.0 : std::clamp((width - kPatternWidth - leastOfAll) / double(spare), 0.0, 1.0);
    auto* header = table_->horizontalHeader();
    for (std::size_t i = 0; i < least.size(); ++i) {
        header->resizeSection(static_cast<int>(i),
                              least.at(i) + static_cast<int>((wanted.at(i) - least.at(i)) * share));
    }
    stretchLastColumn(*header, width, 1);
}

void NamespacesCard::fitHeight() {
    const auto rows = model_->rowCount();
    table_->setFixedHeight(table_->horizontalHeader()->height() +
                           rows * table_->verticalHeader()->defaultSectionSize());
}

}  // namespace xshathra::ui
