#pragma once

#include "ui/overview/server_status.h"

#include <QWidget>

class QHBoxLayout;

namespace xshathra::ui {

class Label;

/// The three steps of the test message in a line, each with its outcome and its time; below, why one failed.
class TrailSteps final : public QWidget {
    Q_OBJECT
public:
    explicit TrailSteps(QWidget* parent = nullptr);
    void setSteps(const QList<TrailStepView>& steps);

private:
    QHBoxLayout* row_;
    Label* failure_;
};

}  // namespace xshathra::ui
