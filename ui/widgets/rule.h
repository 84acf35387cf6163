#pragma once

#include <QWidget>

namespace xshathra::ui {

/// A horizontal hairline between the rows of a card or the groups of a list.
class Rule : public QWidget {
    Q_OBJECT
public:
    explicit Rule(QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

}  // namespace xshathra::ui
