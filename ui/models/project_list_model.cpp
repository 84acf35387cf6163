#include "ui/models/project_list_model.h"

#include "server/services/config_store.h"

#include <algorithm>

namespace xshathra::models {

namespace {

QString text(std::string_view utf8) { return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())); }

}  // namespace

ProjectListModel::ProjectListModel(const services::ConfigStore& store, QObject* parent)
    : QAbstractListModel(parent), store_(store), projects_(store.current()->projects) {
    connect(&store, &services::ConfigStore::changed, this, &ProjectListModel::follow);
}

int ProjectListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(projects_.size());
}

QVariant ProjectListModel::data(const QModelIndex& index, int role) const {
    const auto row = project(index.row());
    if (!row)
        return {};
    const auto environment = text(services::toString(row->environment));
    const auto connections = connections_.value(text(row->id));
    switch (role) {
        case Qt::DisplayRole: return text(row->name);
        case Qt::AccessibleTextRole:
            return QStringLiteral("%1, %2, %3 connections").arg(text(row->name), environment).arg(connections);
        case Qt::ToolTipRole: return text(row->trouble());
        case IdRole: return text(row->id);
        case EnvironmentRole: return environment;
        case ConnectionsRole: return connections;
        default: return {};
    }
}

services::ProjectPtr ProjectListModel::project(int row) const {
    return row >= 0 && row < static_cast<int>(projects_.size()) ? projects_[static_cast<std::size_t>(row)] : nullptr;
}

int ProjectListModel::rowOf(const QString& projectId) const {
    const auto id = projectId.toStdString();
    const auto found =
        std::find_if(projects_.begin(), projects_.end(), [&](const auto& project) { return project->id == id; });
    return found == projects_.end() ? -1 : static_cast<int>(found - projects_.begin());
}

void ProjectListModel::setConnections(const QHash<QString, int>& connections) {
    if (connections == connections_)
        return;
    connections_ = connections;
    if (!projects_.empty())
        Q_EMIT dataChanged(index(0), index(static_cast<int>(projects_.size()) - 1),
                           {ConnectionsRole, Qt::AccessibleTextRole});
}

void ProjectListModel::follow() {
    const auto next = store_.current()->projects;
    // Rows go and come one by one, so that a view keeps its current project; order is by age and never changes.
    for (int row = static_cast<int>(projects_.size()) - 1; row >= 0; --row) {
        const auto& id = projects_[static_cast<std::size_t>(row)]->id;
        if (std::none_of(next.begin(), next.end(), [&](const auto& project) { return project->id == id; })) {
            beginRemoveRows({}, row, row);
            projects_.erase(projects_.begin() + row);
            endRemoveRows();
        }
    }
    for (int row = 0; row < static_cast<int>(next.size()); ++row) {
        const auto& project = next[static_cast<std::size_t>(row)];
        const auto at = projects_.begin() + row;
        if (at != projects_.end() && (*at)->id == project->id) {
            if (*at != project) {
                *at = project;
                Q_EMIT dataChanged(index(row), index(row));
            }
        } else {
            beginInsertRows({}, row, row);
            projects_.insert(at, project);
            endInsertRows();
        }
    }
}

}  // namespace xshathra::models
