// The server that most would write first with Qt: one thread, QWebSocketServer, QJsonDocument, one sendTextMessage for
// each subscriber. It speaks just enough of the protocol to be measured beside the real one.

#include <QCoreApplication>
#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTextStream>
#include <QUuid>
#include <QWebSocket>
#include <QWebSocketServer>

namespace {

class NaiveServer : public QObject {
public:
    NaiveServer() : server_(QStringLiteral("naive"), QWebSocketServer::NonSecureMode) {
        server_.setMaxPendingConnections(10000);
        connect(&server_, &QWebSocketServer::newConnection, this, [this] {
            while (QWebSocket* socket = server_.nextPendingConnection())
                accept(socket);
        });
    }

    bool listen() { return server_.listen(QHostAddress::LocalHost); }
    quint16 port() const { return server_.serverPort(); }

private:
    void accept(QWebSocket* socket) {
        connect(socket, &QWebSocket::textMessageReceived, this, [this, socket](const QString& message) {
            const auto lines = message.split(QLatin1Char('\n'));
            for (const auto& line : lines)
                handle(socket, QJsonDocument::fromJson(line.toUtf8()).object());
        });
        connect(socket, &QWebSocket::disconnected, this, [this, socket] {
            for (auto& subscribers : channels_)
                subscribers.remove(socket);
            socket->deleteLater();
        });
    }

    static void send(QWebSocket* socket, const QJsonObject& object) {
        socket->sendTextMessage(QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)));
    }

    void handle(QWebSocket* socket, const QJsonObject& command) {
        const QString id = QStringLiteral("id");
        if (command.contains(QLatin1String("connect"))) {
            const QJsonObject result{{QStringLiteral("client"), QUuid::createUuid().toString(QUuid::WithoutBraces)},
                                     {QStringLiteral("version"), QStringLiteral("naive")}};
            send(socket, {{id, command.value(id)}, {QStringLiteral("connect"), result}});
        } else if (command.contains(QLatin1String("subscribe"))) {
            const auto channel =
                command.value(QLatin1String("subscribe")).toObject().value(QLatin1String("channel")).toString();
            channels_[channel].insert(socket);
            send(socket, {{id, command.value(id)}, {QStringLiteral("subscribe"), QJsonObject()}});
        } else if (command.contains(QLatin1String("publish"))) {
            const auto request = command.value(QLatin1String("publish")).toObject();
            const auto channel = request.value(QLatin1String("channel")).toString();
            const QJsonObject publication{{QStringLiteral("data"), request.value(QLatin1String("data"))}};
            const QJsonObject push{{QStringLiteral("channel"), channel}, {QStringLiteral("pub"), publication}};
            for (QWebSocket* subscriber : std::as_const(channels_[channel]))
                send(subscriber, {{QStringLiteral("push"), push}});
            send(socket, {{id, command.value(id)}, {QStringLiteral("publish"), QJsonObject()}});
        }
    }

    QWebSocketServer server_;
    QHash<QString, QSet<QWebSocket*>> channels_;
};

}  // namespace

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    NaiveServer server;
    if (!server.listen())
        return 1;
    QTextStream(stdout) << server.port() << Qt::endl;
    return QCoreApplication::exec();
}
