#pragma once

#include "server/base/result.h"
#include "server/centrifugo/format.h"

#include <QByteArray>
#include <QJsonObject>
#include <QString>

#include <functional>
#include <optional>
#include <utility>

namespace xshathra::runtime {

/// Where the instance that holds `dataFolder` listens for commands of this user: `control.sock` in the folder, or,
/// where that path is longer than a local socket's address may be, a name made from the folder's path in the user's
/// runtime folder.
QString controlSocketPath(const QString& dataFolder);

/// What a slow asker is sent in place of events.
QJsonObject missedEvents(qint64 count);

/// Decides which events are kept for an asker that reads more slowly than they come.
class EventGate {
public:
    /// Bytes that may wait for one asker, the next event's own included.
    static constexpr qint64 kMaxWaitingBytes = qint64{4} << 20;

    explicit EventGate(qint64 limit = kMaxWaitingBytes) : limit_(limit) {}

    bool fits(qint64 waiting, qint64 bytes) const { return waiting + bytes <= limit_; }
    void miss() { ++missed_; }
    /// Events that were left out since it was asked last.
    qint64 takeMissed() { return std::exchange(missed_, 0); }

private:
    qint64 limit_;
    qint64 missed_ = 0;
};

/// Longest line of a request, without its line break: a configuration, of which JSON escapes each character at most
/// once since it is JSON itself, and what goes with it.
inline constexpr qsizetype kControlLineLimit = 2 * qsizetype{centrifugo::kMaxFileBytes} + 64 * 1024;

/// One message of the control socket: a JSON object on a line. Requests: `{"id", "method", "params"}`. Answers: any
/// number of
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

/// Where an operation puts its answer. Use it on the runtime's thread. Answers after the first final one, and after the
/// asker has gone, are ignored.
class Answer {
public:
    virtual ~Answer() = default;

    /// An asker that reads slowly misses events: in their place it gets `{"missed": N}`.
    virtual void event(const QJsonObject& event) = 0;
    virtual void succeed(const QJsonObject& result) = 0;
    virtual void fail(const Error& error) = 0;
    /// Called once when the asker goes before the final answer; for operations that go on until then.
    virtual void whenGone(std::function<void()> call) = 0;
};

}  // namespace xshathra::runtime
