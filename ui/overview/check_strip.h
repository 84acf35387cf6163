#pragma once

#include "ui/widgets/badge.h"
#include "ui/widgets/card.h"

#include <QHBoxLayout>
#include <QList>

namespace xshathra::ui {

/// How one thing stands: name and a few facts.
struct Health {
    Tone tone = Tone::Ok;
    QString name;
    QString facts;

    friend bool operator==(const Health&, const Health&) = default;
};

/// The health of the server in one line, evenly spread; what is wrong comes last, beside its remedy.
class CheckStrip final : public Card {
    Q_OBJECT
public:
    explicit CheckStrip(QWidget* parent = nullptr);
    void setChecks(const QList<Health>& checks);

private:
    QHBoxLayout* row_;
    QList<Health> checks_;
};

}  // namespace xshathra::ui
