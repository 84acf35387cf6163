#pragma once

#include "server/base/clock.h"

#include <QByteArray>
#include <QMetaType>
#include <QObject>
#include <QString>

#include <memory>
#include <vector>

namespace xshathra::runtime {

class ServerRuntime;

/// One step of the first message's way: `token`, `connect`, `publish`.
struct TrailStep {
    enum class Outcome { Waiting, Done, Failed };

    /// `token`: minted over REST. `connect`: WebSocket open, connect command and subscription answered. `publish`: from
    /// the REST request to the publication's arrival at the client.
    QString name;
    Outcome outcome = Outcome::Waiting;
    /// Zero while waiting.
    Nanoseconds took{};
    /// One sentence: what happened, or why it failed and what to do. Holds no token and no key.
    QString detail;
};

/// The whole way, always three steps in their order.
struct Trail {
    QString projectId;
    QString channel;
    std::vector<TrailStep> steps;
    /// The publication's data as it arrived at the client; empty before.
    QByteArray received;

    bool done() const;
    bool failed() const;
    Nanoseconds took() const;
};

/// Sends the first test message the way a user's own program would: asks this server's REST API for a token, connects a
/// real WebSocket client with it, subscribes, publishes over REST and waits for the publication. One message at a time.
/// Use it on the runtime's thread.
class BuiltInClient final : public QObject {
    Q_OBJECT

public:
    /// Each step is given up after this time.
    static constexpr Seconds kStepLimit{5};

    explicit BuiltInClient(ServerRuntime& runtime, QObject* parent = nullptr);
    ~BuiltInClient() override;

    /// Starts; a message under way is given up first. `data` is a JSON text. The client stays connected afterwards
    /// until disconnect() or the next call, so that the window shows a live connection.
    void sendTestMessage(const QString& projectId, const QString& channel = QStringLiteral("public:hello"),
                         const QByteArray& data = QByteArrayLiteral("{\"text\":\"Hello from Xshathra Console\"}"));
    void disconnect();

    bool busy() const;
    const Trail& trail() const;

Q_SIGNALS:
    /// A step is done or has failed; trail() is up to date.
    void stepChanged(int index);
    /// All steps are done, or one has failed.
    void finished(const xshathra::runtime::Trail& trail);

private:
    class Run;

    ServerRuntime& runtime_;
    std::unique_ptr<Run> run_;
};

}  // namespace xshathra::runtime

Q_DECLARE_METATYPE(xshathra::runtime::Trail)
