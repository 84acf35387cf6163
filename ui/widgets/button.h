#pragma once

#include "ui/theme/token.h"

#include <QPushButton>

namespace xshathra::ui {

/// A push button in one of the kinds of the window. Takes focus by Tab only; Space and Enter press
/// it. Its icon follows theme, kind and state.
class Button : public QPushButton {
    Q_OBJECT
public:
    /// Inverted is for the dark toast.
    enum class Kind { Standard, Primary, Quiet, Link, Icon, Danger, Inverted };
    enum class Size { Normal, Small, Tiny };

    /// `objectName` is the contract for tests. The accessible name is the text; icon-only buttons take it from
    /// setAccessibleName() and must have a tooltip too.
    Button(const QString& text, const QString& objectName, QWidget* parent = nullptr, Kind kind = Kind::Standard,
           Size size = Size::Normal);

    /// An icon-only button; `name` is both its accessible name and its tooltip.
    static Button* iconOnly(const QString& icon, const QString& name, const QString& objectName,
                            QWidget* parent = nullptr, Size size = Size::Normal);

    /// Changes the kind.
    void setKind(Kind kind);
    Kind kind() const { return kind_; }
    /// Changes the height class.
    void setSize(Size size);
    /// An icon of resources/icons left of the text; empty removes it. Without a token the colour comes from the kind.
    void setIconName(const QString& name);
    void setIconName(const QString& name, Token token);
    /// The text is strong while the button is checked.
    void setStrongWhenChecked(bool on);
    /// A chevron right of the text: the button opens a menu (setMenu still does the opening).
    void setChevron(bool on);

    QSize sizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void applyKind();
    void applyFont();
    void applyIcon();

    Kind kind_;
    Size size_;
    QString iconName_;
    Token iconToken_ = Token::Text2;
    bool ownToken_ = false;
    bool chevron_ = false;
    bool strongWhenChecked_ = false;
};

}  // namespace xshathra::ui
