#pragma once

#include "server/base/result.h"
#include "server/runtime/control_protocol.h"

#include <QJsonObject>
#include <QLocalSocket>
#include <QObject>
#include <QString>

#include <functional>
#include <map>

namespace xshathra::runtime {

/// Sends commands to the instance that holds a data folder. Use it on one thread with an event loop.
class ControlClient final : public QObject {
    Q_OBJECT

public:
    explicit ControlClient(QObject* parent = nullptr);
    /// Calls under way are dropped without an answer.
    ~ControlClient() override;

    /// True when an instance answers on that folder. Waits at most `limitMs`.
    bool connectTo(const QString& dataFolder, int limitMs = 500);
    bool isConnected() const { return socket_.state() == QLocalSocket::ConnectedState; }

    using Done = std::function<void(Result<QJsonObject>)>;
    using Event = std::function<void(const QJsonObject&)>;
    /// `done` comes exactly once, also when the connection is lost (`unreachable`); `event` any number of times before
    /// it.
    void call(const QString& method, const QJsonObject& params, Done done, Event event = {});

    /// call() without events, waiting for the answer at most `limitMs` (0: for ever) in an event loop of its own.
    Result<QJsonObject> callAndWait(const QString& method, const QJsonObject& params, int limitMs = 10'000);

private:
    struct Pending {
        Done done;
        Event event;
    };

    void read();
    void lost();

    QLocalSocket socket_;
    QByteArray buffer_;
    std::map<qint64, Pending> pending_;
    qint64 lastId_ = 0;
};

}  // namespace xshathra::runtime
