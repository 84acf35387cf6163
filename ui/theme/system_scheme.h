#pragma once

#include <QObject>
#include <QPalette>

namespace xshathra::ui {

/// Whether the desktop wants a dark look: asks Qt (6.5 on), the desktop portal on Linux, or judges by the palette that
/// Qt had before ours. GUI thread; the question to the portal takes 200 ms at most, once.
class SystemScheme final : public QObject {
    Q_OBJECT
public:
    explicit SystemScheme(const QPalette& before);

    /// The desktop's wish as last heard.
    [[nodiscard]] bool dark() const { return dark_; }
    /// The application got this palette from the system.
    void paletteSeen(const QPalette& palette);

Q_SIGNALS:
    void changed();

private:
    void heard(bool dark);

    bool dark_ = false;
    bool told_ = false;
};

}  // namespace xshathra::ui
