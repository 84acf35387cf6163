#include "server/runtime/built_in_client.h"

#include "server/auth/secret.h"
#include "server/runtime/protocol_client.h"
#include "server/runtime/server_runtime.h"
#include "server/services/project_service.h"

#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>

#include <algorithm>
#include <numeric>

namespace xshathra::runtime {

using namespace Qt::StringLiterals;

namespace {

enum Step : int { kToken, kConnect, kPublish };

constexpr auto kUser = "hello"_L1;
constexpr auto kName = "xshathra-console";

QString text(std::string_view utf8) { return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())); }

Trail freshTrail(const QString& projectId, const QString& channel) {
    return {projectId,
            channel,
            {{u"token"_s, TrailStep::Outcome::Waiting, {}, {}},
             {u"connect"_s, TrailStep::Outcome::Waiting, {}, {}},
             {u"publish"_s, TrailStep::Outcome::Waiting, {}, {}}},
            {}};
}

/// What a REST answer that isn't 200 says, for people.
QString refusalOf(QNetworkReply& reply) {
    const auto status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 0)
        return reply.errorString();
    const auto error = QJsonDocument::fromJson(reply.readAll()).object().value("error"_L1).toObject();
    const auto message = error.value("message"_L1).toString();
    return message.isEmpty() ? u"the server answered %1"_s.arg(status) : u"%1 (%2)"_s.arg(message).arg(status);
}

}  // namespace

bool Trail::done() const {
    return !steps.empty() && std::all_of(steps.begin(), steps.end(), [](const TrailStep& step) {
        return step.outcome == TrailStep::Outcome::Done;
    });
}

bool Trail::failed() const {
    return std::any_of(steps.begin(), steps.end(),
                       [](const TrailStep& step) { return step.outcome == TrailStep::Outcome::Failed; });
}

Nanoseconds Trail::took() const {
    return std::accumulate(steps.begin(), steps.end(), Nanoseconds(),
                           [](Nanoseconds sum, const TrailStep& step) { return sum + step.took; });
}

/// One message's way. What is still under way when it is destroyed has no effect any more.
class BuiltInClient::Run final : public QObject {
public:
    Run(BuiltInClient& owner, Trail trail, QByteArray data)
        : owner_(owner), trail_(std::move(trail)), data_(std::move(data)) {
        limit_.setSingleShot(true);
        connect(&limit_, &QTimer::timeout, this, [this] {
            failStep(u"gave up after %1 s"_s.arg(std::chrono::duration_cast<Seconds>(kStepLimit).count()));
        });
    }

    Trail& trail() { return trail_; }
    bool busy() const { return busy_; }

    void start() {
        busy_ = true;
        auto& runtime = owner_.runtime_;
        begin(kToken);
        if (runtime.state() != State::Running) {
            failStep(u"the server is not running"_s);
            return;
        }
        runtime.projects()
            .revealKey(trail_.projectId.toStdString(), auth::KeyKind::Server)
            .then(this, [this](const Result<auth::Secret>& key) {
                if (!busy_)
                    return;
                if (!key) {
                    failStep(text(key.error().message));
                    return;
                }
                key_ = *key;
                requestToken();
            });
    }

    void close() {
        busy_ = false;
        limit_.stop();
        dropClient();
    }

private:
    /// Not deleted at once: this may be called back by the client itself.
    void dropClient() {
        if (!client_)
            return;
        client_->close();
        client_.release()->deleteLater();
    }

    void begin(Step step) {
        step_ = step;
        clock_.start();
        limit_.start(std::chrono::duration_cast<Milliseconds>(kStepLimit));
    }

    void finishStep(const QString& detail) { finishStep(detail, Nanoseconds(clock_.nsecsElapsed())); }

    void finishStep(const QString& detail, Nanoseconds took) {
        auto& step = trail_.steps[static_cast<std::size_t>(step_)];
        step.outcome = TrailStep::Outcome::Done;
        step.took = took;
        step.detail = detail;
        limit_.stop();
        Q_EMIT owner_.stepChanged(step_);
    }

    void failStep(const QString& why) {
        if (!busy_)
            return;
        auto& step = trail_.steps[static_cast<std::size_t>(step_)];
        step.outcome = TrailStep::Outcome::Failed;
        step.took = Nanoseconds(clock_.nsecsElapsed());
        step.detail = why;
        busy_ = false;
        limit_.stop();
        dropClient();
        Q_EMIT owner_.stepChanged(step_);
        Q_EMIT owner_.finished(trail_);
    }

    QNetworkReply* post(const QString& url, const QByteArray& body) {
        QNetworkRequest request{QUrl(url)};
        request.setHeader(QNetworkRequest::ContentTypeHeader, "application/json"_L1);
        request.setHeader(QNetworkRequest::UserAgentHeader, QLatin1StringView(kName));
        request.setRawHeader("Authorization",
                             "apikey " + QByteArray(key_.expose().data(), static_cast<qsizetype>(key_.size())));
        auto* reply = network_.post(request, body);
        reply->setParent(this);
        connect(reply, &QNetworkReply::finished, reply, &QObject::deleteLater);
        return reply;
    }

