#include "ui/models/namespace_table_model.h"

#include <chrono>

namespace xshathra::models {

namespace {

using namespace Qt::StringLiterals;

const QString kDash = QString(QChar(0x2013));

QString durationWord(Milliseconds duration) {
    const auto seconds = std::chrono::duration_cast<Seconds>(duration).count();
    if (seconds == 0)
        return QStringLiteral("%1 ms").arg(duration.count());
    if (seconds % 86400 == 0)
        return QStringLiteral("%1 d").arg(seconds / 86400);
    if (seconds % 3600 == 0)
        return QStringLiteral("%1 h").arg(seconds / 3600);
    if (seconds % 60 == 0 && seconds > 60)
        return QStringLiteral("%1 min").arg(seconds / 60);
    return QStringLiteral("%1 s").arg(seconds);
}

}  // namespace

QString subscribeWord(const engine::ChannelOptions& options) {
    if (options.subscribeProxyEnabled)
        return u"your backend decides"_s;
    if (!options.allowSubscribeForClient)
        return u"subscription token"_s;
    return options.allowSubscribeForAnonymous ? u"anyone"_s : u"users"_s;
}

QString historyWord(const engine::ChannelOptions& options) {
    if (!options.hasHistory())
        return kDash;
    return QStringLiteral("%1 %2 %3").arg(options.historySize).arg(QChar(0x00b7)).arg(durationWord(options.historyTtl));
}

void NamespaceTableModel::setProject(services::ProjectPtr project) {
    if (project == project_)
        return;
    beginResetModel();
    project_ = std::move(project);
    endResetModel();
}

int NamespaceTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !project_ ? 0 : static_cast<int>(project_->namespaces.size());
}

QString NamespaceTableModel::word(const engine::NamespaceOptions& ns, int column) const {
    const auto name = QString::fromStdString(ns.name);
    switch (column) {
        case Name: return name;
        case Subscribe: return subscribeWord(ns.options);
        case Presence: return ns.options.presence ? u"yes"_s : kDash;
        case History: return historyWord(ns.options);
        case Recovery: return ns.options.forceRecovery || ns.options.allowRecovery ? u"yes"_s : kDash;
        // The product's own convention: rooms and matches carry the project's id, so that a name says whose it is.
        case Pattern:
            if (name == u"chat"_s)
                return u"chat:{projectId}:{roomId}"_s;
            if (name == u"match"_s)
                return u"match:{projectId}:{matchId}"_s;
            return name + u":{name}"_s;
        default: return {};
    }
}

QVariant NamespaceTableModel::data(const QModelIndex& index, int role) const {
    if (!project_ || !index.isValid() || index.row() >= rowCount())
        return {};
    const auto& ns = project_->namespaces[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole: return word(ns, index.column());
        // A narrow window cuts the pattern.
        case Qt::ToolTipRole: return index.column() == Pattern ? word(ns, Pattern) : QVariant();
        case Qt::AccessibleTextRole: {
            const auto column = headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString();
            return QStringLiteral("%1: %2 %3").arg(QString::fromStdString(ns.name), column, word(ns, index.column()));
        }
        case FlagRole:
            switch (index.column()) {
                case Subscribe: return !ns.options.allowSubscribeForClient && !ns.options.subscribeProxyEnabled;
                case Presence: return ns.options.presence;
                case Recovery: return ns.options.forceRecovery || ns.options.allowRecovery;
                default: return {};
            }
        default: return {};
    }
}

QVariant NamespaceTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
        case Name: return u"Namespace"_s;
        case Subscribe: return u"Subscribe"_s;
        case Presence: return u"Presence"_s;
        case History: return u"History"_s;
        case Recovery: return u"Recovery"_s;
        case Pattern: return u"Channel pattern"_s;
        default: return {};
    }
}

}  // namespace xshathra::models
