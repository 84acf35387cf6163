#include "ui/live/json_tree_view.h"

#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/columns.h"
#include "ui/widgets/copy_button.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace xshathra::ui {

namespace {

using models::JsonTreeModel;

constexpr int kOpenedLevels = 4;
/// Wide objects stay closed at the start, so that a long list does not push everything else away.
constexpr int kOpenedChildren = 40;

Token valueToken(JsonTreeModel::NodeType type) {
    switch (type) {
        case JsonTreeModel::NodeType::String: return Token::SStr;
        case JsonTreeModel::NodeType::Number: return Token::SNum;
        case JsonTreeModel::NodeType::Bool:
        case JsonTreeModel::NodeType::Null: return Token::SBool;
        case JsonTreeModel::NodeType::Malformed: return Token::Err;
        default: return Token::Text2;
    }
}

/// Paints a cell as plain text in its colour.
class TreeDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Theme& theme = Theme::current();
        const auto type = static_cast<JsonTreeModel::NodeType>(index.data(JsonTreeModel::NodeTypeRole).toInt());
        const auto change = static_cast<JsonTreeModel::ChangeType>(index.data(JsonTreeModel::ChangeRole).toInt());
        Token token = Token::Text;
        TextStyle style = TextStyle::Mono;
        switch (index.column()) {
            case JsonTreeModel::Value: token = valueToken(type); break;
            case JsonTreeModel::Type:
                token = Token::Text3;
                style = TextStyle::List;
                break;
            case JsonTreeModel::Change:
                token = change == JsonTreeModel::ChangeType::New       ? Token::Add
                        : change == JsonTreeModel::ChangeType::Changed ? Token::Warn
                        : change == JsonTreeModel::ChangeType::Removed ? Token::Del
                                                                       : Token::Text3;
                break;
            default: token = type == JsonTreeModel::NodeType::Malformed ? Token::Err : Token::Text; break;
        }
        if (change == JsonTreeModel::ChangeType::Removed && index.column() != JsonTreeModel::Change) {
            token = Token::Text3;
        }
        const QFont textFont = font(style);
        painter->setFont(textFont);
        painter->setPen(theme.c(token));
        const int left = index.column() == JsonTreeModel::Key ? metrics::kSpace12 : metrics::kCellPadding;
        const QRect box = option.rect.adjusted(left, 0, -metrics::kSpace4, 0);
        const QString text = QFontMetrics(textFont).elidedText(index.data().toString(), Qt::ElideRight, box.width());
        painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, text);
    }

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {0, scaledHeight(metrics::kLiveRow)};
    }
};

}  // namespace

JsonTreeView::JsonTreeView(QWidget* parent) : QTreeView(parent) {
    setObjectName(QStringLiteral("liveInspector.tree"));
    setAccessibleName(tr("Message as a tree"));
    setFrameShape(QFrame::NoFrame);
    setUniformRowHeights(true);
    setIndentation(metrics::kSpace16);
    setEditTriggers(NoEditTriggers);
    setHorizontalScrollMode(ScrollPerPixel);
    setItemDelegate(new TreeDelegate(this));
    setModel(&model_);
    header()->setObjectName(QStringLiteral("liveInspector.treeHeader"));
    header()->setFocusPolicy(Qt::NoFocus);
    header()->setSectionsMovable(false);
    header()->setHighlightSections(false);
    header()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header()->setStretchLastSection(false);
    connect(header(), &QHeaderView::sectionResized, this, [this](int column) {
        if (column != JsonTreeModel::Change) {
            stretchChange();
        }
    });
    applyFonts();
    fitColumns();
}

void JsonTreeView::stretchChange() {
    constexpr int kLeast = 60;
    stretchLastColumn(*header(), viewport()->width(), kLeast);
}

