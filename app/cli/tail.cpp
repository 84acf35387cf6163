#include "app/cli/tail.h"

#include "app/cli/arguments.h"
#include "app/cli/backend.h"
#include "app/cli/exit_codes.h"
#include "app/cli/output.h"
#include "app/cli/status.h"
#include "app/stop_signals.h"
#include "server/protocol/json.h"
#include "server/runtime/protocol_client.h"

#include <QDateTime>
#include <QEventLoop>
#include <QHash>
#include <QJsonObject>
#include <QTimer>

namespace xshathra::app {

using namespace Qt::StringLiterals;

namespace {

constexpr auto kDefaultUser = "xshathra-tail"_L1;
constexpr auto kClientName = "xshathra-tail";

QByteArray bytesOf(const SharedBytes& bytes) { return QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())); }

/// One publication as a line of JSON whose `data` is byte for byte what was published.
QByteArray publicationLine(const std::string& channel, const protocol::Publication& publication) {
    std::string line = "{\"channel\":";
    protocol::appendJsonString(line, channel);
    line += ",\"data\":";
    protocol::appendWithoutLineBreaks(line, publication.data.view());
    if (publication.offset > 0)
        line += ",\"offset\":" + std::to_string(publication.offset);
    if (publication.info) {
        line += ",\"user\":";
        protocol::appendJsonString(line, publication.info->user);
    }
    line += '}';
    return QByteArray::fromStdString(line);
}

/// Follows channels with a connection of its own.
class ChannelTail {
public:
    ChannelTail(const Output& output, Backend& backend, const Invocation& invocation)
        : output_(output), backend_(backend), invocation_(invocation) {}

    int run() {
        const auto status = backend_.call(u"status"_s, {});
        if (!status)
            return output_.error(status.error());
        // Where it doesn't listen, its port may be another program's, whose business its tokens are not.
        if (const auto listening = checkListening(*status); !listening)
            return output_.error(listening.error());
        // All of them before the first connection, so that a wrong name leaves no trace on the server.
        const auto token = mint();
        if (!token)
            return output_.error(token.error());
        for (const auto& channel : invocation_.channels) {
            const auto minted = mint(channel);
            if (!minted)
                return output_.error(minted.error());
            tokens_.insert(channel, *minted);
        }

        client_.onConnected = [this](const protocol::ConnectResult& result) {
            renewAfter(result.expires, result.ttl, {});
            for (const auto& channel : invocation_.channels)
                client_.subscribe(channel.toStdString(), tokens_.value(channel));
        };
        client_.onSubscribed = [this](const std::string& channel, const protocol::SubscribeResult& result) {
            renewAfter(result.expires, result.ttl, channel);
            output_.note(u"Following %1"_s.arg(QString::fromStdString(channel)));
        };
        client_.onRefreshed = [this](const protocol::RefreshResult& result) {
            renewAfter(result.expires, result.ttl, {});
        };
        client_.onSubscriptionRefreshed = [this](const std::string& channel, const protocol::SubRefreshResult& result) {
            renewAfter(result.expires, result.ttl, channel);
        };
        client_.onRefused = [this](const std::string& channel, const protocol::ClientError& error) {
            refused(channel, error);
        };
        client_.onPublication = [this](const std::string& channel, const protocol::Publication& publication) {
            show(channel, publication);
        };
        client_.onPush = [this](const protocol::Push& push) {
            if (const auto* unsubscribe = std::get_if<protocol::Unsubscribe>(&push.message))
                finish(output_.error({"unsubscribed",
                                      "The server ended the subscription to " + push.channel + ": " +
                                          unsubscribe->reason + " (" + std::to_string(unsubscribe->code) + ").",
                                      {}}));
        };
        client_.onClosed = [this](std::uint32_t code, const QString& reason) { closed(code, reason); };
        QObject::connect(&signals_, &StopSignals::requested, &loop_, [this] { finish(kExitOk); });
        client_.open(QUrl(status->value("webSocketUrl"_L1).toString()), *token, kClientName);
        if (!finished_)
            loop_.exec();
        return exitCode_;
    }

private:
    /// A connection token, or one for a channel.
    Result<std::string> mint(const QString& channel = {}) {
        QJsonObject params{{u"userId"_s, invocation_.user.isEmpty() ? QString(kDefaultUser) : invocation_.user}};
        if (!invocation_.project.isEmpty())
            params.insert(u"project"_s, invocation_.project);
        if (!channel.isEmpty())
            params.insert(u"channel"_s, channel);
        const auto minted = backend_.call(channel.isEmpty() ? u"token.mint"_s : u"subscriptionToken.mint"_s, params);
        if (!minted)
            return Unexpected<Error>(minted.error());
        return minted->value("token"_L1).toString().toStdString();
    }

