#pragma once

#include "ui/theme/token.h"
#include "ui/theme/type.h"

#include <QLabel>

namespace xshathra::ui {

/// A plain text label in a type style and a token's colour; follows theme and font changes. Never interprets rich text.
/// With setElide() or setShrinkable() a single line that doesn't fit is shortened, and hovering shows the whole text.
class Label : public QLabel {
    Q_OBJECT
public:
    explicit Label(const QString& text = {}, TextStyle style = TextStyle::Body, Token color = Token::Text,
                   QWidget* parent = nullptr);

    /// Changes the colour.
    void setColor(Token color);
    /// Changes the type style.
    void setTextStyle(TextStyle style);
    /// Elides instead of asking for the whole text's width. Qt::ElideNone switches it off.
    void setElide(Qt::TextElideMode mode);
    /// Asks for the whole text's width, takes no more, and elides where there is less.
    void setShrinkable(Qt::TextElideMode mode = Qt::ElideRight);

    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void applyLook();
    bool cut() const;

    TextStyle style_;
    Token color_;
    Qt::TextElideMode elide_ = Qt::ElideNone;
    bool applying_ = false;
};

}  // namespace xshathra::ui
