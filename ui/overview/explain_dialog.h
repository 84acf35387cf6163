#pragma once

#include "ui/overview/server_status.h"

#include <QDialog>

namespace xshathra::ui {

/// Why something was refused: the checks in the order of evaluation with found and expected, and what to do next.
class ExplainDialog final : public QDialog {
    Q_OBJECT
public:
    ExplainDialog(const Problem& problem, QWidget* parent);

Q_SIGNALS:
    /// The person wants to see the event in the list.
    void showRequested(const xshathra::ui::Problem& problem);
};

}  // namespace xshathra::ui
