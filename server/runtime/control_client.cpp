#include "server/runtime/control_client.h"

#include <QEventLoop>
#include <QTimer>

#include <memory>
#include <utility>

namespace xshathra::runtime {

ControlClient::ControlClient(QObject* parent) : QObject(parent) {
    connect(&socket_, &QLocalSocket::readyRead, this, &ControlClient::read);
    connect(&socket_, &QLocalSocket::disconnected, this, &ControlClient::lost);
}

ControlClient::~ControlClient() {
    socket_.disconnect(this);
    socket_.abort();
}

bool ControlClient::connectTo(const QString& dataFolder, int limitMs) {
    socket_.connectToServer(controlSocketPath(dataFolder));
    return socket_.waitForConnected(limitMs);
}

void ControlClient::call(const QString& method, const QJsonObject& params, Done done, Event event) {
    if (!isConnected()) {
        done(xshathra::fail("unreachable", "No server answers on this data folder."));
        return;
    }
    ControlMessage message;
    message.id = ++lastId_;
    message.method = method;
    message.params = params;
    pending_.emplace(message.id, Pending{std::move(done), std::move(event)});
    socket_.write(encodeControlMessage(message));
    socket_.flush();
}

Result<QJsonObject> ControlClient::callAndWait(const QString& method, const QJsonObject& params, int limitMs) {
    struct Outcome {
        QEventLoop loop;
        std::optional<Result<QJsonObject>> result;
    };
    const auto outcome = std::make_shared<Outcome>();
    call(method, params, [weak = std::weak_ptr(outcome)](Result<QJsonObject> result) {
        if (const auto waiting = weak.lock()) {
            waiting->result = std::move(result);
            waiting->loop.quit();
        }
    });
    if (limitMs > 0)
        QTimer::singleShot(limitMs, &outcome->loop, &QEventLoop::quit);
    if (!outcome->result)
        outcome->loop.exec();
    if (!outcome->result)
        return xshathra::fail("unreachable",
                              "The server did not answer within " + std::to_string(limitMs / 1000) + " s.");
    return *outcome->result;
}

void ControlClient::read() {
    buffer_ += socket_.readAll();
    qsizetype end = 0;
    while ((end = buffer_.indexOf('\n')) >= 0) {
        auto message = decodeControlMessage(buffer_.left(end));
        buffer_.remove(0, end + 1);
        if (!message) {
            socket_.abort();
            return;
        }
        const auto found = pending_.find(message->id);
        if (found == pending_.end())
            continue;
        if (message->event) {
            // A copy: the call may be answered, and its entry removed, while the event is being handled.
            const auto event = found->second.event;
            if (event)
                event(*message->event);
            continue;
        }
        const auto done = std::move(found->second.done);
        pending_.erase(found);
        if (message->error)
            done(Unexpected<Error>(*message->error));
        else
            done(message->result.value_or(QJsonObject()));
    }
}

void ControlClient::lost() {
    for (auto& [id, pending] : std::exchange(pending_, {}))
        pending.done(xshathra::fail("unreachable", "The server ended before it answered."));
}

}  // namespace xshathra::runtime
