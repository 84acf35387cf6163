#pragma once

#include <QDialog>

namespace xshathra::ui {

/// Help > About: version, license, and what it runs on.
class AboutDialog final : public QDialog {
    Q_OBJECT
public:
    explicit AboutDialog(QWidget* parent);
};

}  // namespace xshathra::ui
