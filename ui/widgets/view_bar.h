#pragma once

#include <QWidget>

class QHBoxLayout;

namespace xshathra::ui {

class Label;

/// The bar above a view: title at 16 px, then controls. Same height and place in every view, a hairline below.
class ViewBar : public QWidget {
    Q_OBJECT
public:
    explicit ViewBar(const QString& title, QWidget* parent = nullptr);

    /// Where controls go, right of the title. Add a stretch for right alignment.
    QHBoxLayout* row() const { return row_; }
    void setTitle(const QString& title);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Label* title_;
    QHBoxLayout* row_;
};

}  // namespace xshathra::ui
