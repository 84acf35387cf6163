#include "ui/projects/project_delegate.h"

#include "ui/models/project_list_model.h"
#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/badge.h"

#include <QPainter>

namespace xshathra::ui {

namespace {

constexpr int kDot = 7;
constexpr int kBar = 2;

}  // namespace

QSize ProjectDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
    // As wide as the list.
    return {0, scaledHeight(metrics::kCardRow)};
}

void ProjectDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto& theme = Theme::current();
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool focused = option.widget != nullptr && option.widget->hasFocus();
    auto rect = option.rect;
    painter->save();
    if (selected) {
        painter->fillRect(rect, theme.c(focused ? Token::Sel : Token::SelOff));
        painter->fillRect(QRect(rect.left(), rect.top(), kBar, rect.height()),
                          theme.c(focused ? Token::Accent : Token::Ctl));
    } else if (option.state.testFlag(QStyle::State_MouseOver)) {
        painter->fillRect(rect, theme.c(Token::Hover));
    }
    rect.adjust(metrics::kSpace16, 0, -metrics::kCellPadding, 0);

    const auto connections = index.data(models::ProjectListModel::ConnectionsRole).toInt();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.c(connections > 0 ? Token::OkDot : Token::Line2));
    painter->drawEllipse(QRectF(rect.left(), rect.center().y() - kDot / 2.0 + 0.5, kDot, kDot));
    rect.setLeft(rect.left() + kDot + metrics::kIconGap);

    const auto count = QString::number(connections);
    painter->setFont(font(TextStyle::Mono));
    painter->setPen(theme.c(connections > 0 ? Token::Text2 : Token::Text3));
    const auto countWidth = painter->fontMetrics().horizontalAdvance(count);
    painter->drawText(rect, Qt::AlignRight | Qt::AlignVCenter, count);

    const auto environment = index.data(models::ProjectListModel::EnvironmentRole).toString();
    const auto badge = badgeSize(environmentShort(environment));
    painter->setFont(font(selected ? TextStyle::BodyStrong : TextStyle::Body));
    painter->setPen(theme.c(Token::Text));
    const auto room = rect.width() - countWidth - badge.width() - 3 * metrics::kSpace8;
    const auto name = painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideMiddle, room);
    painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, name);
    const auto nameWidth = painter->fontMetrics().horizontalAdvance(name);
    painter->restore();
    paintBadge(*painter, QRect(rect.left() + nameWidth + metrics::kSpace8, rect.top(), badge.width(), rect.height()),
               environmentShort(environment), environmentTone(environment));
}

}  // namespace xshathra::ui
