#pragma once

#include "ui/theme/token.h"

#include <QWidget>

namespace xshathra::ui {

/// A themed icon that isn't a control. Give it an accessible name if it tells something that no text beside it says.
class IconLabel : public QWidget {
    Q_OBJECT
public:
    explicit IconLabel(const QString& name, Token token = Token::Text2, int size = 16, QWidget* parent = nullptr);

    void setIcon(const QString& name, Token token);
    QSize sizeHint() const override { return {size_, size_}; }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString name_;
    Token token_;
    int size_;
};

}  // namespace xshathra::ui
