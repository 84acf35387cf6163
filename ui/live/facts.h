#pragma once

#include <QList>
#include <QString>
#include <QWidget>

class QGridLayout;

namespace xshathra::ui {

/// One line of facts: our word for it, and its value.
struct Fact {
    QString label;
    QString value;
    /// Measured or from the wire: drawn in monospace.
    bool wire = true;
};

/// Labels and values in two columns, all of it selectable plain text.
class Facts final : public QWidget {
    Q_OBJECT

public:
    explicit Facts(QWidget* parent = nullptr);

    /// Replaces all lines; those with an empty value are left out.
    void setFacts(const QList<Fact>& facts);

private:
    QGridLayout* grid_;
};

}  // namespace xshathra::ui
