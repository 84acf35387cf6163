#pragma once

#include "server/capture/decision.h"

#include <QAbstractListModel>
#include <QString>

#include <memory>

namespace xshathra::models {

/// The checks of a decision in the order of evaluation, one a row, with the figures of the line above them. GUI thread.
class DecisionModel final : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role {
        /// A capture::Outcome as int.
        OutcomeRole = Qt::UserRole + 1,
        FoundRole,
        ExpectedRole,
        AdviceRole,
    };

    using QAbstractListModel::QAbstractListModel;

    /// Null empties the list.
    void setDecision(std::shared_ptr<const capture::Decision> decision);
    const std::shared_ptr<const capture::Decision>& decision() const { return decision_; }
    /// "4 passed, 1 failed, 1 not reached", without the parts that are none, and the time it took if known.
    QString tally() const;
    /// The decision's sentence.
    QString summary() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::shared_ptr<const capture::Decision> decision_;
};

}  // namespace xshathra::models
