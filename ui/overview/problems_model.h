#pragma once

#include "ui/overview/server_status.h"

#include <QAbstractTableModel>

namespace xshathra::ui {

/// Recent problems, newest first, one row a cause.
class ProblemsModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Times, What, Cause, Who, Last, Actions, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    /// Replaces the rows; the selection of a view stays on the problem it was on.
    void setProblems(QList<Problem> problems);
    const Problem& at(int row) const { return problems_.at(row); }
    /// Ages change by themselves; call it now and then while visible.
    void refreshAges();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<Problem> problems_;
};

}  // namespace xshathra::ui