    void requestToken() {
        clock_.start();
        const auto body = QJsonDocument(QJsonObject{{u"userId"_s, QString(kUser)}}).toJson(QJsonDocument::Compact);
        auto* reply = post(owner_.runtime_.endpoints().token, body);
        connect(reply, &QNetworkReply::finished, this, [this, reply] {
            if (!busy_)
                return;
            if (reply->error() != QNetworkReply::NoError) {
                failStep(refusalOf(*reply));
                return;
            }
            const auto token = QJsonDocument::fromJson(reply->readAll()).object().value("token"_L1).toString();
            if (token.isEmpty()) {
                failStep(u"the answer holds no token"_s);
                return;
            }
            finishStep(u"token for user %1"_s.arg(kUser));
            openConnection(token);
        });
    }

    void openConnection(const QString& token) {
        begin(kConnect);
        client_ = std::make_unique<ProtocolClient>();
        client_->onConnected = [this](const protocol::ConnectResult&) {
            client_->subscribe(trail_.channel.toStdString());
        };
        client_->onSubscribed = [this](const std::string& channel, const protocol::SubscribeResult&) {
            if (!busy_)
                return;
            finishStep(u"connected as %1, subscribed to %2"_s.arg(kUser, text(channel)));
            publish();
        };
        client_->onRefused = [this](const std::string&, const protocol::ClientError& error) {
            const auto* known = protocol::findError(error.code);
            failStep(u"%1 (%2)%3"_s.arg(text(error.message))
                         .arg(error.code)
                         .arg(known == nullptr ? QString() : u". "_s + text(known->advice)));
        };
        client_->onPublication = [this](const std::string& channel, const protocol::Publication& publication) {
            if (busy_ && step_ == kPublish && text(channel) == trail_.channel) {
                trail_.received = QByteArray(publication.data.data(), static_cast<qsizetype>(publication.data.size()));
                finishIfArrived();
            }
        };
        client_->onClosed = [this](std::uint32_t code, const QString& reason) {
            failStep(code == 0 ? u"the connection could not be made: %1"_s.arg(reason)
                               : u"the server closed the connection: %1 (%2)"_s.arg(reason).arg(code));
        };
        client_->open(QUrl(owner_.runtime_.endpoints().webSocket), token.toStdString(), kName);
    }

    void publish() {
        begin(kPublish);
        // Put together as text: a JSON object made anew would not keep the bytes of `data`.
        const auto channel = QJsonDocument(QJsonObject{{u"channel"_s, trail_.channel}}).toJson(QJsonDocument::Compact);
        auto* reply = post(owner_.runtime_.endpoints().publish, channel.chopped(1) + ",\"data\":" + data_ + '}');
        connect(reply, &QNetworkReply::finished, this, [this, reply] {
            if (!busy_)
                return;
            if (reply->error() != QNetworkReply::NoError) {
                failStep(refusalOf(*reply));
                return;
            }
            accepted_ = true;
            finishIfArrived();
        });
    }

    /// The publication may overtake the REST answer; the step is done with both. Its time ends with the publication.
    void finishIfArrived() {
        if (!trail_.received.isEmpty() && !arrivedAfter_)
            arrivedAfter_ = Nanoseconds(clock_.nsecsElapsed());
        if (!accepted_ || !arrivedAfter_)
            return;
        busy_ = false;
        finishStep(u"published over REST, received by the client"_s, *arrivedAfter_);
        Q_EMIT owner_.finished(trail_);
    }

    BuiltInClient& owner_;
    Trail trail_;
    const QByteArray data_;
    QNetworkAccessManager network_;
    std::unique_ptr<ProtocolClient> client_;
    auth::Secret key_;
    QElapsedTimer clock_;
    QTimer limit_;
    std::optional<Nanoseconds> arrivedAfter_;
    Step step_ = kToken;
    bool accepted_ = false;
    bool busy_ = false;
};

BuiltInClient::BuiltInClient(ServerRuntime& runtime, QObject* parent) : QObject(parent), runtime_(runtime) {}

BuiltInClient::~BuiltInClient() = default;

void BuiltInClient::sendTestMessage(const QString& projectId, const QString& channel, const QByteArray& data) {
    if (run_) {
        run_->close();
        auto* former = run_.release();
        former->setParent(this);
        former->deleteLater();
    }
    run_ = std::make_unique<Run>(*this, freshTrail(projectId, channel), data);
    run_->start();
}

void BuiltInClient::disconnect() {
    if (run_)
        run_->close();
}

bool BuiltInClient::busy() const { return run_ && run_->busy(); }

const Trail& BuiltInClient::trail() const {
    static const Trail kNone = freshTrail({}, {});
    return run_ ? run_->trail() : kNone;
}

}  // namespace xshathra::runtime
