#pragma once

#include <QSplitter>

namespace xshathra::ui {

class Inspector;

/// Where the inspector is, to be kept between starts.
struct InspectorPlace {
    /// At the right side of the list instead of below it.
    bool right = false;
    /// In pixels, below the list and at its right side, as a person has dragged them; 0 is the usual size.
    int height = 0;
    int width = 0;
};

/// The list of the Live view and, below it or at its right side, the inspector, which starts hidden. Each side has a
/// size of its own.
class InspectorSplitter final : public QSplitter {
    Q_OBJECT

public:
    /// Takes both.
    InspectorSplitter(QWidget* list, Inspector* inspector, QWidget* parent = nullptr);

    const InspectorPlace& place() const { return place_; }
    /// A size that would leave the list no room is cut when the inspector is shown.
    void setPlace(const InspectorPlace& place);
    /// Gives the inspector its size, the first time it is shown at its side.
    void settle();

private:
    Inspector* inspector_;
    InspectorPlace place_;
    bool settled_ = false;
};

}  // namespace xshathra::ui
