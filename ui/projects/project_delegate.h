#pragma once

#include <QStyledItemDelegate>

namespace xshathra::ui {

/// A project's row: a dot that is green while somebody is connected, the name, the environment's badge, open
/// connections.
class ProjectDelegate final : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace xshathra::ui