void JsonTreeView::fitColumns() {
    constexpr int kKey = 190;
    constexpr int kValue = 170;
    constexpr int kType = 84;
    constexpr int kChange = 90;
    const double share = std::clamp(viewport()->width() / double(kKey + kValue + kType + kChange), 0.4, 1.0);
    // What somebody has dragged stays while nothing has to give way.
    if (share != share_) {
        share_ = share;
        header()->resizeSection(JsonTreeModel::Key, static_cast<int>(kKey * share));
        header()->resizeSection(JsonTreeModel::Value, static_cast<int>(kValue * share));
        header()->resizeSection(JsonTreeModel::Type, static_cast<int>(kType * share));
    }
    stretchChange();
}

void JsonTreeView::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    fitColumns();
}

void JsonTreeView::applyFonts() {
    header()->setFont(ui::font(TextStyle::Header));
    header()->setFixedHeight(scaledHeight(metrics::kListHeader));
}

bool JsonTreeView::show(const SharedBytes& json, const SharedBytes& previous, const QString& previousName) {
    const bool good = model_.setJson(json, previous, previousName);
    if (good) {
        QList<QModelIndex> level{QModelIndex()};
        for (int depth = 0; depth < kOpenedLevels; ++depth) {
            QList<QModelIndex> next;
            for (const QModelIndex& parent : level) {
                const int rows = model_.rowCount(parent);
                if (rows > kOpenedChildren) {
                    continue;
                }
                for (int row = 0; row < rows; ++row) {
                    const QModelIndex child = model_.index(row, 0, parent);
                    const auto type =
                        static_cast<JsonTreeModel::NodeType>(child.data(JsonTreeModel::NodeTypeRole).toInt());
                    // Arrays and what is told in full in its own row stay closed.
                    const QString value = child.siblingAtColumn(JsonTreeModel::Value).data().toString();
                    const bool counted = value == QStringLiteral("{ %1 }").arg(model_.rowCount(child));
                    if (type == JsonTreeModel::NodeType::Object && counted) {
                        expand(child);
                        next.append(child);
                    }
                }
            }
            level = next;
        }
    }
    return good;
}

void JsonTreeView::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& theme = Theme::current();
    const auto change = static_cast<JsonTreeModel::ChangeType>(index.data(JsonTreeModel::ChangeRole).toInt());
    const QRect row(0, option.rect.top(), viewport()->width(), option.rect.height());
    if (selectionModel()->isRowSelected(index.row(), index.parent())) {
        painter->fillRect(row, theme.c(hasFocus() ? Token::Sel : Token::SelOff));
        painter->fillRect(QRect(0, row.top(), 2, row.height()), theme.c(hasFocus() ? Token::Accent : Token::Ctl));
    } else if (change == JsonTreeModel::ChangeType::Changed) {
        painter->fillRect(row, theme.c(Token::WarnBg));
    } else if (change == JsonTreeModel::ChangeType::New) {
        painter->fillRect(row, theme.c(Token::AddBg));
    } else if (change == JsonTreeModel::ChangeType::Removed) {
        painter->fillRect(row, theme.c(Token::DelBg));
    }
    QStyleOptionViewItem plain(option);
    plain.showDecorationSelected = false;
    plain.state &= ~QStyle::State_Selected;
    plain.state &= ~QStyle::State_MouseOver;
    QTreeView::drawRow(painter, plain, index);
}

/// Chevrons stand a little in, so that they line up with the list above.
void JsonTreeView::drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const {
    QTreeView::drawBranches(painter, rect.translated(metrics::kSpace6, 0), index);
}

void JsonTreeView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy) && currentIndex().isValid()) {
        copyToClipboard(currentIndex().data(JsonTreeModel::RawRole).toString());
        event->accept();
        return;
    }
    QTreeView::keyPressEvent(event);
}

void JsonTreeView::changeEvent(QEvent* event) {
    QTreeView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::ApplicationFontChange) {
        applyFonts();
    }
}

}  // namespace xshathra::ui
