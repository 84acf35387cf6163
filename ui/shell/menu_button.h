#pragma once

#include <QAbstractButton>

class QMenu;

namespace xshathra::ui {

/// A button of the tool bar that paints itself: hover, press and focus ring, and a menu under it if it has one.
class MenuButton : public QAbstractButton {
    Q_OBJECT
public:
    MenuButton(const QString& objectName, int width, QWidget* parent = nullptr);

    /// Opened by click, Space, Enter and Down. Not owned.
    void setMenu(QMenu* menu);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    /// Draws fill, border and focus ring; subclasses add the content.
    void paintFrame(QPainter& painter, qreal radius, bool alarmed = false);
    /// The chevron at the right edge.
    void paintChevron(QPainter& painter);
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void openMenu();

    QMenu* menu_ = nullptr;
    int width_;
};

}  // namespace xshathra::ui
