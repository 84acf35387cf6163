#pragma once

#include "server/services/config.h"
#include "ui/models/namespace_table_model.h"
#include "ui/widgets/card.h"

class QTableView;

namespace xshathra::ui {

class Button;

/// How the project treats its channels, a row for each namespace, with the way to change it.
class NamespacesCard final : public Card {
    Q_OBJECT
public:
    explicit NamespacesCard(QWidget* parent = nullptr);

    void setProject(services::ProjectPtr project);

Q_SIGNALS:
    /// The person wants to edit the namespaces, beginning with this one (empty: the first).
    void editRequested(const QString& name);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fitHeight();
    void fitColumns();

    models::NamespaceTableModel* model_;
    QTableView* table_;
};

}  // namespace xshathra::ui
