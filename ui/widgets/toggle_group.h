#pragma once

#include <QStringList>
#include <QWidget>

class QButtonGroup;

namespace xshathra::ui {

/// Joined small buttons of which exactly one is on (Hide | Dim). Left and Right move, nothing moves in width when the
/// choice changes.
class ToggleGroup : public QWidget {
    Q_OBJECT
public:
    /// Buttons get the object names `objectName` + "." + index.
    ToggleGroup(const QStringList& items, const QString& objectName, const QString& accessibleName,
                QWidget* parent = nullptr);

    int currentIndex() const;
    /// Chooses without emitting if it is already chosen.
    void setCurrentIndex(int index);

Q_SIGNALS:
    void currentIndexChanged(int index);

private:
    QButtonGroup* group_;
};

}  // namespace xshathra::ui
