#pragma once

#include "server/services/config.h"
#include "ui/projects/snippets.h"
#include "ui/widgets/card.h"

namespace xshathra::services {
class ProjectService;
}

namespace xshathra::ui {

class Button;
class CopyButton;
class Label;
class TabBar;

/// Where the server is reached, for the texts that people paste.
struct SnippetAddresses {
    QString origin;
    QString webSocket;
    QString token;
    QString publish;

    friend bool operator==(const SnippetAddresses&, const SnippetAddresses&) = default;
};

/// What is known of the connection that the page waits for.
struct ConnectionNews {
    enum class Kind { Waiting, Connected, Refused };
    Kind kind = Kind::Waiting;
    /// "centrifuge-js 5.8 connected as u1 from http://localhost:5173", or the reason of the refusal.
    QString text;
    /// When it happened, relative: "4 s ago". Empty while waiting.
    QString when;

    friend bool operator==(const ConnectionNews&, const ConnectionNews&) = default;
};

/// Ready-to-paste texts with the project's keys in place, and below them whether a connection has come. Keys are masked
/// on the screen and whole on the clipboard.
class SnippetsCard final : public Card {
    Q_OBJECT
public:
    /// The service must outlive the card.
    explicit SnippetsCard(services::ProjectService& projects, QWidget* parent = nullptr);

    void setProject(services::ProjectPtr project);
    void setAddresses(const SnippetAddresses& addresses);
    void setNews(const ConnectionNews& news);

Q_SIGNALS:
    void failed(const QString& message);
    /// The person wants to see the traffic of the connection that is told of.
    void trafficRequested();

private:
    void showCurrent();
    void copyCurrent();
    SnippetFacts facts(const QString& serverKey, const QString& clientKey) const;

    services::ProjectService& service_;
    services::ProjectPtr project_;
    SnippetAddresses addresses_;
    TabBar* tabs_;
    CopyButton* copy_;
    CodeView* code_;
    QWidget* warning_;
    StateCard* news_;
    Button* showTraffic_;
};

}  // namespace xshathra::ui
