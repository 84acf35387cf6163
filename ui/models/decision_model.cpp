#include "ui/models/decision_model.h"

#include "ui/models/display_text.h"

#include <QStringList>

#include <array>
#include <utility>

namespace xshathra::models {

namespace {

constexpr qsizetype kMaxChars = 512;

}  // namespace

void DecisionModel::setDecision(std::shared_ptr<const capture::Decision> decision) {
    beginResetModel();
    decision_ = std::move(decision);
    endResetModel();
}

QString DecisionModel::tally() const {
    if (!decision_) {
        return {};
    }
    std::array<int, 3> counts{};
    for (const capture::Check& check : decision_->checks) {
        ++counts[static_cast<std::size_t>(check.outcome)];
    }
    QStringList parts;
    if (counts[0] > 0) {
        parts << tr("%1 passed").arg(counts[0]);
    }
    if (counts[1] > 0) {
        parts << tr("%1 failed").arg(counts[1]);
    }
    if (counts[2] > 0) {
        parts << tr("%1 not reached").arg(counts[2]);
    }
    QString text = parts.join(QStringLiteral(", "));
    if (decision_->took.count() > 0) {
        text += QStringLiteral("   %1 ms").arg(static_cast<double>(decision_->took.count()) / 1e6, 0, 'f', 2);
    }
    return text;
}

QString DecisionModel::summary() const { return decision_ ? displayText(decision_->summary, kMaxChars) : QString(); }

int DecisionModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !decision_ ? 0 : static_cast<int>(decision_->checks.size());
}

QVariant DecisionModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    const capture::Check& check = decision_->checks[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole: return displayText(check.name, kMaxChars);
        case OutcomeRole: return static_cast<int>(check.outcome);
        case FoundRole: return displayText(check.found, kMaxChars);
        case ExpectedRole: return displayText(check.expected, kMaxChars);
        case AdviceRole: return displayText(check.advice, kMaxChars);
        case Qt::AccessibleTextRole:
            return QStringLiteral("%1: %2").arg(displayText(check.name, kMaxChars),
                                                QString::fromLatin1(capture::name(check.outcome)));
        default: return {};
    }
}

}  // namespace xshathra::models
