#pragma once

#include "server/base/result.h"
#include "server/runtime/control_protocol.h"

#include <QJsonObject>
#include <QLocalServer>
#include <QObject>
#include <QString>

#include <functional>
#include <memory>

class QLocalSocket;

namespace xshathra::runtime {

/// Takes commands of this user's other programs (the command line, a second start of the window) for the instance that
/// holds the data folder. The socket is readable and writable by the user alone. docs/adr/0002-local-control.md has the
/// protocol.
class ControlServer final : public QObject {
    Q_OBJECT

public:
    /// Askers at the same time; more are turned away.
    static constexpr int kMaxConnections = 64;

    /// Carries out `method` and answers, now or later, on this thread.
    using Handler =
        std::function<void(const QString& method, const QJsonObject& params, const std::shared_ptr<Answer>& answer)>;

    explicit ControlServer(Handler handler, QObject* parent = nullptr);
    ~ControlServer() override;

    /// Listens at controlSocketPath(dataFolder). Call it only while holding the data folder: a socket that is there is
    /// then a dead one and is replaced.
    Result<void> listen(const QString& dataFolder);
    void close();
    QString path() const { return server_.fullServerName(); }

private:
    class Connection;

    void accept();

    Handler handler_;
    QLocalServer server_;
    int connections_ = 0;
};

}  // namespace xshathra::runtime