    /// Keeps the connection, or the subscription to `channel`, from expiring in `ttl` seconds.
    void renewAfter(bool expires, std::uint32_t ttl, const std::string& channel) {
        if (!expires)
            return;
        // Nine tenths of the time, so that the answer is there before its end.
        QTimer::singleShot(Milliseconds(900) * ttl, &client_, [this, channel] {
            const auto token = mint(QString::fromStdString(channel));
            if (finished_)
                return;
            if (!token)
                finish(output_.error(token.error()));
            else if (channel.empty())
                client_.refresh(*token);
            else
                client_.refreshSubscription(channel, *token);
        });
    }

    void show(const std::string& channel, const protocol::Publication& publication) {
        if (finished_)
            return;
        if (output_.json()) {
            output_.line(publicationLine(channel, publication));
        } else {
            const auto time = QDateTime::currentDateTime().toString(u"HH:mm:ss.zzz"_s);
            output_.line(u"%1  %2  %3"_s.arg(time, forTerminal(QString::fromStdString(channel)),
                                             forTerminal(QString::fromUtf8(bytesOf(publication.data)))));
        }
        if (output_.broken() || (invocation_.count > 0 && ++shown_ >= invocation_.count))
            finish(kExitOk);
    }

    void refused(const std::string& channel, const protocol::ClientError& error) {
        const auto what = channel.empty() ? std::string("the connection") : "the subscription to " + channel;
        const auto* known = protocol::findError(error.code);
        auto message = "The server refused " + what + ": " + error.message + " (" + std::to_string(error.code) + ").";
        if (known != nullptr)
            message += " " + std::string(known->advice);
        finish(output_.error({"refused", std::move(message), {}}));
    }

    void closed(std::uint32_t code, const QString& reason) {
        if (code == 0)
            finish(
                output_.error({"unreachable", "The server could not be reached: " + reason.toStdString() + ".", {}}));
        else
            finish(output_.error(
                {"unreachable",
                 "The server closed the connection: " + reason.toStdString() + " (" + std::to_string(code) + ").",
                 {}}));
    }

    void finish(int exitCode) {
        if (finished_)
            return;
        finished_ = true;
        exitCode_ = exitCode;
        client_.close();
        loop_.quit();
    }

    const Output& output_;
    Backend& backend_;
    const Invocation& invocation_;
    runtime::ProtocolClient client_;
    StopSignals signals_;
    QEventLoop loop_;
    QHash<QString, std::string> tokens_;
    qint64 shown_ = 0;
    int exitCode_ = kExitOk;
    bool finished_ = false;
};

QString captureLine(const QJsonObject& event) {
    const auto text = [&](QLatin1StringView name) { return forTerminal(event.value(name).toString()); };
    QStringList parts{text("time"_L1), text("direction"_L1) == "in"_L1 ? u"->"_s : u"<-"_s,
                      text("kind"_L1).leftJustified(11)};
    for (const auto name : {"channel"_L1, "user"_L1, "note"_L1}) {
        if (const auto value = text(name); !value.isEmpty())
            parts.append(value);
    }
    if (const auto code = event.value("code"_L1).toInt(); code != 0)
        parts.append(QString::number(code));
    parts.append(text("payload"_L1));
    return parts.join(u"  "_s);
}

int captureTail(const Output& output, Backend& backend, const Invocation& invocation) {
    const StopSignals signals;
    QObject::connect(&signals, &StopSignals::requested, &signals, [&] { backend.giveUp(); });
    qint64 shown = 0;
    output.note(u"Following all traffic"_s);
    const auto result = backend.call(u"capture.follow"_s, {}, [&](const QJsonObject& event) {
        const auto missed = event.value("missed"_L1).toInteger();
        if (output.json())
            output.object(event);
        else
            output.line(missed > 0 ? u"%1 events not shown"_s.arg(missed) : captureLine(event));
        if (output.broken() || (missed == 0 && invocation.count > 0 && ++shown >= invocation.count))
            backend.giveUp();
    });
    return result ? int{kExitOk} : output.error(result.error());
}

}  // namespace

int tail(const Output& output, Backend& backend, const Invocation& invocation) {
    if (invocation.channels.isEmpty())
        return captureTail(output, backend, invocation);
    return ChannelTail(output, backend, invocation).run();
}

}  // namespace xshathra::app
