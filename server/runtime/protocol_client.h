#pragma once

#include "server/protocol/codes.h"
#include "server/protocol/messages.h"

#include <QObject>
#include <QString>
#include <QUrl>
#include <QWebSocket>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace xshathra::runtime {

/// A small client of the Centrifuge protocol over a real WebSocket, JSON: for the built-in client and `xshathra tail`.
/// One connection; it doesn't reconnect. Use it on one thread with an event loop. All callbacks are optional; set them
/// before open().
class ProtocolClient final : public QObject {
    Q_OBJECT

public:
    explicit ProtocolClient(QObject* parent = nullptr);
    ~ProtocolClient() override;

    std::function<void(const protocol::ConnectResult&)> onConnected;
    std::function<void(const std::string& channel, const protocol::SubscribeResult&)> onSubscribed;
    std::function<void(const protocol::RefreshResult&)> onRefreshed;
    std::function<void(const std::string& channel, const protocol::SubRefreshResult&)> onSubscriptionRefreshed;
    /// The server refused the connection or its refresh (empty channel), or a subscription or its refresh.
    std::function<void(const std::string& channel, const protocol::ClientError&)> onRefused;
    std::function<void(const std::string& channel, const protocol::Publication&)> onPublication;
    /// Any other push with a channel.
    std::function<void(const protocol::Push&)> onPush;
    /// The connection has ended or could not be made; nothing follows. Code 0: it was never open, `reason` says why.
    std::function<void(std::uint32_t code, const QString& reason)> onClosed;

    /// `name` is what the console shows as the client's SDK.
    void open(const QUrl& url, const std::string& token, const std::string& name);
    /// Once connected.
    void subscribe(const std::string& channel, const std::string& token = {});
    /// With a token of the same user that lives longer, while the connection, or the subscription, expires.
    void refresh(const std::string& token);
    void refreshSubscription(const std::string& channel, const std::string& token);
    /// Ends quietly: no callback follows.
    void close();

private:
    void received(const QString& text);
    void handle(const protocol::Reply& reply);
    /// `channel`: for the callbacks of the reply.
    void send(protocol::Command::Request request, const std::string& channel = {});
    void closed(std::uint32_t code, const QString& reason);

    QWebSocket socket_;
    std::string token_;
    std::string name_;
    std::uint32_t lastId_ = 0;
    /// Channel of each command about one that waits for its reply.
    std::map<std::uint32_t, std::string> channels_;
    bool pongs_ = false;
    bool opened_ = false;
    bool ended_ = false;
};

}  // namespace xshathra::runtime
