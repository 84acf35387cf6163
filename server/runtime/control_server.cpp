#include "server/runtime/control_server.h"

#include <QFile>
#include <QLocalSocket>
#include <QPointer>

#include <map>
#include <utility>

namespace xshathra::runtime {

/// One asker. Deletes itself when the asker has gone.
class ControlServer::Connection final : public QObject {
public:
    Connection(QLocalSocket* socket, const Handler& handler, QObject* parent)
        : QObject(parent), socket_(socket), handler_(handler) {
        socket->setParent(this);
        connect(socket, &QLocalSocket::readyRead, this, [this] { read(); });
        connect(socket, &QLocalSocket::disconnected, this, &QObject::deleteLater);
        connect(socket, &QLocalSocket::bytesWritten, this, [this] {
            if (socket_->bytesToWrite() == 0)
                tellMissed();
        });
        read();
        if (socket->state() == QLocalSocket::UnconnectedState)
            deleteLater();
    }
    ~Connection() override {
        for (const auto& call : std::exchange(goneCalls_, {}))
            call();
    }

    void write(const ControlMessage& message) {
        if (socket_->state() == QLocalSocket::ConnectedState)
            socket_->write(encodeControlMessage(message));
    }
    void writeEvent(qint64 id, const QJsonObject& event) {
        if (socket_->state() != QLocalSocket::ConnectedState)
            return;
        ControlMessage message;
        message.id = id;
        message.event = event;
        const auto line = encodeControlMessage(message);
        auto& gate = gates_[id];
        // Many events come in one turn of the event loop, which alone would hand them to the system.
        if (!gate.fits(socket_->bytesToWrite(), line.size()))
            socket_->flush();
        if (!gate.fits(socket_->bytesToWrite(), line.size())) {
            gate.miss();
            return;
        }
        tellMissed(id, gate);
        socket_->write(line);
    }
    /// The last message of a call.
    void writeFinal(const ControlMessage& message) {
        if (const auto gate = gates_.find(message.id); gate != gates_.end()) {
            tellMissed(message.id, gate->second);
            gates_.erase(gate);
        }
        write(message);
    }
    void whenGone(std::function<void()> call) { goneCalls_.push_back(std::move(call)); }

private:
    void tellMissed() {
        for (auto& [id, gate] : gates_)
            tellMissed(id, gate);
    }
    void tellMissed(qint64 id, EventGate& gate) {
        const auto missed = gate.takeMissed();
        if (missed == 0)
            return;
        ControlMessage message;
        message.id = id;
        message.event = missedEvents(missed);
        write(message);
    }

    class RemoteAnswer final : public Answer {
    public:
        RemoteAnswer(Connection* connection, qint64 id) : connection_(connection), id_(id) {}
        ~RemoteAnswer() override {
            if (!done_)
                RemoteAnswer::fail({"internal", "The command ended without an answer.", {}});
        }

        void event(const QJsonObject& event) override {
            if (!done_ && connection_)
                connection_->writeEvent(id_, event);
        }
        void succeed(const QJsonObject& result) override {
            if (!std::exchange(done_, true))
                write([&](ControlMessage& message) { message.result = result; });
        }
        void fail(const Error& error) override {
            if (!std::exchange(done_, true))
                write([&](ControlMessage& message) { message.error = error; });
        }
        void whenGone(std::function<void()> call) override {
            if (connection_)
                connection_->whenGone(std::move(call));
        }

    private:
        template <typename Fill>
        void write(Fill fill) {
            if (!connection_)
                return;
            ControlMessage message;
            message.id = id_;
            fill(message);
            connection_->writeFinal(message);
        }

        QPointer<Connection> connection_;
        const qint64 id_;
        bool done_ = false;
    };

    void read() {
        buffer_ += socket_->readAll();
        qsizetype end = 0;
        while ((end = buffer_.indexOf('\n')) >= 0) {
            const auto line = buffer_.left(end);
            buffer_.remove(0, end + 1);
            serve(line);
        }
        if (buffer_.size() > kControlLineLimit)
            refuse(0,
                   {"too_large", "A control message has at most " + std::to_string(kControlLineLimit) + " bytes.", {}});
    }

    void serve(const QByteArray& line) {
        auto message = decodeControlMessage(line);
        if (!message) {
            refuse(0, message.error());
            return;
        }
        handler_(message->method, message->params, std::make_shared<RemoteAnswer>(this, message->id));
    }

    void refuse(qint64 id, const Error& error) {
        ControlMessage message;
        message.id = id;
        message.error = error;
        write(message);
        buffer_.clear();
        socket_->disconnectFromServer();
    }

    QLocalSocket* socket_;
    const Handler& handler_;
    QByteArray buffer_;
    /// Of calls that have sent events.
    std::map<qint64, EventGate> gates_;
    std::vector<std::function<void()>> goneCalls_;
};

ControlServer::ControlServer(Handler handler, QObject* parent) : QObject(parent), handler_(std::move(handler)) {
    server_.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&server_, &QLocalServer::newConnection, this, &ControlServer::accept);
}

ControlServer::~ControlServer() { close(); }

Result<void> ControlServer::listen(const QString& dataFolder) {
    const auto path = controlSocketPath(dataFolder);
    QLocalServer::removeServer(path);
    if (!server_.listen(path))
        return xshathra::fail("control_socket", "The control socket " + path.toStdString() + " could not be opened (" +
                                                    server_.errorString().toStdString() +
                                                    "): other commands can't reach this server.");
    return {};
}

void ControlServer::close() {
    server_.close();
    const auto connections = findChildren<QLocalSocket*>();
    for (auto* socket : connections)
        socket->flush();
}

void ControlServer::accept() {
    while (auto* socket = server_.nextPendingConnection()) {
        if (connections_ >= kMaxConnections) {
            socket->abort();
            socket->deleteLater();
            continue;
        }
        ++connections_;
        auto* connection = new Connection(socket, handler_, this);
        connect(connection, &QObject::destroyed, this, [this] { --connections_; });
    }
}

}  // namespace xshathra::runtime
