#pragma once

#include "server/base/result.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

#include <functional>
#include <optional>

namespace xshathra::runtime {

/// Where the instance that holds `dataFolder` listens for commands of this user: `control.sock` in the folder, or, where that path is
/// longer than a local socket's address may be, a name made from the folder's path in the user's runtime folder.
QString controlSocketPath(const QString& dataFolder);

/// Longest line of either side, without its line break.
inline constexpr qsizetype kControlLineLimit = 2 * 1024 * 1024;

/// One message of the control socket: a JSON object on a line. Requests: `{"id", "method", "params"}`. Answers: any number of
/// `{"id", "event"}`, then one `{"id", "result"}` or `{"id", "error": {"code", "message", "field"}}`.
struct ControlMessage {
    qint64 id = 0;
    QString method;
    QJsonObject params;
    std::optional<QJsonObject> event;
    std::optional<QJsonObject> result;
    std::optional<Error> error;
};

/// With the line break at the end.
QByteArray encodeControlMessage(const ControlMessage& message);
/// `line` without its line break. An error says what is wrong with it.
Result<ControlMessage> decodeControlMessage(const QByteArray& line);

/// Where an operation puts its answer. Use it on the runtime's thread. Answers after the first final one, and after the asker has gone, are
/// ignored.
class Answer {
public:
    virtual ~Answer() = default;

    virtual void event(const QJsonObject& event) = 0;
    virtual void succeed(const QJsonObject& result) = 0;
    virtual void fail(const Error& error) = 0;
    /// Called once when the asker goes before the final answer; for operations that go on until then.
    virtual void whenGone(std::function<void()> call) = 0;
};

}  // namespace xshathra::runtime
