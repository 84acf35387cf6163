#pragma once

#include "ui/widgets/badge.h"

#include <QWidget>

class QHBoxLayout;

namespace xshathra::ui {

class Button;
class Label;
class IconLabel;

/// A full-width line under a view bar: one sentence and up to two small buttons. Hidden until show is called.
class Banner : public QWidget {
    Q_OBJECT
public:
    explicit Banner(const QString& objectName, QWidget* parent = nullptr);

    /// Shows the banner. Tone is Warn or Err. Announced as an alert if the text is new.
    void present(Tone tone, const QString& strong, const QString& facts);
    /// Adds a small button; the caller connects it.
    Button* addAction(const QString& text, const QString& objectName);
    /// Whether the person can close it. On by default.
    void setClosable(bool on);

Q_SIGNALS:
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    IconLabel* icon_;
    Label* strong_;
    Label* facts_;
    QHBoxLayout* actions_;
    Button* close_;
    Tone tone_ = Tone::Warn;
};

}  // namespace xshathra::ui
