#pragma once

#include "server/services/config.h"

#include <QAbstractListModel>
#include <QHash>

#include <vector>

namespace xshathra::services {
class ConfigStore;
}

namespace xshathra::models {

/// The projects in force, oldest first, with their open connections. Follows the snapshot by itself. GUI thread.
class ProjectListModel final : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role {
        IdRole = Qt::UserRole + 1,
        /// `development`, `staging`, `production`.
        EnvironmentRole,
        /// Open connections as an int.
        ConnectionsRole,
    };

    /// `store` must outlive the model.
    explicit ProjectListModel(const services::ConfigStore& store, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

    /// Null for a row that is not there.
    services::ProjectPtr project(int row) const;
    /// The row of a project, or -1.
    int rowOf(const QString& projectId) const;
    /// Open connections by project id; projects that are not named have none.
    void setConnections(const QHash<QString, int>& connections);

private:
    void follow();

    const services::ConfigStore& store_;
    std::vector<services::ProjectPtr> projects_;
    QHash<QString, int> connections_;
};

}  // namespace xshathra::models
