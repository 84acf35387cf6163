#pragma once

#include <QAbstractButton>
#include <QList>
#include <QWidget>

class QVBoxLayout;

namespace xshathra::ui {

/// One entry of the navigation: icon, name, a counter or a dot.
class NavigationItem final : public QAbstractButton {
    Q_OBJECT
public:
    NavigationItem(const QString& id, const QString& title, const QString& icon, QWidget* parent);

    const QString& id() const { return id_; }
    /// Figure at the right; empty removes it.
    void setCounter(const QString& text);
    /// The red dot: something failed that the person hasn't seen.
    void setUnseen(bool on);
    void setCollapsed(bool on);
    /// The keys that lead here, for the tool tip.
    void setKeys(const QString& keys);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void describe();

    QString id_;
    QString icon_;
    QString counter_;
    QString keys_;
    bool unseen_ = false;
    bool collapsed_ = false;
};

/// The column of views. Exactly one is chosen; Up and Down walk, Enter and Space choose.
class Navigation final : public QWidget {
    Q_OBJECT
public:
    explicit Navigation(QWidget* parent = nullptr);

    /// Adds an entry; a hairline stands between groups, group 9 is at the bottom.
    NavigationItem* addItem(int group, const QString& id, const QString& title, const QString& icon);
    NavigationItem* item(const QString& id) const;
    void setCurrent(const QString& id);
    void setCollapsed(bool on);
    bool collapsed() const { return collapsed_; }

    QSize sizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QVBoxLayout* upper_;
    QVBoxLayout* lower_;
    QList<NavigationItem*> items_;
    int lastGroup_ = -1;
    bool collapsed_ = false;
};

}  // namespace xshathra::ui
