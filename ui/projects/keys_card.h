#pragma once

#include "server/auth/api_key.h"
#include "server/services/config.h"
#include "ui/widgets/card.h"

#include <QTimer>

#include <functional>

class QGridLayout;

namespace xshathra {
class Clock;
}

namespace xshathra::services {
class ProjectService;
}

namespace xshathra::ui {

class Button;
class CopyButton;
class Label;
class SecretRow;

/// A project's id and its two keys: reveal, copy, rotate, and while a rotated key is still valid its countdown with
/// *End now*.
class KeysCard final : public Card {
    Q_OBJECT
public:
    /// Both must outlive the card.
    KeysCard(services::ProjectService& projects, const Clock& clock, QWidget* parent = nullptr);

    void setProject(services::ProjectPtr project);

Q_SIGNALS:
    /// Something worth saying: "The server key was rotated."
    void notice(const QString& text);
    void failed(const QString& message);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    struct Row {
        auth::KeyKind kind;
        QString word;
        SecretRow* secret = nullptr;
        QWidget* grace = nullptr;
        Label* graceText = nullptr;
    };

    Row addKeyRow(QGridLayout* grid, int line, auth::KeyKind kind, const QString& word, const QString& objectName);
    void withKey(const Row& row, const std::function<void(const QString&)>& use);
    void rotate(auth::KeyKind kind, Seconds grace);
    void endGrace(auth::KeyKind kind);
    void showGrace();

    services::ProjectService& service_;
    const Clock& clock_;
    services::ProjectPtr project_;
    Label* id_;
    CopyButton* copyId_;
    Row server_;
    Row client_;
    QTimer countdown_;
};

}  // namespace xshathra::ui
