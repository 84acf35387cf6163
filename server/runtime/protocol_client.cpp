#include "server/runtime/protocol_client.h"

#include "server/protocol/command_encoder.h"
#include "server/protocol/reply_decoder.h"

#include <QNetworkRequest>
#include <QPointer>
#include <QWebSocketHandshakeOptions>

#include <utility>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

namespace {

QString toText(const SharedBytes& bytes) {
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

}  // namespace

ProtocolClient::ProtocolClient(QObject* parent) : QObject(parent) {
    connect(&socket_, &QWebSocket::connected, this, [this] {
        opened_ = true;
        protocol::ConnectRequest request;
        request.token = token_;
        request.name = name_;
        request.version = XSHATHRA_VERSION;
        send(std::move(request));
    });
    connect(&socket_, &QWebSocket::textMessageReceived, this, &ProtocolClient::received);
    connect(&socket_, &QWebSocket::disconnected, this, [this] {
        closed(opened_ ? static_cast<std::uint32_t>(socket_.closeCode()) : 0,
               socket_.closeReason().isEmpty() ? socket_.errorString() : socket_.closeReason());
    });
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const auto errorSignal = &QWebSocket::errorOccurred;
#else
    const auto errorSignal = qOverload<QAbstractSocket::SocketError>(&QWebSocket::error);
#endif
    connect(&socket_, errorSignal, this, [this](QAbstractSocket::SocketError) {
        if (!opened_)
            closed(0, socket_.errorString());
    });
}

ProtocolClient::~ProtocolClient() {
    ended_ = true;
    socket_.disconnect(this);
    socket_.abort();
}

void ProtocolClient::open(const QUrl& url, const std::string& token, const std::string& name) {
    token_ = token;
    name_ = name;
    QWebSocketHandshakeOptions options;
    options.setSubprotocols({u"centrifuge-json"_s});
    socket_.open(QNetworkRequest(url), options);
}

void ProtocolClient::subscribe(const std::string& channel, const std::string& token) {
    protocol::SubscribeRequest request;
    request.channel = channel;
    request.token = token;
    send(std::move(request), channel);
}

void ProtocolClient::refresh(const std::string& token) { send(protocol::RefreshRequest{token}); }

void ProtocolClient::refreshSubscription(const std::string& channel, const std::string& token) {
    protocol::SubRefreshRequest request;
    request.channel = channel;
    request.token = token;
    send(std::move(request), channel);
}

void ProtocolClient::close() {
    ended_ = true;
    socket_.close();
}

void ProtocolClient::send(protocol::Command::Request request, const std::string& channel) {
    protocol::Command command;
    command.id = ++lastId_;
    command.request = std::move(request);
    if (!channel.empty())
        channels_.emplace(command.id, channel);
    socket_.sendTextMessage(toText(protocol::encodeCommand(protocol::Encoding::Json, command)));
}

void ProtocolClient::received(const QString& text) {
    const auto decoded = protocol::decodeReplies(protocol::Encoding::Json, SharedBytes(text.toStdString()));
    // A callback may delete this object.
    const QPointer<ProtocolClient> self(this);
    for (const auto& reply : decoded.replies) {
        if (!self || ended_)
            return;
        handle(reply);
    }
    if (self && decoded.error)
        closed(1002, u"the server sent what is no message: "_s + QString::fromStdString(decoded.error->text));
}

void ProtocolClient::handle(const protocol::Reply& reply) {
    if (const auto* push = std::get_if<protocol::Push>(&reply.result)) {
        if (const auto* publication = std::get_if<protocol::Publication>(&push->message)) {
            if (onPublication)
                onPublication(push->channel, *publication);
        } else if (onPush) {
            onPush(*push);
        }
        return;
    }
    if (reply.id == 0) {
        // A ping. The pong is owed only where the connect result asked for it.
        if (pongs_)
            socket_.sendTextMessage(toText(protocol::encodePong(protocol::Encoding::Json)));
        return;
    }
    const auto waiting = channels_.extract(reply.id);
    const auto channel = waiting ? waiting.mapped() : std::string();
    if (reply.error) {
        if (onRefused)
            onRefused(channel, *reply.error);
    } else if (const auto* connected = std::get_if<protocol::ConnectResult>(&reply.result)) {
        pongs_ = connected->pong;
        if (onConnected)
            onConnected(*connected);
    } else if (const auto* subscribed = std::get_if<protocol::SubscribeResult>(&reply.result)) {
        if (onSubscribed)
            onSubscribed(channel, *subscribed);
    } else if (const auto* refreshed = std::get_if<protocol::RefreshResult>(&reply.result)) {
        if (onRefreshed)
            onRefreshed(*refreshed);
    } else if (const auto* renewed = std::get_if<protocol::SubRefreshResult>(&reply.result)) {
        if (onSubscriptionRefreshed)
            onSubscriptionRefreshed(channel, *renewed);
    }
}

void ProtocolClient::closed(std::uint32_t code, const QString& reason) {
    if (std::exchange(ended_, true))
        return;
    if (onClosed)
        onClosed(code, reason);
}

}  // namespace xshathra::runtime
