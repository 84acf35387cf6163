#pragma once

#include <QTabBar>

namespace xshathra::ui {

/// The tabs of a pane: 36 high, underlined when current, a counter as two spaces and the number, disabled when they
/// don't apply. Width is reserved for the bold text, so that nothing moves.
class TabBar : public QTabBar {
    Q_OBJECT
public:
    TabBar(const QString& objectName, const QString& accessibleName, QWidget* parent = nullptr);

    /// Sets the number after a tab's text; negative removes it.
    void setCounter(int index, int count);

protected:
    QSize tabSizeHint(int index) const override;
    void paintEvent(QPaintEvent* event) override;
    void tabInserted(int index) override;

private:
    QStringList texts_;
};

}  // namespace xshathra::ui
