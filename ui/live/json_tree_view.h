#pragma once

#include "ui/models/json_tree_model.h"

#include <QTreeView>

namespace xshathra::ui {

/// A message as a tree: key, value, type, change; rows that changed are tinted. Owns its model.
class JsonTreeView final : public QTreeView {
    Q_OBJECT

public:
    explicit JsonTreeView(QWidget* parent = nullptr);

    models::JsonTreeModel& tree() { return model_; }
    /// Shows a message and opens its first levels; false if it is no JSON.
    bool show(const SharedBytes& json, const SharedBytes& previous, const QString& previousName);

protected:
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void applyFonts();
    void fitColumns();
    void stretchChange();

    models::JsonTreeModel model_;
    /// Of the columns' usual widths; below 1 where the pane is narrow.
    double share_ = 0;
};

}  // namespace xshathra::ui
