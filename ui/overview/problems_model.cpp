#include "ui/overview/problems_model.h"

#include "ui/theme/type.h"
#include "ui/widgets/figures.h"

#include <algorithm>
#include <utility>

namespace xshathra::ui {

void ProblemsModel::setProblems(QList<Problem> problems) {
    const auto sameKey = [](const Problem& a, const Problem& b) { return a.key == b.key; };
    if (std::equal(problems.cbegin(), problems.cend(), problems_.cbegin(), problems_.cend(), sameKey)) {
        problems_ = std::move(problems);
        if (!problems_.isEmpty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    Q_EMIT layoutAboutToBeChanged();
    const auto old = persistentIndexList();
    QStringList keys;
    for (const auto& index : old)
        keys.append(problems_.at(index.row()).key);
    problems_ = std::move(problems);
    QModelIndexList moved;
    for (qsizetype i = 0; i < old.size(); ++i) {
        const auto it = std::find_if(problems_.cbegin(), problems_.cend(),
                                     [&](const Problem& problem) { return problem.key == keys.at(i); });
        moved.append(it == problems_.cend() ? QModelIndex()
                                            : index(static_cast<int>(it - problems_.cbegin()), old.at(i).column()));
    }
    changePersistentIndexList(old, moved);
    Q_EMIT layoutChanged();
}

void ProblemsModel::refreshAges() {
    if (!problems_.isEmpty())
        Q_EMIT dataChanged(index(0, Last), index(rowCount() - 1, Last));
}

int ProblemsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(problems_.size());
}

int ProblemsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant ProblemsModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto& problem = problems_.at(index.row());
    const auto age = formatAge(problem.last.secsTo(QDateTime::currentDateTimeUtc()));
    if (role == Qt::AccessibleTextRole) {
        return QStringLiteral("%1 times, %2, %3, %4, %5 ago")
            .arg(problem.times)
            .arg(problem.what, problem.cause, problem.who, age);
    }
    if (role == Qt::ToolTipRole && (index.column() == What || index.column() == Cause))
        return index.column() == What ? problem.what : problem.cause;
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
        case Times: return formatCount(problem.times);
        case What: return problem.what;
        case Cause: return problem.cause;
        case Who: return problem.who.isEmpty() ? QString(QChar(0x2013)) : problem.who;
        case Last: return age;
        default: return {};
    }
}

QVariant ProblemsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        return static_cast<int>(Qt::AlignVCenter |
                                (section == Times || section == Last ? Qt::AlignRight : Qt::AlignLeft));
    }
    // A stylesheet gives the header itself the application's font.
    if (role == Qt::FontRole)
        return ui::font(TextStyle::Header);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
        case Times: return QStringLiteral("Times");
        case What: return QStringLiteral("What failed");
        case Cause: return QStringLiteral("Cause");
        case Who: return QStringLiteral("Who");
        case Last: return QStringLiteral("Last");
        default: return QString();
    }
}

}  // namespace xshathra::ui
