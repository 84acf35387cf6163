#pragma once

#include "ui/models/decision_model.h"

#include <QWidget>

class QScrollArea;
class QVBoxLayout;

namespace xshathra::ui {

class PaneHeading;

/// The checks of a decision in the order they were made, the failed one with found, expected and what to do.
class DecisionPane final : public QWidget {
    Q_OBJECT

public:
    explicit DecisionPane(QWidget* parent = nullptr);

    void setDecision(std::shared_ptr<const capture::Decision> decision);
    models::DecisionModel& checks() { return model_; }

private:
    models::DecisionModel model_;
    PaneHeading* heading_;
    QVBoxLayout* rows_;
};

}  // namespace xshathra::ui
