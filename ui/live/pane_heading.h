#pragma once

#include <QWidget>

class QHBoxLayout;

namespace xshathra::ui {

class IconLabel;
class Label;

/// The 26 px line above an inspector pane: icon, title, and a figure at the right.
class PaneHeading final : public QWidget {
    Q_OBJECT

public:
    PaneHeading(const QString& icon, const QString& title, QWidget* parent = nullptr);

    void setTitle(const QString& icon, const QString& title);
    void setFigure(const QString& text);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    IconLabel* icon_;
    Label* title_;
    Label* figure_;
};

}  // namespace xshathra::ui
