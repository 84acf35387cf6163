#pragma once

#include "server/services/config.h"

#include <QAbstractTableModel>

namespace xshathra::models {

/// How a project treats its channels, a row for each namespace, in the words of the Projects & Keys page. GUI thread.
class NamespaceTableModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Subscribe, Presence, History, Recovery, Pattern, ColumnCount };
    enum Role {
        /// For Subscribe: true where a subscription token is needed. For Presence and Recovery: whether it is on.
        FlagRole = Qt::UserRole + 1,
    };

    explicit NamespaceTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// Shows the namespaces of `project`; null shows none.
    void setProject(services::ProjectPtr project);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : ColumnCount; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString word(const engine::NamespaceOptions& ns, int column) const;

    services::ProjectPtr project_;
};

/// Who may subscribe, in words: "anyone", "users", "subscription token".
[[nodiscard]] QString subscribeWord(const engine::ChannelOptions& options);
/// How much history is kept, as "300 · 10 min", or an en dash.
[[nodiscard]] QString historyWord(const engine::ChannelOptions& options);

}  // namespace xshathra::models
