#pragma once

#include "ui/overview/server_status.h"

#include <QTableView>

namespace xshathra::ui {

class ProblemsModel;

/// The list of recent problems: *Explain* on every row, *Show in Live* on the hovered and on the current one. Enter
/// explains. As high as its rows.
class ProblemsView final : public QTableView {
    Q_OBJECT
public:
    explicit ProblemsView(ProblemsModel& model, QWidget* parent = nullptr);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }
    /// The row under the pointer, -1 for none.
    int hoveredRow() const { return hovered_; }
    /// Which link a position is on.
    enum class Link { None, Explain, Show };
    /// Where a link of `row` is drawn, in viewport coordinates.
    QRect linkRect(int row, Link link) const;

Q_SIGNALS:
    void explainRequested(const xshathra::ui::Problem& problem);
    void showRequested(const xshathra::ui::Problem& problem);

protected:
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    Link linkAt(const QPoint& position) const;
    void fitColumns();

    ProblemsModel& model_;
    int hovered_ = -1;
};

}  // namespace xshathra::ui
