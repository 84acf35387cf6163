#include "ui/live/inspector_splitter.h"

#include "ui/live/inspector.h"
#include "ui/theme/type.h"

#include <algorithm>

namespace xshathra::ui {

namespace {

/// Of the inspector below the list and at its right side, and of the list beside it, at a 10 point font.
constexpr int kInspectorHeight = 330;
constexpr int kInspectorWidth = 420;
constexpr int kLeastList = 140;

}  // namespace

InspectorSplitter::InspectorSplitter(QWidget* list, Inspector* inspector, QWidget* parent)
    : QSplitter(Qt::Vertical, parent), inspector_(inspector) {
    setObjectName(QStringLiteral("liveSplitter"));
    setChildrenCollapsible(false);
    addWidget(list);
    addWidget(inspector);
    setStretchFactor(0, 1);
    setStretchFactor(1, 0);
    inspector->hide();
    connect(this, &QSplitter::splitterMoved, this,
            [this] { (place_.right ? place_.width : place_.height) = sizes().at(1); });
    connect(inspector, &Inspector::dockSideRequested, this, [this] {
        auto place = place_;
        place.right = !place.right;
        setPlace(place);
    });
}

void InspectorSplitter::setPlace(const InspectorPlace& place) {
    place_ = place;
    setOrientation(place.right ? Qt::Horizontal : Qt::Vertical);
    inspector_->setStacked(place.right);
    settled_ = false;
    settle();
}

void InspectorSplitter::settle() {
    if (settled_ || inspector_->isHidden()) {
        return;
    }
    settled_ = true;
    const int room = (place_.right ? width() : height()) - handleWidth();
    const int usual = std::min(scaledHeight(place_.right ? kInspectorWidth : kInspectorHeight), room / 2);
    const int chosen = place_.right ? place_.width : place_.height;
    const int size = chosen > 0 ? std::min(chosen, std::max(room - scaledHeight(kLeastList), room / 2)) : usual;
    setSizes({room - size, size});
}

}  // namespace xshathra::ui
