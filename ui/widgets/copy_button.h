#pragma once

#include "ui/widgets/button.h"

#include <functional>

namespace xshathra::ui {

/// Puts a text on the clipboard. A secret is taken off again after 60 s if the clipboard still holds it.
void copyToClipboard(const QString& text, bool secret = false);

/// A Copy button: the icon becomes a check for 1.2 s after copying.
class CopyButton : public Button {
    Q_OBJECT
public:
    /// `what` completes "Copy ..." for screen readers and the tooltip.
    CopyButton(const QString& what, const QString& objectName, QWidget* parent = nullptr, Kind kind = Kind::Standard,
               Size size = Size::Small);

    /// What to copy, asked at the click.
    void setSource(std::function<QString()> source);
    /// A fixed text to copy.
    void setTextToCopy(const QString& text);
    /// The text is a secret: see copyToClipboard().
    void setSecret(bool on) { secret_ = on; }
    /// Shows the copied state; for a source that copies later by itself.
    void showCopied();

Q_SIGNALS:
    /// The text is on the clipboard.
    void copied();

private:
    std::function<QString()> source_;
    bool secret_ = false;
};

}  // namespace xshathra::ui
