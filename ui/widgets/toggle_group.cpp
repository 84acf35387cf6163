#include "ui/widgets/toggle_group.h"

#include "ui/theme/type.h"
#include "ui/widgets/button.h"

#include <QButtonGroup>
#include <QFontMetrics>
#include <QHBoxLayout>

namespace xshathra::ui {

ToggleGroup::ToggleGroup(const QStringList& items, const QString& objectName, const QString& accessibleName,
                         QWidget* parent)
    : QWidget(parent), group_(new QButtonGroup(this)) {
    setObjectName(objectName);
    setAccessibleName(accessibleName);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    constexpr int kSides = 22;
    const QFontMetrics strong(ui::font(TextStyle::BodyStrong));
    for (int i = 0; i < items.size(); ++i) {
        auto* button = new Button(items.at(i), QStringLiteral("%1.%2").arg(objectName).arg(i), this,
                                  Button::Kind::Standard, Button::Size::Small);
        button->setCheckable(true);
        button->setAccessibleName(QStringLiteral("%1: %2").arg(accessibleName, items.at(i)));
        button->setProperty("seg", i == 0                  ? QStringLiteral("l")
                                   : i == items.size() - 1 ? QStringLiteral("r")
                                                           : QStringLiteral("m"));
        button->setMinimumWidth(strong.horizontalAdvance(items.at(i)) + kSides);
        button->setStrongWhenChecked(true);
        group_->addButton(button, i);
        row->addWidget(button);
    }
    if (auto* first = group_->button(0))
        first->setChecked(true);
    connect(group_, &QButtonGroup::idToggled, this, [this](int id, bool on) {
        if (on)
            Q_EMIT currentIndexChanged(id);
    });
}

int ToggleGroup::currentIndex() const { return group_->checkedId(); }

void ToggleGroup::setCurrentIndex(int index) {
    if (auto* button = group_->button(index))
        button->setChecked(true);
}

}  // namespace xshathra::ui
